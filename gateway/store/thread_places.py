"""Finding a place in a thread: texts and notes with their words, the first text of a day."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, select

from gateway.store.database import Tx
from gateway.store.tables import messages, notes


def bodies(tx: Tx, conversation_id: int, limit: int) -> Iterator[tuple[str, str]]:
    """Public id and words of the newest texts of a conversation, and of its notes, newest first."""
    texts = _said(messages, conversation_id).order_by(messages.c.id.desc()).limit(limit)
    noted = _said(notes, conversation_id).order_by(notes.c.created_at.desc()).limit(limit)
    for row in heapq.merge(
        tx.execute(texts), tx.execute(noted).all(), key=lambda one: one.created_at, reverse=True
    ):
        yield row.public_id, row.body


def _said(table: Table, conversation_id: int) -> Select[Any]:
    here = table.c.conversation_id == conversation_id
    return select(table.c.public_id, table.c.body, table.c.created_at).where(here)


def text_before_note(tx: Tx, conversation_id: int, public_id: str) -> str | None:
    """The last text before a note of that conversation, else the first after it; None for what is no note, or
    where there are no texts."""
    here = (notes.c.public_id == public_id) & (notes.c.conversation_id == conversation_id)
    at = tx.execute(select(notes.c.created_at).where(here)).scalar_one_or_none()
    if at is None:
        return None
    return last_before(tx, conversation_id, at) or first_since(tx, conversation_id, at)


def first_since(tx: Tx, conversation_id: int, at: datetime) -> str | None:
    """The first text of a conversation from that time on."""
    here = (messages.c.conversation_id == conversation_id) & (messages.c.created_at >= at)
    return _one(tx, select(messages.c.public_id).where(here).order_by(messages.c.id))


def last_before(tx: Tx, conversation_id: int, at: datetime) -> str | None:
    """The last text of a conversation before that time."""
    here = (messages.c.conversation_id == conversation_id) & (messages.c.created_at < at)
    return _one(tx, select(messages.c.public_id).where(here).order_by(messages.c.id.desc()))


def _one(tx: Tx, query: Select[tuple[str]]) -> str | None:
    return tx.execute(query.limit(1)).scalar_one_or_none()
