"""What the kernel says of its clock. Best effort: where it says nothing, nothing is made of it.

A service manager may forbid the question (systemd's ProtectClock= does); a container sees its host's answer.
"""

from __future__ import annotations

import ctypes
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
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


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
        return None
    return None if told < 0 else not timex.status & _STA_UNSYNC


def _boot() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
