"""The lines at work: a supervisor and a lane for each line in the database, as lines come, change and go.

It owns which lines are served and how their setup is read from their rows; it decides nothing about texts.
What people ask of a line (`line_requests`) is passed on to its keeper and the answer written back.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from gateway.clock import Clock
from gateway.desk import inbox
from gateway.desk import line_requests as desk_requests
from gateway.domain import line_options
from gateway.domain.events import Event
from gateway.domain.line import Hear, Keeper, LineEvent, LineSetup, NotAnswered
from gateway.domain.line_requests import Kind, State
from gateway.modem.finder import Found, find
from gateway.modem.ladder import RESTARTS
from gateway.modem.loopback import LoopbackSupervisor
from gateway.modem.recovery import Means
from gateway.modem.rhythm import Rhythm
from gateway.modem.supervisor import Supervisor
from gateway.queue import attempts
from gateway.queue.dispatcher import Lane
from gateway.store import events, line_history, line_requests, lines
from gateway.store.database import Database, DatabaseError
from gateway.surveyor import Surveyor

log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""Seconds until what the database refused is tried again."""
FOLLOW_AFTER = 0.1
"""Seconds in which news are gathered before they are read for changes of lines."""
LOOPBACK_PORT = "loopback"


@dataclass(slots=True)
class _Served:
    """One line at work: who keeps it up, who sends on it, and their tasks."""

    name: str
    setup: LineSetup
    keeper: Keeper
    lane: Lane
    keeping: asyncio.Task[None]
    sending: asyncio.Task[None]
    ending: asyncio.Task[None] | None = None


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

    async def restarts(self) -> list[float]:
        now = self._clock()
        since = now - timedelta(days=1)
        taken = await self._db.aread(lambda tx: line_history.taken_since(tx, self._line_id, RESTARTS, since))
        return [(now - at).total_seconds() for at in taken]

    async def part_in_flight(self) -> int | None:
        return await self._db.aread(lambda tx: attempts.in_flight(tx, self._line_id))


@dataclass(frozen=True, slots=True)
class Box:
    """What this box has for its modems: ports that may be asked who they are (glob patterns, none: every
    USB serial port), means of recovery, and how often lines look after themselves."""

    serial_ports: tuple[str, ...] = ()
    means: Means = field(default_factory=Means)
    rhythm: Rhythm | None = None


