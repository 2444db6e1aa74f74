"""Every kind of port: opening, locks, hang-ups, and serial servers spoken to by Debian's own ser2net."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import pty
import shutil
import socket
import subprocess
import threading
import tty
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.modem.errors import GsmModemException, PortError
from gateway.modem.port import open_port
from gateway.modem.ports.rfc2217 import Rfc2217Port
from tests.fake_modem import Modem, World
from tests.fake_modem.rfc2217 import Rfc2217Wire

from .conftest import PATIENT, running, until


async def refused(path: str) -> str:
    with pytest.raises(PortError) as raised:
        await open_port(path, lambda data: None, lambda error: None)
    assert isinstance(raised.value, GsmModemException)
    return raised.value.code


async def test_ports_that_cannot_be_opened(tmp_path: Path, world: World, modem: Modem) -> None:
    (tmp_path / "file").write_text("no modem")
    assert await refused(str(tmp_path / "nothing")) == "port_missing"
    assert await refused(str(tmp_path / "file")) == "not_a_modem"
    assert await refused(str(tmp_path)) == "not_a_modem"
    assert await refused("/dev/null") == "not_a_modem"
    assert await refused("telnet://127.0.0.1:9") == "unsupported"
    assert await refused("rfc2217://127.0.0.1:1") == "port_missing"
    assert await refused("auto") == "unsupported"
    assert await refused("socket://127.0.0.1:1") == "port_missing"
    assert await refused("socket://127.0.0.1") == "unsupported"
    assert await refused("socket://127.0.0.1:99999") == "unsupported"
    async with running(modem.path) as line:
        await line.up()
        assert await refused(modem.path) == "port_busy"


async def test_a_port_we_may_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*args: object, **kwargs: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    port = tmp_path / "tty"
    port.touch(0o600)
    monkeypatch.setattr("serial.serialposix.os.open", denied)
    assert await refused(str(port)) == "port_denied"
    with pytest.raises(PortError) as raised:
        await open_port(str(port), lambda data: None, lambda error: None)
    assert raised.value.facts["mode"] == "600"
    assert raised.value.facts["owner"] == port.owner() and raised.value.facts["group"] == port.group()
    assert raised.value.facts["rights"] == "enough", "it is ours: something else forbids it"
    if os.geteuid() != 0:
        port.chmod(0)
        with pytest.raises(PortError) as raised:
            await open_port(str(port), lambda data: None, lambda error: None)
        assert raised.value.facts["rights"] == "lacking"


async def test_hang_up_is_seen_at_once() -> None:
    master, slave = pty.openpty()
    lost: asyncio.Future[PortError] = asyncio.get_running_loop().create_future()
    port = await open_port(os.ttyname(slave), lambda data: None, lost.set_result)
    os.close(slave)
    os.close(master)
    async with asyncio.timeout(1):
        assert (await lost).code == "port_lost"
    with pytest.raises(PortError):
        await port.write(b"AT\r")
    port.close()


async def test_a_device_that_takes_no_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.ports.device.WRITE_TIMEOUT_S", 0.05)
    master, slave = pty.openpty()
    lost: asyncio.Future[PortError] = asyncio.get_running_loop().create_future()
    port = await open_port(os.ttyname(slave), lambda data: None, lost.set_result)
    with pytest.raises(PortError):
        for _ in range(100):
            await port.write(b"x" * 4096)
    assert (await lost).code == "port_lost"
    os.close(slave)
    os.close(master)


# --- lock files --------------------------------------------------------------------------------------


class Pty:
    """A pair of our own, the far end read and written by the test."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.path = os.ttyname(self.slave)

    def close(self) -> None:
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def cable() -> Iterator[Pty]:
    made = Pty()
    yield made
    made.close()


