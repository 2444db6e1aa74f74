"""A copy of the living database that is whole: made by SQLite itself, looked through, and counted.

`VACUUM INTO` writes it beside a working writer, which it does not hold up; the file of a database that is
open must never be copied by other means.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.domain import backup_words as words
from gateway.store.tables import EPOCH, MICROSECOND

COUNTED = (
    "messages",
    "parts",
    "attempts",
    "conversations",
    "contacts",
    "phone_numbers",
    "calls",
    "consent_events",
    "suppressions",
    "users",
    "lines",
    "audit",
)
"""Tables whose rows are counted, to be compared wherever the copy goes."""

_BUSY_S = 5.0


class BackupFailed(Exception):
    """A backup could not be made or is not whole. The text says why, and what to do."""


class NoRoom(BackupFailed):
    """There is too little room. It says nothing about the backup."""


RESERVE = 32 << 20
"""Octets that stay free: a backup must never take the room that texts need."""
_MEGABYTE = 1_000_000


def copy(source: Path, target: Path, *, synced: bool = True) -> dict[str, int]:
    """Write a copy of the database to a file that is not there yet (mode 0600) and check it; returns how many
    rows its tables have. `synced`: it is on the disk, and so is its name, when this returns.

    Raises:
        BackupFailed: there is no copy; what was written of it is removed.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BackupFailed(why(error)) from None
    try:
        with contextlib.closing(_opened(source, "mode=rw")) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # of the copy: else it is synced all at once
            connection.execute("VACUUM INTO ?", (str(target),))
            connection.execute("PRAGMA synchronous = FULL")
        found = counts(target)
        if synced:
            sync(target)
    except (sqlite3.Error, OSError) as error:
        remove(target)
        raise BackupFailed(why(error)) from None
    except BaseException:
        remove(target)
        raise
    return found


def counts(path: Path) -> dict[str, int]:
    """Look through a database that nobody has open, and count its rows.

    Raises:
        BackupFailed: it is damaged.
        sqlite3.Error: it cannot be read.
    """
    with contextlib.closing(_opened(path, "mode=ro&immutable=1")) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise BackupFailed(words.COPY_DAMAGED.format(found=found))
        there = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        return {
            table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - of COUNTED
            for table in COUNTED
            if table in there
        }


def newest(path: Path) -> datetime | None:
    """When the last thing happened that a database nobody has open knows of; None where nothing did."""
    with contextlib.closing(_opened(path, "mode=ro&immutable=1")) as connection:
        row = connection.execute("SELECT at FROM events ORDER BY id DESC LIMIT 1").fetchone()
        return None if row is None else EPOCH + row[0] * MICROSECOND


def need_folder(folder: Path) -> None:
    """Raises BackupFailed where a folder is not there, or this user may not write there: tried with a file
    that is gone at once."""
    if not is_folder(folder):
        raise BackupFailed(words.NO_FOLDER.format(folder=folder))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except PermissionError:
        raise BackupFailed(_not_ours(folder)) from None
    except OSError as error:
        raise BackupFailed(why(error)) from None


def _not_ours(folder: Path) -> str:
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    return words.NOT_OURS.format(user=user, folder=folder)


def need_room(folder: Path, octets: int) -> None:
    """Raises NoRoom where so much does not fit beside what must stay free."""
    free, needed = shutil.disk_usage(folder).free, octets + RESERVE
    if free < needed:
        figures = {"free": free // _MEGABYTE, "needed": needed // _MEGABYTE + 1}
        figures["lacking"] = figures["needed"] - figures["free"]
        raise NoRoom(words.TOO_LITTLE.format(folder=folder, **figures))


def is_there(path: Path) -> bool:
    """Whether something is there, as far as one can see: `Path.exists` raises where a disk fails, or one
    may not look."""
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: Path) -> bool:
    """Whether a folder is there, as far as one can see."""
    return os.path.isdir(path)  # noqa: PTH112


def remove(path: Path) -> None:
    """Remove a database's file with what SQLite puts beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Bring a file, and its name in its folder, to the disk."""
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def why(error: Exception) -> str:
    """Why the disk or SQLite refused, and what to do, in words."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL" or getattr(error, "errno", None) in (28, 122):  # ENOSPC, EDQUOT
        return str(words.NO_ROOM)
    if isinstance(error, PermissionError) and error.filename:
        return _not_ours(Path(error.filename).parent)
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    where = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
    return words.DISK_REFUSED.format(said=f"{said}{where}")


def _opened(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_S, check_same_thread=False)


# --- where they are made -----------------------------------------------------------------------------


def place(data_dir: Path) -> Path:
    """The folder for backups in the data folder, made where it is not there.

    Raises:
        BackupFailed: it cannot be made.
    """
    folder = data_dir / "backups"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BackupFailed(why(error)) from None
    return folder


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one at work here; what one that was killed left behind is removed.

    Raises:
        BackupFailed: another one is, or the folder cannot be written.
    """
    try:
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupFailed(why(error)) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise BackupFailed(words.RUNNING) from None
    try:
        for left in folder.glob(".work-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder for copies that are not sealed; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix=".work-", dir=folder, ignore_cleanup_errors=True) as made:
        yield Path(made)
