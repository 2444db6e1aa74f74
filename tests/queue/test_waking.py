"""What was put off comes back at its time, and what is idle is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import conversation_state as desk
from gateway.domain.line import Accepted
from gateway.queue.chores import scheduler
from gateway.queue.waking import LOOK_EVERY_S, Waking
from gateway.store import settings
from gateway.store.database import Database
from gateway.store.keys import Keys
from tests.office import ANNA, SAM, Office


@pytest.mark.parametrize("doubt", [None, "stepped"])
async def test_it_comes_back_to_the_second(office: Office, doubt: str | None) -> None:
    office.text_from(ANNA, "Hi")
    row, until = office.conversation(ANNA), office.clock() + timedelta(minutes=10)
    waking = Waking(office.database, office.clock, lambda: doubt)
    office.write(lambda tx: desk.snooze(tx, row, until, SAM, office.clock()))
    office.clock.step(minutes=9, seconds=58)
    assert await waking.wake() == (2.0 if doubt is None else LOOK_EVERY_S)
    assert office.conversation(ANNA).state == "snoozed"
    office.clock.step(seconds=2)
    await waking.wake()
    assert office.conversation(ANNA).state == ("open" if doubt is None else "snoozed")
    await office.database.aclose()


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
