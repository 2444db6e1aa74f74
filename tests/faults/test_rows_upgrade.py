"""Rows 4, 24 and 25 of the fault matrix: the update of an office's data, killed or cut off anywhere, and
data of a later version. The program updates the database of the first version, with texts in every state."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from gateway import __version__
from gateway.lock import only_one
from gateway.store import precopy, schema
from gateway.store.keys import Keys
from tests.faults import power_cut
from tests.faults.nursery import Nursery, injected, needs_strace, traced
from tests.store import earlier

KILLED, CONFIGURATION = -9, 78
FIRST = "0001"
CALLS = ("pwrite64", "fdatasync", "fsync", "rename", "unlink")


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the first version."""
    folder = tmp_path_factory.mktemp("first")
    Keys(folder)
    earlier.make(folder / "gateway.db", earlier.EVERY_ROW)
    return folder


def _updated(nursery: Nursery, folder: Path) -> None:
    child = nursery.program(folder, "migrate")
    assert child.wait() == 0, child.said()


def _calls(nursery: Nursery, folder: Path) -> list[tuple[str, str]]:
    """What an update that nothing disturbs does to the disk in its main thread: each call, and its line."""
    log = folder / "strace"
    child = nursery.program(folder, "migrate", waits=True)
    with traced(child.pid, "-o", str(log), "-y", "-e", f"trace={','.join(CALLS)}"):
        child.go_on()
        assert child.wait() == 0, child.said()
    found = (re.match(rf"{child.pid} +(\w+)\((.*)", line) for line in log.read_text().splitlines())
    return [(match[1], match[2]) for match in found if match]


