"""The composition root: builds the rooms, wires them, starts and stops them. It decides nothing.

Reads as the life of the program: lock the data folder, open the store, settle what a crash left open,
open the doors, keep a supervisor and a lane for each line, and on SIGTERM close all of it in reverse
order, waiting for a text that is on the air.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.clock import Clock, utc_now
from gateway.config import Settings
from gateway.desk import inbox
from gateway.domain.line import Hear, LineEvent
from gateway.lock import only_one
from gateway.modem.loopback import LoopbackSupervisor
from gateway.modem.supervisor import Supervisor
from gateway.queue import attempts
from gateway.queue.chores import scheduler
from gateway.queue.dispatcher import Lane
from gateway.store import events, lines, schema
from gateway.store.database import Database, DatabaseError
from gateway.store.keys import Keys
from gateway.web.app import create_app
from gateway.web.server import CannotListen, serve

log = logging.getLogger(__name__)

NOTICE_WITHIN = 1.0
"""Seconds until another process's writes are noticed: the only poll there is."""
FOLLOW_AFTER = 0.1
"""Seconds in which news are gathered before they are read for changes of lines."""
STOP_WITHIN = 75.0
"""Seconds a stop may take: 60 for the text on the air, and some to record it and close."""
LOOPBACK_PORT = "loopback"


@dataclass(slots=True)
class _Served:
    """One line at work: who keeps it up, who sends on it, and their tasks."""

    port: str
    supervisor: Supervisor | LoopbackSupervisor
    lane: Lane
    tasks: tuple[asyncio.Task[None], asyncio.Task[None]]
    ending: bool = False


class _Memory:
    """What a line asks the store to remember (`gateway.domain.line.LineMemory`)."""

    def __init__(self, database: Database, line_id: int, clock: Clock) -> None:
        self._db, self._line_id, self._clock = database, line_id, clock

    async def pin_was_tried(self, sim: str, pin: str) -> bool:
        return await self._db.aread(lambda tx: lines.pin_was_tried(tx, sim, pin))

    async def remember_pin_try(self, sim: str, pin: str) -> None:
        now = self._clock()
        await self._db.write(lambda tx: lines.remember_pin_try(tx, self._line_id, sim, pin, now))

    async def forget_pin_try(self, sim: str, pin: str) -> None:
        await self._db.write(lambda tx: lines.forget_pin_try(tx, sim, pin))

    async def part_in_flight(self) -> int | None:
        return await self._db.aread(lambda tx: attempts.in_flight(tx, self._line_id))


class Lines:
    """Keeps a supervisor and a lane for each line in the database, as lines come and go."""

    def __init__(self, database: Database, clock: Clock, tasks: asyncio.TaskGroup) -> None:
        self._db, self._clock, self._tasks = database, clock, tasks
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._served: dict[int, _Served] = {}
        self._closing = False

    def kick(self) -> None:
        """Let every lane look again."""
        for served in self._served.values():
            served.lane.kick()

    async def follow(self) -> None:
        """Start lines that were added, stop those that were removed or have another port."""
        wanted = {row.id: row for row in await self._db.aread(lines.every)}
        if self._closing:
            return
        for line_id, served in self._served.items():
            gone = line_id not in wanted or wanted[line_id].port != served.port
            if gone and not served.ending:
                served.ending = True
                self._tasks.create_task(self._replace(line_id), name=f"end of line {line_id}")
        for line_id, row in wanted.items():
            if line_id not in self._served:
                self._start(line_id, row.name, row.port, row.pin_sealed)

    async def _replace(self, line_id: int) -> None:
        """End a line without holding up the others; what it became instead starts after it."""
        await self._stop(line_id)
        await self.follow()

    def _start(self, line_id: int, name: str, port: str, pin: bytes | None) -> None:
        memory = _Memory(self._db, line_id, self._clock)
        hear = self._hear(line_id)
        supervisor: Supervisor | LoopbackSupervisor
        if port == LOOPBACK_PORT:
            supervisor = LoopbackSupervisor(hear)
        else:
            supervisor = Supervisor(port, hear, memory, pin=lambda: self._db.keys.unseal(pin))
        lane = Lane(line_id, supervisor, self._db, self._owner, self._clock)
        both = (
            self._tasks.create_task(supervisor.run(), name=f"line {name}"),
            self._tasks.create_task(lane.run(), name=f"lane {name}"),
        )
        self._served[line_id] = _Served(port, supervisor, lane, both)

    def _hear(self, line_id: int) -> Hear:
        async def hear(event: LineEvent) -> None:
            now = self._clock()
            await self._db.write(lambda tx: inbox.hear(tx, line_id, event, now))

        return hear

    async def _stop(self, line_id: int) -> None:
        served = self._served[line_id]
        served.lane.stop()
        await asyncio.wait({served.tasks[1]})  # the text on the air, and its outcome
        await served.supervisor.close()
        await asyncio.wait({served.tasks[0]})
        self._served.pop(line_id, None)

    async def close(self) -> None:
        """Stop every line, all at once."""
        self._closing = True
        await asyncio.gather(*(self._stop(line_id) for line_id in list(self._served)))


