"""Each fault does what its name says, and nothing after it is spent or cleared."""

from __future__ import annotations

import asyncio
import os
import time

import pytest
import serial

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
D1 = SAMPLES["D1"][1]
GUEST = "+447700900123"
CUSTOMER = "+12025550143"


async def to_prompt(dte: Dte) -> None:
    await dte.write("AT+CMGS=42\r")
    await dte.until("> ")


def test_unknown_names_are_refused(modem: Modem) -> None:
    with pytest.raises(ValueError, match="no fault 'mut'"):
        modem.inject("mut")
    with pytest.raises(ValueError, match="late-result has no parameter seconds_late"):
        modem.inject("late-result", seconds_late=3)
    with pytest.raises(ValueError, match="urc-in-answer has no place"):
        modem.inject("urc-in-answer", at="somewhere")


# --- silence and noise ----------------------------------------------------------------------------------


async def test_mute_and_cleared(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("mute")
    await dte.write("AT\r")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.quiet() == b""
    modem.clear("mute")
    assert await dte.ask("AT") == []


async def test_mute_for_a_while(dte: Dte, modem: Modem) -> None:
    modem.inject("mute", seconds=0.1)
    await dte.write("AT\r")
    assert await dte.quiet(0.12) == b""
    assert await dte.ask("AT+CSQ") == ["AT+CSQ\r", "+CSQ: 17,99"]


async def test_half_mute(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("half-mute")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet() == b""
    assert await dte.ask("AT") == []


async def test_error_storm(dte: Dte, modem: Modem) -> None:
    modem.inject("error-storm", count=2, command="+CSQ", result="+CME ERROR: 14")
    assert await dte.refused("AT+CSQ")
    assert await dte.ask("ATE0") == ["ATE0\r"]
    assert await dte.refused("AT+CSQ") == "+CME ERROR: 14"
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]


async def test_echo_on(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("echo-on")
    assert await dte.ask("AT") == ["AT\r"]


async def test_garbage(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("garbage", hex="FF00C328")
    modem.inject("garbage", hex="00FF", at="before-ok")
    await dte.write("AT\r")
    assert await dte.quiet() == b"\xff\x00\xc3\x28\x00\xff\r\nOK\r\n"


# --- answers bent ---------------------------------------------------------------------------------------

URC = "\r\n^RSSI:17\r\n"


@pytest.mark.parametrize(
    ("place", "command", "answer"),
    [
        ("before-answer", "AT", f"{URC}\r\nOK\r\n"),
        ("before-ok", "AT+CREG?", f"\r\n+CREG: 0,1\r\n{URC}\r\nOK\r\n"),
        ("with-prompt", "AT+CMGS=42", f"{URC}\r\n> "),
        ("header-to-body", "AT+CMGR=1", f"\r\n+CMGR: 0,,46\r\n{URC}{D1}\r\n\r\nOK\r\n"),
        (
            "between-list-items", "AT+CMGL=4",
            f"\r\n+CMGL: 1,0,,46\r\n{D1}\r\n{URC}+CMGL: 2,0,,46\r\n{D1}\r\n\r\nOK\r\n",
        ),
    ],
)  # fmt: skip
async def test_urc_anywhere(dte: Dte, modem: Modem, place: str, command: str, answer: str) -> None:
    await dte.set_up()
    modem.inject("deliver", pdu=D1)
    modem.inject("deliver", pdu=D1)
    modem.inject("urc-in-answer", at=place, text="^RSSI:17")
    await dte.write(command + "\r")
    assert (await dte.quiet()).decode() == answer


async def test_urc_before_echo(dte: Dte, modem: Modem) -> None:
    modem.inject("urc-in-answer", at="before-echo")
    await dte.write("AT\r")
    assert (await dte.quiet()).decode() == f"{URC}AT\r\r\nOK\r\n"


async def test_urc_between_pdu_and_result(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("urc-in-answer", at="before-answer", command="+CMGS")
    assert (await dte.send(S1)).startswith("^RSSI:17\r\n\r\n+CMGS: ")


async def test_truncated(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("truncate-answer", bytes=8, command="+CSQ")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet() == b"\r\n+CSQ: "
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]


async def test_ok_dropped_and_doubled(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("drop-ok")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet() == b"\r\n+CSQ: 17,99\r\n"
    modem.inject("double-ok")
    await dte.write("AT\r")
    assert await dte.quiet() == b"\r\nOK\r\n\r\nOK\r\n"


async def test_late_answer(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("late-answer", after=0.1)
    started = time.monotonic()
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize("how", ["byte", "random", "blob"])
async def test_chunking(dte: Dte, modem: Modem, how: str) -> None:
    modem.inject("chunking", how=how, gap=0.0002)
    await dte.set_up()
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]
    sizes = {len(chunk.data) for chunk in modem.log.chunks if chunk.who == "M"}
    assert sizes == {1} if how == "byte" else max(sizes) > 1


# --- being there ----------------------------------------------------------------------------------------


async def gone(dte: Dte) -> bool:
    """Whether the port is hung up within two seconds."""
    for _ in range(200):
        await asyncio.sleep(0.01)
        try:
            dte.port.in_waiting  # noqa: B018  (asks the kernel)
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    ("when", "typed", "received"),
    [
        ("now", None, 0),
        ("at-prompt", "", 0),
        ("mid-body", S1[:30], 0),
    ],
)
async def test_vanish(
    dte: Dte, modem: Modem, world: World, when: str, typed: str | None, received: int
) -> None:
    await dte.set_up()
    modem.inject("vanish", when=when)
    if typed is not None:
        await dte.write("AT+CMGS=42\r")
    if typed:
        await dte.until("> ")
        await dte.write(typed)
    assert await gone(dte)
    with pytest.raises(FileNotFoundError):
        os.readlink(modem.path)
    assert world.received() == received


async def test_return_under_another_name(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    before = os.readlink(modem.path)
    modem.inject("vanish", back_after=0.05)
    world.phone(CUSTOMER).text(modem.number, "While you were out")
    dte.close()
    assert world.network.waiting(modem.number) == 1
    await asyncio.sleep(0.1)
    assert os.readlink(modem.path) != before
    again = Dte(modem.path)
    assert await again.ask("AT+CNMI?") == ["AT+CNMI?\r", "+CNMI: 0,0,0,0,0"]
    assert len(await again.ask("AT+CMGL=4")) == 3
    again.close()


async def test_reboot(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("reboot", banner=["RDY", "+CPIN: READY"])
    assert await dte.until("READY\r\n") == "\r\nRDY\r\n\r\n+CPIN: READY\r\n"
    assert await dte.ask("AT+CNMI?") == ["AT+CNMI?\r", "+CNMI: 0,0,0,0,0"]


async def test_reset_by_command(dte: Dte) -> None:
    await dte.set_up()
    await dte.ask("AT+CFUN=1,1")
    await asyncio.sleep(0.02)
    assert await dte.ask("AT") == ["AT\r"]


async def test_a_port_that_is_not_there_cannot_be_opened(modem: Modem) -> None:
    modem.vanish()
    with pytest.raises(serial.SerialException):
        Dte(modem.path)
