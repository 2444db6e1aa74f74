"""Texts held back until a doubt about the clock ends, and what a clock that was ahead left behind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from gateway.domain.message import State, WaitingFor
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import events, messages

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def make_due(tx: Tx, waits_for: WaitingFor, latest: datetime, now: datetime, limit: int) -> int:
    """Make due at `now` what waits for that until after `latest`, oldest first; returns how many texts."""
    waiting = (
        select(messages.c.id)
        .where(
            one_of(messages.c.state, _TO_GO),
            messages.c.waiting_for == waits_for.value,
            messages.c.due_at > latest,
        )
        .order_by(messages.c.id)
        .limit(limit)
    )
    ids = list(tx.execute(waiting).scalars())
    tx.execute(update(messages).where(messages.c.id.in_(ids)).values(due_at=now))
    return len(ids)


def newest_record(tx: Tx, after: int) -> datetime | None:
    """The latest time of what happened after that event; None where nothing did."""
    newest: datetime | None = tx.scalar(select(func.max(events.c.at)).where(events.c.id > after))
    return newest
