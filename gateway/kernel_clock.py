"""What the kernel says of its clock. Best effort: where it says nothing, nothing is made of it.

A service manager may forbid the question (systemd's ProtectClock= does), and then its own time service is
looked at; a container sees its host's answer.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.clock import since_boot

_STA_UNSYNC = 0x0040  # <linux/timex.h>
_TIME_SERVICES = (
    "/run/systemd/timesync",
    "/run/chrony",
    "/run/chronyd.pid",
    "/run/ntpd.pid",
    "/run/ntpd.sock",
    "/run/ntpsec",
)
"""Where a time service that runs is seen, without looking at other people's processes."""
_TIMESYNC = Path("/run/systemd/timesync")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
BOOT_ID_TOLD = "BOOT_ID"
"""Where our unit tells it, since it hides that file from the program (ProcSubset=pid)."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """`synchronised`: a time service set the clock and goes on watching it; None: not told. `boot` names this
    life of the box, empty where it has no name."""

    synchronised: bool | None = None
    uptime_s: float = 0.0
    has_time_service: bool = False
    boot: str = ""


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2), as far as it is read; what follows differs by platform."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def look(time_services: Sequence[str] = _TIME_SERVICES) -> Kernel:
    """What the kernel says now."""
    return Kernel(
        synchronised=_synchronised(),
        uptime_s=since_boot(),
        has_time_service=any(Path(path).exists() for path in time_services),
        boot=_boot(),
    )


def _synchronised() -> bool | None:
    timex = _Timex()  # modes 0: only asks
    try:
        told = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        told = -1
    return said_by_timesyncd(_TIMESYNC) if told < 0 else not timex.status & _STA_UNSYNC


def said_by_timesyncd(folder: Path) -> bool | None:
    """Whether systemd-timesyncd has set the clock since the box was started: it touches a file then
    (systemd-timesyncd.service(8)). None where it does not run."""
    return (folder / "synchronized").exists() if folder.is_dir() else None


def _boot() -> str:
    try:
        told = _BOOT_ID.read_text()
    except OSError:
        told = os.environ.get(BOOT_ID_TOLD, "")
    return told.strip().replace("-", "")  # systemd writes it without, the kernel with them