def _look(path: Path) -> tuple[str | None, str, list[tuple[object, ...]], bool]:
    """Schema, what SQLite says of the file, its texts, and whether its columns are the newest."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        texts = connection.execute("SELECT id, state, body, peer FROM messages ORDER BY id").fetchall()
        columns = {row[1] for row in connection.execute("PRAGMA table_info(messages)")}
    assert ("order_key" in columns) != ("rank" in columns)
    return schema.version(path), found, texts, "rank" in columns


def _judge(folder: Path, first: Path) -> str:
    """What a kill left: the old schema or the new one, whole; a copy as soon as anything was touched. Gives
    the schema."""
    path, copy = folder / "gateway.db", precopy.place(folder / "gateway.db", FIRST, schema.HEAD)
    journal = path.with_name("gateway.db-wal")
    is_touched = path.read_bytes() != (first / "gateway.db").read_bytes() or (
        journal.exists() and journal.stat().st_size > 0
    )
    _, _, texts, _ = _look(first / "gateway.db")
    version, found, there, is_new = _look(path)
    assert (found, there) == ("ok", texts)
    assert (version, is_new) in ((FIRST, False), (schema.HEAD, True))
    assert copy.exists() or not is_touched
    if copy.exists():
        assert _look(copy) == (FIRST, "ok", texts, False)
    return str(version)


def _killed(nursery: Nursery, first: Path, folder: Path, call: str, number: int) -> str:
    """An update that is killed at one call, looked at, and done again; the schema the kill left."""
    shutil.copytree(first, folder)
    child = nursery.program(folder, "migrate", waits=True)
    with injected(child.pid, f"{call}:signal=KILL:when={number}"):
        child.go_on()
        assert child.wait() == KILLED, (call, number, child.said())
    left = _judge(folder, first)
    _updated(nursery, folder)
    assert _judge(folder, first) == schema.HEAD
    assert list(folder.glob("*.part")) == []
    shutil.rmtree(folder)
    return left


def _points(calls: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """Every call that can be killed at, by its name and its number among those of that name."""
    counted = dict.fromkeys(CALLS, 0)
    points = []
    for call, _ in calls:
        counted[call] += 1
        points.append((call, counted[call]))
    return points


# --- 24 ----------------------------------------------------------------------------------------------


@needs_strace
def test_row_24_the_copy_is_whole_on_disk_before_the_database_is_touched(
    nursery: Nursery, first: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(first, tmp_path / "office"))
    did = _calls(nursery, folder)

    def at(call: str, *files: str) -> list[int]:
        return [n for n, (c, line) in enumerate(did) if c == call and any(file in line for file in files)]

    written, synced = at("pwrite64", ".db.part>"), at("fsync", ".db.part>")
    named, folder_synced = at("rename", '.db.part"'), at("fsync", f"<{folder}>")
    touched = at("pwrite64", "/gateway.db>", "/gateway.db-wal>")
    order = [written[-1], synced[0], named[0], folder_synced[0], touched[0]]
    assert order == sorted(order)


@needs_strace
def test_row_24_an_update_killed_at_some_writes(nursery: Nursery, first: Path, tmp_path: Path) -> None:
    points = _points(_calls(nursery, Path(shutil.copytree(first, tmp_path / "undisturbed"))))
    chosen = [*points[:: max(1, len(points) // 5)], points[-1]]
    left = [_killed(nursery, first, tmp_path / "office", *point) for point in chosen]
    assert (left[0], left[-1]) == (FIRST, schema.HEAD)


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_row_24_an_update_killed_at_every_write(nursery: Nursery, first: Path, tmp_path: Path) -> None:
    points = _points(_calls(nursery, Path(shutil.copytree(first, tmp_path / "undisturbed"))))
    left = [_killed(nursery, first, tmp_path / "office", *point) for point in points]
    print(f"{len(points)} kills: {left.count(FIRST)} left the old schema, {left.count(schema.HEAD)} the new")
    assert left == sorted(left)


def test_row_24_no_update_while_the_version_before_still_serves(
    nursery: Nursery, first: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(first, tmp_path / "office"))
    with only_one(folder):
        child = nursery.program(folder, "line", "list")
        assert child.wait() == 1
    assert "Another sms-gateway is running" in child.said()
    assert schema.version(folder / "gateway.db") == FIRST
    assert list(folder.glob("pre-*")) == []


# --- 4 -----------------------------------------------------------------------------------------------


def _explored(nursery: Nursery, first: Path, tmp_path: Path, share: float, seed: int) -> int:
    """What a power cut could leave of an update, a share of it; how many states there were."""
    folder = Path(shutil.copytree(first, tmp_path / "office"))
    began = (folder / power_cut.DATABASE).read_bytes()
    events = power_cut.recorded(nursery.program(folder, "migrate", waits=True), folder)
    _, _, texts, _ = _look(first / "gateway.db")
    left_folder = tmp_path / "left"
    left_folder.mkdir()
    seen: list[str | None] = []
    for left in power_cut.left_by_power_cuts(events, began, random.Random(seed), share):
        power_cut.lay(left, left_folder)
        version, found, there, is_new = _look(left_folder / power_cut.DATABASE)
        assert (found, there) == ("ok", texts), left.how
        assert (version, is_new) in ((FIRST, False), (schema.HEAD, True)), left.how
        seen.append(version)
    assert {FIRST, schema.HEAD} == set(seen)
    return len(seen)


@needs_strace
def test_row_04_power_cut_at_any_write_of_an_update(nursery: Nursery, first: Path, tmp_path: Path) -> None:
    assert _explored(nursery, first, tmp_path, 0.1, 24) > 30


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(3))
def test_row_04_power_cut_at_every_write_of_an_update(
    nursery: Nursery, first: Path, tmp_path: Path, seed: int
) -> None:
    print(f"{_explored(nursery, first, tmp_path, 1.0, seed)} states")


# --- 25 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_row_25_data_of_a_newer_version_is_refused_with_both_named(
    nursery: Nursery, first: Path, tmp_path: Path, command: str
) -> None:
    folder = Path(shutil.copytree(first, tmp_path / "office"))
    _updated(nursery, folder)
    with contextlib.closing(sqlite3.connect(folder / "gateway.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.execute("""UPDATE box_state SET value = '{"program": "9.8.7"}' WHERE name = 'schema'""")
    before = _bytes(folder)
    child = nursery.program(folder, command)
    assert child.wait() == CONFIGURATION
    assert _bytes(folder) == before
    for named in ("sms-gateway 9.8.7 (schema 0099)", f"sms-gateway {__version__}", f"schema {schema.HEAD}"):
        assert named in child.said()
    assert "Nothing was changed" in child.said()


def _bytes(folder: Path) -> dict[str, bytes]:
    """Databases and keys."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in (".db", ".key")}
