"""How things stand, for whoever checks the installation: delivery reports and opt-outs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from gateway.store.database import Tx
from gateway.store.tables import delivery_reports, suppressions


def reports_since(tx: Tx, since: datetime) -> tuple[int, int]:
    """Delivery reports that came since then: how many speak of a text of ours, and how many of none."""
    reports = select(func.count(delivery_reports.c.part_id), func.count()).where(
        delivery_reports.c.received_at >= since
    )
    matched, every = tx.execute(reports).one()
    return int(matched), int(every - matched)


def suppressed(tx: Tx) -> set[str]:
    """Hashes of all numbers nothing may be sent to."""
    return set(tx.execute(select(suppressions.c.number_hash)).scalars())
