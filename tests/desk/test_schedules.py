"""Texts that wait: choosing when they go, changing that, changing them, and who was quicker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, select

from gateway.desk import acceptance, chosen_times, schedules
from gateway.desk import contacts as desk_contacts
from gateway.desk import settings as desk_settings
from gateway.domain.line import Accepted, NotNow, Received, Scope
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.policy import SendNow, WaitUntil
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Kind, Schedule, at_instant, at_wall, reading_time, stored
from gateway.queue import attempts
from gateway.store import contacts, decisions, messages
from gateway.store.database import Tx
from gateway.store.tables import audit
from tests.office import ANNA, BEN, CARA, SAM, SHOP, Office, delivers, sent_text

LONDON, NEW_YORK = "Europe/London", "America/New_York"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a working day in London, before dawn in New York


@pytest.fixture(autouse=True)
def at_work(office: Office) -> None:
    """Monday ten o'clock in London, with the hours as they are by default."""
    office.clock.now = MONDAY
    put(office, "office.zone", LONDON)
    put(office, "office.country", "GB")
    put(office, "hours.conversational", "daily 08:00-20:00")
    put(office, "hours.transactional", "daily 08:00-21:00")


def put(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: desk_settings.change(tx, name, value, "command:test", office.clock()))


def choose(
    office: Office, kind: Kind, to: str = ANNA, wall: str | None = None, zone: str | None = None
) -> Schedule:
    meant = datetime.fromisoformat(wall) if wall else None
    line = office.line()
    return office.read(lambda tx: chosen_times.choose(tx, kind, line, to, office.clock(), meant, zone))


def scheduled(office: Office, hours: float = 24, to: str = ANNA, **more: object) -> int:
    """A text that is to go that many hours from now."""
    when = at_instant(office.clock() + timedelta(hours=hours), LONDON)
    return office.accept(to, when=when, **more)


def do(office: Office, verb: Callable[..., object], message_id: int, *arguments: object) -> object:
    return office.write(lambda tx: verb(tx, message_id, *arguments, SAM, office.clock()))


def audited(office: Office, action: str) -> list[Row[Any]]:
    """Rows of the audit log, oldest first."""
    query = select(audit).where(audit.c.action.like(action)).order_by(audit.c.id)
    return office.read(lambda tx: list(tx.execute(query)))


def local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"


# --- choosing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "to", "expected"),
    [
        ("2026-03-02T10:00", ANNA, "Tue 03 Mar 08:00"),  # awake: tomorrow morning
        ("2026-03-02T08:00", ANNA, "Tue 03 Mar 08:00"),  # just awake
        ("2026-03-02T06:00", ANNA, "Mon 02 Mar 08:00"),
        ("2026-03-02T20:00", ANNA, "Tue 03 Mar 08:00"),
        ("2026-03-28T23:30", ANNA, "Sun 29 Mar 08:00"),  # a short night
        ("2026-10-24T23:30", ANNA, "Sun 25 Oct 08:00"),  # a long one
    ],
)
def test_when_they_wake(office: Office, now: str, to: str, expected: str) -> None:
    office.clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    chosen = choose(office, Kind.WAKE, to)
    assert local(chosen.at, LONDON) == expected
    assert (chosen.kind, chosen.zone) == (Kind.WAKE, LONDON)


