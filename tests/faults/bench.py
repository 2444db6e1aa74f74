"""A test bench: the real lines of the program over a real database, on a world of fake modems.

Everything but the panel: `gateway.lines.Lines` with its supervisors and lanes. Time is virtual
(`tests.virtual_time`), so the product's own time-outs are used. After a story `check` holds the
invariants that must hold whatever happened:

I1 what was accepted is stored; I2 no part reached a phone twice unasked; I3 every text the device took from
the network is in the history or still on it; I4 the database is whole; I5 what is not finished has a time to
be looked at or a visible reason; I6 the log holds no text, no whole number, no PIN.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row, select

from gateway.clock import Clock, WatchedClock
from gateway.desk import lines as desk_lines
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.message import Purpose, State
from gateway.kernel_clock import Kernel
from gateway.lines import Box, Lines
from gateway.logs import JsonLines
from gateway.modem.inbox import is_report
from gateway.queue import attempts
from gateway.store import lines, messages
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from gateway.store.tables import line_log, raw_pdus
from gateway.store.tables import messages as messages_table
from gateway.timekeeper import Timekeeper
from tests import any_hour
from tests.fake_modem import Modem, World
from tests.faults.kept import lost_inbound
from tests.virtual_time import VirtualTimeLoop, wall_clock

T = TypeVar("T")

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANNA, BEN = "+12025550143", "+12025550144"
AUTHOR = Author("token", 1, "bench")
PIN = "4711"
FINAL = {State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELED, State.EXPIRED}
OFTEN_S = 0.5
"""Virtual seconds between two looks at a condition."""
ON_THE_WAY_S = 5.0
"""A report is told once, as the device gives it up, and is on disk a moment later."""


class Counted(Database):
    """A database whose thread the virtual time waits for."""

    def submit(self, fn: Callable[[Tx], T], deadline: float | None = None) -> Future[T]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.busy += 1

        def done(_: Future[T]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(loop.call_soon, self._release, loop)

        future = super().submit(fn, deadline)
        future.add_done_callback(done)
        return future

    @staticmethod
    def _release(loop: VirtualTimeLoop) -> None:
        loop.busy -= 1

    async def aread(self, fn: Callable[[Tx], T]) -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        with loop.waiting_for_a_thread():
            return await super().aread(fn)


class _Log(logging.Handler):
    """Everything the program logs, as the service would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class SteppedWall:
    """The wall clock of the box, `ahead` of the right time."""

    def __init__(self, right: Clock, ahead: timedelta) -> None:
        self._right, self.ahead = right, ahead

    def __call__(self) -> datetime:
        return self._right() + self.ahead


