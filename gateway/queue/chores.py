"""House-keeping by APScheduler: what is done now and then and may be late. Never a due time of a message:
what may not leave late is refused when it would leave; here its author is told.

APScheduler goes by the wall clock. The triggers here count from now on, never from the last run: after a step
of the clock to a far year it would list every run that was missed on the way, and run out of memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from gateway.desk import (
    backups,
    conversation_state,
    hygiene,
    importing,
    line_requests,
    old_phone_files,
    reports,
    reroutes,
)
from gateway.queue import attempts
from gateway.queue.erasing import Erasing
from gateway.queue.holidays import Holidays
from gateway.queue.progress import Progress
from gateway.store import outbox, settings
from gateway.store.database import Database
from gateway.store.upkeep import forget_old

log = logging.getLogger(__name__)

CLOSED_AT_ONCE = 50
"""Idle conversations closed in one transaction."""


class Every(IntervalTrigger):  # type: ignore[misc]
    """Every so often from now on."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Time of the next run, always later than now."""
        at: datetime = now + self.interval
        return at


class Daily(CronTrigger):  # type: ignore[misc]
    """Once a day at the next such hour."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Time of the next run, always later than now."""
        at: datetime | None = super().get_next_fire_time(None, now + timedelta(microseconds=1))
        return at


def begin_anew(chores: AsyncIOScheduler) -> None:
    """The clock was stepped: what was due by the one of before is due by this one instead."""
    for job in chores.get_jobs():
        job.reschedule(job.trigger)


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


async def in_its_own_thread(work: Callable[[], None]) -> None:
    """Do what may take minutes where nobody waits for it when the program ends: it is cut short then."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def run() -> None:
        try:
            work()
        except Exception:
            log.exception("a chore failed")
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(_settle, done)

    threading.Thread(target=run, name="chore", daemon=True).start()
    await done


def scheduler(
    database: Database,
    clock: Callable[[], datetime],
    doubt: Callable[[], str | None] = lambda: None,
    rewriting: Progress | None = None,
) -> AsyncIOScheduler:
    """The chores, declared; start it in the daemon's loop. `doubt`: why the clock is not to be trusted; as
    long as there is a reason nothing expires and nothing is forgotten. `rewriting` goes on while the file is
    written anew."""
    chores = AsyncIOScheduler(
        timezone="UTC",  # no hour of a UTC day is skipped or repeated
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def trusting(chore: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            clock()  # this look may be the one that finds it stepped
            if doubt() is None:
                await chore()

        return run

    async def forget() -> None:
        await database.write(lambda tx: forget_old(tx, clock()))

    async def forget_files() -> None:
        await database.write(lambda tx: importing.tidy(tx, clock()))
        await asyncio.to_thread(old_phone_files.tidy, database.read, database.keys.folder)

    async def reserve() -> None:
        await asyncio.to_thread(database.lay_ballast)

    async def expire() -> None:
        now = clock()
        if await database.aread(lambda tx: outbox.overdue(tx, now)):
            await database.write(lambda tx: attempts.expire(tx, now))

    async def empty_answers() -> None:
        await database.write(lambda tx: line_requests.empty_answers(tx, clock()))

    async def note_missing_reports() -> None:
        await database.write(lambda tx: reports.note_missing(tx, clock()))

    async def let_others_send() -> None:
        for line_id in await database.aread(lambda tx: reroutes.at_rest(tx, clock())):
            moved = reroutes.AT_ONCE
            while moved == reroutes.AT_ONCE:
                moved = await database.write(lambda tx, at=line_id: reroutes.reroute(tx, at, clock()))  # type: ignore[misc]

    async def ask_about_unused() -> None:
        after: int | None = 0
        while after is not None:
            after = await database.write(
                lambda tx, at=after: hygiene.ask_about_unused(tx, at, clock())  # type: ignore[misc]
            )

    async def close_idle() -> None:
        days = int(await database.aread(lambda tx: settings.get(tx, "inbox.close_idle_days")))
        now, closed = clock(), CLOSED_AT_ONCE if days else 0
        while closed == CLOSED_AT_ONCE:
            closed = await database.write(
                lambda tx: conversation_state.close_idle(tx, now - timedelta(days=days), now, CLOSED_AT_ONCE)
            )

    async def back_up() -> None:
        trusted = doubt() is None
        await in_its_own_thread(lambda: backups.nightly(database, clock, clock_is_trusted=trusted))

    fill_holidays = Holidays(database, clock).fill
    erasing = Erasing(database, clock, rewriting or Progress())
    chores.add_job(trusting(expire), Every(minutes=1), id="expire")
    chores.add_job(trusting(let_others_send), Every(minutes=1), id="let-others-send")
    chores.add_job(trusting(note_missing_reports), Every(hours=1), id="note-missing-reports")
    chores.add_job(trusting(empty_answers), Every(hours=1), id="empty-answers")
    chores.add_job(erasing.finish, Every(minutes=10), id="finish-erasures", next_run_time=clock())
    chores.add_job(trusting(erasing.retain), Daily(hour=3, minute=10, timezone="UTC"), id="retain")
    chores.add_job(erasing.rewrite, Daily(hour=3, minute=40, timezone="UTC"), id="rewrite")
    chores.add_job(
        trusting(ask_about_unused), Daily(hour=3, minute=55, timezone="UTC"), id="ask-about-unused"
    )
    chores.add_job(trusting(forget), Daily(hour=4, minute=10, timezone="UTC"), id="forget-old")
    chores.add_job(trusting(forget_files), Daily(hour=4, minute=20, timezone="UTC"), id="forget-files")
    chores.add_job(
        trusting(fill_holidays),
        Every(minutes=10),
        id="fill-holidays",
        next_run_time=clock(),  # at once: until it has run, texts wait that ask for holidays
    )
    chores.add_job(trusting(close_idle), Every(hours=1), id="close-idle")
    chores.add_job(reserve, Every(minutes=10), id="lay-ballast")
    chores.add_job(back_up, Every(minutes=10), id="back-up")
    return chores
