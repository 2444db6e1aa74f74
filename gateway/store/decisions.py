"""The log of decisions about messages: why one waited, was let go although a rule would have held it, or was
refused."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
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


def let_go(tx: Tx, message_ids: Collection[int]) -> dict[int, Row[Any]]:
    """The newest decision to let a text go although a rule would have held it, for each of these messages
    that has one."""
    query = (
        select(decisions)
        .where(decisions.c.message_id.in_(sorted(message_ids)), decisions.c.verdict == "goes")
        .order_by(decisions.c.id)
    )
    return {row.message_id: row for row in tx.execute(query)}
