"""Who holds a device: what /proc lets us see of the programs that have it open.

A user sees its own processes, root sees all; what cannot be seen is said as "another program".
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

TROUBLEMAKERS = (
    "ModemManager",
    "modem-manager-gui",
    "brltty",
    "gammu-smsd",
    "smsd",
    "sms-gateway",
    "agetty",
    "getty",
    "pppd",
)
"""Programs known to open modems by themselves, by the names they run under."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, by its PID and the name people know it by."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


def holder_of(path: str) -> Holder | None:
    """The first other process seen to have the device open; None where none is seen."""
    real = os.path.realpath(path)
    return holders_of([real]).get(real)


def holders_of(paths: Collection[str]) -> dict[str, Holder]:
    """As `holder_of` for several devices in one walk, by the paths given (real paths, links followed).

    Whoever has locked a device is named before others that have it open too.
    """
    wanted = set(paths)
    found = {path: holder(pid) for path in wanted if (pid := _locker(path)) is not None}
    for pid in _others():
        for path in wanted & set(_open_files(pid)):
            found.setdefault(path, holder(pid))
    return found


def known_troublemakers() -> list[Holder]:
    """Running programs that are known to open modems by themselves, whatever they have open now."""
    running = (holder(pid) for pid in _others())
    return sorted((one for one in running if one.name in TROUBLEMAKERS), key=lambda one: one.pid)


def holder(pid: int) -> Holder:
    """A process by its PID.

    A script is called by its own name rather than its interpreter's, where that is one we know; the
    kernel's own name is cut at 15 characters, so the command line is asked first.
    """
    words = _read(PROC / str(pid) / "cmdline").split("\0")
    names = [word.rpartition("/")[2] for word in words]
    known = next((name for name in names[:3] if name in TROUBLEMAKERS), None)
    return Holder(pid, known or _read(PROC / str(pid) / "comm").strip() or names[0] or "a program")


def is_alive(pid: int) -> bool:
    """Whether there is such a process, a zombie not counted."""
    state = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return state[0] not in ("Z", "X") if state else _is_hidden(pid)


def _is_hidden(pid: int) -> bool:
    """Whether there is a process that we may not see (proc(5) hidepid, systemd's ProtectProc=)."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _others() -> Iterator[int]:
    for entry in os.scandir(PROC):
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield int(entry.name)


def _locker(path: str) -> int | None:
    """Who holds a flock on it, which everybody may see (proc_locks(5)); None for nobody else."""
    try:
        inode = str(Path(path).stat().st_ino)
        device = Path(path).stat().st_dev
    except OSError:
        return None
    place = f"{os.major(device):02x}:{os.minor(device):02x}:{inode}"
    for line in _read(PROC / "locks").splitlines():
        words = line.split()
        if place in words and words[1] == "FLOCK" and words[4].isdigit() and int(words[4]) != os.getpid():
            return int(words[4])
    return None


def _open_files(pid: int) -> Iterator[str]:
    """What a process has open, as far as we may see it."""
    folder = PROC / str(pid) / "fd"
    try:
        links = list(folder.iterdir())
    except OSError:
        return
    for link in links:
        with contextlib.suppress(OSError):  # closed since
            yield str(link.readlink())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
