"""Carries what is told of alarms out of the house: texts by another line, calls of the office's webhook.

Each notice is a row with the time of its next try, so a restart loses none. A webhook that does not answer is
called again after 5 s, then ever more seldom for three days (Standard Webhooks 1.0.0); one that answers 410
is left alone. Nothing else leaves the box.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from gateway.clock import Clock
from gateway.desk import alarm_texts
from gateway.desk import alarms as desk
from gateway.domain import alarm_words
from gateway.store import alarms, settings
from gateway.store.database import Database, DatabaseError, Tx
from gateway.webhook import Call, NotTaken, post

log = logging.getLogger(__name__)

PAUSES_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.1
GONE = 410
AT_ONCE = 50
AGAIN_S = 60.0
"""Seconds until the clock is looked at again, for a step of it moves what is due."""
GATHER_S = 1.0
"""Seconds in which news are gathered before notices are looked for: most of them are of texts."""
_LEAST_S = 0.2


class Post:
    """Tells the notices of one office. `chance`: a number from 0 to 1, so that not all call at once."""

    def __init__(self, database: Database, clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._db, self._clock, self._chance = database, clock, chance

    async def run(self) -> None:
        """Carry until cancelled: texts and calls apart, so that an address that does not answer delays no
        text."""
        async with asyncio.TaskGroup() as ways:
            for way in (desk.TEXT, desk.WEBHOOK):
                ways.create_task(self._keep_carrying(way))

    async def _keep_carrying(self, way: str) -> None:
        cursor = self._db.feed.last
        while True:
            try:
                await self.carry(way)
                pause_s = await self._pause_s(way)
            except (DatabaseError, DBAPIError, OSError) as error:
                log.error("alarms could not be told", extra={"why": str(error)})
                pause_s = AGAIN_S
            try:
                async with asyncio.timeout(pause_s):
                    cursor = await self._db.feed.wait(cursor)
                    await asyncio.sleep(GATHER_S)
            except TimeoutError:
                continue

    async def carry(self, way: str) -> int:
        """Tell what is due by one way. Returns how many notices were looked at."""
        now = self._clock()
        due = await self._db.aread(lambda tx: alarms.due_notices(tx, way, now, AT_ONCE))
        for notice in due:
            if way == desk.TEXT:
                await self._text(notice)
            else:
                await self._call(notice)
        return len(due)

    async def _text(self, notice: Row[Any]) -> None:
        now = self._clock()
        await self._db.write(lambda tx: alarm_texts.tell(tx, notice, now))

    async def _pause_s(self, way: str) -> float:
        at = await self._db.aread(lambda tx: alarms.next_due(tx, way))
        if at is None:
            return AGAIN_S
        return min(max((at - self._clock()).total_seconds(), _LEAST_S), AGAIN_S)

    async def _call(self, notice: Row[Any]) -> None:
        address, secret, alarm = await self._db.aread(lambda tx: _addressed(tx, notice.alarm_id))
        problem, again = await self._outcome(notice, address, secret, alarm)
        now = self._clock()
        due_at = now + again if again is not None else None
        await self._db.write(lambda tx: desk.tried(tx, notice, now, problem, due_at))

    async def _outcome(
        self, notice: Row[Any], address: str, secret: str | None, alarm: Row[Any]
    ) -> tuple[str | None, timedelta | None]:
        """What went wrong, None for nothing, and after how long it is tried again, None for never."""
        if not address:
            return alarm_words.NO_ADDRESS, None
        try:
            await post(address, secret, _call(notice, alarm, self._clock()))
        except NotTaken as error:
            log.warning("webhook not reached", extra={"tries": notice.tries + 1, "status": error.status})
            if error.status == GONE:
                return alarm_words.GONE, None
            return str(error), self._again(notice.tries)
        return None, None

    def _again(self, tries: int) -> timedelta | None:
        if tries >= len(PAUSES_S):
            return None
        return timedelta(seconds=PAUSES_S[tries] * (1 + JITTER * (2 * self._chance() - 1)))


def _addressed(tx: Tx, alarm_id: int) -> tuple[str, str | None, Row[Any]]:
    alarm = alarms.get(tx, alarm_id)
    assert alarm is not None, "a notice is of an alarm"
    return settings.get(tx, "alarms.webhook"), desk.secret(tx), alarm


def _call(notice: Row[Any], alarm: Row[Any], now: datetime) -> Call:
    told = {
        "type": f"alarm.{notice.what}",
        "timestamp": notice.made_at.isoformat(),
        "data": desk.as_object(alarm),
    }
    return Call(notice.public_id, int(now.timestamp()), json.dumps(told, ensure_ascii=False).encode())
