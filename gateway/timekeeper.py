"""Keeps the verdict on the clock: weighs every few seconds what speaks for and against it.

It reads what the kernel, the lines and the records say, lets `gateway.domain.clock_trust` judge, and writes
only what changed. When a doubt ends, or a step of the clock turns out right, what waited for it is due again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway import kernel_clock
from gateway.clock import WatchedClock
from gateway.desk import clock as desk
from gateway.domain import clock_trust
from gateway.domain.clock_trust import Doubt, Evidence
from gateway.domain.line import LineStatus
from gateway.kernel_clock import Kernel
from gateway.queue import attempts
from gateway.store import lines
from gateway.store.database import Database, DatabaseError, Tx

log = logging.getLogger(__name__)

TICK_S = 5.0


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database says at a tick."""

    state: desk.State
    lines: list[Row[Any]]


class Timekeeper:
    """Judges `clock`. `on_step` is called when it was stepped, before anything else is done about it."""

    def __init__(
        self,
        database: Database,
        clock: WatchedClock,
        kernel: Callable[[], Kernel] = kernel_clock.look,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        self._db, self._clock, self._kernel, self._on_step = database, clock, kernel, on_step
        self._newest: datetime | None = None
        self._stepped_at: datetime | None = None
        self._jumps = 0
        self._stepped_s = 0.0
        self._last_attempt = 0
        self._was_right = False
        self._doubt: Doubt | None = None

    async def start(self) -> None:
        """Judge for the first time, before anything is sent or written by this clock."""
        boot = self._kernel().boot
        before = await self._db.write(lambda tx: desk.started(tx, boot))
        self._newest = await self._db.aread(desk.newest_record)
        if before.boot == boot and before.doubt in set(Doubt):
            self._doubt = Doubt(before.doubt)
        self._last_attempt = await self._db.aread(desk.last_attempt)
        self._jumps, self._stepped_s = self._clock.jumps, self._clock.stepped_s
        await self.tick()
        if self._doubt is None:
            await self._release()  # a crash may have come between the end of a doubt and this

    async def run(self) -> None:
        """Judge every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except DatabaseError as error:
                log.error("the verdict on the clock waits for the database: %s", error)

    async def tick(self) -> None:
        """Weigh what is known now."""
        now = self._clock()
        jumps = self._clock.jumps
        has_stepped = jumps != self._jumps
        if has_stepped:
            self._note_step(now)
            await self._keep_pace(now)
        known = await self._db.aread(_known)
        found = self._evidence(known, now, has_stepped)
        doubt = clock_trust.doubt(found)
        if not self._clock.judge(doubt, jumps):
            return  # stepped while it was judged: the next tick sees that
        await self._keep(known.state, doubt, now, has_stepped)
        if found.is_right and not self._was_right:
            await self._db.write(lambda tx: desk.note_right(tx, now))
            self._was_right = True
        self._jumps = jumps

    def _note_step(self, now: datetime) -> None:
        log.warning("the clock of this box was stepped")
        self._doubt, self._was_right, self._stepped_at = Doubt.JUMPED, False, now
        self._on_step()

    async def _keep_pace(self, now: datetime) -> None:
        """Let what was sent before a step look as old as it is, before anything but answers goes again."""
        stepped_s = self._clock.stepped_s
        by = timedelta(seconds=stepped_s - self._stepped_s)
        await self._db.write(lambda tx: desk.moved(tx, self._last_attempt, by, now))
        self._stepped_s = stepped_s

    def _evidence(self, known: _Known, now: datetime, has_stepped: bool) -> Evidence:
        kernel = self._kernel()
        return Evidence(
            now=now,
            newest=self._newest,
            offsets=offsets(known.lines, now, self._stepped_at),
            synchronised=kernel.synchronised,
            uptime_s=kernel.uptime_s,
            has_time_service=kernel.has_time_service,
            pending=self._doubt,
            was_right=self._was_right,
            confirmed=bool(known.state.confirmed_by) and not has_stepped,
        )

    async def _keep(self, state: desk.State, doubt: Doubt | None, now: datetime, has_stepped: bool) -> None:
        """Write what changed, and end the waiting where there was a doubt and is none."""
        if doubt != state.doubt or has_stepped:
            await self._db.write(lambda tx: desk.set_doubt(tx, doubt, now))
            log.warning("the clock of this box is in doubt: %s", doubt or "no more")
        if doubt is None and (self._doubt is not None or state.doubt is not None):
            await self._release()
        self._doubt = doubt

    async def _release(self) -> None:
        """Make due what waited for the clock, a few hundred texts at a time, and mend what was written by a
        clock that was ahead."""
        now = self._clock()
        await self._db.write(lambda tx: attempts.mend_after_clock(tx, now))
        while await self._db.write(lambda tx: desk.release(tx, now)):
            pass


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of the clock from outside the running program, and what follows from it."""

    evidence: Evidence
    doubt: Doubt | None
    state: desk.State

    def as_object(self) -> dict[str, object]:
        """For --json."""
        return {
            "now": self.evidence.now.isoformat(),
            "doubt": self.doubt,
            "since": self.state.since.isoformat() if self.state.since and self.doubt else None,
            "synchronised": self.evidence.synchronised,
            "network_offsets_s": [offset.total_seconds() for offset in self.evidence.offsets],
            "newest_record": self.evidence.newest.isoformat() if self.evidence.newest else None,
            "confirmed_by": self.state.confirmed_by or None,
        }


def examine(tx: Tx, now: datetime, kernel: Kernel) -> Finding:
    """Weigh the clock anew, with the doubt the running program has, or had when it ended."""
    known = _known(tx)
    runs_on = known.state.boot == kernel.boot
    pending = Doubt(known.state.doubt) if runs_on and known.state.doubt in set(Doubt) else None
    found = Evidence(
        now=now,
        newest=desk.newest_record(tx),
        offsets=offsets(known.lines, now, known.state.since),
        synchronised=kernel.synchronised,
        uptime_s=kernel.uptime_s,
        has_time_service=kernel.has_time_service,
        pending=pending,
        confirmed=runs_on and bool(known.state.confirmed_by),
    )
    return Finding(found, clock_trust.doubt(found), known.state)


def offsets(rows: list[Row[Any]], now: datetime, since: datetime | None) -> tuple[timedelta, ...]:
    """The network's time minus ours, as the lines that work tell it."""
    up = (row for row in rows if row.status == LineStatus.UP.value)
    told = (clock_trust.offset(row.facts, now, since) for row in up)
    return tuple(apart for apart in told if apart is not None)


def _known(tx: Tx) -> _Known:
    return _Known(desk.state(tx), lines.every(tx))
