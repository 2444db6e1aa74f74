"""What waits follows the rules when they change, in the program that runs and over its restarts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.desk import acceptance, waiting
from gateway.desk import contacts as desk_contacts
from gateway.desk import holidays as desk_holidays
from gateway.desk import lines as desk_lines
from gateway.desk import schedules as desk_schedules
from gateway.desk import settings as desk_settings
from gateway.domain.message import Purpose, State
from gateway.domain.schedule import at_instant, at_wall
from gateway.queue import replan
from gateway.queue.replan import Replan
from gateway.store import box_state, contacts, events, messages, outbox
from gateway.store import schedules as stored_schedules
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from tests.office import ANNA, BEN, SAM, SHOP, Office

EVENING = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
SOON_S = 10


@pytest.fixture(autouse=True)
def evening(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past nine in London: everybody is held until tomorrow."""
    monkeypatch.setattr(replan, "GATHER_S", 0.0)
    office.clock.now = EVENING
    put(office, "office.zone", "Europe/London")


@contextlib.asynccontextmanager
async def following(office: Office) -> AsyncIterator[None]:
    """One life of the program, as far as this is concerned, from when it has settled what it found at its
    start; it ends with its database."""
    task = asyncio.create_task(Replan(office.database, office.clock).run())
    try:
        await until(lambda: remembered(office).get("data") == replan.data_version())
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await office.database.aclose()
        office.database = Database(office.path, Keys(office.path.parent))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not holds():  # noqa: ASYNC110 - what was remembered is announced by nobody
            await asyncio.sleep(0.005)


def put(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: desk_settings.change(tx, name, value, "command:test", office.clock()))


def waits(office: Office, message_id: int) -> str | None:
    found: str | None = office.message(message_id).waiting_for
    return found


def remembered(office: Office) -> dict[str, Any]:
    return office.read(lambda tx: box_state.get(tx, "replan"))


async def test_hours_that_change_while_it_runs(office: Office) -> None:
    message_id = office.accept()
    assert waits(office, message_id) == "quiet_hours"
    async with following(office):
        put(office, "hours.conversational", "daily 08:00-22:00")
        await until(lambda: waits(office, message_id) is None)
    assert office.claim() is not None


CHANGES: dict[str, Callable[[Tx, Office], object]] = {
    "the office's zone": lambda tx, office: desk_settings.change(
        tx, "office.zone", "America/New_York", "command:test", office.clock()
    ),
    "the line's zone": lambda tx, office: desk_lines.set_option(
        tx, "front", "zone", "America/New_York", "command:test", office.clock()
    ),
    "the contact's zone": lambda tx, office: desk_contacts.set_zone(
        tx, _contact(tx), "America/New_York", SAM, office.clock()
    ),
}
SHORT_CODE = "60777"
"""A number that says nothing of where its owner is."""


def _contact(tx: Tx) -> int:
    row = contacts.by_number(tx, SHORT_CODE)
    assert row is not None
    return int(row.id)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_zone_that_changes_while_it_runs(office: Office, change: str) -> None:
    message_id = office.accept(SHORT_CODE)
    assert waits(office, message_id) == "quiet_hours"
    async with following(office):
        office.write(lambda tx: CHANGES[change](tx, office))
        await until(lambda: waits(office, message_id) is None)


async def test_a_contacts_zone_is_about_nobody_else(office: Office) -> None:
    theirs, other = office.accept(SHORT_CODE), office.accept(BEN)
    tomorrow = office.message(other).due_at
    async with following(office):
        office.write(lambda tx: messages.change(tx, other, due_at=tomorrow + timedelta(hours=1)))  # a mark
        office.write(lambda tx: CHANGES["the contact's zone"](tx, office))
        last = office.read(events.last_id)
        await until(lambda: remembered(office)["event"] >= last)
        assert waits(office, theirs) is None
    assert office.message(other).due_at == tomorrow + timedelta(hours=1)


async def test_holidays_that_were_computed(office: Office) -> None:
    office.clock.now = EVENING.replace(hour=9, minute=0)
    put(office, "office.country", "GB")
    theirs, french = (
        office.accept(number, "Half price", Purpose.MARKETING, SHOP) for number in (ANNA, "+33612345678")
    )
    assert told(office, theirs) is None and told(office, french) is None
    async with following(office):
        found = {"GB": {"2026-03-02": "A day off"}}
        until_day = datetime(2028, 12, 31).date()
        office.write(lambda tx: desk_holidays.keep(tx, found, until_day, "1", office.clock()))
        await until(lambda: told(office, theirs) is not None)
    assert office.message(theirs).due_at == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert told(office, french) is None


