"""The steps of recovery that need no modem: the USB device behind a port, the power command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import pytest

from gateway.modem import recovery
from gateway.modem.recovery import Means

from .conftest import until


def stick(root: Path, tty: str = "ttyUSB2") -> Means:
    """A /sys and a /dev/bus/usb in which that tty belongs to device 7 on bus 1."""
    device = root / "sys" / "devices" / "pci" / "usb1" / "1-1"
    port = device / "1-1:1.2" / tty
    port.mkdir(parents=True)
    (device / "busnum").write_text("1\n")
    (device / "devnum").write_text("7\n")
    link = root / "sys" / "class" / "tty" / tty
    link.mkdir(parents=True)
    (link / "device").symlink_to(port)
    return Means(sysfs=root / "sys", usb_devices=root / "usb")


def test_the_usb_device_of_a_port_is_found(tmp_path: Path) -> None:
    means = stick(tmp_path)
    assert recovery.usb_node("/dev/ttyUSB2", means) == tmp_path / "usb" / "001" / "007"


def test_ports_that_are_no_usb_devices_have_none(tmp_path: Path) -> None:
    means = stick(tmp_path)
    for port in ("/dev/ttyS0", "/dev/pts/3", "socket://127.0.0.1:7000"):
        assert recovery.usb_node(port, means) is None
        assert not recovery.reset_usb(port, means)


def test_a_usb_device_that_may_not_be_reset_is_no_crash(tmp_path: Path) -> None:
    means = stick(tmp_path)
    assert not recovery.reset_usb("/dev/ttyUSB2", means)  # no node
    node = tmp_path / "usb" / "001" / "007"
    node.parent.mkdir(parents=True)
    node.write_bytes(b"")
    assert not recovery.reset_usb("/dev/ttyUSB2", means)  # not a USB device


async def test_the_power_command_is_told_the_port(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(os.environ['SMS_GATEWAY_PORT'])"
    assert await recovery.cycle_power("/dev/ttyUSB2", Means(power_command=(sys.executable, "-c", script)))
    assert told.read_text() == "/dev/ttyUSB2"


async def test_a_power_command_that_fails_or_is_not_there_is_a_step_not_taken() -> None:
    failing = (sys.executable, "-c", "raise SystemExit(3)")
    for command in ((), failing, ("/nowhere/power-switch",)):
        assert not await recovery.cycle_power("/dev/ttyUSB2", Means(power_command=command))


HANGS = ("sh", "-c", 'echo $$. > "$0"; exec sleep 60')


def process_in(told: Path) -> int | None:
    """The process id of a command that wrote it there; None while it has not."""
    text = told.read_text().strip() if told.exists() else ""
    return int(text[:-1]) if text.endswith(".") else None


async def test_a_power_command_that_hangs_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "told"
    means = Means(power_command=(*HANGS, str(told)), power_command_within=0.5)
    assert not await recovery.cycle_power("/dev/ttyUSB2", means)
    process = process_in(told)
    assert process is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_a_power_command_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "told"
    means = Means(power_command=(*HANGS, str(told)))
    cycle = asyncio.create_task(recovery.cycle_power("/dev/ttyUSB2", means))
    await until(lambda: process_in(told) is not None)
    process = process_in(told)
    assert process is not None
    cycle.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await cycle
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
