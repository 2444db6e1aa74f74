"""Serial servers, RFC 2217 with pyserial's own client, and devices of several ports."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import serial

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.rfc2217 import CARRIER, CTS, DSR, RING, Rfc2217Wire
from tests.fake_modem.samples import SAMPLES
from tests.fake_modem.wire_net import TelnetWire

D1 = SAMPLES["D1"][1]
NOP = b"\xff\xf1"


def port_of(modem: Modem) -> int:
    return int(modem.path.rsplit(":", 1)[1])


async def connect(modem: Modem) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port_of(modem))


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ends in order; False: it is reset."""
    async with asyncio.timeout(2):
        try:
            await reader.read()
        except ConnectionResetError:
            return False
        return True


# --- faults of TCP --------------------------------------------------------------------------------------


async def test_tcp_reset_and_hangup(world: World) -> None:
    modem = await world.modem(tcp=0)
    for fault, in_order in (("tcp-reset", False), ("hangup", True)):
        reader, writer = await connect(modem)
        writer.write(b"AT\r")
        await reader.readuntil(b"OK\r\n")
        modem.inject(fault)
        assert await ended(reader) == in_order
        writer.close()


async def test_tcp_half_open(world: World) -> None:
    modem = await world.modem(tcp=0)
    reader, writer = await connect(modem)
    writer.write(b"ATE0\r")
    await reader.readuntil(b"OK\r\n")
    modem.inject("tcp-half-open")
    writer.write(b"AT\r")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reader.read(1)
    fresh, other = await connect(modem)
    other.write(b"AT\r")
    assert await fresh.readuntil(b"OK\r\n") == b"\r\nOK\r\n"
    writer.close()
    other.close()


async def test_network_faults_need_a_network(modem: Modem) -> None:
    for name in ("tcp-reset", "tcp-half-open", "telnet-iac", "telnet-login"):
        with pytest.raises(ValueError, match=f"{name} needs a"):
            modem.inject(name)


# --- telnet ---------------------------------------------------------------------------------------------


async def test_telnet_negotiates_and_doubles(world: World) -> None:
    modem = await world.modem(telnet=0)
    reader, writer = await connect(modem)
    assert await reader.readexactly(15) == bytes.fromhex("FFFB01 FFFB03 FFFB00 FFFD03 FFFD00")
    writer.write(bytes.fromhex("FFFD01 FFFD03 FFFB18 FFFD22 FFFB00"))  # TTYPE and LINEMODE are not known
    assert await reader.readexactly(6) == bytes.fromhex("FFFE18 FFFC22")
    writer.write(b"ATE0\r")
    assert await reader.readuntil(b"OK\r\n") == b"ATE0\r\r\nOK\r\n"
    modem.inject("0xff-burst", n=2)
    assert await reader.readexactly(4) == b"\xff\xff\xff\xff"
    writer.write(b"\xff\xf1A\xff\xfb")
    await writer.drain()
    await asyncio.sleep(0.02)
    writer.write(b"\x03T\r")
    assert await reader.readuntil(b"OK\r\n") == b"\r\nOK\r\n"
    writer.close()


async def test_telnet_line_ends_of_a_terminal(world: World) -> None:
    modem = await world.modem(telnet=0)
    _, writer = await connect(modem)
    for ending in (b"\r\n", b"\r\0"):
        writer.write(b"AT" + ending[:1])
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(ending[1:])
    writer.write(b"AT\r\nAT\r\0")
    await asyncio.sleep(0.05)
    assert modem.log.sent() == b"AT\r" * 4
    writer.close()


async def test_telnet_iac_in_the_middle_of_answers(world: World) -> None:
    for server in ("tcp", "telnet"):
        modem = await world.modem(**{server: 0})  # type: ignore[arg-type]
        reader, writer = await connect(modem)
        writer.write(b"ATE0\r")
        await reader.readuntil(b"OK\r\n")
        modem.inject("telnet-iac")
        writer.write(b"AT\r")
        assert await reader.readuntil(b"K\r\n") == b"\r\nO" + NOP + b"K\r\n"
        modem.clear()
        writer.write(b"AT\r")
        assert await reader.readuntil(b"OK\r\n") == b"\r\nOK\r\n"
        writer.close()


async def test_telnet_login(world: World) -> None:
    modem = await world.modem(telnet=0)
    modem.inject("telnet-login", user="office", password="0000")
    reader, writer = await connect(modem)
    await reader.readuntil(b"\r\nlogin: ")
    writer.write(b"AT\r\n")
    await reader.readuntil(b"\r\nPassword: ")
    modem.inject("urc", text="RING")
    writer.write(b"AT\r\n")
    assert await reader.readuntil(b"login: ") == b"\r\nLogin incorrect\r\n\r\nlogin: "
    writer.write(b"office\r\n0000\r\nATE0\r")
    assert (await reader.readuntil(b"OK\r\n")).endswith(b"ATE0\r\r\nOK\r\n")
    writer.close()
    assert modem.log.sent() == b"ATE0\r"


async def test_telnet_login_is_shut_after_three_tries(world: World) -> None:
    modem = await world.modem(telnet=0, login=("a", "b"))
    wire = modem.ports.main
    assert isinstance(wire, TelnetWire)
    reader, writer = await connect(modem)
    writer.write(b"x\ry\r" * 3)
    assert (await reader.read()).count(b"Login incorrect") == 3
    writer.close()


# --- RFC 2217 -------------------------------------------------------------------------------------------


