"""The copy that is made before an update: whole and private, two of them kept, nothing done without room."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from gateway import __version__
from gateway.store import engines, precopy, schema
from gateway.store.database import CannotOpen, Locked
from tests.faults.nursery import needs_mount, small_disk
from tests.store import earlier


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An office of the first version."""
    path = tmp_path / "gateway.db"
    earlier.make(path, earlier.EVERY_ROW)
    return path


def _rows(path: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM messages ORDER BY id").fetchall()


def _names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name.startswith("pre-"))


def test_an_update_leaves_a_copy_of_what_was(old: Path) -> None:
    before = _rows(old)
    schema.prepare(old)
    copy = precopy.place(old, "0001", schema.HEAD)
    assert (schema.version(copy), schema.version(old)) == ("0001", schema.HEAD)
    assert _rows(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert _names(old.parent) == [copy.name]


def test_a_new_office_and_one_that_is_up_to_date_make_none(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    schema.prepare(path)
    schema.prepare(path)
    assert _names(tmp_path) == []


def test_the_two_newest_copies_are_kept(old: Path) -> None:
    for number, name in enumerate(("pre-0000-0001.db", "pre-0000-0002.db", "pre-0000-0003.db")):
        (old.parent / name).touch()
        os.utime(old.parent / name, (number, number))
    schema.prepare(old)
    assert _names(old.parent) == ["pre-0000-0003.db", f"pre-0001-{schema.HEAD}.db"]


def test_the_new_copy_is_the_newest_whatever_the_clock_says(old: Path) -> None:
    for name in ("pre-0000-0001.db", "pre-0000-0002.db"):
        (old.parent / name).touch()
        os.utime(old.parent / name, (4e9, 4e9))
    schema.prepare(old)
    assert f"pre-0001-{schema.HEAD}.db" in _names(old.parent)


def test_an_unfinished_copy_is_made_anew(old: Path) -> None:
    copy = precopy.place(old, "0001", schema.HEAD)
    copy.with_name(copy.name + ".part").write_text("half of it")
    schema.prepare(old)
    assert _names(old.parent) == [copy.name]
    assert schema.version(copy) == "0001"


@needs_mount
def test_without_room_for_the_copy_nothing_is_changed(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        path = disk / "gateway.db"
        earlier.make(path, earlier.EVERY_ROW)
        before = hashlib.sha256(path.read_bytes()).digest()
        with pytest.raises(CannotOpen, match=r"no room .* [\d.]+ MB are needed in .*, [\d.]+ MB are free"):
            schema.prepare(path)
        assert hashlib.sha256(path.read_bytes()).digest() == before
        assert _names(disk) == []


def test_what_is_damaged_is_not_updated(old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    octets = bytearray(old.read_bytes())
    octets[(page - 1) * size : page * size] = b"\x55" * size
    old.write_bytes(octets)
    with pytest.raises(CannotOpen, match="Nothing was changed"):
        schema.prepare(old)
    assert old.read_bytes() == octets
    assert _names(old.parent) == []


def test_a_revision_that_fails_changes_nothing(old: Path) -> None:
    """The newest of the revisions cannot be done here: those before it are taken back with it."""
    with contextlib.closing(sqlite3.connect(old)) as connection:
        connection.execute("CREATE TABLE box_state (other VARCHAR)")
    with pytest.raises(CannotOpen, match="Nothing was changed"):
        schema.prepare(old)
    assert schema.version(old) == "0001"
    with contextlib.closing(sqlite3.connect(old)) as connection:
        assert "options" not in {row[1] for row in connection.execute("PRAGMA table_info(lines)")}


@pytest.mark.parametrize("version_is_seen", [False, True])
def test_a_locked_database_is_no_reason_to_give_up(
    old: Path, monkeypatch: pytest.MonkeyPatch, version_is_seen: bool
) -> None:
    """Whoever is told `CannotOpen` is not started again; another program's lock ends by itself."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 1)
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as other:
        if not version_is_seen:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE lines SET name = name")
        with pytest.raises(Locked, match="Nothing was changed"):
            schema.prepare(old)
        with pytest.raises(Locked):
            schema._run_revisions(old)
        other.execute("ROLLBACK")
    assert _names(old.parent) == []
    schema.prepare(old)


def test_a_mistake_in_a_revision_is_not_tried_for_ever(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not SQLite's: the file of a revision is not there."""
    monkeypatch.setattr(schema, "HEAD", "0006")
    with pytest.raises(CannotOpen, match="could not be brought to schema 0006"):
        schema.prepare(old)
    assert schema.version(old) == "0001"


def test_the_version_that_wrote_a_newer_database_is_named(old: Path) -> None:
    schema.prepare(old)
    with contextlib.closing(sqlite3.connect(old)) as connection, connection:
        (value,) = connection.execute("SELECT value FROM box_state WHERE name = 'schema'").fetchone()
        assert __version__ in value
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.execute("""UPDATE box_state SET value = '{"program": "9.8.7"}' WHERE name = 'schema'""")
    with pytest.raises(CannotOpen) as error:
        schema.prepare(old)
    for named in ("sms-gateway 9.8.7 (schema 0099)", f"sms-gateway {__version__}", f"schema {schema.HEAD}"):
        assert named in str(error.value)