def test_when_they_wake_is_on_their_clock(office: Office) -> None:
    chosen = choose(office, Kind.WAKE, CARA)  # Washington: it is 05:00 there
    assert (local(chosen.at, NEW_YORK), chosen.zone) == ("Mon 02 Mar 08:00", NEW_YORK)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T08:00", "Mon 02 Mar 09:00"),
        ("2026-03-02T10:00", "Tue 03 Mar 09:00"),  # open now: the next opening
        ("2026-03-06T17:30", "Mon 09 Mar 09:00"),  # Friday evening
        ("2026-12-23T18:00", "Mon 04 Jan 09:00"),  # closed over the turn of the year
    ],
)
def test_when_the_office_opens(office: Office, now: str, expected: str) -> None:
    put(office, "hours.closed", "2026-12-24..2027-01-03")
    office.clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert local(choose(office, Kind.OPEN).at, LONDON) == expected


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2026-03-03T08:00", None, "2026-03-03T08:00"),  # the office's clock
        ("2026-03-03T08:00", NEW_YORK, "2026-03-03T13:00"),
        ("2026-03-29T01:30", LONDON, "2026-03-29T01:00"),  # never shown: the first instant after the gap
        ("2026-10-25T01:30", LONDON, "2026-10-25T00:30"),  # shown twice: the first
        ("2026-03-03T08:00", "Asia/Kathmandu", "2026-03-03T02:15"),
    ],
)
def test_a_date_and_time(office: Office, wall: str, zone: str | None, utc: str) -> None:
    assert choose(office, Kind.AT, ANNA, wall, zone).at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "wall", "zone", "key"),
    [
        (Kind.AT, None, None, "no_time"),
        (Kind.AT, "2026-03-02T10:00", None, "time_past"),
        (Kind.AT, "2026-03-02T10:30", "Europe/Paris", "time_past"),
        (Kind.AT, "2027-04-08T10:00", None, "time_far"),
        (Kind.AT, "2026-03-03T10:00", "Europe/Nowhere", "unknown_zone"),
    ],
)
def test_a_time_that_cannot_be(
    office: Office, kind: Kind, wall: str | None, zone: str | None, key: str
) -> None:
    with pytest.raises(Refused) as refused:
        choose(office, kind, ANNA, wall, zone)
    assert refused.value.key == key
    assert refused.value.text


@pytest.mark.parametrize(
    ("setting", "kind", "key"),
    [
        ("hours.conversational", Kind.WAKE, "never_asleep"),
        ("hours.office", Kind.OPEN, "always_open"),
    ],
)
def test_hours_without_end_have_no_beginning(office: Office, setting: str, kind: Kind, key: str) -> None:
    put(office, setting, "daily 00:00-24:00")
    with pytest.raises(Refused) as refused:
        choose(office, kind)
    assert refused.value.key == key


def test_their_time_is_that_of_the_last_place_they_may_be_in(office: Office) -> None:
    """A number of Indiana's north-west: New York or Chicago."""
    line, wall = office.line(), datetime(2026, 3, 3, 9, 0)
    chosen = office.read(
        lambda tx: chosen_times.choose_theirs(tx, line, "+12195550123", office.clock(), wall)
    )
    assert chosen.zone == "America/Chicago"


def test_an_instant_that_a_clock_shows_the_second_time_stays_that_instant() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 01:30 in London, once more
    kept = at_instant(second, LONDON)
    assert (kept.at, kept.zone) == (second, "UTC")
    assert at_wall(kept.wall, kept.zone).at == second


def test_a_schedule_is_stored_whole(office: Office) -> None:
    when = at_wall(datetime(2026, 3, 3, 9, 0), NEW_YORK)
    row = office.message(office.accept(when=when))
    assert stored(row.not_before, row.schedule, row.schedule_wall, row.schedule_zone) == when


@pytest.mark.parametrize(
    ("goes", "until", "left"),
    [(10, None, None), (10, 13, None), (10, 12, 2), (10, 9, 0)],
)
def test_little_time_to_read_it_is_worth_a_warning(goes: int, until: int | None, left: int | None) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    found = reading_time(at.replace(hour=goes), at.replace(hour=until) if until else None)
    assert found == (None if left is None else timedelta(hours=left))


# --- changing what waits -----------------------------------------------------------------------------


def test_a_scheduled_text_goes_at_its_time(office: Office) -> None:
    message_id = scheduled(office, 5)
    assert office.claim() is None
    office.clock.step(hours=5)
    assert office.send_one(Accepted(1)).message_id == message_id


def test_moved(office: Office) -> None:
    message_id = scheduled(office, 5)
    earlier = at_instant(office.clock() + timedelta(hours=1), LONDON)
    decision = office.write(lambda tx: schedules.reschedule(tx, message_id, earlier, SAM, office.clock()))
    assert decision == WaitUntil(earlier.at, WaitingFor.SCHEDULE)
    assert office.message(message_id).due_at == earlier.at
    assert office.event_kinds()[-1] == "message.changed"
    (row,) = audited(office, "message.reschedule")
    assert (row.actor, row.object) == ("person:Sam", office.message(message_id).public_id)
    assert row.before["schedule_wall"] == "2026-03-02T15:00:00"
    assert row.after["schedule_wall"] == "2026-03-02T11:00:00"


def test_sent_now_it_goes_at_once_by_day(office: Office) -> None:
    message_id = scheduled(office)
    assert do(office, schedules.send_now, message_id) == SendNow()
    assert office.message(message_id).schedule is None
    assert office.send_one(Accepted(1)).message_id == message_id


