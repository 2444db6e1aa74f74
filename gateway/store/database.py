"""Opening the database, and the only two ways in: `write(fn)` and `read(fn)`.

One writer thread owns the one writing connection. A write is a plain function handed to it; it runs
whole, inside BEGIN IMMEDIATE, and cannot be split by a cancelled caller, because nothing in it awaits.
Functions that arrive together share one commit, each in a savepoint of its own. Commits are full syncs
(WAL, synchronous=FULL): when `write` returns, the rows are on disk.

This file knows pragmas and threads; it knows no table but the schema's version.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, Transaction, bindparam, insert, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, MultipleResultsFound
from sqlalchemy.sql import Executable

from gateway.store.engines import loop_engine, read_engine, write_engine
from gateway.store.feed import Feed
from gateway.store.prepared import Prepared

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from gateway.store.keys import Keys

log = logging.getLogger(__name__)
T = TypeVar("T")

BUSY_TRIES = 12
GROUP = 64
"""Most functions that share one commit."""
BALLAST_BYTES = 16 * 1024 * 1024
_FATAL = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")
_DISK_TROUBLE = (*_FATAL, "SQLITE_FULL")
_REFUSED = ("SQLITE_IOERR", "SQLITE_READONLY")
_READ_ONLY = "the disk is read-only now; nothing was written. Look for its errors with sudo journalctl -k"
_FILE_TROUBLE = {errno.ENOSPC: "SQLITE_FULL", errno.EIO: "SQLITE_IOERR"}


class DatabaseError(Exception):
    """The database cannot be used. The text says what is wrong and what to do."""


class CannotOpen(DatabaseError):
    """It cannot be used as things are set up: not to be opened, damaged, or not this program's."""


class Locked(DatabaseError):
    """Another program keeps it locked for longer than is waited for. That ends by itself, so a service that
    could not start for it is started again."""

    @classmethod
    def at(cls, path: Path) -> Locked:
        """Nothing could be read or changed at all."""
        return cls(f"Another program keeps {path} locked. Stop it, then start again. Nothing was changed.")


class TooLate(Exception):
    """A write was not begun before its deadline; nothing was done."""


_ROW = "this_row"


@functools.cache
def _insert(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table), columns)


