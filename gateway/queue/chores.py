"""House-keeping by APScheduler: what is done now and then and may be late. Never a due time of a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

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
        database.lay_ballast()

    chores.add_job(forget, "cron", hour=4, minute=10, id="forget-old")
    chores.add_job(reserve, "interval", minutes=10, id="lay-ballast")
    return chores
