"""A clock that was ahead is right again: what it recorded as sent holds nothing beyond its time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import clock as desk_clock
from gateway.desk import lines as desk_lines
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted
from gateway.domain.message import Purpose
from gateway.queue import attempts
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
