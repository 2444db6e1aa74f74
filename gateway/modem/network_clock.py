"""The network's clock as a second opinion on ours (27.007 8.15 +CCLK, 22.042 NITZ).

Owns what a device writes of the time and how far that may be believed. Only the device's clock is asked:
the service centre's time stamp of a text is no clock, for the text may have waited for days.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

_CLOCK = re.compile(
    r'\+CCLK: *"? *(\d\d)/(\d\d)/(\d\d), *(\d\d):(\d\d):(\d\d) *([+-]\d{1,2})? *"?', re.IGNORECASE
)
_MAX_ZONE_QUARTERS = 14 * 4
_FIRST_YEAR = 2025
"""A device that was never told the time counts from 1970, 1980, 2000, 2004 or the year it was made."""
_FURTHEST = timedelta(days=366 * 10)
"""A clock this far ahead of ours is not set either: some count from 2080."""


def read_offset(lines: Sequence[str], now: datetime) -> float | None:
    """Seconds the network's clock is ahead of ours, from the answer to `AT+CCLK?`; negative is behind.

    `now` is ours, aware. None where the device gives no time, none with a zone (what it gives may be any
    local time), or one that was never set.

    The time before the zone is local by the book, and UTC on some devices (Quectel's with +CTZU=1). Of the
    two the one nearer to ours is taken: a false alarm would hold texts back, so a clock of ours that is
    wrong by just the zone is not found here.
    """
    for line in lines:
        if match := _CLOCK.fullmatch(line.strip()):
            return min(_offsets(now, *match.groups()), key=abs, default=None)
    return None


def _offsets(now: datetime, *parts: str | None) -> list[float]:
    """Of each way to read the time that can be right."""
    *fields, quarters = parts
    if quarters is None or abs(int(quarters)) > _MAX_ZONE_QUARTERS:
        return []
    year, month, day, hour, minute, second = (int(field or 0) for field in fields)
    try:
        written = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return []
    readings = (written - timedelta(minutes=15 * int(quarters)), written)
    return [(theirs - now).total_seconds() for theirs in readings if _is_set(theirs, now)]


def _is_set(theirs: datetime, now: datetime) -> bool:
    return theirs.year >= _FIRST_YEAR and theirs - now < _FURTHEST
