"""Time zones to choose from, by area, as a form offers them."""

from __future__ import annotations

import zoneinfo
from functools import cache
from itertools import groupby

_AREAS = frozenset(
    ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


@cache
def every_zone() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Zones to choose from, by area: (area, ((zone, its place in words), ...))."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _AREAS and "/" in name
    )
    return tuple(
        (area, tuple((name, _place(name)) for name in group))
        for area, group in groupby(names, key=lambda name: name.partition("/")[0])
    )


def _place(name: str) -> str:
    """ "Indianapolis, Indiana" for what lies a step deeper than most."""
    parts = name.split("/")[1:]
    return ", ".join(part.replace("_", " ") for part in reversed(parts))
