"""Public holidays by country or region, as the library computed them; and what is known of each region:
until when it was computed, with which edition, and whether the library knows it at all.

Regions are as in ISO 3166: GB, GB-SCT, US-FL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, insert, select

from gateway.store import box_state
from gateway.store.database import Tx
from gateway.store.tables import holidays, lines, phone_numbers

AHEAD = timedelta(days=366)
"""How far ahead holidays have to be known: a text can be planned for a year from now."""

_REGIONS = "holiday_regions"
_NUMBERS = "holiday_numbers"
_TROUBLE = "holiday_trouble"


@dataclass(frozen=True, slots=True)
class Region:
    """What was computed for a region: the last day, the library's edition, and whether it knows it."""

    until: date
    edition: str
    is_known: bool


def days(tx: Tx, regions: Iterable[str]) -> frozenset[date]:
    """The holidays of all of these regions; none for one that was never computed."""
    query = select(holidays.c.day).where(holidays.c.region.in_(list(regions)))
    return frozenset(map(date.fromisoformat, tx.execute(query).scalars()))


def put(tx: Tx, region: str, found: Mapping[date, str] | None, until: date, edition: str) -> None:
    """Keep a region's holidays up to `until`, in place of what was kept; None: the library does not know
    the region, which is remembered as well."""
    tx.execute(delete(holidays).where(holidays.c.region == region))
    rows = [{"region": region, "day": str(day), "name": name} for day, name in (found or {}).items()]
    if rows:
        tx.execute(insert(holidays), rows)
    about = {"until": str(until), "edition": edition, "is_known": found is not None}
    box_state.put(tx, _REGIONS, box_state.get(tx, _REGIONS) | {region: about})


def regions(tx: Tx) -> dict[str, Region]:
    """Every region that was asked for so far."""
    return {
        name: Region(date.fromisoformat(about["until"]), about["edition"], about["is_known"])
        for name, about in box_state.get(tx, _REGIONS).items()
    }


def awaited(tx: Tx, wanted: Collection[str], day: date) -> tuple[str, ...]:
    """Those regions, in order, whose holidays were not computed as far as that day. One that the library does
    not know was computed; one that never was has no holidays here, which says nothing of theirs."""
    computed = box_state.get(tx, _REGIONS)
    return tuple(
        region
        for region in sorted(wanted)
        if region not in computed or date.fromisoformat(computed[region]["until"]) < day
    )


def note_trouble(tx: Tx, why: str) -> None:
    """Remember why the last try to compute holidays failed; empty: it did not."""
    box_state.put(tx, _TROUBLE, {"why": why})


def trouble(tx: Tx) -> str:
    """Why the last try to compute holidays failed; empty where it did not."""
    return str(box_state.get(tx, _TROUBLE).get("why", ""))


def missing(tx: Tx, wanted: Collection[str], today: date, edition: str) -> list[str]:
    """Those regions whose next twelve months have not been computed with this edition of the library."""
    known = regions(tx)
    return [
        region
        for region in sorted(wanted)
        if (about := known.get(region)) is None or about.edition != edition or about.until < today + AHEAD
    ]


# --- whose holidays are wanted -----------------------------------------------------------------------


def line_countries(tx: Tx) -> set[str]:
    """Countries of the lines at work."""
    query = select(lines.c.country).where(lines.c.removed_at.is_(None), lines.c.country.is_not(None))
    return set(tx.execute(query).scalars())


def number_countries(tx: Tx) -> set[str]:
    """Countries of the numbers of contacts looked at so far."""
    return set(box_state.get(tx, _NUMBERS).get("countries", ()))


def numbers_not_looked_at(tx: Tx, most: int) -> list[tuple[int, str]]:
    """The next numbers of contacts whose country was not looked at yet: id and number, in order."""
    seen = box_state.get(tx, _NUMBERS).get("last_id", 0)
    query = (
        select(phone_numbers.c.id, phone_numbers.c.number)
        .where(phone_numbers.c.id > seen)
        .order_by(phone_numbers.c.id)
        .limit(most)
    )
    return [(row.id, row.number) for row in tx.execute(query)]


def note_countries(tx: Tx, last_id: int, countries: Iterable[str]) -> None:
    """Remember the countries of the numbers up to that id."""
    found = sorted(number_countries(tx) | set(countries))
    box_state.put(tx, _NUMBERS, {"last_id": last_id, "countries": found})
