"""The log of decisions about messages: why one waited, was let go although a rule would have held it, or was
refused."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from gateway.store.database import Tx
from gateway.store.tables import decisions


def add(tx: Tx, message_id: int, now: datetime, verdict: str, why: str, until: datetime | None) -> None:
    """Append one decision."""
    values = {"message_id": message_id, "at": now, "verdict": verdict, "why": why, "until": until}
    tx.insert(decisions, values)


def of_message(tx: Tx, message_id: int) -> list[Row[Any]]:
    """Every decision about a message, oldest first."""
    query = select(decisions).where(decisions.c.message_id == message_id).order_by(decisions.c.id)
    return list(tx.execute(query))


def held_since(tx: Tx, message_id: int, since: datetime, now: datetime) -> timedelta:
    """For how long the rules held a message between two moments, as far as was known when they did; each
    decision ends the one before."""
    rows = of_message(tx, message_id)
    held = timedelta(0)
    for row, ended_at in zip(rows, [*(row.at for row in rows[1:]), now], strict=False):
        if row.verdict == "waits" and row.until is not None:
            held += max(min(row.until, ended_at, now) - max(row.at, since), timedelta(0))
    return held


def let_go(tx: Tx, message_ids: Collection[int]) -> dict[int, Row[Any]]:
    """The newest decision to let a text go although a rule would have held it, for each of these messages
    that has one."""
    query = (
        select(decisions)
        .where(decisions.c.message_id.in_(sorted(message_ids)), decisions.c.verdict == "goes")
        .order_by(decisions.c.id)
    )
    return {row.message_id: row for row in tx.execute(query)}
