"""The data folder: whether it is there and ours, what lies in it, and the disk below it."""

from __future__ import annotations

import getpass
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

from gateway.doctor import service
from gateway.doctor.check import Check, in_two, said
from gateway.doctor.look import Look, rights
from gateway.failures import Failures
from gateway.store.database import BALLAST_BYTES, CannotOpen, DatabaseError
from gateway.store.keys import KEY_FILE, Keys

LEAST_FREE = 200 * 1024 * 1024
"""Bytes that should be free: room for the journal, the reserve and some years of texts."""
NOTED = "check-database"
LEAST_FILES = 1_000
"""Files that should still fit: journals, drafts of backups and what other programs make meanwhile."""
OTHERS = 0o077
"""Rights of whoever is not the owner."""
_NO_SECRETS = frozenset({"daemon.lock", "ballast", NOTED, KEY_FILE})
"""Files that tell nothing, and the one that is checked by itself."""
_MOST_FILES = 2_000
_NAMED = 3
_TRIES = 5
_SLOW_MS, _FAST_MS = 200.0, 0.02


def folder(look: Look) -> Iterator[Check]:
    """Whether it is there, can be written, and is private."""
    path = look.folder
    if not path.exists():
        yield said("folder", "missing", path=path)
        return
    mode = path.stat().st_mode
    values = {"path": path, "mode": rights(path)}
    if not os.access(path, os.R_OK | os.X_OK):
        yield said("folder", "not_ours", path=path, owner=look.owner, user=getpass.getuser())
    elif os.statvfs(path).f_flag & os.ST_RDONLY:
        yield said("folder", "read_only", path=path)
    elif mode & 0o700 != 0o700:
        yield said("folder", "no_write", **values)
    elif mode & OTHERS:
        yield said("folder", "open", **values)
    else:
        yield said("folder", "well", path=path)


def program(look: Look) -> Iterator[Check]:
    """Whether the program serves this folder."""
    stopped = "service_stopped" if service.is_installed() else "stopped"
    yield said("program", "well" if look.running else stopped)


def failures(look: Look) -> Iterator[Check]:
    """What the program noted of the disk's failures."""
    noted = Failures(look.folder)
    try:
        noted.refuse_if_too_many(look.now)
    except CannotOpen:
        yield said("failures", "too_many", path=look.folder / NOTED)
        return
    yield said("failures", "noted" if noted.is_any() else "well")


def secret(look: Look) -> Iterator[Check]:
    """Whether secret.key is there, whole and private."""
    path = look.folder / KEY_FILE
    if not path.exists() and look.revision is None:
        yield said("secret", "none")
        return
    if look.denied(path):
        yield said("secret", "denied", path=path, owner=look.owner)
        return
    try:
        Keys(look.folder, may_make=False)
    except DatabaseError as error:
        yield said("secret", "lost", why=in_two(str(error))[0])
        return
    yield said("secret", "open" if path.stat().st_mode & OTHERS else "well", path=path)


def files(look: Look) -> Iterator[Check]:
    """Owner and rights of what lies in the folder."""
    owner, foreign, opened, count = look.owner_id, [], [], 0
    for path in _every(look.folder):
        try:
            state = path.lstat()
        except FileNotFoundError:
            continue  # a journal comes and goes
        count += 1
        if state.st_uid != owner:
            foreign.append(path.name)
        elif S_ISREG(state.st_mode) and state.st_mode & OTHERS and path.name not in _NO_SECRETS:
            opened.append(path.name)
    values = {"owner": look.owner, "folder": look.folder, "count": count}
    if foreign:
        yield said("files", "foreign", names=_named(foreign), **values)
    if opened:
        yield said("files", "open", names=_named(opened), **values)
    if not foreign and not opened:
        yield said("files", "well", **values)


def _every(top: Path) -> Iterator[Path]:
    left = _MOST_FILES
    for here, folders, names in os.walk(top):
        for name in [*folders, *names]:
            left -= 1
            if left < 0:
                return
            yield Path(here) / name


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def disk(look: Look) -> Iterator[Check]:
    """Room on its disk."""
    free = shutil.disk_usage(look.folder).free
    finding = "well" if free >= LEAST_FREE else "little"
    yield said("disk", finding, free=free // 1_000_000, folder=look.folder)


def inodes(look: Look) -> Iterator[Check]:
    """Room for more files on its disk; some file systems count none (statvfs(3): f_files is 0)."""
    told = os.statvfs(look.folder)
    if not told.f_files:
        yield said("inodes", "untold")
    else:
        finding = "well" if told.f_favail >= LEAST_FILES else "few"
        yield said("inodes", finding, free=told.f_favail, folder=look.folder)


def reserve(look: Look) -> Iterator[Check]:
    """What is set aside for a full disk."""
    path = look.path.with_name("ballast")
    if path.exists() and path.stat().st_size >= BALLAST_BYTES:
        yield said("reserve", "well")
    else:
        is_next = not look.running and shutil.disk_usage(path.parent).free >= LEAST_FREE
        yield said("reserve", "none" if is_next else "gone")


def sync(look: Look) -> Iterator[Check]:
    """How long the disk takes to keep something, tried with a file that never has a name (open(2),
    O_TMPFILE)."""
    try:
        handle = os.open(look.folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    except OSError:
        yield said("sync", "untold")
        return
    try:
        took = [_keep(handle) for _ in range(_TRIES)]
    finally:
        os.close(handle)
    ms = statistics.median(took) * 1000
    finding = "slow" if ms > _SLOW_MS else "fast" if ms < _FAST_MS else "well"
    yield said("sync", finding, ms=f"{ms:.2g}" if ms < 10 else f"{ms:.0f}")


def _keep(handle: int) -> float:
    began = time.perf_counter()
    os.write(handle, bytes(4096))
    os.fsync(handle)
    return time.perf_counter() - began