class Lines:
    """Keeps a supervisor and a lane for each line in the database. `doubt`: why the clock is not trusted."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tasks: asyncio.TaskGroup,
        grace_s: float,
        box: Box | None = None,
        doubt: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._doubt = doubt
        self._db, self._clock, self._tasks, self._grace_s = database, clock, tasks, grace_s
        self._box = box or Box()
        self._surveyor = Surveyor(database, clock, self._box.serial_ports, self._line_by_port)
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._served: dict[int, _Served] = {}
        self._known: dict[int, tuple[str, str, bytes | None]] = {}
        self._asked: set[int] = set()
        self._following = asyncio.Lock()
        self._closing = False

    def kick(self) -> None:
        """Let every lane look again."""
        for served in self._served.values():
            served.lane.kick()

    def overdue(self) -> list[str]:
        """Lines whose lane does not go on, by name: it waits for what should have come or ended long ago."""
        return [one.keeping.get_name() for one in self._served.values() if one.lane.progress.is_overdue]

    async def keep_following(self) -> None:
        """Serve the lines there are, and from then on those that come, change and go.

        Changes are followed a little later: reading must not slow down a text on its way.
        """
        cursor: int | None = None
        while True:
            try:
                cursor = await (self._begin() if cursor is None else self._follow_news(cursor))
            except (DatabaseError, DBAPIError) as error:
                log.warning("changes of lines are followed once the database can be read: %s", error)
                await asyncio.sleep(AGAIN_S)

    async def _begin(self) -> int:
        """Serve the lines there are. Returns up to which event that is known."""
        cursor = await self._db.aread(events.last_id)
        await self._follow()
        await self._take_requests()
        self._look_at_ports()
        return cursor

    async def _follow_news(self, cursor: int) -> int:
        """Wait for events after that one and follow them. Returns the last; where it fails, they are read
        again."""
        announced = await self._db.feed.wait(cursor)
        await asyncio.sleep(FOLLOW_AFTER)
        news = await self._db.aread(lambda tx: events.after(tx, cursor))
        kinds = {event.kind for event in news}
        if Event.LINE_CHANGED in kinds:
            await self._follow()
        if kinds & {Event.LINE_ASKED, Event.LINE_CHANGED}:  # a line may be served only now
            await self._take_requests()
        if Event.PORTS_ASKED in kinds:
            self._look_at_ports()
        return int(news[-1].id) if news else announced

    # --- which lines are served ----------------------------------------------------------------------

    async def _follow(self) -> None:
        """Start lines that were added, end those that were removed or are set up otherwise."""
        async with self._following:
            wanted = {row.id: row for row in await self._db.aread(lines.every)}
            if self._closing:
                return
            for line_id, served in self._served.items():
                row = wanted.get(line_id)
                if row is None or not _same_but_for_binding(served.setup, setup_of(row)):
                    self._end(line_id)
                elif isinstance(served.keeper, Supervisor):
                    self._tell_changes(served.keeper, row)
            for line_id, row in wanted.items():
                if line_id not in self._served:
                    self._start(row)

    def _tell_changes(self, keeper: Supervisor, row: Row[Any]) -> None:
        """What a line takes over without being started anew: its binding, its PIN."""
        bound = row.bound_imei or "", row.bound_iccid or ""
        if (*bound, row.pin_sealed) != self._known.get(row.id):
            self._known[row.id] = (*bound, row.pin_sealed)
            keeper.bind(*bound)
            keeper.hurry()
        elif keeper.state is not None and keeper.state.code != row.code:
            keeper.hurry()  # somebody gave the same again: how it is has to be said again

    def _start(self, row: Row[Any]) -> None:
        setup = setup_of(row)
        self._known[row.id] = (row.bound_imei or "", row.bound_iccid or "", row.pin_sealed)
        keeper = self._keeper(row.id, setup, row.facts.get("usb", ""))
        lane = Lane(row.id, keeper, self._db, self._owner, self._clock, doubt=self._doubt)
        keeping = self._tasks.create_task(keeper.run(), name=f"line {row.name}")
        sending = self._tasks.create_task(lane.run(), name=f"lane {row.name}")
        self._served[row.id] = _Served(row.name, setup, keeper, lane, keeping, sending)

    def _keeper(self, line_id: int, setup: LineSetup, usb: str) -> Keeper:
        hear = self._hear(line_id)
        if setup.port == LOOPBACK_PORT:
            return LoopbackSupervisor(hear)
        return Supervisor(
            setup,
            hear,
            _Memory(self._db, line_id, self._clock),
            pin=lambda: self._db.keys.unseal(self._known[line_id][-1]),
            find=functools.partial(self._find, line_id),
            usb=usb,
            means=self._box.means,
            rhythm=self._box.rhythm,
            now=self._clock,
        )

    async def _find(self, line_id: int, setup: LineSetup, usb: str) -> Found:
        return await find(setup, self._box.serial_ports, self._taken(line_id), usb)

    def _taken(self, line_id: int) -> Collection[str]:
        """Ports that belong to other lines."""
        others = [served.keeper for other, served in self._served.items() if other != line_id]
        return [keeper.path for keeper in others if isinstance(keeper, Supervisor)]

    def _hear(self, line_id: int) -> Hear:
        async def hear(event: LineEvent) -> None:
            now = self._clock()
            await self._db.write(lambda tx: inbox.hear(tx, line_id, event, now))

        return hear

    # --- what people ask -----------------------------------------------------------------------------

    async def _take_requests(self) -> None:
        for request in await self._db.aread(line_requests.open_requests):
            served = self._served.get(request.line_id)
            if request.id in self._asked or served is None:
                continue
            self._asked.add(request.id)
            self._tasks.create_task(self._answer(request, served.keeper), name=f"request {request.id}")

    async def _answer(self, request: Row[Any], keeper: Keeper) -> None:
        """Ask, and write back what came of it: what happens to one line is no reason to stop the others."""
        try:
            state, answer = State.DONE, await _asked(keeper, Kind(request.kind), request.argument)
        except NotAnswered as refusal:
            state, answer = State.FAILED, str(refusal)
        except Exception:
            log.exception("a request to a line failed", extra={"request": request.id})
            state, answer = State.FAILED, "line_down"
        try:
            await self._write_answer(request.id, state, answer)
        finally:
            self._asked.discard(request.id)

    async def _write_answer(self, request_id: int, state: State, answer: str) -> None:
        while not self._closing:
            try:
                await self._db.write(
                    lambda tx: desk_requests.answer(tx, request_id, state, answer, self._clock())
                )
                return
            except DatabaseError as error:
                log.error("an answer waits for the database: %s", error)
                await asyncio.sleep(AGAIN_S)

    def _look_at_ports(self) -> None:
        """Answer the panel when it asks what is on the ports."""
        self._tasks.create_task(self._surveyor.answer(), name="ports")

    def _line_by_port(self) -> dict[str, str]:
        of_lines: dict[str, str] = {}
        for served in self._served.values():
            of_lines[served.setup.port] = served.name
            if isinstance(served.keeper, Supervisor) and served.keeper.path:
                of_lines[served.keeper.path] = served.name
        return of_lines

    # --- the end -------------------------------------------------------------------------------------

    def _end(self, line_id: int) -> asyncio.Task[None]:
        """End a line without holding up the others; whoever asks again is given the same end."""
        served = self._served[line_id]
        if served.ending is None:
            ending = self._stop(line_id, served)
            served.ending = self._tasks.create_task(ending, name=f"end of line {line_id}")
        return served.ending

    async def _stop(self, line_id: int, served: _Served) -> None:
        served.lane.stop()
        await asyncio.wait({served.sending}, timeout=self._grace_s)  # the text on the air, and its outcome
        await served.keeper.close(0.0)  # without an answer by now, that is what is recorded
        await asyncio.wait({served.keeping, served.sending})
        del self._served[line_id]
        await self._follow()  # what the line became instead starts only now

    async def close(self) -> None:
        """End every line, all at once."""
        self._closing = True
        await asyncio.gather(*(self._end(line_id) for line_id in list(self._served)))


def setup_of(row: Row[Any]) -> LineSetup:
    """How a line is set up, from its row."""
    option = functools.partial(line_options.value, row.options)
    return LineSetup(
        port=row.port,
        smsc=option("smsc"),
        roaming=option("roaming") == "yes",
        hang_up=option("calls") == "hang_up",
        imei=row.bound_imei or "",
        iccid=row.bound_iccid or "",
    )


def _same_but_for_binding(one: LineSetup, other: LineSetup) -> bool:
    return replace(one, imei="", iccid="") == replace(other, imei="", iccid="")


async def _asked(keeper: Keeper, kind: Kind, argument: str) -> str:
    """What came of a request. Raises NotAnswered."""
    if kind is Kind.RESTART:
        await keeper.restart()
        return ""
    if kind is Kind.USSD:
        return (await keeper.ussd(argument)).text
    return keeper.trace()