def test_sent_now_quiet_hours_still_hold(office: Office) -> None:
    office.clock.now = MONDAY.replace(hour=22)
    message_id = scheduled(office)
    decision = do(office, schedules.send_now, message_id)
    assert isinstance(decision, WaitUntil)
    assert decision.until == MONDAY.replace(day=3, hour=8)
    assert office.message(message_id).waiting_for == "quiet_hours"


def test_edited(office: Office) -> None:
    message_id = scheduled(office, 5)
    office.clock.step(hours=1)
    do(office, schedules.edit, message_id, "Ten past nine. " * 20)
    row = office.message(message_id)
    assert (row.body, row.segments, row.state) == ("Ten past nine. " * 20, 2, "queued")
    assert sent_text(office.parts(message_id)) == "Ten past nine. " * 20
    assert row.due_at == MONDAY + timedelta(hours=5), "words change no time"
    (kept,) = audited(office, "message.edit")
    assert (kept.before, kept.after) == ({"segments": 1}, {"segments": 2}), "the log holds no words"


@pytest.mark.parametrize(("body", "key"), [(" ", "empty"), ("x" * 40_000, "too_long")])
def test_words_that_cannot_go_change_nothing(office: Office, body: str, key: str) -> None:
    message_id = scheduled(office)
    before = [part.tpdu for part in office.parts(message_id)]
    with pytest.raises(Refused) as refused:
        do(office, schedules.edit, message_id, body)
    assert refused.value.key == key
    assert [part.tpdu for part in office.parts(message_id)] == before


def test_what_was_tried_keeps_its_words(office: Office) -> None:
    message_id = office.accept()
    office.send_one(NotNow("CMS 41", scope=Scope.MESSAGE))
    with pytest.raises(Refused) as refused:
        do(office, schedules.edit, message_id, "Other words")
    assert refused.value.key == "was_tried"


@pytest.mark.parametrize(("before", "after"), [("Hi", "Other words"), ("Hi", "y" * 200), ("y" * 200, "Hi")])
def test_what_was_taken_back_from_the_device_gets_other_words(
    office: Office, before: str, after: str
) -> None:
    """The intent was late, so the device was told to forget; meanwhile the lane holds it again."""
    message_id = office.accept(body=before)
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    office.write(lambda tx: attempts.take_back(tx, claimed.part_id, office.clock()))
    again = office.claim()
    assert again is not None
    do(office, schedules.edit, message_id, after)
    assert not office.submit(again.part_id), "those were the old words"
    for number, _ in enumerate(office.parts(message_id)):
        office.send_one(Accepted(number))
    assert sent_text(office.parts(message_id)) == after
    assert office.state(message_id) == "sent"


@pytest.mark.parametrize("scope", [Scope.MESSAGE, Scope.LINE])
def test_nobody_shortens_the_pause_after_a_refusal(office: Office, scope: Scope) -> None:
    message_id = office.accept()
    office.send_one(NotNow("CMS 41", scope=scope))
    before = office.message(message_id)
    assert before.due_at > office.clock()
    for verb, *arguments in ((schedules.send_now,), (schedules.make_urgent, "a leak")):
        do(office, verb, message_id, *arguments)
        after = office.message(message_id)
        assert (after.due_at, after.waiting_for) == (before.due_at, before.waiting_for)
    later = at_instant(MONDAY + timedelta(hours=2), LONDON)
    office.write(lambda tx: schedules.reschedule(tx, message_id, later, SAM, office.clock()))
    assert office.message(message_id).due_at == later.at


def test_urgent_goes_at_night(office: Office) -> None:
    office.clock.now = MONDAY.replace(hour=22)
    message_id = office.accept()
    assert office.claim() is None
    decision = do(office, schedules.make_urgent, message_id, " The   clinic closes tomorrow ")
    assert decision == SendNow("urgent")
    assert office.message(message_id).urgent_reason == "The clinic closes tomorrow"
    (row,) = audited(office, "message.urgent")
    assert (row.actor, row.after) == ("person:Sam", {"reason": "The clinic closes tomorrow"})
    assert row.object == office.message(message_id).public_id
    assert office.send_one(Accepted(1)).message_id == message_id
    log = office.read(lambda tx: decisions.of_message(tx, message_id))
    assert ("goes", "urgent") in [(entry.verdict, entry.why) for entry in log]


