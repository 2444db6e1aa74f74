"""The schema: what the migrations create is what `tables.py` says, and no other database is touched."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import create_engine

from gateway.store import schema, search
from gateway.store.database import DatabaseError
from gateway.store.tables import metadata

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"


def _objects(path: Path) -> dict[str, list[str]]:
    """Every table and index of a database by its name: the pieces of its statement, in no order, since a
    column that was added later stands last."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: _pieces(sql) for name, sql in rows if "alembic_version" not in name}


def _pieces(statement: str) -> list[str]:
    head, _, inner = re.sub(r"\s+", "", statement).partition("(")
    inner, _, tail = inner.rpartition(")")
    pieces, depth = [""], 0
    for character in inner:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += character
    return sorted([head, tail, *pieces])


def _digest(path: Path) -> str:
    """Of the file as it stands once its log is folded in."""
    with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_migrations_make_what_the_tables_say(empty_database: Path, tmp_path: Path) -> None:
    path = tmp_path / "by-hand.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in search.CREATE:
            connection.exec_driver_sql(statement)
    engine.dispose()
    assert _objects(empty_database) == _objects(path)


def test_every_table_column_and_constraint_is_there(empty_database: Path) -> None:
    engine = create_engine(f"sqlite:///{empty_database}")
    inspector = inspect(engine)
    for table in metadata.sorted_tables:
        assert {c["name"]: c["nullable"] for c in inspector.get_columns(table.name)} == {
            column.name: column.nullable for column in table.columns
        }
        assert len(inspector.get_foreign_keys(table.name)) == len(table.foreign_keys)
        assert {index["name"] for index in inspector.get_indexes(table.name)} >= {
            index.name for index in table.indexes
        }
    engine.dispose()


def test_an_office_of_the_first_version_is_taken_along(tmp_path: Path) -> None:
    """The first revision's data opens in this program, and nothing of it changes."""
    path = tmp_path / "gateway.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for statement in (VERSIONS / "0001_first.sql").read_text(encoding="utf-8").split("\n\n"):
            connection.execute(statement)
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.execute(
            "INSERT INTO lines (name, port, limits, created_at) VALUES ('front', '/dev/ttyUSB0', '[]', 1)"
        )
    schema.prepare(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT name, port, options, abilities, bound_iccid FROM lines").fetchone()
    assert row == ("front", "/dev/ttyUSB0", "{}", None, None)
    assert schema.version(path) == schema.HEAD


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_a_prepared_place_is_left_alone(database_path: Path) -> None:
    before = _digest(database_path)
    schema.prepare(database_path)
    assert (schema.version(database_path), _digest(database_path)) == (schema.HEAD, before)


def test_an_empty_place_gets_the_schema_for_nobody_elses_eyes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "gateway.db"
    assert schema.version(path) is None
    schema.prepare(path)
    assert schema.version(path) == schema.HEAD
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_empty_file_is_an_empty_place(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.touch()
    schema.prepare(path)
    assert schema.version(path) == schema.HEAD


def test_a_newer_database_is_refused_and_left_alone(database_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(database_path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    before = _digest(database_path)
    with pytest.raises(DatabaseError) as error:
        schema.prepare(database_path)
    assert "0099" in str(error.value)
    assert schema.HEAD in str(error.value)
    assert _digest(database_path) == before


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sam, this is no database. " * 200)
    before = _digest(path)
    with pytest.raises(DatabaseError, match=r"letter\.db cannot be opened as a database"):
        schema.prepare(path)
    assert _digest(path) == before
    assert [child.name for child in tmp_path.iterdir()] == ["letter.db"]


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "address-book.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE contacts (name TEXT)")
    before = _digest(path)
    with pytest.raises(DatabaseError, match="another program"):
        schema.prepare(path)
    assert _digest(path) == before


def test_a_place_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="cannot be created"):
        schema.prepare(tmp_path / "file" / "gateway.db")


def test_a_migration_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    """Alembic makes its own table before the first revision; a crash may leave nothing else."""
    path = tmp_path / "gateway.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    schema.prepare(path)
    assert schema.version(path) == schema.HEAD