# --- the program -------------------------------------------------------------------------------------


def _open(settings: Settings, on_fatal: Callable[[str], None]) -> Database:
    path = settings.database_path
    doubt = settings.data_dir / "check-database"
    schema.prepare(path)

    def note_and_stop(reason: str) -> None:
        with contextlib.suppress(OSError):
            doubt.touch()
        on_fatal(reason)

    database = Database(path, Keys(settings.data_dir), note_and_stop)
    if doubt.exists():
        found = database.check()
        if found != "ok":
            database.close()
            raise DatabaseError(f"{path} is damaged ({found}). Restore a backup; nothing was changed.")
        doubt.unlink()
    if not database.lay_ballast():
        log.warning("the disk is nearly full: there is no room for the reserve of 16 MiB")
    return database


async def run(settings: Settings, ready: Callable[[str], None], clock: Clock = utc_now) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code. `ready` is told the panel's address.

    Raises:
        AlreadyRunning, DatabaseError, CannotListen: it could not start; nothing was changed.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    failed: list[str] = []

    def fatal(reason: str) -> None:
        failed.append(reason)
        loop.call_soon_threadsafe(stopping.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    with only_one(settings.data_dir):
        database = _open(settings, fatal)
        try:
            await _serve(database, settings, ready, clock, stopping)
        except BaseExceptionGroup as group:
            failed.extend(_worded(group))
        finally:
            await database.aclose()
    for reason in failed:
        log.critical("stopped: %s", reason)
    return 1 if failed else 0


def _worded(group: BaseExceptionGroup[BaseException]) -> list[str]:
    """What ended the program, in words; raises what is a start that failed, or our own mistake."""
    leaves = list(_leaves(group))
    for error in leaves:
        if isinstance(error, CannotListen):
            raise error from None
    if all(isinstance(error, DatabaseError | OSError | TimeoutError) for error in leaves):
        return [str(error) for error in leaves]
    raise group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


async def _serve(
    database: Database,
    settings: Settings,
    ready: Callable[[str], None],
    clock: Clock,
    stopping: asyncio.Event,
) -> None:
    unsettled = await database.write(lambda tx: attempts.recover(tx, clock()))
    if unsettled:
        log.warning("texts whose outcome a crash left open: %d; they are shown as unclear", unsettled)
    app = create_app(database, settings, clock)
    chores = scheduler(database, clock)
    async with asyncio.TaskGroup() as tasks:
        served = Lines(database, clock, tasks)
        await served.follow()
        following = [
            tasks.create_task(_wake(database, served), name="feed"),
            tasks.create_task(_follow(database, served), name="lines"),
            tasks.create_task(_watch(database), name="other writers"),
        ]
        doors = tasks.create_task(serve(app, database, settings, clock, stopping, ready), name="panel")
        chores.start()
        await _first(stopping.wait(), doors)
        stopping.set()
        log.info("stopping: nothing more is sent; waiting for what is on the air")
        chores.shutdown(wait=False)
        async with asyncio.timeout(STOP_WITHIN):
            await served.close()
        for task in following:
            task.cancel()


async def _first(event: object, task: asyncio.Task[None]) -> None:
    waiting = asyncio.ensure_future(event)  # type: ignore[call-overload]
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _wake(database: Database, served: Lines) -> None:
    """Everything that happens lets the lanes look again."""
    cursor = database.feed.last
    while True:
        cursor = await database.feed.wait(cursor)
        served.kick()


async def _follow(database: Database, served: Lines) -> None:
    """Changes of lines are followed, a little later: reading must not slow down a text on its way."""
    cursor = await database.aread(events.last_id)
    while True:
        await database.feed.wait(cursor)
        await asyncio.sleep(FOLLOW_AFTER)
        news = await database.aread(lambda tx, after=cursor: events.after(tx, after))  # type: ignore[misc]
        cursor = news[-1].id if news else database.feed.last
        if any(event.kind == "line.changed" for event in news):
            await served.follow()


async def _watch(database: Database) -> None:
    """Notice what other processes wrote."""
    seen = -1
    while True:
        version = await database.data_version()
        if version != seen:
            seen = version
            database.feed.announce(await database.aread(events.last_id))
        await asyncio.sleep(NOTICE_WITHIN)
