"""What a line may send, on its page: how much of each limit is used, and what carriers would not like."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.desk import lines as desk_lines
from gateway.domain import line_page_words as words
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted, LineState, LineStatus
from gateway.domain.message import Purpose
from gateway.domain.schedule import at_instant
from gateway.store import line_traffic
from tests.office import ANNA, BEN, SHOP, Clock, Office
from tests.web.browser import Browser


@pytest.fixture(autouse=True)
def limited(office: Office) -> Iterator[None]:
    office.hear(LineState(LineStatus.UP, "ready"))
    both = (Limit(2, "minute"), Limit(10, "day"))
    office.write(lambda tx: desk_lines.set_limits(tx, "front", both, "command:test", office.clock()))
    office.hear(LineState(LineStatus.UP, "ready"))
    yield


def test_each_limit_says_what_is_used_and_left(anna: Browser, office: Office, clock: Clock) -> None:
    anna.get("/lines")
    assert "2 a minute: 0 used, 2 left." in anna.text
    for body in ("one", "two"):
        office.accept(ANNA, body)
        office.send_one(Accepted(1))
        clock.step(seconds=10)
    anna.get("/lines")
    assert "2 a minute: 2 used, 0 left; the next can go at 09:31." in anna.text
    assert "10 in 24 hours: 2 used, 8 left (7 for reminders, 6 for questions, 5 for news)." in anna.text
    clock.step(seconds=60)
    anna.get("/lines")
    assert "2 a minute: 0 used, 2 left." in anna.text


def test_what_waits_for_a_limit_says_when_it_goes_on_and_what_was_held(
    anna: Browser, office: Office, clock: Clock
) -> None:
    later = at_instant(clock() + timedelta(minutes=1), "Europe/London")
    office.accept(BEN, "held", when=later)
    clock.step(minutes=1)
    for body in ("one", "two", "three"):
        office.accept(ANNA, body)
    for _ in range(2):
        office.send_one(Accepted(1))
    anna.get(f"/lines/{office.line_id}")
    assert "Replies written now 09:32 1" in anna.text
    assert "Replies that were held 09:32 1" in anna.text


def test_traffic_counts_what_went_in_its_window(office: Office, clock: Clock) -> None:
    for step in range(3):
        office.text_from(BEN, f"hello {step}")
        office.accept(ANNA, "Come in!")
        office.accept(BEN, "Come in!", Purpose.TRANSACTIONAL, SHOP)
        for _ in range(2):
            office.send_one(Accepted(1))
            clock.step(minutes=1)
    office.accept(ANNA, "not sent yet")
    assert office.read(lambda tx: line_traffic.last_day(tx, office.line_id, clock())) == line_traffic.Traffic(
        out=6, came=3, recipients=2, equal=6
    )
    clock.step(hours=2)
    found = office.read(lambda tx: line_traffic.last_day(tx, office.line_id, clock()))
    assert (found.out, found.equal) == (6, 0)
    clock.step(hours=24)
    found = office.read(lambda tx: line_traffic.last_day(tx, office.line_id, clock()))
    assert found == line_traffic.Traffic(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("out", "came", "recipients", "equal", "said"),
    [
        (19, 0, 1, 1, []),
        (20, 0, 1, 1, ["20 texts went out in 24 hours and 0 came in"]),
        (60, 20, 1, 1, []),
        (61, 20, 1, 1, ["61 texts went out in 24 hours and 20 came in"]),
        (1, 1, 1, 24, []),
        (1, 1, 1, 25, ["The same words went out 25 times in an hour"]),
        (100, 100, 100, 1, []),
        (101, 100, 101, 1, ["101 people were texted in 24 hours"]),
    ],
)
def test_what_carriers_would_not_like(
    out: int, came: int, recipients: int, equal: int, said: list[str]
) -> None:
    found = words.traffic(out, came, recipients, equal)
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))
