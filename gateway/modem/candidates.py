"""Which serial ports there are and what USB says of them, without opening any; and in which order to ask.

Everything is read from /sys and /dev; nothing is written anywhere.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from .usb_ids import BRIDGES, MAKERS, is_for_texts, mode_without_port

SYSFS = Path("/sys")
DEV = Path("/dev")

Stick = list["Candidate"]
"""The ports of one physical device, the one to ask first in front."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One port that may be asked who it is. What USB does not tell is empty."""

    path: str
    usb: str = ""  # "12d1:1001"
    interface: int | None = None
    kind: tuple[str, str, str] = ("", "", "")  # class, subclass, protocol of the interface
    serial: str = ""
    product: str = ""
    by_id: str = ""  # the name in /dev/serial/by-id, else by-path, that leads here
    device: str = ""  # the physical device in /sys
    driver: str = ""

    @property
    def stick(self) -> str:
        """What ports of one physical device have in common."""
        return self.device or self.path

    @property
    def is_preferred(self) -> bool:
        """Whether this port is known to take commands and to tell news."""
        return is_for_texts(self.usb, self.interface, self.kind)


def list_candidates(patterns: Sequence[str] = (), sysfs: Path = SYSFS, dev: Path = DEV) -> list[Candidate]:
    """Ports that may be asked: those that match `patterns` (globs), by default every USB serial port.

    A ttyS is only asked where a pattern names it: what hangs there may be a scale or a UPS.
    """
    named = _named_links(dev)
    paths = _matching(patterns) if patterns else [str(dev / name) for name in _ttys(sysfs)]
    found = [_candidate(path, sysfs, named) for path in paths]
    return found if patterns else [one for one in found if one.usb]


def usb_without_port(sysfs: Path = SYSFS) -> list[tuple[str, str]]:
    """Modems that show no serial port: their USB id, and cd_rom or network_card as the mode they are in."""
    interfaces = [_interface_of(sysfs, name) for name in _ttys(sysfs)]
    with_port = {interface.parent for interface in interfaces if interface}
    found = []
    for entry in sorted((sysfs / "bus/usb/devices").glob("*")):
        device = entry.resolve()
        usb = _usb_id(device)
        if not usb or device in with_port:
            continue
        mode = mode_without_port(usb, [_kind(one) for one in sorted(device.glob("*:*.*"))])
        if mode:
            found.append((usb, mode))
    return found


def in_order(candidates: Iterable[Candidate], usb: str = "") -> list[list[Stick]]:
    """Rounds of sticks to ask, each round together, the next one only if the one before was in vain.

    First those with the USB id `usb`, then modems of known makers and ports without USB, then what is not
    known; bridges and unknown devices come last, since anything may be behind them.
    """
    ports = sorted(candidates, key=lambda one: (_round(one, usb), one.stick, _place(one)))
    return [
        [list(stick) for _, stick in groupby(ports_of_round, key=lambda one: one.stick)]
        for _, ports_of_round in groupby(ports, key=lambda one: _round(one, usb))
    ]


def is_last_resort(candidate: Candidate) -> bool:
    """Whether anything may be behind that port, a scale as well as a modem."""
    return bool(candidate.usb) and candidate.usb.partition(":")[0] not in MAKERS


def without(candidates: Iterable[Candidate], taken: Collection[str]) -> list[Candidate]:
    """Those whose device is none of `taken`, links followed, nor another port of the same stick."""
    real = {os.path.realpath(path) for path in taken if "://" not in path}
    everyone = list(candidates)
    sticks = {one.stick for one in everyone if os.path.realpath(one.path) in real}
    return [one for one in everyone if one.stick not in sticks]


def _round(candidate: Candidate, usb: str) -> int:
    if usb and candidate.usb == usb:
        return 0
    if not is_last_resort(candidate):
        return 1
    return 3 if candidate.usb.partition(":")[0] in BRIDGES else 2


def _place(candidate: Candidate) -> tuple[bool, int, str]:
    interface = 999 if candidate.interface is None else candidate.interface
    return (not candidate.is_preferred, interface, candidate.path)


# --- reading /sys and /dev ---------------------------------------------------------------------------


def _matching(patterns: Sequence[str]) -> list[str]:
    """Devices that match, each once, whatever names lead to it."""
    found: dict[str, str] = {}
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):  # noqa: PTH207 - absolute and relative ones alike
            if _is_device(path):
                found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _is_device(path: str) -> bool:
    try:
        return stat.S_ISCHR(Path(path).stat().st_mode)
    except OSError:
        return False


def _ttys(sysfs: Path) -> list[str]:
    return sorted(entry.name for entry in (sysfs / "class/tty").glob("*") if (entry / "device").exists())


def _candidate(path: str, sysfs: Path, named: dict[str, str]) -> Candidate:
    real = os.path.realpath(path)
    interface = _interface_of(sysfs, Path(path).name) or _interface_of(sysfs, Path(real).name)
    if interface is None:
        return Candidate(path, by_id=named.get(real, ""))
    device = interface.parent
    written = _read(interface / "bInterfaceNumber")
    driver = interface / "driver"
    return Candidate(
        path,
        _usb_id(device),
        int(written, 16) if written else None,
        _kind(interface),
        _read(device / "serial"),
        _read(device / "product"),
        named.get(real, ""),
        str(device),
        driver.resolve().name if driver.exists() else "",
    )


def _interface_of(sysfs: Path, name: str) -> Path | None:
    """Folder of the USB interface a tty belongs to; None for what is no USB port."""
    device = sysfs / "class/tty" / name / "device"
    if not device.exists():
        return None
    here = device.resolve()
    return next((one for one in (here, *here.parents) if (one / "bInterfaceNumber").exists()), None)


def _usb_id(device: Path) -> str:
    vendor, product = _read(device / "idVendor"), _read(device / "idProduct")
    return f"{vendor}:{product}".lower() if vendor and product else ""


def _kind(interface: Path) -> tuple[str, str, str]:
    names = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
    first, second, third = (_read(interface / name).lower() for name in names)
    return first, second, third


def _named_links(dev: Path) -> dict[str, str]:
    """Names that stay the same, by the device they lead to; those with a serial number win."""
    return {os.path.realpath(link): link for link in _links(dev)}


def _links(dev: Path) -> Iterator[str]:
    for folder in ("by-path", "by-id"):  # later ones win
        yield from sorted(str(link) for link in (dev / "serial" / folder).glob("*"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
