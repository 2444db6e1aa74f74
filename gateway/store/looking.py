"""Looking at a database from outside the program without leaving a trace beside it.

SQLite puts a journal and its index beside a database that is opened, even for reading, and a journal that
appears anew hides that the real one was taken away. Where there is no journal nobody writes, and the file is
read as it stands (`immutable`).
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gateway.store.database import Tx
from gateway.store.engines import onlooker_engine, write_engine
from gateway.store.keys import Keys

T = TypeVar("T")

_ASKED_FOR = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"}
"""What every writing connection asks of SQLite, as it answers when it does so."""
_WAL = 2  # in the header's octets 18 and 19 (SQLite file format, 1.3)
DAMAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR"})
"""What SQLite's primary result codes say where the file itself is broken, or its disk."""
_PATIENCE_S = 2.0
"""Seconds to wait for another program that keeps the database locked."""
_STEPS = 10_000
"""SQLite's own steps between two looks at the time."""


class Foreign(Exception):
    """The database is another program's."""


def journal_of(path: Path) -> Path:
    """The file that newest commits lie in until they are written into the database."""
    return path.with_name(path.name + "-wal")


def index_of(path: Path) -> Path:
    """The journal's index, shared by all who have the database open."""
    return path.with_name(path.name + "-shm")


def is_journal_gone(path: Path) -> bool:
    """Whether somebody removed what is yet to be written into the database: SQLite, when it closes in order,
    removes the index and the journal together."""
    return index_of(path).exists() and not journal_of(path).exists()


def has_journal_mode(path: Path) -> bool:
    """Whether the file says that it has a write-ahead journal. Raises OSError."""
    with path.open("rb") as file:
        header = file.read(20)
    return len(header) < 20 or header[18:20] == bytes((_WAL, _WAL))


def revision(path: Path) -> str | None:
    """The schema's revision; None where there is no schema yet.

    Raises:
        Foreign: another program's.
        sqlite3.Error: it cannot be read.
    """
    if not path.exists():
        return None
    with contextlib.closing(_connect(path)) as connection:
        return revision_in(connection)


def revision_in(connection: sqlite3.Connection) -> str | None:
    """`revision`, of a database that is open already."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise Foreign
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def quick_check(path: Path, within_s: float) -> str | None:
    """What SQLite's quick check of all pages says: "ok", or what is wrong; None when it took too long.

    Raises:
        sqlite3.OperationalError: it may not be read, or another program keeps it locked.
    """
    end = time.monotonic() + within_s
    with contextlib.closing(_connect(path)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if kind_of(error) == "SQLITE_INTERRUPT":
                return None
            if kind_of(error) in DAMAGE:
                return str(error)
            raise


def kind_of(error: sqlite3.Error) -> str:
    """SQLite's primary result code (sqlite.org/rescode.html): SQLITE_IOERR for SQLITE_IOERR_READ."""
    return "_".join((getattr(error, "sqlite_errorname", None) or "").split("_")[:2])


def not_done_here() -> list[str]:
    """What is asked of SQLite and this build of it, or this box, does not do; tried on a database
    of its own."""
    with tempfile.TemporaryDirectory() as folder:
        engine = write_engine(Path(folder) / "try.db")
        try:
            with engine.connect() as connection:
                told = {
                    name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in _ASKED_FOR
                }
                options = set(connection.exec_driver_sql("PRAGMA compile_options").scalars())
        finally:
            engine.dispose()
    missing = [name for name, value in _ASKED_FOR.items() if told[name] != value]
    return missing if "ENABLE_FTS5" in options else [*missing, "full-text search"]


class Onlooker:
    """Reads a database of this program's schema."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self._engine, self._keys = onlooker_engine(_uri(path)), keys

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn(tx)`, seeing one consistent moment."""
        with self._engine.connect() as connection:
            return fn(Tx(connection, self._keys))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(_uri(path), uri=True, timeout=_PATIENCE_S)


def _uri(path: Path) -> str:
    how = "mode=ro" if journal_of(path).exists() else "mode=ro&immutable=1"
    return f"{path.absolute().as_uri()}?{how}"
