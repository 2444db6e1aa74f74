"""An office in which every text may go at any hour, as often as one likes: for tests that are about something
else than the right time, whatever hour they run at."""

from __future__ import annotations

from gateway.store import settings
from gateway.store.database import Tx

WIDE_OPEN = "daily 00:00-24:00"
RULES = {
    **{
        f"hours.{purpose}": WIDE_OPEN
        for purpose in ("conversational", "transactional", "feedback", "marketing")
    },
    **{f"limits.{cap}": "0" for cap in ("contact_day", "contact_marketing_day", "contact_marketing_month")},
}


def lift(tx: Tx) -> None:
    """Lift quiet hours and caps."""
    for name, value in RULES.items():
        settings.put(tx, name, value)
