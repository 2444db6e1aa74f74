"""When the office itself is open: its hours, its holidays, the days it is closed besides."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain import hours
from gateway.domain.hours import Opening
from gateway.store import holidays, settings
from gateway.store.database import Tx


def opening(tx: Tx) -> Opening:
    """The hours of the office, in its zone."""
    office = settings.every(tx)
    regions = office["hours.holidays"] or office["office.country"]
    return Opening(
        (hours.parse(office["hours.office"]),),
        (ZoneInfo(office["office.zone"]),),
        holidays.days(tx, filter(None, regions.split(", "))),
        hours.parse_days(office["hours.closed"]),
    )


def opens_on_or_after(open_hours: Opening, now: datetime, days: int) -> datetime | None:
    """When the office opens that many days from today, or on the first day after that it opens on; None where
    it opens on none."""
    zone = open_hours.zones[0]
    day = now.astimezone(zone).date() + timedelta(days=days)
    return open_hours.next_open(hours.resolve(datetime(day.year, day.month, day.day), zone))