def test_urgent_needs_a_reason_and_is_never_marketing(office: Office) -> None:
    office.clock.now = MONDAY.replace(hour=22)
    offer = office.accept(BEN, "Half price", Purpose.MARKETING, SHOP)
    reply = office.accept()
    for message_id, reason, key in (
        (offer, "we need it", "urgent_marketing"),
        (reply, "  ", "no_reason"),
        (reply, "x" * 201, "no_reason"),
    ):
        with pytest.raises(Refused) as refused:
            do(office, schedules.make_urgent, message_id, reason)
        assert refused.value.key == key


@pytest.mark.parametrize("cancel", [True, False])
def test_whether_an_answer_cancels_it_can_change(office: Office, cancel: bool) -> None:
    message_id = scheduled(office, cancel_if_answered=not cancel)
    due_at = office.message(message_id).due_at
    do(office, schedules.cancel_if_answered, message_id, cancel)
    (row,) = audited(office, "message.cancel_if_answered")
    assert (row.before, row.after) == ({"cancel": not cancel}, {"cancel": cancel})
    assert office.message(message_id).due_at == due_at
    office.text_from(ANNA, "One more thing")
    assert office.message(message_id).state == ("canceled" if cancel else "queued")


def test_a_time_beyond_the_last_useful_one_is_refused(office: Office) -> None:
    message_id = scheduled(office, 2, send_by=MONDAY + timedelta(hours=5))
    late = at_instant(MONDAY + timedelta(hours=6), LONDON)
    with pytest.raises(Refused) as refused:
        office.write(lambda tx: schedules.reschedule(tx, message_id, late, SAM, office.clock()))
    assert refused.value.key == "never_in_time"
    assert office.message(message_id).not_before == MONDAY + timedelta(hours=2), "nothing was changed"


VERBS: list[tuple[Callable[..., object], tuple[object, ...]]] = [
    (schedules.reschedule, (None,)),
    (schedules.send_now, ()),
    (schedules.edit, ("Other words",)),
    (schedules.make_urgent, ("it is",)),
    (schedules.cancel_if_answered, (True,)),
]


@pytest.mark.parametrize(("verb", "arguments"), VERBS)
@pytest.mark.parametrize("when", ["on its way", "sent", "canceled"])
def test_too_late_to_change(
    office: Office, verb: Callable[..., object], arguments: tuple[object, ...], when: str
) -> None:
    message_id = office.accept()
    if when == "canceled":
        office.write(lambda tx: acceptance.cancel(tx, message_id, SAM, office.clock()))
    else:
        claimed = office.claim()
        assert claimed is not None and office.submit(claimed.part_id)
        if when == "sent":
            office.record(claimed.part_id, Accepted(1))
    with pytest.raises(Refused) as refused:
        do(office, verb, message_id, *arguments)
    assert refused.value.key == ("on_its_way" if when == "on its way" else "not_changeable")
    with pytest.raises(Refused):
        office.write(lambda tx: acceptance.cancel(tx, message_id, SAM, office.clock()))


# --- they write first --------------------------------------------------------------------------------


def waits_for_silence(office: Office, to: str = ANNA) -> int:
    return scheduled(office, to=to, cancel_if_answered=True)


def test_what_asked_for_silence_does_not_go_once_they_write(office: Office) -> None:
    theirs, other = waits_for_silence(office), scheduled(office, 30)
    anothers = waits_for_silence(office, BEN)
    office.text_from(ANNA, "I am on my way")
    row = office.message(theirs)
    assert (row.state, row.reason) == ("canceled", "they_wrote_first")
    assert [office.state(other), office.state(anothers)] == ["queued", "queued"]


def test_they_may_write_to_another_line(office: Office) -> None:
    theirs, anothers = waits_for_silence(office), waits_for_silence(office, BEN)
    (pdu,) = delivers(ANNA, "Hello", office.clock())
    office.hear(Received(pdu, office.slot()), office.add_line("back"))
    assert [office.state(theirs), office.state(anothers)] == ["canceled", "queued"]


def test_the_first_part_of_a_long_text_is_heard(office: Office) -> None:
    message_id = waits_for_silence(office)
    first, *_ = delivers(ANNA, "I am on my way. " * 20, office.clock())
    office.hear(Received(first, office.slot()))
    assert office.message(message_id).reason == "they_wrote_first"


