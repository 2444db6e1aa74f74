"""Lines as they come, change and go while the program runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.clock import utc_now
from gateway.daemon import Lines
from gateway.desk import lines as desk_lines
from gateway.store import lines
from gateway.store.database import Database, DatabaseError, Tx
from gateway.store.keys import Keys

T = TypeVar("T")


class Interrupted(Database):
    """A database to which something happens right after the lines were read for the first time."""

    meanwhile: Callable[[Tx], object] | None = None
    broken = 0
    """So many times the lines cannot be read."""

    async def aread(self, fn: Callable[[Tx], T]) -> T:
        if fn is lines.every and self.broken:
            self.broken -= 1
            raise DatabaseError("disk I/O error")
        found = await super().aread(fn)
        if fn is lines.every and self.meanwhile is not None:
            verb, self.meanwhile = self.meanwhile, None
            await self.write(verb)
        return found


@pytest.fixture
async def database(database_path: Path) -> AsyncIterator[Interrupted]:
    database = Interrupted(database_path, Keys(database_path.parent))
    yield database
    await database.aclose()


def add(tx: Tx, name: str, port: str) -> None:
    desk_lines.add(tx, name, port, "command:test", utc_now())


async def until_up(database: Database, name: str) -> None:
    cursor = database.feed.last
    async with asyncio.timeout(10):
        while not await database.aread(lambda tx: (row := lines.by_name(tx, name)) and row.status == "up"):
            cursor = await database.feed.wait(cursor)


async def test_a_line_added_while_the_first_are_read_is_served(database: Interrupted) -> None:
    database.meanwhile = lambda tx: add(tx, "front", "loopback")
    async with asyncio.TaskGroup() as tasks:
        served = Lines(database, utc_now, tasks, 0.0)
        following = tasks.create_task(served.keep_following())
        await until_up(database, "front")
        following.cancel()
        await served.close()


async def test_lines_are_served_and_followed_once_the_database_can_be_read_again(
    database: Interrupted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, and when a change was announced that could not be read."""
    monkeypatch.setattr("gateway.lines.AGAIN_S", 0.01)
    database.broken = 2
    await database.write(lambda tx: add(tx, "front", "loopback"))
    async with asyncio.TaskGroup() as tasks:
        served = Lines(database, utc_now, tasks, 0.0)
        following = tasks.create_task(served.keep_following())
        await until_up(database, "front")
        database.broken = 1
        await database.write(lambda tx: add(tx, "back", "loopback"))
        await until_up(database, "back")
        assert not database.broken
        following.cancel()
        await served.close()
