"""Countries by name, and the time zones of each: what a person chooses from (tables of the tz database)."""

from __future__ import annotations

from functools import cache
from importlib import resources

import phonenumbers


@cache
def names() -> dict[str, str]:
    """Names of countries that have telephone numbers, by their two letters (ISO 3166-1), in order of name."""
    rows = (line.split("\t") for line in _rows("iso3166.tab"))
    found = {code: name for code, name in rows if code in phonenumbers.SUPPORTED_REGIONS}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


@cache
def zones(code: str) -> tuple[str, ...]:
    """Time zones of a country, the one most people live in first; none for a country that is not known."""
    return tuple(row[2] for row in (line.split("\t") for line in _rows("zone.tab")) if row[0] == code)


def _rows(name: str) -> list[str]:
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
