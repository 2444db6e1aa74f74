"""How long somebody waits in the hours of the office, and what is said of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import hours, inbox_words
from gateway.domain.hours import Opening
from gateway.domain.inbox import COUNTED, Pace, Sort, Tab, Wanted, pace, waited

LONDON = ZoneInfo("Europe/London")
WEEK = Opening((hours.parse("Mon-Fri 09:00-17:00; holidays none"),), (LONDON,), frozenset({date(2025, 3, 5)}))
HOUR = timedelta(hours=1)
TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of March 2025; the 3rd is a Monday, the 5th a holiday."""
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "now", "length"),
    [
        (at(3, 9, 30), at(3, 11, 5), timedelta(hours=1, minutes=35)),
        (at(3, 16, 30), at(4, 9, 10), timedelta(minutes=40)),  # over the night
        (at(7, 16), at(10, 10), 2 * HOUR),  # over the weekend
        (at(4, 16), at(6, 10), 2 * HOUR),  # over the holiday
        (at(3, 20), at(4, 8), timedelta(0)),
        (at(3, 10), at(3, 10), timedelta(0)),
        (at(3, 10), at(3, 9), timedelta(0)),  # a clock that was set back
        (at(3, 9), at(28, 9), COUNTED),
    ],
)
def test_only_open_hours_count(since: datetime, now: datetime, length: timedelta) -> None:
    assert waited(WEEK, since, now) == length


def test_where_it_never_opens_the_clock_counts() -> None:
    days = frozenset(date(2025, 1, 1) + timedelta(days=day) for day in range(600))
    shut = Opening((hours.parse("daily 09:00-17:00"),), (LONDON,), closed=days)
    assert waited(shut, at(3, 9), at(3, 11)) == 2 * HOUR


@given(TIMES, st.timedeltas(timedelta(0), timedelta(days=20)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_it_only_grows_and_is_never_more_than_the_clock_says(
    since: datetime, first: timedelta, more: timedelta
) -> None:
    before, after = waited(WEEK, since, since + first), waited(WEEK, since, since + first + more)
    assert timedelta(0) <= before <= min(first, COUNTED)
    assert before <= after <= before + more


@pytest.mark.parametrize(
    ("minutes", "stands"),
    [
        (0, Pace.IN_TIME),
        (29, Pace.IN_TIME),
        (30, Pace.SOON),
        (59, Pace.SOON),
        (60, Pace.LATE),
        (99, Pace.LATE),
    ],
)
def test_from_half_of_the_target_it_is_soon_late(minutes: int, stands: Pace) -> None:
    assert pace(timedelta(minutes=minutes), HOUR) is stands


@pytest.mark.parametrize(
    ("length", "since", "stands", "said"),
    [
        (timedelta(minutes=12), timedelta(minutes=12), Pace.IN_TIME, "waits 12 min"),
        (timedelta(minutes=52), timedelta(minutes=52), Pace.SOON, "waits 52 min, soon late"),
        (timedelta(minutes=95), timedelta(minutes=95), Pace.LATE, "waits 1 h 35, late"),
        (timedelta(0), timedelta(seconds=20), Pace.IN_TIME, "waits 0 min"),
        (timedelta(0), timedelta(hours=9), Pace.IN_TIME, "came while closed"),
        (COUNTED, timedelta(days=5, hours=3), Pace.LATE, "waits 5 days, late"),
    ],
)
def test_it_is_said_in_words(length: timedelta, since: timedelta, stands: Pace, said: str) -> None:
    assert inbox_words.waits(length, since, stands) == said


def test_each_tab_has_its_order() -> None:
    assert Wanted(Tab.WAITING).order is Sort.WAITING
    assert Wanted(Tab.WAITING, Sort.NEWEST).order is Sort.NEWEST
    assert Wanted(Tab.OPEN).order is Sort.NEWEST
    assert Wanted(Tab.CLOSED, Sort.WAITING).order is Sort.NEWEST, "nobody waits there"
