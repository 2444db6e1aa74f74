"""Each fault of the line, the answers, their spelling and the wire does what its name says, and ends."""

from __future__ import annotations

import asyncio
import os
import re
import select
import time
from pathlib import Path

import pytest
import serial

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
D1 = SAMPLES["D1"][1]
CUSTOMER = "+12025550143"


async def said(dte: Dte, command: str, seconds: float = 0.05) -> bytes:
    """All that comes after a command line within `seconds`."""
    await dte.write(command + "\r")
    return await dte.quiet(seconds)


def waits(fd: int, seconds: float = 1.0) -> bool:
    return bool(select.select([fd], [], [], seconds)[0])


# --- echo -----------------------------------------------------------------------------------------------


async def test_echo_on_is_cured_by_ate0_unless_stuck(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("echo-on")
    assert await said(dte, "ATE0") == b"ATE0\r\r\nOK\r\n"
    assert await said(dte, "AT") == b"\r\nOK\r\n"
    modem.inject("echo-on", stuck=True)
    await dte.ask("ATE0")
    assert await said(dte, "AT") == b"AT\r\r\nOK\r\n"
    modem.clear()
    assert await said(dte, "AT") == b"\r\nOK\r\n"


async def test_echo_returns_after_reset(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("echo-returns-after-reset")
    assert await dte.quiet(0.03) == b""
    assert await said(dte, "AT+CNMI?") == b"AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n"


async def test_echo_split(dte: Dte, modem: Modem) -> None:
    modem.inject("echo-split", at=2, gap=0.01)
    assert await said(dte, "AT+CSQ") == b"AT+CSQ\r\r\n+CSQ: 17,99\r\n\r\nOK\r\n"
    assert [chunk.data for chunk in modem.log.chunks if chunk.who == "M"][:2] == [b"AT", b"+CSQ\r"]


async def test_pdu_echo(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("pdu-echo")
    assert (await dte.send(S1)).startswith(f"{S1}\x1a\r\n+CMGS: ")
    assert await dte.ask("AT") == []


# --- spelling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "end"), [("crlf", "\r\n"), ("lf", "\n"), ("cr", "\r"), ("crcrlf", "\r\r\n")])
async def test_eol(dte: Dte, modem: Modem, how: str, end: str) -> None:
    modem.inject("eol", how=how)
    assert await said(dte, "AT+CSQ") == f"AT+CSQ\r{end}+CSQ: 17,99{end}{end}OK{end}".encode()
    modem.inject("urc", text="RDY")
    assert await dte.quiet(0.02) == f"{end}RDY{end}".encode()


async def test_numeric_results(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("numeric-results")
    assert await said(dte, "AT+CSQ") == b"+CSQ: 17,99\r\n0\r"
    assert await said(dte, "AT+CMEE=0") == b"0\r"
    assert await said(dte, "AT+NONE") == b"4\r"
    modem.inject("urc", text="RING")
    assert await dte.quiet(0.02) == b"2\r"
    assert await said(dte, "AT+CMGS=42") == b"\r\n> "


async def test_verbose_errors(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("verbose-errors")
    assert await dte.refused("AT+CMGR=9") == "+CMS ERROR: invalid memory index"
    modem.sim_present = False
    assert await dte.refused("AT+CPIN?") == "+CME ERROR: SIM not inserted"


async def test_no_space_after_colon(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("no-space-after-colon")
    assert await dte.ask("AT+CSQ") == ["+CSQ:17,99"]
    assert await said(dte, "AT+CMGR=9") == b"\r\n+CMS ERROR:321\r\n"


async def test_lowercase_hex(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("deliver", pdu=D1)
    modem.inject("lowercase-hex")
    assert await dte.ask("AT+CMGR=1") == ["+CMGR: 0,,46", D1.lower()]
    assert await dte.ask("AT+CPMS?") == ['+CPMS: "SM",1,20,"SM",1,20,"SM",1,20']


async def test_latin1_operator(dte: Dte, modem: Modem) -> None:
    modem.inject("latin1-operator")
    assert b'"T\xe9l\xe9com \xd6st"' in await said(dte, "AT+COPS?")
    modem.clear()
    assert b'"Test Net"' in await said(dte, "AT+COPS?")


# --- when and how much ----------------------------------------------------------------------------------


async def test_latency_of_one_command(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("latency", after=0.1, command="+CSQ")
    assert await said(dte, "AT") == b"\r\nOK\r\n"
    assert await said(dte, "AT+CSQ") == b""
    assert await dte.until("OK\r\n") == "\r\n+CSQ: 17,99\r\n\r\nOK\r\n"


async def test_jitter(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("jitter", most=0.05)
    took = []
    for _ in range(5):
        started = time.monotonic()
        await dte.ask("AT+CSQ")
        took.append(time.monotonic() - started)
    assert max(took) - min(took) > 0.01


async def test_first_command_after_idle_is_lost(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("drop-first-at-after-idle", idle=0.1)
    assert await said(dte, "AT") == b"\r\nOK\r\n"
    await asyncio.sleep(0.1)
    assert await said(dte, "AT") == b""
    assert await said(dte, "AT") == b"\r\nOK\r\n"


async def test_swapped_answers(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("swap-answers", command="+CSQ")
    assert await said(dte, "AT+CSQ") == b""
    assert await said(dte, "AT+CREG?") == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n\r\n+CSQ: 17,99\r\n\r\nOK\r\n"
    assert await said(dte, "AT+CSQ") == b"\r\n+CSQ: 17,99\r\n\r\nOK\r\n"


async def test_busy_storm(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("busy-storm", seconds=0.15, code=515)
    assert await dte.refused("AT+CMGF=0") == "+CME ERROR: 515"
    await asyncio.sleep(0.16)
    await dte.ask("AT+CMGF=0")


# --- noise ----------------------------------------------------------------------------------------------


async def test_nul_prefix(dte: Dte, modem: Modem) -> None:
    modem.inject("nul-prefix", n=3)
    assert await said(dte, "AT") == b"AT\r\0\0\0\r\nOK\r\n"
    assert await said(dte, "AT") == b"AT\r\r\nOK\r\n"


async def test_ff_burst(dte: Dte, modem: Modem) -> None:
    modem.inject("0xff-burst", n=4)
    modem.inject("0xff-burst", n=2, at="before-answer")
    assert await said(dte, "AT") == b"\xff\xff\xff\xffAT\r\xff\xff\r\nOK\r\n"


async def test_urc_flood_until_a_command(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("urc-flood", per_second=500, until_command="+CPMS?")
    assert (await dte.quiet(0.1)).count(b"\r\n+ZUSIMR:2\r\n") > 10
    await dte.ask("AT+CPMS?")
    await dte.quiet(0.01)
    assert await dte.quiet(0.05) == b""


async def test_urc_flood_for_a_while(dte: Dte, modem: Modem) -> None:
    modem.inject("urc-flood", per_second=200, seconds=0.05)
    assert 3 <= (await dte.quiet(0.1)).count(b"ZUSIMR") <= 11
    assert modem.faults.active == []


# --- bytes ----------------------------------------------------------------------------------------------


async def test_inter_byte(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("inter-byte-ms", ms=5)
    started = time.monotonic()
    await dte.ask("AT")
    assert time.monotonic() - started >= 0.025


@pytest.mark.parametrize("how", ["byte", "random", "blob"])
async def test_a_world_may_cut_up_everything(how: str) -> None:
    async with World(seed=3, chunking=how) as world:
        modem = await world.modem()
        dte = Dte(modem.path)
        modem.clear()
        modem.inject("urc", text="RDY")
        assert await dte.ask("AT+CSQ") == ["RDY", "AT+CSQ\r", "+CSQ: 17,99"]
        dte.close()
        sizes = [len(chunk.data) for chunk in modem.log.chunks if chunk.who == "M"]
    assert max(sizes) == 1 if how == "byte" else max(sizes) > 1


async def test_a_reader_in_the_same_loop_gets_it_in_many_pieces() -> None:
    async with World(chunking="byte") as world:
        modem = await world.modem()
        fd = os.open(modem.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        got: list[bytes] = []
        whole = asyncio.Event()

        def read() -> None:
            got.append(os.read(fd, 100))
            if got[-1].endswith(b"\n") and b"OK\r\n" in b"".join(got):
                whole.set()

        asyncio.get_running_loop().add_reader(fd, read)
        os.write(fd, b"AT+CGMI\r")
        async with asyncio.timeout(2):
            await whole.wait()
        asyncio.get_running_loop().remove_reader(fd)
        os.close(fd)
    assert len(got) > 5


async def test_cut_up_answers_are_still_answers_with_places(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    for _ in range(2):
        modem.inject("deliver", pdu=D1)
    modem.inject("chunking", how="byte", gap=0.0001)
    modem.inject("urc-in-answer", at="between-list-items")
    assert "\r\n\r\n^RSSI:17\r\n+CMGL: 2" in "\r\n".join(["", *await _lines(dte, "AT+CMGL=4")])


async def _lines(dte: Dte, command: str) -> list[str]:
    await dte.write(command + "\r")
    return (await dte.until("\r\nOK\r\n")).split("\r\n")


async def test_second_reader(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("second-reader", share=0.5)
    whole = b"\r\n+CSQ: 17,99\r\n\r\nOK\r\n"
    got = await said(dte, "AT+CSQ")
    assert 0 < len(got) < len(whole)
    rest = iter(whole)
    assert all(byte in rest for byte in got), "a stolen byte is gone, the others keep their order"
    modem.clear()
    assert await said(dte, "AT+CSQ") == whole


async def test_write_stall(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    fd = os.open(modem.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    async def fill() -> None:
        for _ in range(100):
            os.write(fd, bytes(4000))
            await asyncio.sleep(0.001)

    modem.inject("write-stall", seconds=0.3)
    with pytest.raises(BlockingIOError):
        await fill()
    await asyncio.sleep(0.3)
    assert await dte.ask("\rAT") == []
    os.close(fd)


# --- ports that fail ------------------------------------------------------------------------------------


async def test_eio(dte: Dte, modem: Modem) -> None:
    modem.inject("eio")
    with pytest.raises(OSError, match=r"Errno 5|Input/output"):
        os.write(dte.port.fd, b"AT\r")
    with pytest.raises(OSError, match="Input/output"):
        os.open(modem.path, os.O_RDWR | os.O_NOCTTY)
    modem.clear("eio")
    again = Dte(modem.path)
    assert await again.ask("AT") == ["AT\r"]
    again.close()


async def test_zero_read(modem: Modem) -> None:
    fd = os.open(modem.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    modem.inject("zero-read")
    assert waits(fd)
    assert os.read(fd, 100) == b""
    assert not waits(fd, 0.0)
    await asyncio.sleep(0.01)
    os.write(fd, b"AT\r")
    await asyncio.sleep(0.02)
    assert os.read(fd, 100) == b"AT\r\r\nOK\r\n"
    os.close(fd)


async def test_hangup(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("hangup")
    with pytest.raises(serial.SerialException):
        await dte.write("AT\r")
    again = Dte(modem.path)
    assert await again.ask("AT") == []
    again.close()


@pytest.mark.parametrize("name", ["same", "other", "ttyUSB1"])
async def test_vanish_and_return(world: World, tmp_path: Path, name: str) -> None:
    modem = await world.modem(link=tmp_path / "ttyUSB0")
    await asyncio.sleep(0)
    before = os.readlink(modem.path)
    as_name = str(tmp_path / name) if name.startswith("tty") else name
    modem.inject("vanish-and-return", after=0.05, as_name=as_name)
    assert os.listdir(tmp_path) == []
    await asyncio.sleep(0.1)
    assert os.listdir(tmp_path) == ["ttyUSB1" if name == "ttyUSB1" else "ttyUSB0"]
    for _ in range(9):  # another program may have taken its number meanwhile
        if name != "same" or os.readlink(modem.path) == before:
            break
        before = os.readlink(modem.path)
        modem.inject("vanish-and-return", after=0.05, as_name=as_name)
        await asyncio.sleep(0.1)
    assert (os.readlink(modem.path) == before) == (name == "same")
    again = Dte(modem.path)
    assert await again.ask("AT") == ["AT\r"]
    again.close()


# --- ports that are none --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("binary-port", rb"(\x7e[^\x7e]+\x7e)+"), ("nmea-port", rb"(\$GP[A-Z]{3},[^*]*\*[0-9A-F]{2}\r\n)+")],
)
async def test_wrong_port(dte: Dte, modem: Modem, name: str, pattern: bytes) -> None:
    await dte.ask("ATE0")
    modem.inject(name, every=0.005)
    got = await said(dte, "AT", 0.1)
    assert re.fullmatch(pattern, got)
    modem.clear()
    await dte.quiet(0.02)
    assert await dte.ask("AT") == []
