"""Texts of which a part has gone when their hours end, and what is due beside them."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.desk import acceptance
from gateway.domain.line import Accepted, NotNow
from gateway.domain.message import Purpose
from gateway.store import lines
from tests.office import ANNA, SAM, SHOP, Office

LONG = "A long story. " * 15  # two parts of GSM 7-bit


def at(office: Office, text: str) -> None:
    office.clock.now = datetime.fromisoformat(f"2025-03-{text}").replace(tzinfo=UTC)


def test_half_a_text_is_completed_though_its_hours_have_ended(office: Office) -> None:
    at(office, "03T19:59:00")
    message = office.accept(ANNA, LONG)
    office.send_one(Accepted(1))
    office.send_one(NotNow("CMS 42"))
    at(office, "03T20:02:00")
    assert office.send_one(Accepted(2)).message_id == message
    assert office.state(message) == "sent"


def test_half_a_text_that_nobody_can_complete_in_time_waits_and_holds_back_nothing(office: Office) -> None:
    at(office, "03T19:59:00")
    half = office.accept(ANNA, LONG)
    office.send_one(Accepted(1))
    office.send_one(NotNow("CMS 42"))
    at(office, "03T20:30:00")
    assert office.claim() is None
    row = office.message(half)
    assert (row.state, row.waiting_for) == ("sending", "quiet_hours")
    assert row.due_at == datetime(2025, 3, 4, 8, 0, tzinfo=UTC)
    office.text_from(ANNA, "Are you there?")
    answer = office.accept(ANNA, "Yes")
    assert office.send_one(Accepted(3)).message_id == answer
    office.write(lambda tx: acceptance.cancel(tx, half, SAM, office.clock()))
    assert office.part_states(half) == ["accepted", "canceled"]


def test_a_slow_line_sends_the_rest_of_a_text_past_the_end_of_hours(office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, limits=["1/minute"]))
    at(office, "03T19:59:30")
    message = office.accept(ANNA, LONG)
    office.send_one(Accepted(1))
    assert office.claim() is None
    at(office, "03T20:00:35")
    assert office.send_one(Accepted(2)).message_id == message


def test_the_last_text_of_an_hour_is_completed(office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, limits=["1/hour"]))
    message = office.accept(ANNA, LONG)
    office.send_one(Accepted(1))
    assert office.send_one(Accepted(2)).message_id == message


def test_what_was_held_overnight_goes_before_what_is_written_in_the_morning(office: Office) -> None:
    at(office, "03T22:00:00")
    held = office.accept(ANNA, "Come at nine")
    at(office, "04T08:00:05")
    correction = office.accept(ANNA, "No, at ten")
    assert [office.send_one(Accepted(n)).message_id for n in (1, 2)] == [held, correction]


def test_a_reply_waits_for_no_reminder_that_waits_for_a_budget(office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, limits=["10/day"]))
    for reference in range(9):
        office.accept(f"+44770090020{reference}", "Hello")
        office.send_one(Accepted(reference))
        office.clock.step(seconds=5)
    reminder = office.accept(ANNA, "Tuesday at ten", purpose=Purpose.TRANSACTIONAL, author=SHOP)
    at(office, "03T22:00:00")
    held = office.accept(ANNA, "See you tomorrow")
    at(office, "04T08:00:00")
    assert office.send_one(Accepted(20)).message_id == held
    assert office.state(reminder) == "queued"