async def test_rfc2217_with_the_client_of_pyserial(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    wire = modem.ports.main
    assert isinstance(wire, Rfc2217Wire)
    assert modem.path.startswith("rfc2217://127.0.0.1:")
    port = await asyncio.to_thread(
        serial.serial_for_url, modem.path, baudrate=57600, bytesize=7, parity="E", stopbits=2, timeout=0.2
    )
    settings = wire.settings
    assert (settings.baud_rate, settings.data_size, settings.parity, settings.stop_size) == (57600, 7, 3, 2)
    assert (settings.dtr, settings.rts) == (True, True)

    def change() -> None:
        port.dtr, port.baudrate = False, 115200
        port.reset_input_buffer()

    await asyncio.to_thread(change)
    assert (settings.dtr, settings.baud_rate) == (False, 115200)
    assert settings.purges
    assert await asyncio.to_thread(_ask, port, b"ATE0\r") == b"ATE0\r\r\nOK\r\n"
    modem.inject("garbage", hex="00FF00FFFF")
    assert await asyncio.to_thread(port.read, 5) == b"\x00\xff\x00\xff\xff"
    assert (port.cts, port.dsr, port.cd, port.ri) == (True, True, True, False)
    wire.set_modem_state(CTS | DSR | CARRIER | RING)
    await _until(lambda: bool(port.ri))
    wire.set_modem_state(CTS | DSR)
    await _until(lambda: not port.cd)
    await asyncio.to_thread(port.close)


def _ask(port: serial.SerialBase, line: bytes) -> bytes:
    port.write(line)
    return bytes(port.read_until(b"OK\r\n"))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - pyserial has no event for it
            await asyncio.sleep(0.005)


async def test_rfc2217_server_that_does_not_answer_controls(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    wire = modem.ports.main
    assert isinstance(wire, Rfc2217Wire)
    wire.silent_controls = True
    port = await asyncio.to_thread(serial.serial_for_url, f"{modem.path}?ign_set_control", timeout=0.2)
    assert await asyncio.to_thread(_ask, port, b"AT\r") == b"AT\r\r\nOK\r\n"
    await asyncio.to_thread(port.close)


async def test_rfc2217_flow_is_suspended_and_resumed(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    reader, writer = await connect(modem)
    writer.write(bytes.fromhex("FFFA2C08FFF0"))
    await asyncio.sleep(0.02)
    modem.inject("urc", text="lost")
    writer.write(bytes.fromhex("FFFA2C09FFF0") + b"AT\r")
    assert await reader.readuntil(b"OK\r\n") == b"AT\r\r\nOK\r\n"
    writer.close()


# --- several ports --------------------------------------------------------------------------------------

ROLES = ("silent", "binary", "nmea", "data", "at", "urc")


def read_now(fd: int) -> bytes:
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b""


async def test_ports_of_every_role(world: World, tmp_path: Path) -> None:
    modem = await world.modem(link=tmp_path / "modem", ports=ROLES)
    assert modem.path == str(tmp_path / "modem-if04")
    assert sorted(os.listdir(tmp_path)) == [f"modem-if0{n}" for n in range(6)]
    fds = [os.open(wire.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK) for wire in modem.wires]
    for fd in fds:
        os.write(fd, b"ATE0\r")
        os.write(fd, b"AT+CMGF=0\r")
    await asyncio.sleep(0.15)
    heard = dict(zip(ROLES, map(read_now, fds), strict=True))
    assert heard["silent"] == heard["urc"] == b""
    assert heard["binary"].startswith(b"\x7e")
    assert heard["nmea"].startswith(b"$GP")
    assert heard["data"] == b"ATE0\rAT+CMGF=0\r\r\nOK\r\n\r\nERROR\r\n"
    assert heard["at"].endswith(b"\r\nOK\r\n\r\nOK\r\n")
    os.write(fds[4], b"AT+CNMI=2,1,0,0,0\r")
    await asyncio.sleep(0.02)
    read_now(fds[4])
    modem.place_raw(D1)
    await asyncio.sleep(0.02)
    assert (read_now(fds[4]), read_now(fds[5])) == (b"", b'\r\n+CMTI: "SM",1\r\n')
    for fd in fds:
        os.close(fd)


async def test_a_line_may_go_to_the_wrong_port(world: World) -> None:
    modem = await world.modem(ports=("silent", "at"))
    other, at = (os.open(wire.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK) for wire in modem.wires)
    modem.terminal.urc("RING", to=modem.ports.other())
    modem.terminal.urc("RDY")
    assert (read_now(other), read_now(at)) == (b"\r\nRING\r\n", b"\r\nRDY\r\n")
    os.close(other)
    os.close(at)


async def test_all_ports_vanish_and_return_under_other_numbers(world: World, tmp_path: Path) -> None:
    modem = await world.modem(link=tmp_path / "modem", ports=("silent", "at", "urc"))
    before = {name: os.readlink(tmp_path / name) for name in os.listdir(tmp_path)}
    modem.vanish()
    assert os.listdir(tmp_path) == []
    modem.come_back()
    after = {name: os.readlink(tmp_path / name) for name in os.listdir(tmp_path)}
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in before)
    modem.inject("vanish-and-return", after=0.01, as_name=str(tmp_path / "other"))
    await asyncio.sleep(0.03)
    assert sorted(os.listdir(tmp_path)) == ["other-if00", "other-if01", "other-if02"]
    dte = Dte(modem.path)
    assert await dte.ask("AT") == ["AT\r"]
    dte.close()


async def test_wrong_sets_of_ports_are_refused(world: World) -> None:
    for roles, words in (
        (("silent",), "one is at"),
        (("at", "at"), "one is at"),
        (("at", "x"), "no role 'x'"),
    ):
        with pytest.raises(ValueError, match=words):
            await world.modem(ports=roles)
