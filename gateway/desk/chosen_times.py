"""The time of a text: as it is chosen, and as it is reckoned anew when what it was chosen by has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.desk import deciding, office_hours
from gateway.domain import schedule, zones
from gateway.domain.decision_words import Clocks
from gateway.domain.hours import Opening
from gateway.domain.message import Purpose
from gateway.domain.policy import Case
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import FURTHEST, Kind, Schedule
from gateway.store import settings
from gateway.store.database import Tx

_MOMENT = timedelta(microseconds=1)


def choose(
    tx: Tx,
    kind: Kind,
    line: Row[Any],
    number: str,
    now: datetime,
    wall: datetime | None = None,
    zone: str | None = None,
) -> Schedule:
    """A time for a text to `number` (E.164).

    AT: `wall` (naive) as clocks show it in `zone`, the office's when none is given. WAKE: when the hours of
    conversations begin next where they are; the next day's when they have begun. OPEN: when the office opens
    next.

    Raises:
        Refused: there is no such zone or no such time, or it lies in the past or too far ahead.
    """
    if kind is Kind.WAKE:
        chosen = _wakes(_case(tx, line, number, now), now)
    elif kind is Kind.OPEN:
        chosen = _opens(tx, now)
    elif wall is None:
        raise Refused("no_time")
    else:
        chosen = schedule.at_wall(wall, known_zone(zone or settings.get(tx, "office.zone")))
    if chosen.at <= now:
        raise Refused("time_past")
    if chosen.at - now > FURTHEST:
        raise Refused("time_far", days=FURTHEST.days)
    return chosen


def choose_theirs(tx: Tx, line: Row[Any], number: str, now: datetime, wall: datetime) -> Schedule:
    """The time at which clocks show `wall` where they are; where that may be several places, in the last.

    Raises:
        Refused: it lies in the past or too far ahead.
    """
    there = _case(tx, line, number, now).zones.names
    last = max(there, key=lambda name: schedule.at_wall(wall, name).at)
    return choose(tx, Kind.AT, line, number, now, wall, last)


def known_zone(name: str) -> str:
    """The name, when it is a zone's.

    Raises:
        Refused: it is none.
    """
    try:
        return zones.named(name)
    except zones.UnknownZone as error:
        raise Refused("unknown_zone", detail=error) from None


def clocks(tx: Tx, line: Row[Any], number: str, now: datetime) -> Clocks:
    """The clocks that matter to a text to `number`: the office's, and theirs."""
    there = _case(tx, line, number, now).zones.names
    return Clocks(now, ZoneInfo(settings.get(tx, "office.zone")), tuple(map(ZoneInfo, there)))


def _case(tx: Tx, line: Row[Any], number: str, now: datetime) -> Case:
    """The case of a text somebody writes to them: the hours and the places that count for it."""
    return deciding.case(tx, deciding.About(Purpose.CONVERSATIONAL, number, now), line, now)


def _wakes(case: Case, now: datetime) -> Schedule:
    at = _next_opening(case.opening, now, "never_asleep")
    # of several places the one in which it is earliest has just woken
    zone = min(case.zones.names, key=lambda name: at.astimezone(ZoneInfo(name)).replace(tzinfo=None))
    return schedule.at_instant(at, zone, Kind.WAKE)


def _opens(tx: Tx, now: datetime) -> Schedule:
    at = _next_opening(office_hours.opening(tx), now, "always_open")
    return schedule.at_instant(at, settings.get(tx, "office.zone"), Kind.OPEN)


def _next_opening(opening: Opening, now: datetime, if_always: str) -> datetime:
    """When it opens next; while it is open, the time after that."""
    closes_at = opening.closes_at(now) if opening.is_open(now) else now
    if closes_at is None:
        raise Refused(if_always)
    at = opening.next_open(closes_at)
    if at is None:
        raise Refused("no_opening")
    return at


# --- reckoning it anew -------------------------------------------------------------------------------


def renewed(tx: Tx, before: Schedule, line: Row[Any], number: str, now: datetime) -> Schedule:
    """A chosen time as it is reckoned now. A date and time stay what was said; who is to wake, and an office
    that is to open, may do so at another hour or in another zone."""
    if before.at <= now:
        return before
    if before.kind is Kind.AT:
        return schedule.at_wall(before.wall, before.zone) if zones.find(before.zone) else before
    if before.kind is Kind.OPEN:
        opening, zone = office_hours.opening(tx), settings.get(tx, "office.zone")
    else:
        case = _case(tx, line, number, now)
        opening = case.opening
        zone = before.zone if before.zone in case.zones.names else case.zones.names[0]
    at = _opening_on(opening, schedule.at_wall(before.wall, zone, before.kind), now)
    return schedule.at_instant(at, zone, before.kind)


def _opening_on(opening: Opening, meant: Schedule, now: datetime) -> datetime:
    """When the stretch opens that was meant, or, where the hours hold none at that time, the next one; now,
    when it is open already. The time that was meant, where it opened before that day or nothing opens."""
    midnight = schedule.at_wall(meant.wall.replace(hour=0, minute=0, second=0), meant.zone).at
    pivot, looked = max(meant.at, now), midnight
    while (at := opening.next_open(looked)) is not None:
        closes_at = opening.closes_at(at)
        if closes_at is None or pivot < closes_at:
            if at > now and opening.is_open(at - _MOMENT):
                return pivot
            return max(at, now)
        looked = closes_at
    return pivot
