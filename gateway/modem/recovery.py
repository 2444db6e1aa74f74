"""How each step of a line's recovery is taken: radio, restart, USB port, power.

It owns the acts, not when they are due (`ladder`) nor what a failure means. Every one of them is allowed
to fail: what cannot be done here is skipped and the next step is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .driver import Driver

log = logging.getLogger(__name__)

USBDEVFS_RESET = 0x5514
"""_IO('U', 20) of linux/usbdevice_fs.h: resets the logic of a device, not its power."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a box can do for a device, seconds where no unit is named.

    `power_command` cuts the power of a modem and gives it back; it is run with SMS_GATEWAY_PORT in its
    environment. `sysfs` and `usb_devices` are where Linux keeps its devices.
    """

    radio_off: float = 5.0
    after_reset: float = 5.0  # until a device that stays on its wire is spoken to again
    power_command: Sequence[str] = ()
    power_command_within: float = 60.0
    sysfs: Path = Path("/sys")
    usb_devices: Path = Path("/dev/bus/usb")


async def radio_off_and_on(driver: Driver, means: Means) -> None:
    """`+CFUN=4`, a pause, `+CFUN=1` (27.007 8.2), answered or not. The caller holds the wire.

    Raises:
        PortError: the port was lost.
    """
    await driver.blurt("AT+CFUN=4")
    await asyncio.sleep(means.radio_off)
    await driver.blurt("AT+CFUN=1")
    await asyncio.sleep(means.radio_off / 5)


async def restart(driver: Driver, command: str, means: Means) -> None:
    """Tell the device to begin anew; what it answers, if anything, is of no interest. The caller holds the
    wire.

    Raises:
        PortError: the port was lost, as it is when the device leaves the bus.
    """
    await driver.blurt(command)
    await asyncio.sleep(means.after_reset)


def reset_usb(port: str, means: Means) -> bool:
    """Reset the USB device behind a serial port; False where there is none or we may not.

    Reading bus and device number from sysfs needs no rights; the reset needs write access to the device
    node, which a udev rule can give.
    """
    node = usb_node(port, means)
    if node is None:
        return False
    try:
        descriptor = os.open(node, os.O_WRONLY)
    except OSError as error:
        log.info("the USB device may not be reset", extra={"node": str(node), "error": str(error)})
        return False
    try:
        fcntl.ioctl(descriptor, USBDEVFS_RESET, 0)
    except OSError as error:
        log.info("the USB device was not reset", extra={"node": str(node), "error": str(error)})
        return False
    finally:
        os.close(descriptor)
    return True


def usb_node(port: str, means: Means) -> Path | None:
    """The device node of the USB device a tty belongs to, such as /dev/bus/usb/001/004."""
    if "://" in port:
        return None
    name = Path(os.path.realpath(port)).name
    with contextlib.suppress(OSError, ValueError):
        place = (means.sysfs / "class" / "tty" / name / "device").resolve(strict=True)
        for folder in (place, *place.parents):
            if (folder / "busnum").exists():
                bus, device = (int((folder / part).read_text()) for part in ("busnum", "devnum"))
                return means.usb_devices / f"{bus:03}" / f"{device:03}"
    return None


async def cycle_power(port: str, means: Means) -> bool:
    """Run the command that cuts the power and gives it back; False where there is none or it fails. When
    its time is up, or nobody waits any longer, it is ended."""
    if not means.power_command:
        return False
    environment = {**os.environ, "SMS_GATEWAY_PORT": port}
    try:
        process = await asyncio.create_subprocess_exec(*means.power_command, env=environment)
        code = await _end_of(process, means.power_command_within)
    except (OSError, TimeoutError) as error:
        log.error("the power command failed", extra={"error": str(error)})
        return False
    if code:
        log.error("the power command failed", extra={"code": code})
    return code == 0


async def _end_of(process: asyncio.subprocess.Process, within: float) -> int:
    """Its exit code. Raises TimeoutError; however this ends, the process has ended too."""
    try:
        async with asyncio.timeout(within):
            return await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