def test_after_a_stop_it_was_the_stop(office: Office) -> None:
    message_id = waits_for_silence(office)
    office.text_from(ANNA, "STOP")
    assert office.message(message_id).reason == "opted_out"


def test_what_is_on_the_air_is_not_taken_back(office: Office) -> None:
    message_id = office.accept(cancel_if_answered=True)
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    office.text_from(ANNA, "Hello")
    office.record(claimed.part_id, Accepted(1))
    assert office.state(message_id) == "sent"


def test_a_text_read_again_is_no_news(office: Office) -> None:
    """A twin: the same text in another slot, as a network repeats it."""
    office.text_from(ANNA, "Hello", when=MONDAY)
    message_id = waits_for_silence(office)
    office.text_from(ANNA, "Hello", when=MONDAY)
    assert office.state(message_id) == "queued"


# --- contacts ----------------------------------------------------------------------------------------


def contact_id(office: Office, number: str = ANNA) -> int:
    row = office.read(lambda tx: contacts.by_number(tx, number))
    assert row is not None
    return int(row.id)


def test_a_contact_is_named_and_placed(office: Office) -> None:
    office.accept()
    anna = contact_id(office)
    do(office, desk_contacts.set_name, anna, "  Anna   Smith ")
    do(office, desk_contacts.set_zone, anna, NEW_YORK)
    row = office.read(lambda tx: contacts.get(tx, anna))
    assert row is not None and (row.name, row.zone) == ("Anna Smith", NEW_YORK)
    assert office.event_kinds()[-2:] == ["contact.changed", "contact.changed"]
    told = audited(office, "contact.%")
    assert [(entry.before, entry.after) for entry in told] == [
        ({"name": None}, {"name": "Anna Smith"}),
        ({"zone": None}, {"zone": NEW_YORK}),
    ]
    do(office, desk_contacts.set_zone, anna, None)
    row = office.read(lambda tx: contacts.get(tx, anna))
    assert row is not None and row.zone is None


def test_a_name_and_a_reason_that_nobody_sees_are_none(office: Office) -> None:
    message_id = office.accept()
    do(office, desk_contacts.set_name, contact_id(office), "\u3164\u2800")
    row = office.read(lambda tx: contacts.by_number(tx, ANNA))
    assert row is not None and row.name is None
    with pytest.raises(Refused) as refused:
        do(office, schedules.make_urgent, message_id, "\u200b\u3164")
    assert refused.value.key == "no_reason"


def test_what_is_no_zone_and_no_name_is_refused(office: Office) -> None:
    office.accept()
    anna = contact_id(office)
    for verb, value, key in (
        (desk_contacts.set_zone, "Mars/Olympus", "unknown_zone"),
        (desk_contacts.set_zone, "localtime", "unknown_zone"),
        (desk_contacts.set_name, "x" * 81, "bad_name"),
        (desk_contacts.set_name, "Anna\x1b[2J", "bad_name"),
    ):
        with pytest.raises(Refused) as refused:
            do(office, verb, anna, value)
        assert refused.value.key == key


# --- decided anew ------------------------------------------------------------------------------------


def anew(office: Office, message_id: int) -> bool:
    return office.write(lambda tx: schedules.decide_anew(tx, message_id, office.clock()))


def test_hours_that_widened_let_it_go(office: Office) -> None:
    office.clock.now = MONDAY.replace(hour=21)
    message_id = office.accept()
    put(office, "hours.conversational", "daily 08:00-22:00")
    assert office.claim() is None, "its due time is tomorrow"
    assert anew(office, message_id)
    assert office.send_one(Accepted(1)).message_id == message_id


def test_hours_that_narrowed_are_shown(office: Office) -> None:
    office.clock.now = MONDAY.replace(hour=21)
    message_id = office.accept()
    put(office, "hours.conversational", "daily 09:30-20:00")
    assert anew(office, message_id)
    assert local(office.message(message_id).due_at, LONDON) == "Tue 03 Mar 09:30"
    assert not anew(office, message_id), "nothing is written twice"


def test_what_nothing_holds_is_left_alone(office: Office) -> None:
    message_id = office.accept()
    assert not anew(office, message_id)


def test_what_was_refused_for_now_keeps_its_pause(office: Office) -> None:
    message_id = office.accept()
    office.send_one(NotNow("CMS 41", scope=Scope.MESSAGE))
    assert not anew(office, message_id)
    assert office.message(message_id).waiting_for == "retry"


