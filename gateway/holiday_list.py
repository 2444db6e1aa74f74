"""A program of its own that prints public holidays: `python -m gateway.holiday_list 2026 2028 GB US-FL`.

It prints JSON: `{"GB": {"2026-12-25": "Christmas Day"}}`, with null for a region the library does not know.

The library takes 15 MB and a second to begin: it is asked once in a long while, and never stays.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

import holidays


def of(region: str, years: range) -> dict[str, str] | None:
    """Days and names for a country (GB) or its region (US-FL); None where the library does not know it."""
    country, _, subdivision = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    except NotImplementedError:
        return None
    return {str(day): name for day, name in sorted(found.items())}


if __name__ == "__main__":
    with contextlib.suppress(OSError):  # a service manager may forbid it
        os.nice(10)
    first, last, *regions = sys.argv[1:]
    asked = range(int(first), int(last) + 1)
    json.dump({region: of(region, asked) for region in regions}, sys.stdout)
