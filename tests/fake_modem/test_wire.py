"""The cable: links, several openings, exclusive ports, TCP, the log."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import termios
from pathlib import Path

import pytest

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.wire import PtyWire


async def test_link_is_where_it_was_asked_for(world: World, tmp_path: Path) -> None:
    link = tmp_path / "sms-modem"
    modem = await world.modem(link=link)
    assert modem.path == str(link)
    assert os.readlink(link).startswith("/dev/pts/")
    modem.vanish()
    assert not link.is_symlink()


async def test_modem_outlives_its_computer(modem: Modem) -> None:
    for turn in range(5):
        dte = Dte(modem.path)
        assert (await dte.ask("AT"))[:1] == (["AT\r"] if turn == 0 else [])
        await dte.ask("ATE0")
        dte.close()
    assert sum(modem.commands.values()) == 5


async def test_openers_are_counted(modem: Modem) -> None:
    wire = modem.wires[0]
    assert isinstance(wire, PtyWire)
    dte = Dte(modem.path)
    assert wire.openers == 1
    dte.close()
    assert wire.openers == 0


async def test_exclusive_mark_goes_with_the_last_opener(modem: Modem) -> None:
    fd = os.open(modem.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(fd, termios.TIOCEXCL)
    assert _is_exclusive(fd)
    os.close(fd)
    await asyncio.sleep(0.01)
    fd = os.open(modem.path, os.O_RDWR | os.O_NOCTTY)
    assert not _is_exclusive(fd)
    os.close(fd)


def _is_exclusive(fd: int) -> bool:
    get_exclusive = 0x80045440  # TIOCGEXCL, which termios does not name
    return bool(int.from_bytes(fcntl.ioctl(fd, get_exclusive, bytes(4)), "little"))


async def test_bytes_written_to_nobody_are_kept_or_lost(world: World) -> None:
    for lose in (False, True):
        modem = await world.modem(lose_when_closed=lose)
        modem.inject("urc", text="RDY")
        fd = os.open(modem.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            assert os.read(fd, 100) == b"\r\nRDY\r\n"
            assert not lose
        except BlockingIOError:
            assert lose
        os.close(fd)


async def test_a_reader_who_is_slow_loses_no_byte(world: World, modem: Modem) -> None:
    dte = Dte(modem.path)
    lines = [f"^RSSI:{number}" for number in range(2000)]
    for line in lines:
        modem.inject("urc", text=line)
    got = ""
    while len(got) < sum(len(line) + 4 for line in lines):
        got += (await dte.quiet(0.02)).decode()
    assert got.split("\r\n")[1::2] == lines
    dte.close()


async def test_tcp_serves_one_at_a_time(world: World) -> None:
    modem = await world.modem(tcp=0)
    assert modem.path.startswith("socket://127.0.0.1:")
    dte = Dte(modem.path)
    assert await dte.ask("AT") == ["AT\r"]
    second, writer = await asyncio.open_connection("127.0.0.1", int(modem.path.rsplit(":", 1)[1]))
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await second.readexactly(1)
    writer.close()
    assert await dte.ask("AT") == ["AT\r"]
    dte.close()


async def test_tcp_vanishes_and_returns_at_the_same_port(world: World) -> None:
    modem = await world.modem(tcp=0)
    port = int(modem.path.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"AT\r")
    assert await reader.readuntil(b"OK\r\n") == b"AT\r\r\nOK\r\n"
    modem.vanish()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    with pytest.raises(ConnectionRefusedError), socket.socket() as refused:
        refused.connect(("127.0.0.1", port))
    modem.come_back()
    await asyncio.sleep(0.02)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"AT\r")
    assert await reader.readuntil(b"OK\r\n") == b"AT\r\r\nOK\r\n"
    writer.close()


async def test_log_in_the_notation_of_transcripts(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    await dte.write("AT+CMGS=42\r")
    await dte.until("> ")
    await dte.write("\x1b")
    await dte.until("OK\r\n")
    lines = [line for line in modem.wire_log().splitlines() if not line.startswith("#")]
    shown = [line[0] + ":" + line.partition(":")[2] for line in lines]
    assert shown == [
        r"C: ATE0\r",
        r"M: ATE0\r",
        r"M: \r\nOK\r\n",
        r"C: AT+CMGS=42\r",
        r"M: \r\n>\x20",
        r"C: \x1b",
        r"M: \r\nOK\r\n",
    ]


async def test_same_seed_same_world() -> None:
    seen = []
    for _ in range(2):
        async with World(seed=3) as world:
            modem = await world.modem()
            seen.append((modem.reference, world.random.random()))
    assert seen[0] == seen[1]
