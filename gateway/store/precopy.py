"""The copy of a database that is made before its schema is changed: `pre-<old>-<new>.db` beside it.

It has its name only when it is whole, verified and synced, so a file of that name can be relied on. Whoever
wants to go back to the version before finds the office there as it was before the update.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from gateway.store import engines
from gateway.store.database import CannotOpen, Locked

KEPT = 2
"""Copies that stay when a newer one is there."""
MARGIN = 16 * 1024 * 1024
"""Bytes that must stay free over the copy and the journal of the update."""


def place(path: Path, old: str, new: str) -> Path:
    """Where the copy of the database at `path` is put."""
    return path.with_name(f"pre-{old}-{new}.db")


def make(path: Path, old: str, new: str) -> Path:
    """Copy the database at `path`, verify the copy, sync it, then name it; returns its path.

    While it is made nobody writes to the database. Reliability 5.5: VACUUM INTO, opened and checked, row
    counts compared, file and folder synced.

    Raises:
        CannotOpen: there is no room for it, the database is damaged, the copy is not the same.
        Locked: another program keeps it locked. Nothing was changed by either.
    """
    copy = place(path, old, new)
    draft = copy.with_name(copy.name + ".part")
    draft.unlink(missing_ok=True)
    _refuse_without_room(path)
    try:
        _write(path, draft)
        _date_last(path, draft)
        _sync(draft)
        draft.replace(copy)
        _sync(copy.parent)
    except sqlite3.Error as error:
        raise _trouble(path, error) from None
    except OSError as error:
        raise CannotOpen(
            f"The copy of {path} that is made before an update could not be written: {error.strerror}. "
            "Look at that disk, then start again. Nothing was changed."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return copy


def copies(path: Path) -> list[Path]:
    """Those of the database at `path`, the newest first."""
    return sorted(path.parent.glob("pre-*-*.db"), key=lambda copy: copy.stat().st_mtime, reverse=True)


def forget_old(path: Path) -> None:
    """Remove all but the newest copies of the database at `path`."""
    for copy in copies(path)[KEPT:]:
        copy.unlink(missing_ok=True)


def forget_before(path: Path, before: datetime) -> None:
    """Remove the copies that were made before then: they hold what was erased since."""
    for copy in copies(path):
        if copy.stat().st_mtime < before.timestamp():
            copy.unlink(missing_ok=True)


def _refuse_without_room(path: Path) -> None:
    """The copy takes the database's size once, and the journal of the update at most once more."""
    journal = path.with_name(path.name + "-wal")
    size = path.stat().st_size + (journal.stat().st_size if journal.exists() else 0)
    needed, free = 2 * size + MARGIN, shutil.disk_usage(path.parent).free
    if free < needed:
        raise CannotOpen(
            "There is no room for the copy that is made before an update: "
            f"{_megabytes(needed)} MB are needed in {path.parent}, {_megabytes(free)} MB are free. "
            "Make room there, then start again. Nothing was changed."
        )


def _megabytes(octets: int) -> str:
    return f"{octets / 1_000_000:.1f}"


def _write(path: Path, draft: Path) -> None:
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(_connect(path)) as lock, contextlib.closing(_connect(path)) as reader:
        lock.execute("BEGIN IMMEDIATE")
        reader.execute("VACUUM INTO ?", (str(draft),))
        counted = _counts(reader)
        lock.execute("ROLLBACK")
    alone = f"{draft.absolute().as_uri()}?mode=ro&immutable=1"  # leaves nothing beside it
    with contextlib.closing(sqlite3.connect(alone, uri=True)) as copied:
        found = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
        if (there := _counts(copied)) != counted:
            differing = sorted(name for name in counted if there.get(name) != counted[name])
            raise sqlite3.DatabaseError(f"the copy has other rows in {', '.join(differing)}")


def _date_last(path: Path, draft: Path) -> None:
    """Let it be the newest, whatever a clock says that lost its time: those that go are chosen by it."""
    last = max((copy.stat().st_mtime for copy in copies(path)), default=0.0)
    if draft.stat().st_mtime <= last:
        os.utime(draft, (last + 1, last + 1))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=engines.BUSY_TIMEOUT_MS / 1000)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of every table, those of the full-text index by its own tables."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
    ]
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - our own names
        for name in names
    }


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _trouble(path: Path, error: sqlite3.Error) -> CannotOpen | Locked:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_BUSY":
        return Locked.at(path)
    if name == "SQLITE_FULL":
        return CannotOpen(
            f"The disk of {path} is full: the copy that is made before an update did not fit. "
            "Make room there, then start again. Nothing was changed."
        )
    return CannotOpen(
        f"{path} could not be copied before the update ({error}). Look at the disk, or restore a backup with "
        "the version that was installed before. Nothing was changed."
    )
