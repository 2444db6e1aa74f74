"""One lane per line: due or kicked, claim, send, record.

A lane sleeps until something is due, thirty seconds at most, or until the feed announces news. It knows
the Line contract and no modem. What it promises is in `gateway.queue.attempts`; what is here is the order
of things: the next part is claimed in the transaction that records the last, and its prompt is asked for
while that transaction is still being synced, so that the air is never idle for our sake.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Protocol, TypeGuard

from gateway.desk import reroutes
from gateway.domain import line_options
from gateway.domain.line import Accepted, Line, NotNow, Scope, SendOutcome, Submission, Withdrawn
from gateway.queue import attempts, outcomes, retry
from gateway.queue.attempts import Claimed
from gateway.queue.progress import Progress
from gateway.store import lines
from gateway.store.database import Database, DatabaseError, TooLate, Tx

log = logging.getLogger(__name__)

LONGEST_SLEEP = timedelta(seconds=30)
DISK_PAUSE = timedelta(seconds=2)
"""After the database refused, as on a full disk."""
RELIEF_CHECK_S = 15.0
"""How often a line that is down asks whether another may send for it."""
OTHERS_TURN = 4
"""Every so many claims the text that waits longest, if too long, goes first, so that none starves."""
W3_DEADLINE = 2.0
"""Seconds the commit of the intent may take while the device waits at its prompt."""
STEP_WITHIN_S = 120.0
"""Seconds a step between two waits may take: longer than a locked database is waited for."""
SEND_WITHIN_S = 600.0
"""Seconds one send may take: the device may be busy with a listing or a service code for minutes before it,
and the answer comes within 150."""


class Holder(Protocol):
    """Whoever keeps a line up: `line` is there while it can send, `wait_up` returns once it is."""

    @property
    def line(self) -> Line | None: ...

    async def wait_up(self) -> None: ...


def _lines_trouble(outcome: Accepted | SendOutcome) -> TypeGuard[NotNow]:
    return isinstance(outcome, NotNow) and outcome.scope is not Scope.MESSAGE


def _retrieve(decided: asyncio.Future[bool]) -> None:
    if not decided.cancelled():
        decided.exception()


class Lane:
    """Sends what is due on one line, one part at a time, until told to stop."""

    def __init__(
        self,
        line_id: int,
        holder: Holder,
        database: Database,
        owner: str,
        clock: Callable[[], datetime],
        doubt: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._line_id = line_id
        self._holder = holder
        self._db = database
        self._owner = owner
        self._clock = clock
        self._doubt = doubt
        self._claims = 0
        self._stopping = asyncio.Event()
        self._kicked = asyncio.Event()
        self._recording: asyncio.Future[Claimed | None] | None = None
        self._refusals = 0
        self.progress = Progress()

    def kick(self) -> None:
        """Something happened: look again now."""
        self._kicked.set()

    def stop(self) -> None:
        """Let nothing more leave; a text on the air is waited for."""
        self._stopping.set()
        self._kicked.set()

    async def run(self) -> None:
        """Work until stopped. The caller gives it its own task."""
        claimed: Claimed | None = None
        while not self._stopping.is_set():
            if self._holder.line is None:
                claimed = None  # by the time it is back, another text may come first
            line = await self._line_up()
            if line is None:
                continue
            self._kicked.clear()
            now = self._clock()
            try:
                if claimed is None:
                    claimed = await self._claim_or_sleep(now)
                if claimed is None:
                    continue
                claimed = await self._send(line, claimed)
            except DatabaseError as error:
                log.critical("nothing is sent until the database takes it again: %s", error)
                claimed = None
                await self._pause(DISK_PAUSE)
        self.progress.done()
        await self._recorded()

    async def _line_up(self) -> Line | None:
        """The line once it can send; None when told to stop first, or when it went down again."""
        up = asyncio.ensure_future(self._holder.wait_up())
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            while not up.done() and not stop.done():
                self.progress.expect(RELIEF_CHECK_S + STEP_WITHIN_S)
                await asyncio.wait({up, stop}, timeout=RELIEF_CHECK_S, return_when=asyncio.FIRST_COMPLETED)
                if not up.done() and not stop.done():
                    await self._let_another_send()
            return None if self._stopping.is_set() else self._holder.line
        finally:
            stop.cancel()
            if not up.done():
                up.cancel()

    async def _let_another_send(self) -> None:
        """While the line is down its fallback, where it has one, may send what waits here."""
        try:
            line = await self._db.aread(lambda tx: lines.get(tx, self._line_id))
            if line is None or not line_options.value(line.options, "fallback"):
                return
            now = self._clock()
            await self._db.write(lambda tx: reroutes.reroute(tx, self._line_id, now))
        except Exception:
            log.exception("another line could not be asked to send")

    async def _claim_or_sleep(self, now: datetime) -> Claimed | None:
        """The next part; None after a sleep, when there was none."""
        self.progress.expect(STEP_WITHIN_S)
        found = await self._db.aread(lambda tx: attempts.look(tx, self._line_id, now))
        if found.repeats:
            await self._db.write(lambda tx: attempts.resend_unconfirmed(tx, self._line_id, now))
        if found.repeats or found.has_next:
            claimed = await self._db.write(lambda tx: self._claim(tx, now))
            if claimed is not None:
                return claimed
            if (await self._db.aread(lambda tx: attempts.look(tx, self._line_id, now))).has_next:
                return None  # many were looked at that have to wait; behind them are others
        await self._sleep(found.wake_at)
        return None

    def _claim(self, tx: Tx, now: datetime) -> Claimed | None:
        """Claim the next part; every few of them it is the turn of those that wait longest."""
        fair = self._claims % OTHERS_TURN == OTHERS_TURN - 1
        claimed = attempts.claim_next(tx, self._line_id, self._owner, now, fair=fair, doubt=self._doubt())
        self._claims += claimed is not None
        return claimed

    async def _sleep(self, due: datetime | None) -> None:
        """Until something becomes due that was not when we looked. What was due and is held back, by
        order say, needs no alarm: the event that frees it kicks us."""
        pause = LONGEST_SLEEP if due is None else min(max(due - self._clock(), timedelta(0)), LONGEST_SLEEP)
        self.progress.expect(pause.total_seconds() + STEP_WITHIN_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._kicked.wait()

    # -- one send --------------------------------------------------------------------------------

    async def _send(self, line: Line, claimed: Claimed) -> Claimed | None:
        """Send one part and start recording what came of it; returns the next part claimed meanwhile."""
        intents: list[Future[bool]] = []
        self.progress.expect(SEND_WITHIN_S)

        async def go() -> bool:
            return await self._go(claimed, intents)

        try:
            submission = Submission(claimed.part_id, claimed.tpdu, claimed.older)
            outcome: Accepted | SendOutcome = await line.send(submission, go)
        except SendOutcome as raised:
            outcome = raised
            log.info("part not accepted", extra={"part": claimed.part_id, "code": raised.code})
        except Withdrawn:
            await self._recorded()
            await self._take_back(claimed, intents)
            return None
        await self._recorded()
        following = await self._record(claimed, outcome)
        await self._rest(outcome)
        return following

    async def _rest(self, outcome: Accepted | SendOutcome) -> None:
        """After a refusal that is the line's own trouble, let it be for a while: not the text but the
        line waits, or every text in the queue would be refused in turn."""
        if not _lines_trouble(outcome):
            self._refusals = 0
            return
        self._refusals += 1
        await self._pause(retry.pause(self._refusals, outcome.scope, outcome.code))

    async def _pause(self, how_long: timedelta) -> None:
        self.progress.extend(how_long.total_seconds() + STEP_WITHIN_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(how_long.total_seconds()):
                await self._stopping.wait()

    async def _go(self, claimed: Claimed, intents: list[Future[bool]]) -> bool:
        """W3: the intent is on disk within the deadline, and the outcome of the part before with it.

        The writer works in the order it was asked, so the intent is decided after that outcome; often both
        share one commit. Nothing leaves before both are on disk.
        """
        if self._stopping.is_set():
            return False
        deadline = time.monotonic() + W3_DEADLINE
        now = self._clock()  # this look may be the one that finds the clock stepped
        doubt = self._doubt()
        intent = self._db.submit(
            lambda tx: attempts.submit(tx, claimed.part_id, self._line_id, self._owner, now, doubt),
            deadline=deadline,
        )
        intents.append(intent)
        decided = asyncio.wrap_future(intent)
        decided.add_done_callback(_retrieve)  # nobody waits for it after the deadline
        try:
            async with asyncio.timeout(W3_DEADLINE):
                allowed = await asyncio.shield(decided)
        except (TimeoutError, TooLate):
            log.warning("the disk was too slow to record a send; it waits", extra={"part": claimed.part_id})
            return False
        await self._recorded()
        in_time = time.monotonic() <= deadline  # what limits count is when it leaves
        return allowed and in_time and not self._stopping.is_set()

    async def _take_back(self, claimed: Claimed, intents: list[Future[bool]]) -> None:
        """Undo an intent that was committed after we had told the device to forget the text."""
        for intent in intents:
            try:
                committed = await asyncio.wrap_future(intent)
            except TooLate:
                continue
            if committed:
                await self._db.write(lambda tx: attempts.take_back(tx, claimed.part_id, self._clock()))

    async def _record(self, claimed: Claimed, outcome: Accepted | SendOutcome) -> Claimed | None:
        """W4: the outcome and the next claim in one transaction. Returns the claim before the disk has
        synced it; `_recorded` waits for that, and no intent is committed before."""
        loop = asyncio.get_running_loop()
        early: asyncio.Future[Claimed | None] = loop.create_future()
        now = self._clock()
        doubt = self._doubt()

        def settle(following: Claimed | None) -> None:
            if not early.done():
                early.set_result(following)

        def work(tx: Tx) -> Claimed | None:
            outcomes.record(tx, claimed.part_id, outcome, now, doubt)
            following = None
            if not _lines_trouble(outcome):
                following = self._claim(tx, now)
            loop.call_soon_threadsafe(settle, following)
            return following

        self._recording = asyncio.ensure_future(self._persist(work))
        await asyncio.wait({early, self._recording}, return_when=asyncio.FIRST_COMPLETED)
        return early.result() if early.done() else await self._recording

    async def _persist(self, work: Callable[[Tx], Claimed | None]) -> Claimed | None:
        """Record an outcome, however often the disk refuses: it is known only here. Stopped meanwhile, the
        part is found between intent and outcome at the next start, and is unconfirmed."""
        while True:
            try:
                return await self._db.write(work)
            except DatabaseError as error:
                if self._stopping.is_set():
                    raise
                log.critical("what came of a text is not on disk yet, trying again: %s", error)
                await self._pause(DISK_PAUSE)

    async def _recorded(self) -> None:
        """Wait until the outcome of the part before is on disk; raises when stopped before it was."""
        if self._recording is not None:
            await asyncio.shield(self._recording)
            self._recording = None
