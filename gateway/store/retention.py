"""Finding what has been kept for as long as the office's settings say, by kind of text; and legal holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from gateway.domain.message import Direction, State
from gateway.domain.settings import KEPT_DAYS
from gateway.store import settings
from gateway.store.database import Tx
from gateway.store.tables import calls, contacts, conversations, messages

CALLS = "calls"
RECEIVED = "received"
_TO_GO = (State.QUEUED.value, State.SENDING.value)


def periods(tx: Tx, now: datetime) -> dict[str, datetime]:
    """For each kind that is not kept for ever: what is older than this goes."""
    values = settings.every(tx)
    days = {kind: int(values[name]) for kind, name in KEPT_DAYS.items()}
    return {kind: now - timedelta(days=count) for kind, count in days.items() if count}


def count_due(tx: Tx, now: datetime) -> dict[str, int]:
    """How much of each kind would go now; kinds that are kept for ever are not among them."""
    found = {}
    for kind, before in periods(tx, now).items():
        query = _due_calls(before) if kind == CALLS else _due_texts(kind, before)
        found[kind] = int(tx.scalar(select(func.count()).select_from(query.subquery())))
    return found


def outdated(tx: Tx, now: datetime, limit: int) -> tuple[list[int], list[int]]:
    """Some texts and missed calls that have been kept for long enough, the oldest of a kind first."""
    texts: list[int] = []
    missed: list[int] = []
    for kind, before in periods(tx, now).items():
        if kind == CALLS:
            missed = list(tx.execute(_due_calls(before).order_by(calls.c.id).limit(limit)).scalars())
        elif len(texts) < limit:
            query = _due_texts(kind, before).order_by(messages.c.id).limit(limit - len(texts))
            texts += tx.execute(query).scalars()
    return sorted(texts), missed


def unheld(tx: Tx, text_ids: list[int], call_ids: list[int]) -> tuple[list[int], list[int]]:
    """Those of these that no legal hold has come to keep meanwhile."""
    held = (
        select(conversations.c.id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(contacts.c.held_since.is_not(None))
    )
    texts = select(messages.c.id).where(messages.c.id.in_(text_ids), messages.c.conversation_id.not_in(held))
    free = calls.c.conversation_id.is_(None) | calls.c.conversation_id.not_in(held)
    missed = select(calls.c.id).where(calls.c.id.in_(call_ids), free)
    return list(tx.execute(texts).scalars()), list(tx.execute(missed).scalars())


def kinds_of(tx: Tx, text_ids: list[int]) -> dict[str, int]:
    """How many of these texts are of each kind."""
    kind = func.coalesce(messages.c.purpose, RECEIVED)
    query = select(kind, func.count()).where(messages.c.id.in_(text_ids)).group_by(kind)
    return {row[0]: row[1] for row in tx.execute(query)}


def _due_texts(kind: str, before: datetime) -> Select[Any]:
    """What is still to go is never among them, nor anything of somebody under a legal hold."""
    return (
        select(messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(*_of_kind(kind), messages.c.created_at < before, contacts.c.held_since.is_(None))
        .where(messages.c.state.not_in(_TO_GO))
        .where(or_(messages.c.sent_at.is_(None), messages.c.sent_at < before))
    )


def _of_kind(kind: str) -> Iterator[ColumnElement[bool]]:
    if kind == RECEIVED:
        yield messages.c.direction == Direction.INBOUND.value
    else:
        yield messages.c.purpose == kind


def _due_calls(before: datetime) -> Select[Any]:
    held = (
        select(conversations.c.id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(contacts.c.held_since.is_not(None), conversations.c.id == calls.c.conversation_id)
    )
    return select(calls.c.id).where(calls.c.ended_at < before, ~held.exists())


def held_contacts(tx: Tx) -> int:
    """How many contacts are under a legal hold."""
    return int(tx.scalar(select(func.count()).where(contacts.c.held_since.is_not(None))) or 0)
