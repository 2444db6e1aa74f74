"""Writing the file anew: without room, with somebody who reads, and beside texts that flow."""

from __future__ import annotations

import collections
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway.store import rewriting
from gateway.store.database import Database, DatabaseError
from tests.store.rows import names, put

Usage = collections.namedtuple("Usage", "total used free")


def test_without_room_nothing_is_changed(
    database: Database, database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = database_path.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10 << 30, 10 << 30, 60 << 20))
    with pytest.raises(rewriting.NoRoom, match="60 MiB are free"):
        rewriting.rewrite(database_path)
    assert database_path.read_bytes() == before


def test_what_was_left_of_deleted_rows_is_gone(database: Database, database_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(database_path)) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        with careless:
            careless.execute("INSERT INTO settings (name, value) VALUES ('careless', 'zebracrossing')")
        with careless:
            careless.execute("DELETE FROM settings WHERE name = 'careless'")
    assert rewriting.cut_journal(database_path)
    assert b"zebracrossing" in database_path.read_bytes()
    rewriting.rewrite(database_path)
    assert b"zebracrossing" not in database_path.read_bytes()


def test_a_journal_that_somebody_reads_is_not_cut(database: Database, database_path: Path) -> None:
    database.write_now(put("office.name", "before"))
    with contextlib.closing(sqlite3.connect(database_path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM settings").fetchall()
        database.write_now(put("office.zone", "after"))
        assert not rewriting.cut_journal(database_path)
    assert rewriting.cut_journal(database_path)


def test_a_writer_that_does_not_end_is_said(
    database: Database, database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "_PATIENCE_MS", 10)
    monkeypatch.setattr(rewriting, "_WRITERS_MS", 10)
    with contextlib.closing(sqlite3.connect(database_path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="tried again every night"):
            rewriting.rewrite(database_path)
        writer.execute("ROLLBACK")


def test_writes_wait_and_go_on(database: Database, database_path: Path) -> None:
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            database.write_now(put(f"probe.{number}", "x" * 2000))
            number += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(3):
            rewriting.rewrite(database_path)
    finally:
        over.set()
        writing.join()
    assert database.check() == "ok"
    assert "probe.0" in names(database)


def test_it_is_broken_off_when_nobody_can_wait(
    database: Database, database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "_STEPS", 1)
    database.write_now(put("office.name", "before"))
    with pytest.raises(DatabaseError, match=r"interrupted.*tried again every night"):
        rewriting.rewrite(database_path, breaks_off=lambda: True)
    assert "office.name" in names(database)
    assert database.check() == "ok"


_LOOKING = """
import contextlib, sys
from pathlib import Path
from gateway.store import rewriting
seen = set()
def look():
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            seen.add(str(one.readlink()))
    return False
rewriting._STEPS = 100
rewriting.rewrite(Path(sys.argv[1]), breaks_off=look)
print(*{Path(name).parent for name in seen if "etilqs" in name})
"""


def test_its_copy_lies_where_the_service_says(database: Database, database_path: Path) -> None:
    """Beside the database: there the room is looked for, and a copy of everything is on no other disk. SQLite
    reads the variable once, as it is loaded."""
    for number in range(30):
        database.write_now(put(f"probe.{number}", "x" * 200_000))
    beside = {**os.environ, "SQLITE_TMPDIR": str(database_path.parent)}
    command = [sys.executable, "-c", _LOOKING, str(database_path)]
    done = subprocess.run(command, env=beside, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(database_path.parent)]
