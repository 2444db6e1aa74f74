"""Rows 55 and 58 of the fault matrix: clocks that skip and repeat hours; a person and a lane at one text."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gateway.desk import acceptance, chosen_times, schedules
from gateway.desk import contacts as desk_contacts
from gateway.desk import settings as desk_settings
from gateway.desk.drafts import Draft
from gateway.domain import phone
from gateway.domain.line import Accepted
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Kind, Schedule
from gateway.queue import attempts
from gateway.store import contacts, outbox
from gateway.store.database import Tx, opened
from gateway.store.keys import Keys
from gateway.store.tables import parts
from tests.office import ANNA, OWNER, SAM, Office, sent_text

# --- row 55 ------------------------------------------------------------------------------------------

M, H = timedelta(minutes=1), timedelta(hours=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = (
    "Africa/Cairo",
    "America/Anchorage",
    "America/Chicago",
    "America/Halifax",
    "America/Havana",  # at midnight
    "America/New_York",
    "America/Santiago",  # over midnight, in the southern half
    "America/St_Johns",  # half an hour off
    "Antarctica/Troll",  # two hours at once
    "Asia/Beirut",  # at midnight
    "Asia/Jerusalem",  # on a Friday
    "Atlantic/Azores",
    "Australia/Adelaide",  # half an hour off, in the southern half
    "Australia/Lord_Howe",  # half an hour at once
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",  # its summer time is the standard one
    "Europe/London",
    "Pacific/Auckland",
    "Pacific/Chatham",  # three quarters of an hour off
)


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What clocks there show."""
    return at.astimezone(zone).replace(tzinfo=None)


def change_of_clocks(zone: ZoneInfo, *, forward: bool) -> tuple[datetime, timedelta]:
    """The first minute of the new time, and how far the clocks go."""
    for hour in range(366 * 24):
        at = YEAR + hour * H
        step = (shown(at + H, zone) - shown(at, zone)) - H
        if step and (step > timedelta(0)) == forward:
            first = next(
                at + n * M for n in range(1, 61) if shown(at + n * M, zone) - shown(at, zone) != n * M
            )
            return first, step
    raise AssertionError(f"the clocks of {zone.key} do not change")


def first_minute(zone: ZoneInfo, wall: datetime, around: datetime) -> datetime:
    """The first minute in which clocks there show that time, or a later one for the first time."""
    return next(at for n in range(-6 * 60, 6 * 60) if shown(at := around + n * M, zone) >= wall)


def goes_once(office: Office, message_id: int, at: datetime) -> None:
    """The text leaves in that minute and in no other of the hours around."""
    office.clock.now = at - 3 * H
    gone: list[datetime] = []
    for minute in [at - 3 * H, at - H, at - 30 * M, at - M, at, at + M, at + 30 * M, at + H, at + 3 * H]:
        office.clock.now = minute
        claimed = office.claim()
        if claimed is not None:
            assert claimed.message_id == message_id
            assert office.submit(claimed.part_id)
            office.record(claimed.part_id, Accepted(1))
            gone.append(minute)
    assert gone == [at]


def scheduled(office: Office, wall: datetime, zone: str | None = None, to: str = ANNA) -> int:
    line = office.line()
    when: Schedule = office.read(
        lambda tx: chosen_times.choose(tx, Kind.AT, line, to, office.clock(), wall, zone)
    )
    return office.accept(to, when=when)


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("zone", ZONES)
def test_row_55_a_time_in_a_gap_goes_once_at_its_end(office: Office, zone: str) -> None:
    there = ZoneInfo(zone)
    change, step = change_of_clocks(there, forward=True)
    office.clock.now = change - timedelta(days=2)
    wall = shown(change, there) - step / 2  # no clock ever shows it
    goes_once(office, scheduled(office, wall, zone), change)


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("zone", ZONES)
def test_row_55_a_time_that_comes_twice_goes_once_at_the_first(office: Office, zone: str) -> None:
    there = ZoneInfo(zone)
    change, step = change_of_clocks(there, forward=False)
    office.clock.now = change - timedelta(days=2)
    wall = shown(change, there) - step / 2  # half way through the time that is repeated
    expected = first_minute(there, wall, change)
    assert expected < change
    goes_once(office, scheduled(office, wall, zone), expected)


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
@pytest.mark.parametrize("zone", ZONES)
def test_row_55_their_morning_is_their_morning_after_the_clocks_changed(
    office: Office, zone: str, forward: bool
) -> None:
    there = ZoneInfo(zone)
    change, _ = change_of_clocks(there, forward=forward)
    evening = datetime.combine(shown(change - 6 * H, there).date(), datetime.min.time()) + 22 * H
    office.clock.now = first_minute(there, evening, change - 6 * H)
    place(office, ANNA, zone)
    message_id = office.accept()
    morning = datetime.combine((evening + timedelta(days=1)).date(), datetime.min.time()) + 8 * H
    goes_once(office, message_id, first_minute(there, morning, office.clock.now + 10 * H))


