"""A text is given up after a day of trying: what it waited for before, and what the rules held it for
meanwhile, is no trying."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.desk import settings
from gateway.domain.line import LineState, LineStatus, NotNow, RefusedForGood, Scope
from gateway.domain.message import Purpose
from gateway.domain.schedule import at_instant
from gateway.queue import outcomes
from gateway.store import messages
from tests.office import ANNA, BEN, CARA, SHOP, Office

DAY = timedelta(days=1)
FRIDAY = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
TROUBLE = NotNow("CMS 500", Scope.LINE)


def _put(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: settings.change(tx, name, value, "command:test", office.clock()))


def _try_until(office: Office, message: int, until: datetime, *, prompt: bool) -> None:
    """Let the device refuse the text whenever it is due, before or after it was handed over."""
    while office.state(message) == "queued" and office.clock() < until:
        claimed = office.claim()
        if claimed is not None and (prompt or office.submit(claimed.part_id)):
            office.record(claimed.part_id, TROUBLE)
        office.clock.step(minutes=30)


@pytest.mark.parametrize("prompt", [True, False])
def test_a_planned_text_is_tried_for_a_day_from_its_time(office: Office, prompt: bool) -> None:
    _put(office, "hours.conversational", "daily 00:00-24:00")
    at = office.clock() + 3 * DAY
    message = office.accept(when=at_instant(at, "Europe/London"))
    office.clock.now = at
    _try_until(office, message, at + DAY - timedelta(minutes=30), prompt=prompt)
    assert office.state(message) == "queued"
    _try_until(office, message, at + DAY + timedelta(hours=1), prompt=prompt)
    assert office.state(message) == "failed"


@pytest.mark.parametrize("prompt", [True, False])
def test_a_weekend_the_rules_held_it_for_is_no_trying(office: Office, prompt: bool) -> None:
    office.clock.now = FRIDAY
    _put(office, "office.zone", "Europe/London")
    _put(office, "hours.marketing", "Mon-Fri 10:00-18:00")
    message = office.accept(ANNA, "Spring offer", Purpose.MARKETING, SHOP)
    monday = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    _try_until(office, message, monday + timedelta(hours=7), prompt=prompt)
    assert (office.state(message), office.message(message).waiting_for) == ("queued", "line")
    _try_until(office, message, monday + 5 * DAY, prompt=prompt)
    assert office.state(message) == "failed", "24 hours of open windows are enough"


@pytest.mark.parametrize("prompt", [True, False])
def test_days_its_line_was_down_are_no_trying(office: Office, prompt: bool) -> None:
    _put(office, "hours.conversational", "daily 00:00-24:00")
    message = office.accept()
    back = office.clock.step(days=2)
    _try_until(office, message, back + DAY - timedelta(minutes=30), prompt=prompt)
    assert office.state(message) == "queued"
    _try_until(office, message, back + DAY + timedelta(hours=1), prompt=prompt)
    assert office.state(message) == "failed"


def test_tries_by_a_clock_in_doubt_or_ahead_use_up_nothing_of_its_day(office: Office) -> None:
    _put(office, "hours.conversational", "daily 00:00-24:00")
    message = office.accept()
    office.clock.now = (right := office.clock()) - 300 * DAY
    _refuse(office, message, doubt="before_build")
    office.clock.now = right + 300 * DAY
    _refuse(office, message)
    now = office.clock.now = right + 2 * DAY
    office.write(lambda tx: messages.change(tx, message, due_at=now))  # as once the doubt has ended
    _try_until(office, message, right + 3 * DAY - timedelta(minutes=30), prompt=True)
    assert office.state(message) == "queued"
    _try_until(office, message, right + 3 * DAY + timedelta(hours=1), prompt=True)
    assert office.state(message) == "failed"


def _refuse(office: Office, message: int, doubt: str | None = None) -> None:
    """The device refuses its part at the prompt, at the time the clock shows."""
    (part,) = office.parts(message)
    now = office.clock()
    office.write(lambda tx: outcomes.record(tx, part.id, TROUBLE, now, doubt))


def test_while_the_network_refuses_every_text_of_the_line_none_is_given_up(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    _put(office, "hours.conversational", "daily 00:00-24:00")
    texts = [office.accept(to) for to in (ANNA, BEN, CARA)]
    for day in range(3):
        for _ in texts if day == 0 else texts[:1]:
            claimed = office.claim()
            assert claimed is not None and office.submit(claimed.part_id)
            office.record(claimed.part_id, RefusedForGood("CMS 38", 2, 30.0))
        office.clock.step(days=1)
    assert office.line().code == "refused_by_network"
    assert {office.state(text) for text in texts} == {"queued"}
