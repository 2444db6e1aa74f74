"""A time that somebody chose for a text: the instant, and the wall clock that was meant, since the rules of a
zone may change before it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from gateway.domain.hours import resolve

FURTHEST = timedelta(days=400)
"""How far ahead a time may be chosen: beyond it is a slip of the keyboard."""

READING_TIME = timedelta(hours=3)
"""Less than this between a text's going and its being useless is worth a warning (support-desk R24)."""


class Kind(StrEnum):
    """How the time was chosen: a date and time, when they wake, when the office opens."""

    AT = "at"
    WAKE = "wake"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a text is to go. `at`: the instant as known now; `wall`: the clock that was meant, in `zone`."""

    kind: Kind
    at: datetime
    wall: datetime
    zone: str

    def columns(self) -> dict[str, Any]:
        """As it is stored with a message."""
        return {
            "not_before": self.at,
            "schedule": self.kind.value,
            "schedule_wall": self.wall.isoformat(timespec="seconds"),
            "schedule_zone": self.zone,
        }


UNSCHEDULED: dict[str, Any] = {
    "not_before": None,
    "schedule": None,
    "schedule_wall": None,
    "schedule_zone": None,
}
"""The columns of a message that goes as soon as the rules allow."""


def at_wall(wall: datetime, zone: str, kind: Kind = Kind.AT) -> Schedule:
    """A schedule from a wall clock (naive) in a zone of the IANA database: in a gap the first instant after
    it, in an overlap the first of the two."""
    return Schedule(kind, resolve(wall, ZoneInfo(zone)), wall, zone)


def at_instant(at: datetime, zone: str, kind: Kind = Kind.AT) -> Schedule:
    """A schedule from an aware time, meant as the wall clock of that zone; as that of UTC where the zone's
    shows it a second time, for a wall clock is taken for the first."""
    whole = at.astimezone(UTC).replace(microsecond=0)
    wall = whole.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    if resolve(wall, ZoneInfo(zone)) == whole:
        return Schedule(kind, whole, wall, zone)
    return Schedule(kind, whole, whole.replace(tzinfo=None), "UTC")


def stored(
    not_before: datetime | None, kind: str | None, wall: str | None, zone: str | None
) -> Schedule | None:
    """A schedule from a message's columns; None where no time was chosen."""
    if not_before is None or kind is None or wall is None or zone is None:
        return None
    return Schedule(Kind(kind), not_before, datetime.fromisoformat(wall), zone)


def reading_time(goes_at: datetime, send_by: datetime | None) -> timedelta | None:
    """How long a reader has before a text that goes then is useless, when that is little; else None."""
    if send_by is None or send_by - goes_at >= READING_TIME:
        return None
    return max(send_by - goes_at, timedelta(0))
