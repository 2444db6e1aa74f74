"""Who holds a device, and which programs are known to take modems for themselves."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.modem import holders
from gateway.modem.errors import PortError
from gateway.modem.holders import TROUBLEMAKERS, Holder, holder, holder_of, is_alive, known_troublemakers
from gateway.modem.port import open_port

HOLD = (
    "import os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print(flush=True); sys.stdin.read()"
)
LOCK = HOLD.replace("print", "import fcntl; fcntl.flock(fd, fcntl.LOCK_EX); print")


@pytest.fixture
def device() -> Iterator[str]:
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


@contextmanager
def another_program(code: str, path: str, name: str = "") -> Iterator[int]:
    """Another process that has `path` open, under a name of its choice; its PID."""
    words = [name or sys.executable, "-c", code, path]
    process = subprocess.Popen(
        words,
        executable=sys.executable,
        env={"PYTHONHOME": sys.base_prefix},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def test_nobody_holds_it(device: str) -> None:
    assert holder_of(device) is None
    assert holder_of("/dev/nothing-here") is None


@pytest.mark.parametrize("code", [HOLD, LOCK])
def test_another_program_holds_it(device: str, code: str, tmp_path: Path) -> None:
    link = tmp_path / "modem"
    link.symlink_to(device)
    with another_program(code, device, "/usr/sbin/ModemManager") as pid:
        assert holder_of(device) == holder_of(str(link)) == Holder(pid, "ModemManager")
        assert str(holder_of(device)) == f"ModemManager (process {pid})"
    assert holder_of(device) is None


def test_whoever_locked_it_is_named_first(device: str) -> None:
    with (
        another_program(HOLD, device),
        another_program(LOCK, device) as locker,
        another_program(HOLD, device),
    ):
        found = holder_of(device)
        assert found is not None
        assert found.pid == locker


async def test_a_busy_port_tells_who_has_it(device: str, tmp_path: Path) -> None:
    with another_program(LOCK, device, "gammu-smsd") as pid:
        with pytest.raises(PortError) as raised:
            await open_port(device, print, print, locks=tmp_path)
        assert raised.value.code == "port_busy"
        assert raised.value.facts == {"holder": f"gammu-smsd (process {pid})"}
    (await open_port(device, print, print, locks=tmp_path)).close()


async def test_a_port_we_hold_ourselves_has_no_holder_to_name(device: str, tmp_path: Path) -> None:
    port = await open_port(device, print, print, locks=tmp_path)
    with pytest.raises(PortError) as raised:
        await open_port(device, print, print, locks=tmp_path)
    assert (raised.value.code, raised.value.facts) == ("port_busy", {})
    port.close()
    await asyncio.sleep(0)


def test_a_script_is_called_by_its_own_name(device: str, tmp_path: Path) -> None:
    script = tmp_path / "sms-gateway"
    script.write_text(HOLD)
    process = subprocess.Popen(
        [sys.executable, str(script), device], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        assert holder(process.pid) == Holder(process.pid, "sms-gateway")
        process.kill()


def test_running_troublemakers_are_found(device: str) -> None:
    before = known_troublemakers()
    with another_program(HOLD, device, "brltty") as pid:
        assert Holder(pid, "brltty") in known_troublemakers()
    assert Holder(pid, "brltty") not in before
    assert {one.name for one in before} <= set(TROUBLEMAKERS)


def test_who_is_alive() -> None:
    assert is_alive(os.getpid())
    assert not is_alive(99999999)
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie until it is waited for
    assert not is_alive(child.pid)
    child.wait()


def test_who_is_hidden_is_alive_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service manager hides other people's processes from the service; their lock files still count."""
    monkeypatch.setattr(holders, "PROC", tmp_path)
    assert is_alive(1)
    assert is_alive(os.getpid())
    assert not is_alive(99999999)
    assert not is_alive(1 << 70)