def test_a_zone_that_somebody_notes_moves_what_waits_for_their_day(office: Office) -> None:
    office.clock.now = MONDAY.replace(hour=21)
    message_id = office.accept()
    do(office, desk_contacts.set_zone, contact_id(office), NEW_YORK)
    assert anew(office, message_id)
    assert office.send_one(Accepted(1)).message_id == message_id, "it is 16:00 in New York"


def test_when_they_wake_moves_with_them_and_a_date_and_time_does_not(office: Office) -> None:
    wakes = office.accept(when=choose(office, Kind.WAKE))
    fixed = office.accept(when=choose(office, Kind.AT, ANNA, "2026-03-03T08:00"))
    do(office, desk_contacts.set_zone, contact_id(office), "America/Los_Angeles")
    assert anew(office, wakes)
    anew(office, fixed)
    row = office.message(wakes)
    assert local(row.due_at, "America/Los_Angeles") == "Tue 03 Mar 08:00"
    assert row.schedule_zone == "America/Los_Angeles"
    assert office.message(fixed).not_before == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def test_when_we_open_moves_with_the_hours(office: Office) -> None:
    message_id = office.accept(when=choose(office, Kind.OPEN))
    assert local(office.message(message_id).due_at, LONDON) == "Tue 03 Mar 09:00"
    put(office, "hours.closed", "2026-03-03")
    assert anew(office, message_id)
    assert local(office.message(message_id).due_at, LONDON) == "Wed 04 Mar 09:00"
    put(office, "hours.office", "Mon-Fri 10:00-16:00")
    assert anew(office, message_id)
    assert local(office.message(message_id).due_at, LONDON) == "Wed 04 Mar 10:00"


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ("Mon-Fri 08:00-17:00", "07:30", "Tue 03 Mar 08:00"),
        ("Mon-Fri 08:00-17:00", "08:30", "Tue 03 Mar 08:30"),  # it is open now
        ("Mon-Fri 08:00-08:45 10:00-17:00", "08:30", "Tue 03 Mar 10:00"),  # not the stretch that was meant
        ("daily 00:00-24:00", "08:30", "Tue 03 Mar 08:30"),
        ("Mon-Fri 11:00-17:00", "08:30", "Tue 03 Mar 11:00"),
        ("Wed-Fri 11:00-17:00", "08:30", "Wed 04 Mar 11:00"),
    ],
)
def test_when_we_open_follows_hours_that_change_on_that_day(
    office: Office, hours: str, now: str, expected: str
) -> None:
    message_id = office.accept(when=choose(office, Kind.OPEN))
    hour, minute = map(int, now.split(":"))
    office.clock.now = datetime(2026, 3, 3, hour, minute, tzinfo=UTC)
    put(office, "hours.office", hours)
    assert anew(office, message_id)
    assert local(office.message(message_id).not_before, LONDON) == expected


def test_an_opening_that_has_no_edge_any_more_keeps_its_time(office: Office) -> None:
    """Around the clock from the evening before: they would not want it at midnight."""
    message_id = office.accept(when=choose(office, Kind.OPEN))
    put(office, "hours.office", "daily 00:00-24:00")
    anew(office, message_id)
    assert local(office.message(message_id).not_before, LONDON) == "Tue 03 Mar 09:00"


def test_who_moved_and_is_awake_there_is_written_to_now(office: Office) -> None:
    office.accept()
    do(office, desk_contacts.set_zone, contact_id(office), "America/Los_Angeles")
    message_id = office.accept(when=choose(office, Kind.WAKE))
    assert local(office.message(message_id).due_at, LONDON) == "Mon 02 Mar 16:00"
    do(office, desk_contacts.set_zone, contact_id(office), LONDON)
    assert anew(office, message_id)
    assert office.message(message_id).not_before == office.clock()


def test_rules_of_a_zone_that_changed_keep_the_clock_that_was_meant(office: Office) -> None:
    """As if the zone had been an hour off when the time was chosen."""
    message_id = office.accept(when=choose(office, Kind.AT, ANNA, "2026-07-01T09:00"))
    told = office.message(message_id).not_before

    def shift(tx: Tx) -> None:
        wrong = told + timedelta(hours=1)
        messages.change(tx, message_id, not_before=wrong, due_at=wrong)

    office.write(shift)
    assert anew(office, message_id)
    assert (office.message(message_id).not_before, office.message(message_id).due_at) == (told, told)