def place(office: Office, number: str, zone: str) -> None:
    """Somebody notes where the owner of a number lives."""

    def verb(tx: Tx) -> None:
        contact_id = contacts.find_or_add(tx, phone.parse(number), office.clock())
        desk_contacts.set_zone(tx, contact_id, zone, SAM, office.clock())

    office.write(verb)


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("zone", ZONES)
def test_row_55_a_zone_that_a_person_changes_moves_no_stated_time(office: Office, zone: str) -> None:
    place(office, ANNA, "Europe/London")
    message_id = scheduled(office, shown(office.clock(), ZoneInfo("UTC")) + 30 * H)
    stated = office.clock() + 30 * H
    place(office, ANNA, zone)
    office.write(lambda tx: desk_settings.change(tx, "office.zone", zone, "command:test", office.clock()))
    office.write(lambda tx: schedules.decide_anew(tx, message_id, office.clock()))
    goes_once(office, message_id, stated)


# --- row 58 ------------------------------------------------------------------------------------------

RACES = 60


def claimed_texts(office: Office) -> dict[int, int]:
    """Ids of the claimed part of each of many texts, by message."""

    def work(tx: Tx) -> dict[int, int]:
        found = {}
        for number in range(RACES):
            to = phone.parse(f"+4477009{number:05}")
            draft = Draft(to, "See you at nine", Purpose.CONVERSATIONAL, SAM)
            message_id = acceptance.accept(tx, line, draft, office.clock())
            part_id = tx.scalar(select(parts.c.id).where(parts.c.message_id == message_id))
            outbox.claim(tx, part_id, OWNER, office.clock())
            found[message_id] = part_id
        return found

    line = office.line()
    return office.write(work)


def race(office: Office, claimed: dict[int, int], verb: Callable[[Tx, int], object]) -> dict[int, list[str]]:
    """A lane and a person on two connections begin each race together; who won, by message."""
    barrier = threading.Barrier(2, timeout=30)
    now = office.clock()
    won: dict[int, list[str]] = {message_id: [] for message_id in claimed}

    def send() -> None:
        for message_id, part_id in claimed.items():
            barrier.wait()
            if office.write(lambda tx, part=part_id: attempts.submit(tx, part, office.line_id, OWNER, now)):
                won[message_id].append("lane")

    with opened(office.path, Keys(office.path.parent)) as other:
        sending = threading.Thread(target=send)
        sending.start()
        for message_id in claimed:
            barrier.wait()
            try:
                other.write_now(lambda tx, it=message_id: verb(tx, it))
                won[message_id].append("person")
            except Refused as refused:
                assert refused.key in ("on_its_way", "not_waiting"), "the person is told"
        sending.join()
    return won


def _cancel(office: Office) -> Callable[[Tx, int], object]:
    return lambda tx, message_id: acceptance.cancel(tx, message_id, SAM, office.clock())


def _edit(office: Office) -> Callable[[Tx, int], object]:
    return lambda tx, message_id: schedules.edit(tx, message_id, "See you at ten", SAM, office.clock())


def check_one_winner_each(won: dict[int, list[str]]) -> None:
    assert all(len(winners) == 1 for winners in won.values()), won
    first = [winners[0] for winners in won.values()]
    assert {"lane", "person"} == set(first), "each side must win some, or there was no race"


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("any_hour")
def test_row_58_cancel_races_with_the_lane(office: Office) -> None:
    won = race(office, claimed_texts(office), _cancel(office))
    check_one_winner_each(won)
    for message_id, (winner,) in won.items():
        assert office.state(message_id) == ("sending" if winner == "lane" else "canceled")


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("any_hour")
def test_row_58_edit_races_with_the_lane(office: Office) -> None:
    """Where the person was quicker the old words never leave, and the new ones do, once."""
    won = race(office, claimed_texts(office), _edit(office))
    check_one_winner_each(won)
    for message_id, (winner,) in won.items():
        said = "See you at nine" if winner == "lane" else "See you at ten"
        assert (office.message(message_id).body, sent_text(office.parts(message_id))) == (said, said)
        assert office.state(message_id) == ("sending" if winner == "lane" else "queued")
    left = set()
    while (claimed := office.claim()) is not None:
        assert office.submit(claimed.part_id)
        office.record(claimed.part_id, Accepted(1))
        left.add(claimed.message_id)
    assert left == {message_id for message_id, winners in won.items() if winners == ["person"]}
