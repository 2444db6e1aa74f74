"""No contact gets more automated texts than the caps allow, in whatever order they were accepted."""

from __future__ import annotations

from datetime import timedelta

from gateway.desk import lines
from gateway.domain.line import Accepted, CannotTell
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.schedule import at_instant
from gateway.store import settings
from tests.any_hour import WIDE_OPEN
from tests.office import ANNA, SHOP, Office

DAY = timedelta(days=1)


def _reminder(office: Office, body: str, **more: object) -> int:
    return office.accept(ANNA, body, Purpose.TRANSACTIONAL, SHOP, **more)


def _send_what_may_go(office: Office, minutes: int = 5) -> list[int]:
    """Let time pass, sending; the texts that went."""
    gone = []
    for _ in range(minutes * 6):
        claimed = office.claim()
        if claimed is not None and office.submit(claimed.part_id):
            office.record(claimed.part_id, Accepted(None))
            gone.append(claimed.message_id)
        office.clock.step(seconds=10)
    return gone


def test_of_seven_reminders_at_once_three_go_a_day(office: Office) -> None:
    texts = [_reminder(office, f"Reminder {number}") for number in range(7)]
    due = [office.message(text).due_at - office.clock() for text in texts]
    assert due == [0 * DAY] * 3 + [DAY] * 3 + [2 * DAY]
    assert _send_what_may_go(office) == texts[:3]
    assert {office.message(text).waiting_for for text in texts[3:]} == {WaitingFor.CAP.value}
    office.clock.step(days=1)
    assert _send_what_may_go(office) == texts[3:6]
    office.clock.step(days=1)
    assert _send_what_may_go(office) == texts[6:]


def test_texts_for_next_week_do_not_hide_those_of_today(office: Office) -> None:
    today = [_reminder(office, f"Today {number}") for number in range(3)]
    next_week = at_instant(office.clock() + 7 * DAY, "UTC")
    for number in range(3):
        _reminder(office, f"Next week {number}", when=next_week)
    fourth = _reminder(office, "One more today")
    assert _send_what_may_go(office) == today
    assert office.message(fourth).waiting_for == WaitingFor.CAP.value


def test_what_went_meanwhile_counts_for_a_text_that_was_accepted_before(office: Office) -> None:
    planned = _reminder(office, "Tomorrow at nine", when=at_instant(office.clock() + DAY, "UTC"))
    office.clock.step(hours=23)
    today = [_reminder(office, f"Before that {number}") for number in range(3)]
    assert _send_what_may_go(office) == today
    office.clock.step(hours=1)
    assert _send_what_may_go(office) == []
    assert office.message(planned).waiting_for == WaitingFor.CAP.value


def test_an_unclear_text_counts_from_when_it_was_handed_over(office: Office) -> None:
    texts = [_reminder(office, f"Reminder {number}") for number in range(4)]
    office.write(lambda tx: lines.pause(tx, "front", "person:Sam", office.clock()))
    office.clock.step(hours=30)
    office.write(lambda tx: lines.resume(tx, "front", "person:Sam", office.clock()))
    for _ in range(3):
        office.send_one(CannotTell("CMS 500"))
        office.clock.step(minutes=5)
    assert office.claim() is None
    assert office.message(texts[3]).waiting_for == WaitingFor.CAP.value


ASTRAY = "+79161234567"
"""A number of a country with many zones, which says nothing of where its owner is."""


def test_what_waits_for_nobody_knows_how_long_leaves_room(office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "hours.transactional", WIDE_OPEN))
    offers = [office.accept(ASTRAY, f"Offer {number}", Purpose.MARKETING, SHOP) for number in range(3)]
    for offer in offers:
        held = office.message(offer)
        assert held.waiting_for == WaitingFor.QUIET_HOURS.value
    code = office.accept(ASTRAY, "Your code", Purpose.TRANSACTIONAL, SHOP)
    assert office.message(code).waiting_for is None


def test_what_a_paused_line_keeps_leaves_room_on_another(office: Office) -> None:
    for number in range(3):
        _reminder(office, f"Reminder {number}")
    office.write(lambda tx: lines.pause(tx, "front", "person:Sam", office.clock()))
    first, office.line_id = office.line_id, office.add_line("back")
    other = _reminder(office, "By the other line")
    assert office.message(other).waiting_for is None
    office.line_id = first
    office.write(lambda tx: lines.resume(tx, "front", "person:Sam", office.clock()))
    assert len(_send_what_may_go(office)) == 3
    office.clock.step(minutes=1)
    office.line_id = int(office.message(other).line_id)
    assert _send_what_may_go(office) == [], "the cap holds in whatever order they go"
