"""Finding a place in a thread: texts and notes with their words, the first text of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, select

from gateway.store.database import Tx
from gateway.store.tables import messages


def bodies(tx: Tx, conversation_id: int, limit: int) -> Iterator[tuple[str, str]]:
    """Public id and words of the newest texts of a conversation, newest first."""
    query = select(messages.c.public_id, messages.c.body).where(messages.c.conversation_id == conversation_id)
    for row in tx.execute(query.order_by(messages.c.id.desc()).limit(limit)):
        yield row.public_id, row.body


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
