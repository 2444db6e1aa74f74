"""A clock that was ahead is right again: what it recorded as sent holds nothing beyond its time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import clock as desk_clock
from gateway.desk import lines as desk_lines
from gateway.desk import schedules, waiting
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted
from gateway.domain.message import Purpose, WaitingFor
from gateway.queue import attempts
from gateway.store import lines
from tests.office import ANNA, BEN, SHOP, Office

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


def _set_right(office: Office, ahead: timedelta) -> None:
    """As the timekeeper does it."""
    office.clock.now -= ahead
    office.write(lambda tx: attempts.mend_after_clock(tx, office.clock()))
    while office.write(lambda tx: desk_clock.release(tx, office.clock())):
        pass


@pytest.mark.parametrize("ahead", [HOUR, YEAR], ids=["an hour", "a year"])
def test_a_limit_holds_the_line_for_its_own_time_only(office: Office, ahead: timedelta) -> None:
    now = office.clock()
    limits = [Limit(2, "minute")]
    office.write(lambda tx: desk_lines.set_limits(tx, "front", limits, "command:test", now))
    office.clock.now += ahead
    for to in (ANNA, BEN):
        office.accept(to)
        office.send_one(Accepted(None))
    _set_right(office, ahead)
    reply = office.accept()
    assert office.claim() is None
    office.clock.step(seconds=61)
    claimed = office.claim()
    assert claimed is not None
    assert claimed.message_id == reply


@pytest.mark.parametrize("ahead", [HOUR, YEAR], ids=["an hour", "a year"])
def test_a_cap_counts_what_left_for_a_day_only(office: Office, ahead: timedelta) -> None:
    office.clock.now += ahead
    for number in range(3):
        office.accept(ANNA, f"Reminder {number}", Purpose.TRANSACTIONAL, SHOP)
        office.send_one(Accepted(None))
    _set_right(office, ahead)
    fourth = office.accept(ANNA, "One more", Purpose.TRANSACTIONAL, SHOP)
    assert office.message(fourth).waiting_for == "cap"
    office.clock.step(days=1)
    claimed = office.claim()
    assert claimed is not None
    assert claimed.message_id == fourth


def test_what_fell_due_while_the_clock_was_ahead_goes_when_it_is_right(office: Office) -> None:
    """It was accepted before, held by a doubt, and due again by a clock that was a year ahead."""
    office.write(lambda tx: desk_clock.set_doubt(tx, "jumped", office.clock()))
    held = office.accept(ANNA, "Reminder", Purpose.TRANSACTIONAL, SHOP)
    office.clock.step(hours=1)
    office.clock.now += YEAR
    office.write(lambda tx: desk_clock.set_doubt(tx, None, office.clock()))
    _set_right(office, timedelta(0))
    office.write(lambda tx: schedules.decide_anew(tx, held, office.clock()))
    _set_right(office, YEAR)
    claimed = office.claim()
    assert claimed is not None
    assert claimed.message_id == held


def test_what_is_not_due_by_a_clock_set_back_waits_for_the_clock(office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, status="up", code="ready"))
    message = office.accept()
    office.clock.step(days=-1)
    office.write(lambda tx: desk_clock.set_doubt(tx, "jumped", office.clock()))
    row = office.message(message)
    assert office.claim() is None
    found = office.read(lambda tx: waiting.waits(tx, [row], office.clock()))
    assert found[message].why is WaitingFor.CLOCK
