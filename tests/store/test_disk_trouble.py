"""A full disk, a failing one, a damaged file: what is said, what goes on, what stops."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from gateway.store import settings
from gateway.store.database import BALLAST_BYTES, Database, DatabaseError, Tx
from gateway.store.keys import Keys
from tests.store.rows import NAME, names, put


def _fill(tx: Tx) -> None:
    settings.put(tx, NAME, "x" * 200_000)


def _no_more_pages(database: Database) -> None:
    """From now on the file cannot grow: SQLite says SQLITE_FULL, as on a full disk."""
    database.write_now(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=1").close())


def _more_pages_without_ballast(database: Database) -> None:
    """Giving up the ballast makes room, as it does on a disk."""

    @event.listens_for(database._write_engine, "begin")
    def _grow(connection: Any) -> None:
        if not database._ballast.exists():
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")


def test_a_full_disk_takes_the_ballast_and_goes_on(database: Database) -> None:
    assert database.lay_ballast()
    ballast = database.path.with_name("ballast")
    assert ballast.stat().st_blocks * 512 >= BALLAST_BYTES, "real space, not a hole"
    _more_pages_without_ballast(database)
    _no_more_pages(database)
    database.write_now(_fill)
    assert not ballast.exists()
    assert len(database.read(lambda tx: settings.get(tx, NAME))) == 200_000


def test_a_full_disk_without_ballast_is_said_clearly(database_path: Path) -> None:
    reasons: list[str] = []
    database = Database(database_path, Keys(database_path.parent), reasons.append)
    _no_more_pages(database)
    with pytest.raises(DatabaseError, match="disk is full"):
        database.write_now(_fill)
    database.write_now(put("small", "1"))  # it fits, and nothing is lost for good
    assert names(database) == {"small"}
    assert reasons == []
    database.close()


def test_a_full_disk_beside_the_database_counts_too(database: Database) -> None:
    """The log of opt-outs is a file of its own, and it may be what finds the disk full first."""
    assert database.lay_ballast()

    def logs(tx: Tx) -> str:
        if database._ballast.exists():
            raise OSError(28, os.strerror(28))
        return "logged"

    assert database.write_now(logs) == "logged"


def test_ballast_is_laid_once_and_given_up_when_there_is_no_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.lay_ballast()
    first = database._ballast.stat().st_ino
    assert database.lay_ballast()
    assert database._ballast.stat().st_ino == first
    database._ballast.unlink()
    monkeypatch.setattr(database, "_ballast", Path("/dev/full"))
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
    assert not database.lay_ballast()


def _damage(path: Path) -> None:
    """Overwrite the page the table of settings begins on."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'settings'").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


def test_a_damaged_file_stops_every_write_and_is_told_once(database_path: Path) -> None:
    _damage(database_path)
    reasons: list[str] = []
    database = Database(database_path, Keys(database_path.parent), reasons.append)
    with pytest.raises(DatabaseError, match="SQLITE_CORRUPT"):
        database.write_now(put("one", "1"))
    with pytest.raises(DatabaseError, match="SQLITE_CORRUPT"):
        database.write_now(lambda tx: None)
    assert len(reasons) == 1
    assert "SQLITE_CORRUPT" in reasons[0]
    database.close()


def test_a_failing_disk_stops_every_write_and_is_told_once(database_path: Path) -> None:
    reasons: list[str] = []
    database = Database(database_path, Keys(database_path.parent), reasons.append)

    def disk_fails(tx: Tx) -> None:
        raise _io_error()

    together = [database.submit(job) for job in (disk_fails, disk_fails)]
    for job in together:
        with pytest.raises(DatabaseError, match="SQLITE_IOERR"):
            job.result(10)
    with pytest.raises(DatabaseError):
        database.write_now(put("later", "1"))
    assert len(reasons) == 1
    assert names(database) == set()
    database.close()


def _io_error() -> OperationalError:
    original = sqlite3.OperationalError("disk I/O error")
    original.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    return OperationalError("COMMIT", {}, original)


def test_callers_are_answered_even_when_telling_of_the_failure_fails(database_path: Path) -> None:
    def tell(reason: str) -> None:
        raise RuntimeError("nobody listens")

    def disk_fails(tx: Tx) -> None:
        raise _io_error()

    database = Database(database_path, Keys(database_path.parent), tell)
    with pytest.raises(DatabaseError):
        database.submit(disk_fails).result(10)
    with pytest.raises(DatabaseError):
        database.submit(disk_fails).result(10)
    database.close()
