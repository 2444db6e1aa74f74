"""How connections to the database are made: who may write, what is synced, what every one of them is told.

Transactions are begun by us and not by the driver, so that a test can prove how. What a statement was given
stays out of its error, which is logged: it may be a text or a number.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, QueuePool

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT_MS = 5_000
"""How long a write waits for another process's transaction (the command line's are short)."""
READERS = 9
"""Read connections: one for each of the web's eight threads and one to spare."""


def _readers_url(driver: str, path: Path) -> URL:
    return URL.create(driver, database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})


def write_engine(path: Path) -> Engine:
    """The one writing connection, fully synced, every transaction BEGIN IMMEDIATE."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # taking the write lock at once: a transaction that reads first could fail when it comes to write
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def read_engine(path: Path) -> Engine:
    """Read-only connections for threads."""
    engine = create_engine(
        _readers_url("sqlite", path),
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    _make_reader(engine)
    return engine


def onlooker_engine(uri: str) -> Engine:
    """Read-only connections as `uri` says, each closed after use, for checks from outside the program."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, check_same_thread=False),
        poolclass=NullPool,
        hide_parameters=True,
    )
    _make_reader(engine)
    return engine


def loop_engine(path: Path) -> AsyncEngine:
    """One read-only connection for the event loop."""
    from sqlalchemy.ext.asyncio import create_async_engine  # a third of a second no command needs

    engine = create_async_engine(
        _readers_url("sqlite+aiosqlite", path),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,  # one reader at a time; and always the same connection, as data_version asks
        max_overflow=0,
        hide_parameters=True,
    )
    _make_reader(engine.sync_engine)
    return engine


def _make_reader(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "query_only=ON", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")
