"""When a backup is due, and which old ones go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.backups import drill_is_due, is_due, is_old, to_keep

HERE = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)  # 12:00 there
NIGHT = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)  # 02:00 there
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("good", "tried", "now", "due"),
    [
        (None, None, NOON, True),
        (NIGHT, NIGHT, NOON, False),
        (NIGHT, NIGHT, NIGHT + DAY, True),
        (NOON - DAY, NOON - DAY, NIGHT, True),  # made at noon, so that the next night's is there
        (NOON - DAY, NOON - DAY, NOON, True),  # the box was off at night
        (NOON - DAY, NOON - HOUR / 2, NOON, False),  # it failed half an hour ago
        (NOON - DAY, NOON - HOUR, NOON, True),
        (NOON + DAY, NOON + DAY, NOON, True),  # by a clock that was ahead
    ],
)
def test_when_it_is_due(good: datetime | None, tried: datetime | None, now: datetime, due: bool) -> None:
    assert is_due(good, tried, now, HERE) is due


def test_a_box_that_runs_day_and_night_makes_one_each_night() -> None:
    made: list[datetime] = []
    at = NOON
    while at < NOON + 10 * DAY:
        last = made[-1] if made else None
        if is_due(last, last, at, HERE):
            made.append(at)
        at += timedelta(minutes=10)
    assert len(made) == 11
    assert {one.astimezone(HERE).hour for one in made[1:]} == {1}


def test_a_drill_each_week() -> None:
    assert drill_is_due(None, NOON)
    assert not drill_is_due(NOON - 6 * DAY, NOON)
    assert drill_is_due(NOON - 7 * DAY, NOON)
    assert drill_is_due(NOON + DAY, NOON)
    assert drill_is_due(NOON - DAY, NOON, failed_before=True)


def test_an_old_one_is_one_of_which_a_night_was_missed_or_of_another_year() -> None:
    assert [is_old(NOON + at, NOON) for at in (-27 * HOUR, -25 * HOUR, HOUR / 2, DAY)] == [
        True,
        False,
        False,
        True,
    ]


def test_one_made_by_a_clock_that_was_ahead_stands_for_no_day_and_stays_until_others_are_there() -> None:
    ahead = NOON + DAY * 900
    assert to_keep([NIGHT, ahead], NOON, HERE, 3, 4) == {NIGHT, ahead}
    assert ahead not in to_keep([*(NIGHT - DAY * n for n in range(30)), ahead], NOON, HERE, 3, 4)


def test_days_then_weeks_are_kept() -> None:
    made = [NIGHT - DAY * n for n in range(100)] + [NIGHT - DAY * 3 + HOUR]
    kept = sorted(to_keep(made, NOON, HERE, 3, 4), reverse=True)
    assert kept == [
        NIGHT,  # Wednesday
        NIGHT - DAY,
        NIGHT - 2 * DAY,
        NIGHT - 3 * DAY + HOUR,  # the last of Sunday, and of its week
        NIGHT - 10 * DAY,
        NIGHT - 17 * DAY,
    ]


times = st.lists(st.integers(0, 200_000).map(lambda minutes: NOON - timedelta(minutes=minutes)), max_size=30)


@given(times, st.integers(1, 30), st.integers(0, 10))
def test_the_newest_is_always_kept_and_what_is_kept_once_is_kept_again(
    made: list[datetime], days: int, weeks: int
) -> None:
    kept = to_keep(made, NOON, HERE, days, weeks)
    assert kept <= set(made)
    assert not made or max(made) in kept
    assert to_keep(sorted(kept), NOON, HERE, days, weeks) == kept
