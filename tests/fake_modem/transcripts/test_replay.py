"""Recorded conversations: their notation, and their replay to a bare computer over a real pty."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake_modem import World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.control import ROOT

from . import names, text_of
from .notation import Step, Transcript, parse
from .replay import LENIENT, Replay
from .stage import Stage, load

# --- notation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_every_transcript_is_written_as_it_is_read(name: str) -> None:
    transcript = parse(text_of(name))
    assert transcript.text() == text_of(name)
    assert {step.who for step in transcript.steps} >= {"C", "M"}


def test_bytes_are_what_the_notation_says() -> None:
    steps = parse("# a remark\nC: AT\\r\nM+800: \\r\\n>\\x20\nM: \\x00\\\\n\n").steps
    assert steps == (
        Step(1, "#", b"a remark"),
        Step(2, "C", b"AT\r"),
        Step(3, "M", b"\r\n> ", 800),
        Step(4, "M", b"\0\\n"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C: AT\\r\nX: AT", "line 2 is neither"),
        ("C: A\\q", "line 1 has a"),
        ("M: \u20ac", "line 1 has a char"),
    ],
)
def test_what_is_no_transcript_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


async def test_a_wire_log_is_a_transcript() -> None:
    async with World(seed=1) as world:
        modem = await world.modem()
        dte = Dte(modem.path)
        await dte.set_up()
        log = parse(modem.wire_log())
        dte.close()
    assert b"".join(step.data for step in log.steps if step.who == "C") == modem.log.sent()


# --- a bare computer ------------------------------------------------------------------------------------


@contextmanager
def opened(path: str) -> Iterator[int]:
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(fd, termios.TCSANOW)
    try:
        yield fd
    finally:
        os.close(fd)


def speak(fd: int, transcript: Transcript, *, pieces: int = 1000) -> list[tuple[int, bytes, float]]:
    """Write the computer's side, read as many bytes as the modem's has: line, bytes, seconds it took."""
    heard = []
    for step in transcript.steps:
        started = time.monotonic()
        if step.who == "C":
            for place in range(0, len(step.data), pieces):
                os.write(fd, step.data[place : place + pieces])
        elif step.who == "M":
            got = b""
            while len(got) < len(step.data) and select.select([fd], [], [], 2.0)[0]:
                more = os.read(fd, len(step.data) - len(got))
                if not more:
                    break
                got += more
            heard.append((step.line, got, time.monotonic() - started))
    return heard


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("mode", ["strict", "lenient"])
async def test_the_computers_side_gets_the_modems_side(name: str, mode: str) -> None:
    transcript = load(name)
    async with Stage(transcript, mode=mode, factor=0.0, settle=0.0) as stage:
        with opened(stage.path) as fd:
            heard = await asyncio.to_thread(speak, fd, transcript)
        assert stage.result() == {"done": True, "unused": [], "early": [], "deviations": []}
    modems = [step for step in transcript.steps if step.who == "M"]
    assert [(line, data) for line, data, _ in heard] == [(step.line, step.data) for step in modems]


async def test_delays_are_as_recorded_times_the_factor() -> None:
    transcript = parse("M: one\nM+300: two\nC: AT\\r\nM: three\nM+100: four\n")
    async with Stage(transcript, factor=0.2, settle=0.0) as stage:
        with opened(stage.path) as fd:
            heard = await asyncio.to_thread(speak, fd, transcript)
    assert [data for _, data, _ in heard] == [b"one", b"two", b"three", b"four"]
    took = [seconds for *_, seconds in heard]
    assert 0.05 <= took[1] < 0.3
    assert 0.01 <= took[2] + took[3] < 0.3


async def test_the_computer_may_write_in_pieces() -> None:
    transcript = load("text-gsm-ucs2")
    async with Stage(transcript, factor=0.0, settle=0.0) as stage:
        with opened(stage.path) as fd:
            await asyncio.to_thread(speak, fd, transcript, pieces=1)
        assert stage.result()["done"]


async def test_over_tcp() -> None:
    transcript = load("huawei-ussd")
    async with Stage(transcript, tcp=0, factor=0.0, settle=0.0) as stage:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(stage.path.rsplit(":", 1)[1]))
        writer.write(b'AT+CUSD=1,"AA180C3602",15\r')
        assert await reader.readuntil(b'",15\r\n') == b"".join(
            step.data for step in transcript.steps if step.who == "M"
        )
        writer.close()


# --- deviations -----------------------------------------------------------------------------------------


def played(text: str, *said: bytes, mode: str = "strict") -> tuple[Replay, bytes]:
    """A replay without delays, after the computer has said all of `said`."""
    out = bytearray()
    replay = Replay(parse(text), out.extend, mode=mode, factor=0.0)
    replay.start()
    for data in said:
        replay.feed(data)
    return replay, bytes(out)


SHORT = "# short\nC: AT\\r\nM: OK\\r\\n\nC: AT+CSQ\\r\nM: +CSQ: 9,99\\r\\n\\r\\nOK\\r\\n\n"


async def test_a_wrong_command_is_told_with_its_line_and_ends_a_strict_play() -> None:
    replay, out = played(SHORT, b"AT\r", b"AT+CREG?\r", b"AT+CSQ\r")
    (deviation,) = replay.deviations
    assert (deviation.line, deviation.words) == (4, r"b'AT+CREG' instead of b'AT+CSQ\r'")
    assert out == b"OK\r\n"
    assert replay.over.is_set()
    assert replay.unused == [4]


async def test_words_after_the_end_are_told() -> None:
    replay, _ = played(SHORT, b"AT\r", b"AT+CSQ\r", b"AT\r")
    assert [one.line for one in replay.deviations] == [0]


async def test_too_early_words_are_kept_until_it_is_their_turn() -> None:
    out = bytearray()
    replay = Replay(parse("C: A\\r\nM+20: a\nC: B\\r\nM: b\n"), out.extend)
    replay.feed(b"A\r")
    replay.feed(b"B\r")
    assert (bytes(out), replay.early) == (b"", [3])
    async with asyncio.timeout(1):
        await replay.over.wait()
    assert (bytes(out), replay.deviations) == (b"ab", [])


async def test_lenient_finds_commands_wherever_they_come() -> None:
    replay, out = played(SHORT, b"AT+CSQ\rAT\rAT+CSQ\rAT+FOO\r\x1b", mode=LENIENT)
    assert out.count(b"+CSQ: 9,99\r\n\r\nOK\r\n") == 2
    assert out.endswith(b"\r\nERROR\r\n")
    assert [(one.line, one.words.split(" ", 1)[1]) for one in replay.deviations] == [
        (4, "before the words of lines 2"),
        (2, "later than recorded"),
        (0, "once more"),
        (0, "is not in the transcript"),
        (0, "is not in the transcript"),
    ]
    assert replay.done


async def test_lenient_says_by_itself_what_was_passed_over() -> None:
    text = 'C: AT+A\\r\nM: OK\\r\\n\nM: +CMTI: "SM",1\\r\\n\nC: AT+B\\r\nM: OK\\r\\n\n'
    _, out = played(text, b"AT+B\r", mode=LENIENT)
    assert out == b'OK\r\n+CMTI: "SM",1\r\n'
    _, out = played(text, b"AT+B\rAT+A\r", mode=LENIENT)
    assert out.count(b"+CMTI") == 1, "and not again when it is asked for later"


async def test_lenient_takes_another_text_at_a_prompt() -> None:
    text = "C: AT+CMGS=15\\r\nM: \\r\\n>\\x20\nC: 00AA\\x1a\nM: \\r\\n+CMGS: 1\\r\\n\\r\\nOK\\r\\n\n"
    replay, out = played(text, b"AT+CMGS=15\r", b"00BB\x1a", mode=LENIENT)
    assert out.endswith(b"+CMGS: 1\r\n\r\nOK\r\n")
    assert [one.line for one in replay.deviations] == [3]
    _, out = played(text, b"AT+CMGS=15\r", b"\x1b", b"AT\r", mode=LENIENT)
    assert out == b"\r\n> \r\nOK\r\n\r\nERROR\r\n"


MASKED = (
    "# masked\nC: AT+CMGS=15\\r\nM: \\r\\n>\\x20\nC: 0055555555555555555555\\x1a\nM: \\r\\nOK\\r\\n\n"
    'C: AT+CSCA="+5555555"\\r\nM: \\r\\nOK\\r\\n\n'
)


@pytest.mark.parametrize("mode", ["strict", "lenient"])
async def test_masked_numbers_and_texts_stand_for_any(mode: str) -> None:
    replay, _ = played(
        MASKED, b"AT+CMGS=42\r", b"0031000C9144770009\x1a", b'AT+CSCA="+447700900999"\r', mode=mode
    )
    assert (replay.deviations, replay.done) == ([], True)


async def test_what_is_not_masked_must_be_the_same() -> None:
    replay, _ = played(MASKED, b"AT+CMGW=42\r")
    assert [one.line for one in replay.deviations] == [2]
    replay, _ = played(MASKED.removeprefix("# masked\n"), b"AT+CMGS=42\r")
    assert [one.line for one in replay.deviations] == [1]


# --- as a program ---------------------------------------------------------------------------------------


def program(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fake_modem", *args], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("lenient", [False, True])
def test_program(tmp_path: Path, lenient: bool) -> None:
    link = str(tmp_path / "modem")
    options = ["--lenient"] if lenient else []
    with program("--replay", "huawei-ussd", "--pace", "0", "--link", link, *options) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["path"] == link
        transcript = load("huawei-ussd")
        with opened(link) as fd:
            heard = speak(fd, transcript)
        if lenient:
            process.send_signal(signal.SIGTERM)
        result = json.loads(process.stdout.readline())
        assert process.wait(10) == 0
    assert heard[-1][1] == transcript.steps[-1].data
    assert (result["done"], result["deviations"]) == (True, [])
