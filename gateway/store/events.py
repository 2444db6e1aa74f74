"""The append-only event log and its cursor. Everything that reacts to the store reads from here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from gateway.domain.events import Event
from gateway.store.database import Tx
from gateway.store.tables import events

_AFTER = (
    select(events).where(events.c.id > bindparam("cursor")).order_by(events.c.id).limit(bindparam("at_most"))
)


def record(
    tx: Tx,
    kind: Event,
    now: datetime,
    *,
    line_id: int | None = None,
    conversation_id: int | None = None,
    message_id: int | None = None,
) -> int:
    """Append one event; announced on the feed when the transaction is committed. Returns its id."""
    values = {
        "at": now,
        "kind": kind.value,
        "line_id": line_id,
        "conversation_id": conversation_id,
        "message_id": message_id,
    }
    tx.last_event_id = tx.insert(events, values)
    return tx.last_event_id


def last_id(tx: Tx) -> int:
    """Id of the newest event, 0 when there is none."""
    return tx.scalar(select(func.max(events.c.id))) or 0


def after(tx: Tx, cursor: int, limit: int = 500) -> list[Row[Any]]:
    """Events newer than `cursor`, oldest first."""
    return list(tx.execute(_AFTER, {"cursor": cursor, "at_most": limit}))