def start(*words: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    with (log or Path("/dev/null")).open("wb") as output:
        return subprocess.Popen(words, stdout=output, stderr=output)


def real(path: str) -> str:
    return os.path.realpath(path)


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def lock_of(cable: Pty, folder: Path) -> Path:
    return folder / f"LCK..{cable.path.removeprefix('/dev/').replace('/', '_')}"


async def test_the_lock_file_is_taken_and_given_back(cable: Pty, tmp_path: Path) -> None:
    port = await open_port(cable.path, print, print, locks=tmp_path)
    assert lock_of(cable, tmp_path).read_text() == f"{os.getpid():10d}\n"
    with pytest.raises(PortError):
        await open_port(cable.path, print, print, locks=tmp_path)
    assert lock_of(cable, tmp_path).exists(), "the second opener has no right to it"
    port.close()
    assert left_in(tmp_path) == []


async def test_a_living_owner_is_named_and_the_device_not_touched(cable: Pty, tmp_path: Path) -> None:
    lock = lock_of(cable, tmp_path)
    owner = start("sleep", "60")
    lock.write_text(f"{owner.pid:10d}\n")
    with pytest.raises(PortError) as raised:
        await open_port(cable.path, print, print, locks=tmp_path)
    assert raised.value.code == "port_busy"
    assert raised.value.facts == {"holder": f"sleep (process {owner.pid})"}
    owner.kill()
    owner.wait()
    (await open_port(cable.path, print, print, locks=tmp_path)).close()
    assert not lock.exists()


@pytest.mark.parametrize("content", [b"", b"no number\n", b"  99999999\n", (99999999).to_bytes(4, "little")])
async def test_a_stale_lock_file_is_replaced(cable: Pty, tmp_path: Path, content: bytes) -> None:
    lock_of(cable, tmp_path).write_bytes(content)
    port = await open_port(cable.path, print, print, locks=tmp_path)
    assert int(lock_of(cable, tmp_path).read_text()) == os.getpid()
    port.close()


async def test_without_a_folder_for_locks_the_port_opens_all_the_same(cable: Pty, tmp_path: Path) -> None:
    (await open_port(cable.path, print, print, locks=tmp_path / "nothing")).close()


async def test_a_hang_up_gives_the_lock_file_back(tmp_path: Path) -> None:
    cable = Pty()
    lost = asyncio.get_running_loop().create_future()
    await open_port(cable.path, print, lost.set_result, locks=tmp_path)
    cable.close()
    await lost
    assert left_in(tmp_path) == []


# --- serial servers ----------------------------------------------------------------------------------

NEEDS_SER2NET = pytest.mark.skipif(
    shutil.which("ser2net", path="/usr/sbin:/usr/bin") is None, reason="ser2net is not installed (apt)"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@contextlib.asynccontextmanager
async def ser2net(folder: Path, device: str) -> AsyncIterator[dict[str, str]]:
    """Debian's own serial server on a device; the addresses to reach it by. Its last door open, all are."""
    raw, telnet, admin = free_port(), free_port(), free_port()
    config = folder / "ser2net.yaml"
    config.write_text(
        f"""%YAML 1.1
---
connection: &raw
  accepter: tcp,127.0.0.1,{raw}
  connector: serialdev(nouucplock),{device},115200n81,local
connection: &telnet
  accepter: telnet(rfc2217),tcp,127.0.0.1,{telnet}
  connector: serialdev(nouucplock),{device},115200n81,local
admin:
  accepter: tcp,127.0.0.1,{admin}
"""
    )
    process = start("/usr/sbin/ser2net", "-n", "-d", "-c", str(config), log=folder / "ser2net.log")
    try:
        async with asyncio.timeout(10):
            while not await answers(admin):
                assert process.poll() is None, (folder / "ser2net.log").read_text()
                await asyncio.sleep(0.01)
        yield {"socket": f"socket://127.0.0.1:{raw}", "rfc2217": f"rfc2217://127.0.0.1:{telnet}"}
    finally:
        process.kill()
        process.wait()


@NEEDS_SER2NET
@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_a_text_goes_and_comes_over_ser2net(
    world: World, modem: Modem, tmp_path: Path, scheme: str
) -> None:
    async with ser2net(tmp_path, real(modem.path)) as addresses:
        async with running(addresses[scheme], rhythm=PATIENT) as line:
            await line.send()
            world.phone("+12025550123").text(modem.number, "Thank you \u20ac")
            await until(lambda: line.office.pdus)
        assert world.phone("+12025550123").received[0].body == "Your table is ready."
    assert not world.complaints


@NEEDS_SER2NET
@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_the_loss_of_a_serial_server_is_noticed(cable: Pty, tmp_path: Path, scheme: str) -> None:
    lost: asyncio.Future[PortError] = asyncio.get_running_loop().create_future()
    async with ser2net(tmp_path, cable.path) as addresses:
        port = await open_port(addresses[scheme], print, lost.set_result)
    async with asyncio.timeout(3):
        assert (await lost).code == "port_lost"
    with pytest.raises(PortError):
        await port.write(b"AT\r")
    port.close()


@NEEDS_SER2NET
@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_every_octet_passes_a_serial_server(cable: Pty, tmp_path: Path, scheme: str) -> None:
    tty.setraw(cable.slave)
    everything = bytes(range(256)) * 3
    heard = bytearray()
    async with ser2net(tmp_path, cable.path) as addresses:
        port = await open_port(addresses[scheme], heard.extend, print)
        await port.write(everything)
        read = await asyncio.to_thread(read_all, cable.master, len(everything))
        assert read == everything
        os.write(cable.master, everything)
        await until(lambda: len(heard) >= len(everything))
        assert heard == everything
        port.close()


def read_all(fd: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += os.read(fd, count)
    return data


# --- RFC 2217, step by step --------------------------------------------------------------------------


async def test_a_text_goes_and_comes_over_rfc2217(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    async with running(modem.path, rhythm=PATIENT) as line:
        await line.send()
        world.phone("+12025550123").text(modem.number, "Thank you \u20ac")
        await until(lambda: line.office.pdus)
        modem.vanish()
        await until(lambda: line.office.codes[-1] in ("port_lost", "port_missing"))
        modem.come_back()
        await line.send()
    assert len(world.phone("+12025550123").received) == 2


async def test_what_the_device_wrote_before_is_kept(world: World) -> None:
    """A late result may be among it."""
    modem = await world.modem(rfc2217=0)
    heard = bytearray()
    wire = modem.ports.wires[0]
    assert isinstance(wire, Rfc2217Wire)
    opening = asyncio.create_task(open_port(modem.path, heard.extend, print))
    await until(lambda: wire.settings.baud_rate == 115_200)
    wire.write(b"+CMGS: 78")
    port = await opening
    await until(lambda: b"+CMGS: 78" in heard)
    assert (wire.settings.purges, wire.settings.dtr, wire.settings.rts) == (1, True, True)
    port.close()
    await until(lambda: wire.settings.purges == 2)  # what the server has not sent yet is not sent any more


async def test_an_answer_never_overtakes_the_end_of_its_question(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    written = True
    early: list[bytes] = []
    heard = bytearray()

    def hear(data: bytes) -> None:
        heard.extend(data)
        if not written:
            early.append(data)

    port = await open_port(modem.path, hear, print)
    for count in range(1, 11):
        written = False
        await port.write(b"AT\r")
        written = True
        await until(lambda count=count: heard.count(b"OK\r\n") == count)  # type: ignore[misc]
    assert early == []
    port.close()


async def test_a_server_that_answers_no_control_is_used_all_the_same(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    wire = modem.ports.wires[0]
    assert isinstance(wire, Rfc2217Wire)
    wire.silent_controls = True
    async with running(modem.path, rhythm=PATIENT) as line:
        await line.send()


@contextlib.contextmanager
def serving(answer: bytes = b"") -> Iterator[str]:
    """A server that is no serial server, for one client; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            client, _ = listener.accept()
            with client, contextlib.suppress(OSError):
                client.sendall(answer)
                while client.recv(4096):
                    pass

        talking = threading.Thread(target=talk, daemon=True)
        talking.start()
        yield f"rfc2217://127.0.0.1:{listener.getsockname()[1]}"
        talking.join(5)


@pytest.mark.parametrize("answer", [b"", b"Port already in use\r\n", b"\xff\xf0"])
async def test_what_does_not_speak_rfc2217(answer: bytes) -> None:
    with serving(answer) as address:
        assert await refused(f"{address}?timeout=0.1") == "not_a_modem"


async def test_the_loop_goes_on_while_a_server_keeps_silent() -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    turning = asyncio.create_task(turn())
    with serving() as address:
        assert await refused(f"{address}?timeout=0.3") == "not_a_modem"
    turning.cancel()
    assert turns >= 10


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.ports.rfc2217.CONNECT_TIMEOUT_S", 0.1)
    with serving() as address:
        assert await refused(f"{address}?timeout=0.3") == "port_missing"


async def test_a_port_closed_while_it_opens_is_let_go(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    opening = asyncio.create_task(open_port(modem.path, print, print))
    await asyncio.sleep(0.02)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    async with running(modem.path, rhythm=PATIENT) as line:  # the server takes one client at a time
        await line.send()


async def test_a_dead_peer_will_be_found(world: World) -> None:
    modem = await world.modem(rfc2217=0)
    port = await open_port(modem.path, print, print)
    assert isinstance(port, Rfc2217Port)
    assert port._socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert port._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
    assert not port.tells_what_was_written
    port.close()
    port.close()
    with pytest.raises(PortError):
        await port.write(b"AT\r")
