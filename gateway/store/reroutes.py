"""Texts that wait on a line that is down: finding those that another line may take over, and moving them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, update

from gateway.domain.message import PartState, Purpose, State, WaitingFor
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import messages, parts

_FREED_BY_PEOPLE = [WaitingFor.CLOCK, WaitingFor.APPROVAL, WaitingFor.DOUBT]
_UNFINISHED = [State.QUEUED, State.SENDING, State.UNCONFIRMED]  # as the partial index writes it


def untouched(tx: Tx, line_id: int, now: datetime, limit: int, after: int = 0) -> list[Row[Any]]:
    """Due messages of a line of which no part was ever handed over or is claimed, by id, from behind `after`.

    A line's test text is none of them: it says which line sent it.
    """
    touched = select(parts.c.id).where(
        parts.c.message_id == messages.c.id,
        or_(
            parts.c.state != PartState.READY.value,
            parts.c.submitted_at.is_not(None),
            and_(parts.c.owner.is_not(None), parts.c.lease_until > now),
        ),
    )
    query = select(messages).where(
        messages.c.line_id == line_id,
        messages.c.id > after,
        messages.c.purpose != Purpose.INTERNAL.value,
        one_of(messages.c.state, [State.QUEUED, State.SENDING]),
        messages.c.state == State.QUEUED.value,
        messages.c.due_at <= now,
        or_(messages.c.waiting_for.is_(None), ~one_of(messages.c.waiting_for, _FREED_BY_PEOPLE)),
        ~touched.exists(),
    )
    return list(tx.execute(query.order_by(messages.c.id).limit(limit)))


def staying(tx: Tx, line_id: int, conversation_ids: list[int]) -> list[Row[Any]]:
    """What is unfinished in these conversations and goes by that line, oldest first."""
    query = select(messages).where(
        messages.c.conversation_id.in_(conversation_ids),
        one_of(messages.c.state, _UNFINISHED),
        messages.c.line_id == line_id,
    )
    return list(tx.execute(query.order_by(messages.c.id)))


def move(tx: Tx, message_id: int, line_id: int, rerouted_from: str, *, report_wanted: bool) -> None:
    """Give a message to another line; a claim that ran out is taken from whoever had it."""
    values = {"line_id": line_id, "rerouted_from": rerouted_from, "report_wanted": report_wanted}
    tx.update(messages, message_id, {**values, "waiting_for": None})
    unclaimed = {"owner": None, "lease_until": None}
    tx.execute(update(parts).where(parts.c.message_id == message_id).values(**unclaimed))
