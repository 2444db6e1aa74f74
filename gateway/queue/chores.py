"""House-keeping by APScheduler: what is done now and then and may be late. Never a due time of a message:
what may not leave late is refused when it would leave; here its author is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway.desk import line_requests, reports
from gateway.queue import attempts
from gateway.queue.holidays import Holidays
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.upkeep import forget_old


def scheduler(database: Database, clock: Callable[[], datetime]) -> AsyncIOScheduler:
    """The chores, declared; start it in the daemon's loop."""
    chores = AsyncIOScheduler(
        timezone="UTC",  # no hour of a UTC day is skipped or repeated
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    async def forget() -> None:
        await database.write(lambda tx: forget_old(tx, clock()))

    async def reserve() -> None:
        await asyncio.to_thread(database.lay_ballast)

    async def expire() -> None:
        now = clock()
        if await database.aread(lambda tx: outbox.overdue(tx, now)):
            await database.write(lambda tx: attempts.expire(tx, now))
        latest = now + attempts.GRACE
        if await database.aread(lambda tx: outbox.from_the_future(tx, latest, latest)):
            await database.write(lambda tx: attempts.mend_after_clock(tx, now))

    async def empty_answers() -> None:
        await database.write(lambda tx: line_requests.empty_answers(tx, clock()))

    async def note_missing_reports() -> None:
        await database.write(lambda tx: reports.note_missing(tx, clock()))

    chores.add_job(expire, "interval", minutes=1, id="expire")
    chores.add_job(note_missing_reports, "interval", hours=1, id="note-missing-reports")
    chores.add_job(empty_answers, "interval", hours=1, id="empty-answers")
    chores.add_job(forget, "cron", hour=4, minute=10, id="forget-old")
    chores.add_job(Holidays(database, clock).fill, "interval", minutes=10, id="fill-holidays")
    chores.add_job(reserve, "interval", minutes=10, id="lay-ballast")
    return chores