async def test_a_cap_that_was_lifted(office: Office) -> None:
    office.clock.now = EVENING.replace(hour=12)
    put(office, "limits.contact_day", "1")
    office.accept(ANNA, "first", Purpose.TRANSACTIONAL, SHOP)
    second = office.accept(ANNA, "second", Purpose.TRANSACTIONAL, SHOP)
    assert waits(office, second) == "cap"
    async with following(office):
        put(office, "limits.contact_day", "3")
        await until(lambda: waits(office, second) is None)


def told(office: Office, message_id: int) -> datetime | None:
    """Until when a text waits, as people are told."""
    row = office.message(message_id)
    return office.read(lambda tx: waiting.waits(tx, [row], office.clock()))[message_id].until


def _expire(tx: Tx, message_id: int, now: datetime) -> None:
    outbox.end(tx, message_id, State.EXPIRED, now, "expired")


def _put_off(tx: Tx, message_id: int, now: datetime) -> None:
    desk_schedules.reschedule(tx, message_id, at_instant(now + timedelta(days=7), "UTC"), SAM, now)


@pytest.mark.parametrize(
    "become",
    [
        lambda tx, message_id, now: acceptance.cancel(tx, message_id, SAM, now),
        _expire,
        _put_off,
    ],
    ids=["canceled", "expired", "put off"],
)
@pytest.mark.parametrize("stopped", [False, True], ids=["while it runs", "before it starts"])
async def test_a_cap_counts_no_text_that_never_left(
    office: Office, become: Callable[[Tx, int, datetime], object], stopped: bool
) -> None:
    office.clock.now = EVENING.replace(hour=12)
    put(office, "limits.contact_day", "1")
    first = office.accept(ANNA, "first", Purpose.TRANSACTIONAL, SHOP)
    second, third = (office.accept(ANNA, body, Purpose.TRANSACTIONAL, SHOP) for body in ("second", "third"))
    tomorrow = office.message(second).due_at
    if stopped:
        async with following(office):
            pass
        office.write(lambda tx: become(tx, first, office.clock()))
    async with following(office):
        if not stopped:
            office.write(lambda tx: become(tx, first, office.clock()))
        await until(lambda: waits(office, second) is None)
        await until(lambda: office.message(third).due_at == tomorrow)
    assert waits(office, third) == "cap"


async def test_a_text_that_a_cap_holds_is_freed_by_no_text_to_somebody_else(office: Office) -> None:
    office.clock.now = EVENING.replace(hour=12)
    put(office, "limits.contact_day", "1")
    office.accept(ANNA, "first", Purpose.TRANSACTIONAL, SHOP)
    office.accept(ANNA, "second", Purpose.TRANSACTIONAL, SHOP)
    other = office.accept(BEN, "first", Purpose.TRANSACTIONAL, SHOP)
    office.write(lambda tx: acceptance.cancel(tx, other, SAM, office.clock()))
    kinds = ["message.canceled"]
    assert office.read(lambda tx: stored_schedules.capped_by_news(tx, 0, kinds)) == []


async def test_what_a_crash_cut_short_is_followed_at_the_next_start(office: Office) -> None:
    message_id = office.accept()
    async with following(office):
        pass
    put(office, "hours.conversational", "daily 08:00-22:00")
    assert waits(office, message_id) == "quiet_hours"
    async with following(office):
        await until(lambda: waits(office, message_id) is None)


async def test_other_zone_data_at_a_start(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the zone had been an hour off by the data of before."""
    when = at_wall(datetime(2026, 7, 1, 9, 0), "Europe/London")
    message_id = office.accept(when=when)
    wrong = when.at + timedelta(hours=1)
    async with following(office):
        pass
    office.write(lambda tx: messages.change(tx, message_id, not_before=wrong, due_at=wrong))
    async with following(office):
        put(office, "office.name", "Another")  # no rule
        office.accept(SHORT_CODE)
        office.write(lambda tx: CHANGES["the contact's zone"](tx, office))  # a rule, about somebody else
        last = office.read(events.last_id)
        await until(lambda: remembered(office)["event"] >= last)
    assert office.message(message_id).due_at == wrong, "with the same data nothing is decided anew"
    monkeypatch.setattr(replan, "data_version", lambda: "another edition")
    async with following(office):
        pass
    assert office.message(message_id).due_at == when.at


async def test_more_texts_than_fit_one_transaction(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replan, "AT_ONCE", 2)
    waiting = [office.accept(ANNA, f"text {number}") for number in range(5)]
    async with following(office):
        put(office, "hours.conversational", "daily 08:00-22:00")
        await until(lambda: all(waits(office, message_id) is None for message_id in waiting))


def test_the_edition_of_the_zone_data_is_known() -> None:
    assert len(replan.data_version().split()) > 1
