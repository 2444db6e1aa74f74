"""Leaving no trace of deleted rows in the files.

`secure_delete` overwrites the row itself. What it does not reach: the journal (`-wal`), which holds pages
as they were, and copies of a row that SQLite left in a page when it moved the row there from another. The
journal is cut to nothing; the pages are all written anew by VACUUM, which takes as long as copying the
database and as much room again. Both work on a connection of their own; the writer waits for them as for
any other process.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.store.database import DatabaseError

_PATIENCE_MS = 500
"""The writer waits while a cut of the journal waits for readers: not for long, it can be done later."""
_WRITERS_MS = 30_000
_TRIES = 20
_STEPS = 10_000
"""SQLite's own steps between two questions whether to break off."""
_ROOM = 64 * 1024 * 1024


class NoRoom(DatabaseError):
    """There is no room to write the file anew. The text says how much is needed."""


def cut_journal(path: Path) -> bool:
    """Move what is in the journal into the file and cut the journal to nothing; False: somebody was reading,
    it has to be done again."""
    with _connected(path, _PATIENCE_MS) as connection, contextlib.suppress(sqlite3.OperationalError):
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    return False


def rewrite(path: Path, breaks_off: Callable[[], bool] = lambda: False) -> None:
    """Write the whole file anew, and cut the journal. `breaks_off` is asked again and again meanwhile.

    Raises:
        NoRoom: the disk has too little; nothing was changed.
        DatabaseError: another program was writing or reading for too long, or it was broken off.
    """
    needed = 2 * path.stat().st_size + _ROOM
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise NoRoom(
            f"The database cannot be written anew: that takes {needed >> 20} MiB of room, and "
            f"{free >> 20} MiB are free. Make room; it is tried again every night."
        )
    with _connected(path, _WRITERS_MS) as connection:
        connection.execute("PRAGMA temp_store=FILE")  # a copy of everything does not belong in memory
        connection.set_progress_handler(breaks_off, _STEPS)
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"The database could not be written anew ({error}). It is tried again every night."
            ) from None
    if not any(cut_journal(path) for _ in range(_TRIES)):
        raise DatabaseError(
            "The database's journal could not be cut: somebody kept reading. It is tried again."
        )


@contextlib.contextmanager
def _connected(path: Path, patience_ms: int) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout={patience_ms}")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA synchronous=FULL")
        yield connection
    finally:
        connection.close()
