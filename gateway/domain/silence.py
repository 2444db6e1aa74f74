"""Whether a line has been silent for unusually long, judged by when texts came in before. Pure.

For each hour of the week every week gives one sample: the longest time between two texts that reached into
that hour. What 95 in 100 weeks keep to, four times over, is still usual. Only hours in which texts usually
come are counted as silence, or every Monday would begin with an alarm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
LEAST = timedelta(hours=4)
"""Shorter silences are never unusual."""
TIMES = 4
SHARE = 0.95
WEEKS = 4
"""So many whole weeks have to be known."""
LOOK_BACK = timedelta(weeks=9)


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nothing came in hours in which texts usually come, and how long of that is still usual."""

    lasted: timedelta
    usual: timedelta


def silence(times: Sequence[datetime], now: datetime, zone: ZoneInfo) -> Silence | None:
    """What is to be said of the time since the last text; None while too little is known. `times` are those
    of texts that came in, oldest first, of `LOOK_BACK` at most."""
    weeks = floor((now - times[0]) / WEEK) if times else 0
    if weeks < WEEKS:
        return None
    longest: dict[int, dict[int, timedelta]] = defaultdict(dict)  # by hour of the week, then by week
    for before, after in pairwise(times):
        for at in _hours(before, after):
            week, samples = floor((now - at) / WEEK), longest[_hour(at, zone)]
            samples[week] = max(samples.get(week, timedelta(0)), after - before)
    here = sorted(longest[_hour(now, zone)].values())
    if len(here) < WEEKS:
        return None
    busy = _busy(times, now, zone, weeks)
    usual = max(LEAST, TIMES * here[ceil(SHARE * len(here)) - 1])
    return Silence(_counted(times[-1], now, zone, busy), usual)


def _hour(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """A moment in each hour from one time to the other, a week of them at most."""
    at = start
    while at <= end and at - start < WEEK:
        yield at
        at += HOUR


def _busy(times: Sequence[datetime], now: datetime, zone: ZoneInfo, weeks: int) -> set[int]:
    """Hours of the week in which texts came in at least every other week."""
    seen: dict[int, set[int]] = defaultdict(set)
    for at in times:
        seen[_hour(at, zone)].add(floor((now - at) / WEEK))
    return {hour for hour, when in seen.items() if 2 * len(when) >= weeks}


def _counted(last: datetime, now: datetime, zone: ZoneInfo, busy: set[int]) -> timedelta:
    """How much of that time lies in such hours."""
    whole = timedelta(0)
    for at in _hours(last, now):
        if _hour(at, zone) in busy:
            whole += min(HOUR, now - at)
    return whole
