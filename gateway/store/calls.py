"""Rows of calls that nobody answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from gateway.store.database import Tx
from gateway.store.tables import calls


def add(tx: Tx, **values: Any) -> int:
    """Keep a missed call and return its id."""
    return tx.insert(calls, values)


def between(tx: Tx, conversation_id: int, since: datetime, until: datetime) -> list[Row[Any]]:
    """Calls of a conversation that ended from `since` on and before `until`, oldest first."""
    query = select(calls).where(
        calls.c.conversation_id == conversation_id, calls.c.ended_at >= since, calls.c.ended_at < until
    )
    return list(tx.execute(query.order_by(calls.c.ended_at, calls.c.id)))


def of_line(tx: Tx, line_id: int, limit: int = 50) -> list[Row[Any]]:
    """The newest calls of a line, newest first; those with a withheld number too."""
    query = select(calls).where(calls.c.line_id == line_id)
    return list(tx.execute(query.order_by(calls.c.ended_at.desc(), calls.c.id.desc()).limit(limit)))


def withheld(tx: Tx, line_id: int, limit: int) -> list[Row[Any]]:
    """The newest calls of a line whose callers withheld their number, newest first."""
    query = select(calls).where(calls.c.line_id == line_id, calls.c.number == "")
    return list(tx.execute(query.order_by(calls.c.ended_at.desc(), calls.c.id.desc()).limit(limit)))


def newest_in(tx: Tx, conversation_ids: list[int]) -> dict[int, datetime]:
    """When the newest call of each of these conversations ended, for those that have any."""
    query = (
        select(calls.c.conversation_id, func.max(calls.c.ended_at))
        .where(calls.c.conversation_id.in_(conversation_ids))
        .group_by(calls.c.conversation_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}
