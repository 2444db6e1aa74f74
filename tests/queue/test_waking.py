"""What was put off comes back at its time, and what is idle is closed."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest

from gateway.desk import conversation_state as desk
from gateway.domain.line import Accepted
from gateway.queue.chores import scheduler
from gateway.queue.waking import Waking
from gateway.store import settings
from gateway.store.database import Database
from gateway.store.keys import Keys
from tests.office import ANNA, SAM, Office
from tests.virtual_time import run, wall_clock


@pytest.mark.parametrize("doubt", [None, "stepped"])
def test_it_comes_back_to_the_second(office: Office, doubt: str | None) -> None:
    office.text_from(ANNA, "Hi")
    row, until = office.conversation(ANNA), office.clock() + timedelta(minutes=10)

    async def story() -> list[str]:
        clock, database = wall_clock(office.clock()), Database(office.path, Keys(office.path.parent))
        work = asyncio.create_task(Waking(database, clock, lambda: doubt).run())
        await asyncio.sleep(1)
        await database.write(lambda tx: desk.snooze(tx, row, until, SAM, clock()))
        seen = []
        for length in (597, 2.5, 31):
            await asyncio.sleep(length)
            seen.append(office.conversation(ANNA).state)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await database.aclose()
        return seen

    last = "open" if doubt is None else "snoozed"
    assert run(story) == ["snoozed", last, last]


@pytest.mark.parametrize(("days", "closed"), [("14", True), ("0", False), ("15", False)])
async def test_what_is_idle_is_closed_by_a_chore(office: Office, days: str, closed: bool) -> None:
    office.write(lambda tx: settings.put(tx, "inbox.close_idle_days", days))
    office.accept(ANNA, "Hello")
    office.send_one(Accepted(1))
    later = office.clock() + timedelta(days=14, seconds=1)
    database = Database(office.path, Keys(office.path.parent))
    await scheduler(database, lambda: later).get_job("close-idle").func()
    await database.aclose()
    assert (office.conversation(ANNA).state == "closed") is closed
