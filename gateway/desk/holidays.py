"""Whose public holidays the office needs, and taking in what was computed for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from gateway.domain import zones
from gateway.domain.events import Event
from gateway.store import events, holidays, settings
from gateway.store.database import Tx

MOST_NUMBERS = 200
"""Numbers looked at in one transaction: each takes some 30 microseconds of the writer's time."""


def has_new_numbers(tx: Tx) -> bool:
    """Whether there are numbers whose country was not noted yet."""
    return bool(holidays.numbers_not_looked_at(tx, 1))


def look_at_numbers(tx: Tx) -> None:
    """Note the countries of the next numbers."""
    rows = holidays.numbers_not_looked_at(tx, MOST_NUMBERS)
    if rows:
        countries = filter(None, {zones.country(number) for _, number in rows})
        holidays.note_countries(tx, rows[-1][0], countries)


def wanted(tx: Tx) -> set[str]:
    """Regions whose holidays count: the office's, those of its lines and of the people it writes to."""
    office = {settings.get(tx, "office.country"), *settings.get(tx, "hours.holidays").split(", ")}
    return (office - {""}) | holidays.line_countries(tx) | holidays.number_countries(tx)


def missing(tx: Tx, today: date, edition: str) -> list[str]:
    """Regions that count and have not been computed for the next twelve months by this edition."""
    return holidays.missing(tx, wanted(tx), today, edition)


def unknown(tx: Tx) -> list[str]:
    """Regions that count and that the library does not know: they have no holidays here."""
    known = holidays.regions(tx)
    return sorted(region for region in wanted(tx) if region in known and not known[region].is_known)


def trouble(tx: Tx, today: date, edition: str) -> tuple[list[str], str]:
    """Regions that wait for their holidays because the last try to compute them failed, and why it did."""
    why = holidays.trouble(tx)
    return (missing(tx, today, edition) if why else []), why


def keep(
    tx: Tx, found: Mapping[str, Mapping[str, str] | None], until: date, edition: str, now: datetime
) -> None:
    """Keep what was computed: for each region its days (ISO) and their names, or None where it is unknown.
    What waits is decided anew."""
    for region, named in found.items():
        days = None if named is None else {date.fromisoformat(day): name for day, name in named.items()}
        holidays.put(tx, region, days, until, edition)
    holidays.note_trouble(tx, "")
    events.record(tx, Event.RULES_CHANGED, now)
