"""Looks every minute whether something is wrong that somebody has to know of.

It measures what only the box can tell (disk, reserve, certificate), has the desk measure the rest, and writes
only what changes. What is wrong is `gateway.domain.alarms`; how it is told, `gateway.alarm_post`.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from gateway.clock import Clock
from gateway.desk import alarm_readings as readings
from gateway.desk import alarms as desk
from gateway.desk.alarms import Move
from gateway.domain.alarms import Kind, Reading, Step
from gateway.store.database import BALLAST_BYTES, Database, DatabaseError, Tx

log = logging.getLogger(__name__)

EVERY_S = 60.0
SELDOM = 15
"""What looks far back is measured every so many looks."""
_DAY = timedelta(days=1)
_HERE = frozenset({Kind.DISK, Kind.RESERVE, Kind.CERTIFICATE})


class Watch:
    """Watches one office. `doubt`: why the clock is not trusted; `certificate_ends`: when the certificate
    that the panel is served with does, None without one."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        clock: Clock,
        doubt: Callable[[], str | None] = lambda: None,
        certificate_ends: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._db, self._folder, self._clock = database, folder, clock
        self._doubt, self._certificate_ends = doubt, certificate_ends
        self._started: datetime | None = None
        self._looks = 0

    async def run(self) -> None:
        """Look until cancelled; the first time after a minute, when the program has found its feet."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except (DatabaseError, DBAPIError, OSError) as error:
                log.error("alarms could not be looked for", extra={"why": str(error)})

    async def look(self) -> None:
        """Measure everything once, and do what follows."""
        now, doubt = self._clock(), self._doubt()
        if self._started is None or self._started > now:
            self._started = now - timedelta(seconds=EVERY_S)
        is_seldom = self._looks % SELDOM == 0
        self._looks += 1
        found = await asyncio.to_thread(
            self._db.read, lambda tx: self._weigh(tx, now, doubt, is_seldom=is_seldom)
        )
        if found:
            await self._db.write(lambda tx: desk.follow(tx, found, now))
        for move in found:
            if move.step in (Step.RAISE, Step.END, Step.LAPSE):
                log.warning("alarm", extra={"step": move.step.value, "kind": move.kind.value})

    def _weigh(self, tx: Tx, now: datetime, doubt: str | None, *, is_seldom: bool) -> list[Move]:
        assert self._started is not None
        kinds = readings.OF_LINES | readings.OF_BOX | _HERE | (readings.SELDOM if is_seldom else frozenset())
        judged = readings.judged(kinds, doubt)
        every = [*readings.often(tx, self._started, now), *self._here(now)]
        if is_seldom:
            every += readings.seldom(tx, now)
        return desk.weigh(tx, [one for one in every if one.kind in judged], judged, now)

    def _here(self, now: datetime) -> Iterator[Reading]:
        disk = shutil.disk_usage(self._folder)
        percent = 100 * disk.free / disk.total
        detail = {"percent": int(percent), "free": _size(disk.free), "folder": str(self._folder)}
        yield Reading(Kind.DISK, "", percent, detail)
        yield Reading(Kind.RESERVE, "", float(not self._has_reserve()), {"folder": str(self._folder)})
        ends = self._certificate_ends()
        if ends is not None:
            days = (ends - now) / _DAY
            yield Reading(
                Kind.CERTIFICATE,
                "",
                days,
                {"ends_on": ends.date().isoformat(), "ended": ends <= now, "days": max(int(days), 0)},
            )

    def _has_reserve(self) -> bool:
        reserve = self._db.path.with_name("ballast")
        return reserve.exists() and reserve.stat().st_size == BALLAST_BYTES


def _size(octets: int) -> str:
    return f"{octets / 1e9:.1f} GB" if octets >= 1e9 else f"{octets // 1_000_000} MB"
