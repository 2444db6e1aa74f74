"""The database's two doors: writes that are whole and durable, reads that see one moment."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.domain.events import Event
from gateway.store import events, settings
from gateway.store.database import Database, DatabaseError, TooLate, Tx, opened
from gateway.store.keys import Keys
from gateway.store.tables import phone_numbers
from gateway.store.tables import settings as table
from tests.office import Clock
from tests.store.rows import NAME, names, put


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Another program holds the write lock."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


class _Held:
    """Stops the writer just before its next commit, until let go."""

    def __init__(self, database: Database) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        event.listen(database._write_engine, "commit", self._hold)

    def _hold(self, _connection: object) -> None:
        self.reached.set()
        assert self.go.wait(10)


# --- transactions ------------------------------------------------------------------------------------


def test_a_write_holds_the_lock_from_its_beginning(database: Database) -> None:
    inside, leave = threading.Event(), threading.Event()

    def reads_first(tx: Tx) -> None:
        inside.set()  # before any statement of its own
        assert leave.wait(10)

    future = database.submit(reads_first)
    assert inside.wait(10)
    with contextlib.closing(sqlite3.connect(database.path, timeout=0, isolation_level=None)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        leave.set()
        future.result(10)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_two_databases_on_one_file_lose_no_update(database: Database) -> None:
    database.write_now(lambda tx: settings.put(tx, NAME, "0"))

    def count_one(tx: Tx) -> None:
        settings.put(tx, NAME, str(int(settings.get(tx, NAME)) + 1))

    def count(one: Database) -> None:
        for _ in range(50):
            one.write_now(count_one)

    with opened(database.path, database.keys) as other:
        threads = [threading.Thread(target=count, args=(one,)) for one in (database, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert database.read(lambda tx: settings.get(tx, NAME)) == "100"


def test_what_raises_rolls_back_itself_alone(database: Database) -> None:
    gate, go = threading.Event(), threading.Event()
    blocker = database.submit(lambda tx: (gate.set(), go.wait(10)))
    assert gate.wait(10)

    def half_done(tx: Tx) -> None:
        put("half", "x")(tx)
        raise LookupError("no")

    together = [
        database.submit(job) for job in (put("one", "1"), half_done, put("one", "again"), put("two", "2"))
    ]
    before = database.commits
    go.set()
    blocker.result(10)
    assert [type(job.exception(10)) for job in together] == [
        type(None),
        LookupError,
        IntegrityError,
        type(None),
    ]
    assert names(database) == {"one", "two"}
    assert database.commits == before + 2, "they shared one commit, after the blocker's"


async def test_a_cancelled_caller_neither_splits_nor_loses_a_write(database: Database) -> None:
    inside, go = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        put("first", "1")(tx)
        inside.set()
        assert go.wait(10)
        put("second", "2")(tx)

    waiting = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(inside.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await database.write(put("third", "3"))
    assert names(database) == {"first", "second", "third"}
    await database.aclose()


async def test_a_cancelled_future_does_not_stop_the_writer(database: Database) -> None:
    gate, go = threading.Event(), threading.Event()
    blocker = database.submit(lambda tx: (gate.set(), go.wait(10)))
    await asyncio.to_thread(gate.wait, 10)
    careless = asyncio.wrap_future(database.submit(put("kept", "1")))
    careless.cancel()
    go.set()
    blocker.result(10)
    await asyncio.wait_for(database.write(put("next", "2")), 10)
    assert names(database) == {"kept", "next"}


def test_a_write_that_comes_too_late_does_nothing(database: Database) -> None:
    with pytest.raises(TooLate):
        database.submit(put("late", "1"), deadline=time.monotonic() - 0.001).result(10)
    database.submit(put("in time", "1"), deadline=time.monotonic() + 10).result(10)
    assert names(database) == {"in time"}


def test_the_deadline_counts_when_the_lock_is_won(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _locked(database.path):
        future = database.submit(put("late", "1"), deadline=time.monotonic() + 0.05)
        time.sleep(0.1)
    with pytest.raises(TooLate):
        future.result(10)
    assert names(database) == set()


def test_another_programs_transaction_is_waited_for(database: Database) -> None:
    with _locked(database.path):
        future = database.submit(put("patient", "1"))
        time.sleep(0.05)
        assert not future.done()
    future.result(10)
    assert names(database) == {"patient"}


def test_a_lock_that_stays_is_named(database: Database) -> None:
    database.write_now(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout=1").close())
    with _locked(database.path), pytest.raises(DatabaseError, match="another program"):
        database.write_now(put("never", "1"))
    database.write_now(put("after", "1"))
    assert names(database) == {"after"}


def test_writes_queued_before_the_close_are_done(database_path: Path) -> None:
    database = Database(database_path, Keys(database_path.parent))
    futures = [database.submit(put(f"n{number}", "x")) for number in range(200)]
    database.close()
    assert all(future.done() for future in futures)
    with opened(database_path, Keys(database_path.parent)) as again:
        assert len(names(again)) == 200


def test_a_write_after_the_close_is_refused(database_path: Path) -> None:
    database = Database(database_path, Keys(database_path.parent))
    database.close()
    with pytest.raises(DatabaseError, match="closed"):
        database.submit(put("never", "1")).result(5)


def test_what_cannot_be_opened_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sam, this is no database. " * 200)
    with pytest.raises(DatabaseError, match=r"letter\.db"):
        Database(path, Keys(tmp_path))


def test_folders_may_be_called_anything(tmp_path: Path, empty_database: Path) -> None:
    folder = tmp_path / "büro #1 100%25?x=y&mode=rw"
    folder.mkdir()
    path = folder / "gateway.db"
    path.write_bytes(empty_database.read_bytes())
    with opened(path, Keys(folder)) as database:
        database.write_now(put("here", "1"))
        assert names(database) == {"here"}
        assert asyncio.run(_aread_names(database)) == {"here"}


async def _aread_names(database: Database) -> set[str]:
    try:
        return await database.aread(lambda tx: set(tx.execute(select(table.c.name)).scalars()))
    finally:
        await database.aclose()


# --- the feed ----------------------------------------------------------------------------------------


def _record(clock: Clock) -> Callable[[Tx], int]:
    return lambda tx: events.record(tx, Event.USER_CHANGED, clock())


async def test_the_feed_announces_after_the_commit(database: Database, clock: Clock) -> None:
    listening = asyncio.create_task(database.feed.wait(0))
    held = _Held(database)
    future = database.submit(_record(clock))
    await asyncio.to_thread(held.reached.wait, 10)
    assert (database.feed.last, listening.done()) == (0, False)
    held.go.set()
    event_id = await asyncio.wrap_future(future)
    assert await asyncio.wait_for(listening, 10) == event_id
    assert await database.feed.wait(event_id - 1) == event_id


async def test_the_feed_is_silent_about_what_was_undone(database: Database, clock: Clock) -> None:
    def undone(tx: Tx) -> None:
        _record(clock)(tx)
        raise LookupError("no")

    with pytest.raises(LookupError):
        await database.write(undone)
    assert database.feed.last == 0
    event_id = await database.write(_record(clock))
    assert await asyncio.wait_for(database.feed.wait(0), 10) == event_id


async def test_a_listener_that_gave_up_is_forgotten(database: Database, clock: Clock) -> None:
    listening = asyncio.create_task(database.feed.wait(0))
    await asyncio.sleep(0)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert not database.feed._waiting
    await database.write(_record(clock))


# --- reading -----------------------------------------------------------------------------------------


def test_a_read_sees_one_moment(database: Database) -> None:
    def twice(tx: Tx) -> tuple[int, int]:
        before = len(list(tx.execute(select(table))))
        database.write_now(put("meanwhile", "1"))
        return before, len(list(tx.execute(select(table))))

    assert database.read(twice) == (0, 0)
    assert len(names(database)) == 1


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        database.read(put("sneaked in", "1"))
    assert names(database) == set()


async def test_twenty_reads_of_the_loop_at_once(database: Database) -> None:
    await database.write(put("one", "1"))
    found = await asyncio.gather(
        *(database.aread(lambda tx: len(list(tx.execute(select(table))))) for _ in range(20))
    )
    assert found == [1] * 20
    await database.aclose()


async def test_reads_that_are_cancelled_leave_the_next_one_working(database: Database) -> None:
    await database.write(put("one", "1"))
    for delay in range(20):
        reading = asyncio.create_task(database.aread(lambda tx: list(tx.execute(select(table)))))
        for _ in range(delay):
            await asyncio.sleep(0)
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    assert len(await asyncio.wait_for(database.aread(lambda tx: list(tx.execute(select(table)))), 10)) == 1
    await database.aclose()


async def test_another_programs_write_is_noticed(database: Database) -> None:
    before = await database.data_version()
    assert await database.data_version() == before
    with contextlib.closing(sqlite3.connect(database.path)) as other, other:
        other.execute("INSERT INTO settings VALUES ('office.name', '\"x\"')")
    assert await database.data_version() != before
    await database.aclose()


def test_pragmas_are_in_force(database: Database) -> None:
    def pragmas(tx: Tx) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "query_only", "busy_timeout", "secure_delete")
        return {name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    common = {"journal_mode": "wal", "busy_timeout": 5000}
    wanted = {**common, "synchronous": 2, "foreign_keys": 1, "query_only": 0, "secure_delete": 1}
    assert database.write_now(pragmas) == wanted
    assert database.read(pragmas).items() >= {**common, "query_only": 1}.items()


async def test_pragmas_of_the_loops_reader(database: Database) -> None:
    query_only = await database.aread(
        lambda tx: tx.connection.exec_driver_sql("PRAGMA query_only").scalar_one()
    )
    assert query_only == 1
    with pytest.raises(DBAPIError, match="readonly"):
        await database.aread(put("sneaked in", "1"))
    await database.aclose()


def test_foreign_keys_hold(database: Database, clock: Clock) -> None:
    orphan = {"contact_id": 77, "number": "x", "kind": "e164", "created_at": clock()}
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        database.write_now(lambda tx: tx.execute(insert(phone_numbers), orphan) and None)


def test_opening_and_closing_leaks_nothing(database_path: Path) -> None:
    def use_once() -> None:
        async def use() -> None:
            database = Database(database_path, Keys(database_path.parent))
            await database.write(lambda tx: settings.put(tx, NAME, "x"))
            await database.aread(lambda tx: settings.get(tx, NAME))
            await asyncio.to_thread(database.read, lambda tx: settings.get(tx, NAME))
            await database.aclose()

        asyncio.run(use())

    use_once()
    gc.collect()  # what other tests left behind
    handles, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(20):
        use_once()
    assert len(os.listdir("/proc/self/fd")) == handles
    assert threading.active_count() == threads