class Bench:
    """One office at work. Made by `bench`."""

    def __init__(
        self, world: World, path: Path, box: Box, wall: SteppedWall, kernel: Kernel | None = None
    ) -> None:
        self.world, self.path, self.box, self.wall, self.kernel = world, path, box, wall, kernel
        self.clock: Clock = wall
        self.doubt: Callable[[], str | None] = lambda: None
        self.log = _Log()
        self.accepted: dict[int, str] = {}
        self.asked_again: Counter[str] = Counter()  # parts that may reach a number twice
        self.fatal: list[str] = []
        self.database = self._opened()
        self.lines: Lines
        self._tasks: asyncio.Task[None] | None = None

    def _opened(self) -> Database:
        return Counted(self.path, Keys(self.path.parent), self.fatal.append)

    # --- its life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Settle what the last life left open, as the service does, and serve the lines there are."""
        keeper = await self._keeper()
        await self.write(self._settle)
        ready = asyncio.Event()
        self._tasks = asyncio.create_task(self._serve(ready, keeper))
        await ready.wait()

    def _settle(self, tx: Tx) -> None:
        desk_lines.forget_states(tx, self.clock())
        attempts.recover(tx, self.clock())

    async def _keeper(self) -> Timekeeper | None:
        """Who watches the clock, where the story is about it: looking every five seconds takes its time."""
        if self.kernel is None:
            return None
        self.clock = clock = WatchedClock(self.wall, asyncio.get_running_loop().time)
        self.doubt = lambda: clock.doubt
        keeper = Timekeeper(self.database, clock, lambda: self.kernel or Kernel())
        await keeper.start()
        return keeper

    async def _serve(self, ready: asyncio.Event, keeper: Timekeeper | None) -> None:
        async with asyncio.TaskGroup() as tasks:
            self.lines = Lines(self.database, self.clock, tasks, 60.0, self.box, self.doubt)
            if keeper is not None:
                tasks.create_task(keeper.run())
            tasks.create_task(self.lines.keep_following())
            tasks.create_task(self._keep_kicking())
            ready.set()

    async def _keep_kicking(self) -> None:
        cursor = self.database.feed.last
        while True:
            cursor = await self.database.feed.wait(cursor)
            self.lines.kick()

    async def stop(self) -> None:
        """End as SIGTERM does."""
        await self.lines.close()
        await self._drop()

    async def _drop(self) -> None:
        assert self._tasks is not None
        self._tasks.cancel()
        await asyncio.gather(self._tasks, return_exceptions=True)
        await self.database.aclose()

    async def restart(self) -> None:
        """Stop, and start again on the same data."""
        await self.stop()
        await self.start_again()

    async def start_again(self) -> None:
        """Start on the same data after `stop`."""
        self.database = self._opened()
        await self.start()

    async def crash(self) -> None:
        """Die where it stands, without a word to anybody, and start again on what is on disk."""
        await self._drop()
        self.database = self._opened()
        await self.start()

    # --- what an office does -------------------------------------------------------------------------

    async def write(self, verb: Callable[[Tx], T]) -> T:
        return await self.database.write(verb)

    async def read(self, query: Callable[[Tx], T]) -> T:
        return self.database.read(query)

    async def add_line(self, name: str, port: str, **more: Any) -> int:
        """A line; the bench serves it at once."""
        now = self.clock()
        return await self.write(lambda tx: desk_lines.add(tx, name, port, "command:bench", now, **more))

    async def set(self, name: str, option: str, value: str) -> None:
        """Set an option of a line."""
        now = self.clock()
        await self.write(lambda tx: desk_lines.set_option(tx, name, option, value, "command:bench", now))

    async def post(self, to: str, body: str, line: str = "front", **more: Any) -> int:
        """Hand in a text; its id."""
        draft = Draft(phone.parse(to), body, Purpose.TRANSACTIONAL, AUTHOR, **more)

        def verb(tx: Tx) -> int:
            row = lines.by_name(tx, line)
            assert row is not None
            return accept(tx, row, draft, self.clock())

        message_id = await self.write(verb)
        self.accepted[message_id] = body
        return message_id

    # --- what can be seen ----------------------------------------------------------------------------

    async def until(
        self, condition: Callable[[], Awaitable[object] | object], seconds: float = 600.0, what: str = ""
    ) -> None:
        """Let time pass until the condition holds. Raises AssertionError after `seconds` of it."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            found = condition()
            if await found if isinstance(found, Awaitable) else found:
                return
            assert loop.time() < end, f"not within {seconds} s: {what or 'condition'}; {await self.story()}"
            await asyncio.sleep(OFTEN_S)

    async def line(self, name: str = "front") -> Row[Any]:
        row = await self.read(lambda tx: lines.by_name(tx, name))
        assert row is not None
        return row

    async def up(self, name: str = "front", seconds: float = 600.0) -> None:
        """Wait until a line works."""
        await self.until(lambda: self._is(name, "ready"), seconds, f"line {name} works")

    async def down(self, code: str, name: str = "front", seconds: float = 600.0) -> None:
        """Wait until a line says why it does not work."""
        await self.until(lambda: self._is(name, code), seconds, f"line {name} says {code}")

    async def _is(self, name: str, code: str) -> bool:
        return bool((await self.line(name)).code == code)

    async def message(self, message_id: int) -> Row[Any]:
        row = await self.read(lambda tx: messages.get(tx, message_id))
        assert row is not None
        return row

    async def states(self) -> dict[int, str]:
        """State of every text that was accepted."""
        query = select(messages_table.c.id, messages_table.c.state)
        rows = await self.read(lambda tx: list(tx.execute(query)))
        return {row.id: row.state for row in rows if row.id in self.accepted}

    async def reach(self, state: str, *message_ids: int, seconds: float = 3600.0) -> None:
        """Wait until these texts are in that state."""

        async def there() -> bool:
            states = await self.states()
            return all(states[message_id] == state for message_id in message_ids)

        await self.until(there, seconds, f"{message_ids} are {state}")

    async def settled(self, seconds: float = 3600.0) -> None:
        """Wait until nothing that was accepted is on its way any more."""

        async def all_settled() -> bool:
            return all(state in (*FINAL, State.UNCONFIRMED) for state in (await self.states()).values())

        await self.until(all_settled, seconds, "every text has its outcome")

    async def inbound(self) -> list[str]:
        """Texts received whole, oldest first."""
        query = select(messages_table).where(
            messages_table.c.direction == "inbound", messages_table.c.state == State.RECEIVED.value
        )
        rows = await self.read(lambda tx: list(tx.execute(query.order_by(messages_table.c.id))))
        return [row.body for row in rows]

    async def recoveries(self) -> list[str]:
        """The steps of recovery that were taken, in order."""
        query = select(line_log).where(line_log.c.kind == "recovery").order_by(line_log.c.id)
        return [row.code for row in await self.read(lambda tx: list(tx.execute(query)))]

    async def story(self) -> str:
        """What can be said when a test fails."""
        every = await self.read(lines.every)
        lines_now = [f"{row.name}: {row.status} {row.code} {row.facts}" for row in every]
        return "\n".join([*lines_now, str(await self.states()), *self.log.lines[-15:]])

    # --- what must hold ------------------------------------------------------------------------------

    async def check(self, *, reports_lost: bool = False) -> None:
        """The invariants. `reports_lost`: octets went missing on the cable, or nobody listened for a while;
        reports are told once and kept nowhere."""
        rows = {row.id: row for row in await self.read(lambda tx: list(tx.execute(select(messages_table))))}
        for message_id, body in self.accepted.items():  # I1
            assert rows[message_id].body == body
        for number, one in self.world.phones.items():  # I2
            assert one.parts_twice() <= self.asked_again[number], f"{number} got a part twice"
        gone = set(lost_inbound(self.world, set()))  # before the look at the database: more may go meanwhile
        gone = {pdu for pdu in gone if not (reports_lost and is_report(pdu))}
        lost = await self._not_kept(gone)
        assert lost == set(), f"given up by the device and not kept: {lost}"  # I3
        assert await asyncio.to_thread(self.database.check) == "ok"  # I4
        for row in rows.values():  # I5
            if row.state in (State.QUEUED, State.SENDING):
                assert row.due_at is not None, row
        self._check_log()
        assert self.fatal == []

    async def _not_kept(self, gone: set[str]) -> set[str]:
        """Which of these PDUs are not in the database, once what was on its way there has come."""
        loop = asyncio.get_running_loop()
        end = loop.time() + ON_THE_WAY_S
        while True:
            known = set(await self.read(lambda tx: tx.execute(select(raw_pdus.c.pdu)).scalars().all()))
            lost = gone & set(lost_inbound(self.world, known))
            if not lost or loop.time() > end:
                return lost
            await asyncio.sleep(OFTEN_S)

    def _check_log(self) -> None:
        secrets = [*self.accepted.values(), *self.world.phones, *self.world.modems, PIN]
        secrets += [written.body for one in self.world.phones.values() for written in one.sent]
        log = "\n".join(self.log.lines)
        for secret in secrets:  # I6
            assert len(secret) < 4 or secret not in log, f"{secret!r} is in the log"


@contextlib.asynccontextmanager
async def bench(
    path: Path,
    box: Box | None = None,
    *,
    at_any_hour: bool = True,
    kernel: Kernel | None = None,
    ahead: timedelta = timedelta(0),
    begin: datetime = START,
    **world: Any,
) -> AsyncIterator[Bench]:
    """A bench over the database at `path`, serving; ends as a service does. `at_any_hour`: without quiet
    hours and caps. With a `kernel` its clock is watched, as the service's is; it begins `ahead` of the
    network's. `begin`: what time it is when the story begins."""
    now = wall_clock(begin)
    async with World(**{"seed": 27005, "air_time": 3.0, "report_delay": 4.0, "now": now, **world}) as made:
        one = Bench(made, path, box or Box(), SteppedWall(now, ahead), kernel)
        root = logging.getLogger("gateway")
        before = root.level
        root.addHandler(one.log)
        root.setLevel(logging.DEBUG)
        try:
            if at_any_hour:
                await one.write(any_hour.lift)
            await one.start()
            yield one
        finally:
            root.removeHandler(one.log)
            root.setLevel(before)
            await one.stop()


async def front(one: Bench, **modem: Any) -> Modem:
    """A line called front on a modem of its own; returns once it works."""
    made = await one.world.modem(**modem)
    await one.add_line("front", made.path)
    await one.up()
    return made
