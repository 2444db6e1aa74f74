"""What a line did and has to do, counted for its page: what waits, when texts last went and came, its last
trouble."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from gateway.domain.message import State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import attempts, conversations, line_log, messages


def queue(tx: Tx, line_id: int) -> list[Row[Any]]:
    """What is unfinished on a line: `purpose`, `state`, `rank`, `waiting_for`, how many, the earliest
    `due_at`."""
    kind = (messages.c.purpose, messages.c.state, messages.c.rank, messages.c.waiting_for)
    query = (
        select(*kind, func.count().label("texts"), func.min(messages.c.due_at).label("due_at"))
        .where(
            messages.c.line_id == line_id,
            one_of(messages.c.state, [State.QUEUED, State.SENDING, State.UNCONFIRMED]),
            messages.c.reason.is_distinct_from("sent_again"),
        )
        .group_by(*kind)
    )
    return list(tx.execute(query.order_by(func.min(messages.c.due_at))))


def load(tx: Tx, line_id: int, now: datetime) -> list[Row[Any]]:
    """The same, with whether its time has come (`is_due`)."""
    is_due = (messages.c.due_at <= now).label("is_due")
    kind = (messages.c.purpose, messages.c.state, messages.c.rank, messages.c.waiting_for)
    query = (
        select(*kind, is_due, func.count().label("texts"), func.min(messages.c.due_at).label("due_at"))
        .where(
            messages.c.line_id == line_id,
            one_of(messages.c.state, [State.QUEUED, State.SENDING, State.UNCONFIRMED]),
            messages.c.reason.is_distinct_from("sent_again"),
        )
        .group_by(*kind, is_due)
    )
    return list(tx.execute(query))


def on_their_way(tx: Tx) -> dict[str, int]:
    """How many texts are queued and how many are sending, by state, on all lines together."""
    query = select(messages.c.state, func.count()).where(
        one_of(messages.c.state, [State.QUEUED, State.SENDING])
    )
    return {row[0]: row[1] for row in tx.execute(query.group_by(messages.c.state))}


def last_out(tx: Tx, line_id: int) -> datetime | None:
    """When the network last took a part that this line sent."""
    query = select(attempts.c.ended_at).where(attempts.c.line_id == line_id, attempts.c.outcome == "accepted")
    at: datetime | None = tx.scalar(query.order_by(attempts.c.id.desc()).limit(1))
    return at


def last_in(tx: Tx, line_id: int) -> datetime | None:
    """When the last text came in by this line."""
    newest = select(func.max(conversations.c.last_inbound_id)).where(conversations.c.line_id == line_id)
    at: datetime | None = tx.scalar(
        select(messages.c.created_at).where(messages.c.id == newest.scalar_subquery())
    )
    return at


def last_trouble(tx: Tx, line_id: int, ordinary: Collection[str]) -> Row[Any] | None:
    """The newest state in a line's log that is none of the ordinary ones."""
    query = select(line_log).where(
        line_log.c.line_id == line_id,
        line_log.c.kind == "state",
        line_log.c.code.not_in(sorted(ordinary)),
    )
    return tx.execute(query.order_by(line_log.c.id.desc()).limit(1)).one_or_none()