@functools.cache
def _update(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(update(table).where(table.c.id == bindparam(_ROW)), columns)


class Tx:
    """One transaction, or one consistent read. Verbs take it as their first argument.

    What is put in `after_commit` is called by the writer once the rows are on disk.
    """

    __slots__ = ("after_commit", "connection", "keys", "last_event_id")

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self.connection = connection
        self.keys = keys
        self.last_event_id = 0
        self.after_commit: list[Callable[[], None]] = []

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement."""
        return self.connection.execute(statement, parameters)

    def rows(self, statement: Prepared, values: Mapping[str, Any]) -> list[Row[Any]]:
        """All rows of a prepared statement."""
        return statement.rows(self.connection, values)

    def row(self, statement: Prepared, values: Mapping[str, Any]) -> Row[Any] | None:
        """The row of a prepared statement that finds at most one."""
        found = statement.rows(self.connection, values)
        if len(found) > 1:
            raise MultipleResultsFound(f"{len(found)} rows where one was expected")
        return found[0] if found else None

    def value(self, statement: Prepared, values: Mapping[str, Any]) -> Any:
        """The first value of the first row of a prepared statement, or None."""
        found = statement.rows(self.connection, values)
        return found[0][0] if found else None

    def insert(self, table: Table, values: dict[str, Any]) -> int:
        """Insert one row into a table with an id, and return that."""
        return _insert(table, tuple(values)).insert(self.connection, values)

    def update(self, table: Table, row_id: int, values: dict[str, Any]) -> None:
        """Update columns of the row with that id."""
        _update(table, tuple(values)).run(self.connection, {**values, _ROW: row_id})

    def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        """Run one statement and return its first value, or None."""
        return self.connection.scalar(statement, parameters)


@dataclass(slots=True)
class _Job:
    fn: Callable[[Tx], Any]
    deadline: float | None
    future: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Database:
    """An open database: writer thread, readers and feed.

    `on_fatal` is called once, from the writer thread, when the disk or the file can no longer be trusted
    (I/O error, corruption); every later write fails. The daemon stops then and checks at its next start.
    """

    def __init__(self, path: Path, keys: Keys, on_fatal: Callable[[str], None] | None = None) -> None:
        """Open the file at `path`, which `gateway.store.schema.prepare` has prepared.

        Raises:
            CannotOpen: it cannot be opened.
            DatabaseError: another program keeps it locked.
        """
        self.path = path
        self.keys = keys
        self.feed = Feed()
        self._on_fatal = on_fatal or (lambda reason: log.critical("database: %s", reason))
        self._fatal: str | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._write_engine = write_engine(path)
        self._read_engine = read_engine(path)
        self._loop_engine: AsyncEngine | None = None
        self.commits = 0
        self.commit_seconds = 0.0
        self._ballast = path.with_name("ballast")
        connection = _connect(self._write_engine, path)
        self._thread = threading.Thread(
            target=self._work, args=(connection,), name="store-writer", daemon=True
        )
        self._thread.start()

    # -- writing ---------------------------------------------------------------------------------

    def submit(self, fn: Callable[[Tx], T], deadline: float | None = None) -> Future[T]:
        """Queue a write. `deadline` is a `time.monotonic()` value before which it must have begun.

        The future ends as `write` does; it cannot be cancelled, for the write will be done.
        """
        job = _Job(fn, deadline)
        job.future.set_running_or_notify_cancel()
        with self._door:
            if self._closed:
                job.future.set_exception(DatabaseError("the database is closed; nothing was written"))
            else:
                self._jobs.put(job)
        return job.future

    async def write(self, fn: Callable[[Tx], T], deadline: float | None = None) -> T:
        """Run `fn(tx)` in one durable transaction and return its result.

        Raises whatever `fn` raised (then nothing of it was kept), `TooLate`, or `DatabaseError`.
        A cancelled caller does not cancel the write; it must read the outcome again.
        """
        return await asyncio.shield(asyncio.wrap_future(self.submit(fn, deadline)))

    def write_now(self, fn: Callable[[Tx], T]) -> T:
        """`write` for threads: blocks until the rows are on disk."""
        return self.submit(fn).result()

    def _work(self, connection: Connection) -> None:
        with connection:
            while (job := self._jobs.get()) is not None:
                stop = self._run(connection, self._gather(job))
                if stop:
                    return

    def _gather(self, first: _Job) -> list[_Job | None]:
        batch: list[_Job | None] = [first]
        with contextlib.suppress(queue.Empty):
            while len(batch) < GROUP and batch[-1] is not None:
                batch.append(self._jobs.get_nowait())
        return batch

    def _run(self, connection: Connection, batch: list[_Job | None]) -> bool:
        jobs = [job for job in batch if job is not None]
        try:
            self._commit_together(connection, jobs)
        except BaseException as error:  # noqa: BLE001 - the task root of the writer: every caller gets it
            self._fail(jobs, error)
        return None in batch

    def _commit_together(self, connection: Connection, jobs: list[_Job]) -> None:
        if self._fatal:
            raise DatabaseError(self._fatal)
        began = time.monotonic()
        for _ in range(BUSY_TRIES):
            try:
                done = self._attempt(connection, jobs)
                break
            except Exception as error:
                _leave_transaction(connection)
                if not self._may_try_again(_name(error)):
                    raise
        else:
            raise Locked("another program has kept the database locked for a minute; stop it and try again")
        self.commits += 1
        self.commit_seconds += time.monotonic() - began
        self._follow_up(done)
        for job in jobs:
            job.settle()
        self.feed.announce(max((tx.last_event_id for tx in done), default=0))

    def _follow_up(self, done: list[Tx]) -> None:
        for act in (act for tx in done for act in tx.after_commit):
            try:
                act()
            except Exception:
                log.exception("what should follow a commit failed; the commit stands")

    def _may_try_again(self, name: str) -> bool:
        if name == "SQLITE_FULL" and self._drop_ballast():
            log.critical(
                "The disk is full. The reserve was freed so that texts on their way can be recorded."
            )
            return True
        return name == "SQLITE_BUSY"

    def _attempt(self, connection: Connection, jobs: list[_Job]) -> list[Tx]:
        """Run the jobs in one transaction; returns those that count."""
        done = []
        with connection.begin() as whole:
            for job in jobs:
                tx = Tx(connection, self.keys)
                job.result, job.error = _perform(tx, job, whole if len(jobs) == 1 else None)
                if job.error is None:
                    done.append(tx)
        return done

    def _fail(self, jobs: list[_Job], error: BaseException) -> None:
        name = _name(error)
        if name.startswith(_REFUSED) and not os.access(self.path, os.W_OK):
            name, error = "", DatabaseError(_READ_ONLY)
        first = name.startswith(_FATAL) and not self._fatal
        if first:
            self._fatal = f"the disk or the database file failed ({name})"
        for job in jobs:
            job.error = _said_clearly(error)
            job.settle()
        if first and self._fatal:
            self._tell(self._fatal)

    def _tell(self, reason: str) -> None:
        try:
            self._on_fatal(reason)
        except Exception:
            # whoever listens is gone; the writer must still answer every caller
            log.exception("nobody could be told: %s", reason)

    def _drop_ballast(self) -> bool:
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return False
        return True

    def lay_ballast(self) -> bool:
        """Reserve real disk space that is given up when the disk is full. False: no room for it now."""
        if self._ballast.exists() and self._ballast.stat().st_size == BALLAST_BYTES:
            return True
        try:
            self._ballast.touch(mode=0o600)
            with self._ballast.open("wb") as file:
                for _ in range(BALLAST_BYTES // (1 << 20)):
                    file.write(bytes(1 << 20))
        except OSError:
            self._ballast.unlink(missing_ok=True)
            return False
        return True

    # -- reading ---------------------------------------------------------------------------------

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn(tx)` on a read-only connection, seeing one consistent moment. For threads."""
        with self._read_engine.connect() as connection:
            return fn(Tx(connection, self.keys))

    async def aread(self, fn: Callable[[Tx], T]) -> T:
        """`read` for the event loop, which it does not block."""
        if self._loop_engine is None:
            self._loop_engine = loop_engine(self.path)
        async with self._loop_engine.connect() as connection:
            return await connection.run_sync(lambda inner: fn(Tx(inner, self.keys)))

    async def data_version(self) -> int:
        """A number that differs from the last one given when any connection has committed since.

        The only way to notice another process's writes, such as those of the command line.
        """
        return int(await self.aread(lambda tx: _pragma(tx, "data_version")))

    def check(self) -> str:
        """What SQLite's own quick check of the whole file says: "ok", or what is wrong."""
        return str(self.read(lambda tx: _pragma(tx, "quick_check(1)")))

    # -- closing ---------------------------------------------------------------------------------

    async def aclose(self) -> None:
        """Close from the event loop."""
        if self._loop_engine is not None:
            await self._loop_engine.dispose()
            self._loop_engine = None
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish the writes already queued, refuse later ones, then close every connection."""
        with self._door:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        with contextlib.suppress(DBAPIError), self._write_engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA optimize")
        self._read_engine.dispose()
        self._write_engine.dispose()


def _pragma(tx: Tx, name: str) -> Any:
    return tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def _leave_transaction(connection: Connection) -> None:
    """End what a failed COMMIT left open: the pool believes it is over, and no other could begin."""
    driver = connection.connection.driver_connection
    if driver is not None and driver.in_transaction:
        with contextlib.suppress(Exception):  # SQLite may have rolled back already
            driver.rollback()


def _perform(tx: Tx, job: _Job, alone_in: Transaction | None) -> tuple[Any, BaseException | None]:
    """Run a job in a savepoint, or in the whole transaction where it is the only one."""
    if job.deadline is not None and time.monotonic() > job.deadline:
        return None, TooLate()
    savepoint = alone_in or tx.connection.begin_nested()
    try:
        result = job.fn(tx)
    except Exception as error:
        if _name(error).startswith(_DISK_TROUBLE):
            raise  # everybody's: the whole commit fails
        savepoint.rollback()  # its own alone: handed to whoever asked for this write
        return None, error
    if alone_in is None:
        savepoint.commit()
    return result, None


def _name(error: BaseException) -> str:
    """SQLite's own name of an error, such as SQLITE_FULL; empty when it is another kind of error.

    The disk may also fail under a file beside the database: the log of opt-outs.
    """
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, OSError):
        return _FILE_TROUBLE.get(original.errno or 0, "")
    return getattr(original, "sqlite_errorname", "") or ""


def _said_clearly(error: BaseException) -> BaseException:
    name = _name(error)
    if name == "SQLITE_FULL":
        return DatabaseError("the disk is full; nothing was written. Make room and try again")
    if name.startswith(_FATAL):
        return DatabaseError(f"the disk or the database file failed ({name})")
    return error


def _connect(engine: Engine, path: Path) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        engine.dispose()
        if _name(error) == "SQLITE_BUSY":
            raise Locked("another program keeps the database locked; stop it and try again") from None
        raise CannotOpen(
            f"{path} cannot be opened for writing ({error.orig}). Check its owner and rights."
        ) from None


@contextlib.contextmanager
def opened(path: Path, keys: Keys) -> Iterator[Database]:
    """A database for the length of a command."""
    database = Database(path, keys)
    try:
        yield database
    finally:
        database.close()
