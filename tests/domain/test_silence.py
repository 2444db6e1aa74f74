"""When a line has been silent for unusually long: learnt from weeks, and never told without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.silence import LEAST, Silence, silence

UTC_ZONE = ZoneInfo("UTC")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def office_hours(weeks: int, until: datetime, every: timedelta = timedelta(minutes=30)) -> list[datetime]:
    """A text each half hour from nine to five on weekdays."""
    found = []
    at = MONDAY - timedelta(weeks=weeks)
    while at < until:
        if at.weekday() < 5 and 9 <= at.hour < 17:
            found.append(at)
        at += every
    return found


def at(hour: float, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def judged(now: datetime, last: datetime, weeks: int = 6) -> Silence | None:
    return silence(office_hours(weeks, last), now, UTC_ZONE)


def test_four_hours_in_office_hours_are_unusual() -> None:
    found = judged(at(15), at(10.5))
    assert found is not None
    assert found.usual == LEAST and found.lasted >= LEAST


def test_one_hour_is_not() -> None:
    found = judged(at(11.5), at(10.5))
    assert found is not None and found.lasted < found.usual / 2


def test_a_weekend_is_not() -> None:
    for hour in (0, 6, 12, 23):
        found = judged(at(hour, day=6), at(17, day=4))
        assert found is not None and found.lasted < found.usual


def test_a_monday_that_begins_late_is_not() -> None:
    found = judged(at(11), at(-55))
    assert found is not None and found.lasted <= timedelta(hours=3) < found.usual


def test_without_four_weeks_nothing_is_said() -> None:
    assert judged(at(15), at(10.5), weeks=3) is None
    assert silence([], at(15), UTC_ZONE) is None


def test_a_line_that_gets_a_text_now_and_then_is_never_silent() -> None:
    times = [MONDAY - timedelta(weeks=8) + timedelta(days=5 * n, hours=n) for n in range(12)]
    found = silence(times, at(15), UTC_ZONE)
    assert found is None or found.lasted < found.usual
