"""Texts with a star."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from gateway.store.database import Tx
from gateway.store.tables import contacts, conversations, messages


def page(
    tx: Tx, line_ids: frozenset[int] | None, limit: int, before: datetime | None = None
) -> Sequence[Row[Any]]:
    """Texts with a star on lines one may see (None: all), the last starred first; `before` is when the last
    one already shown was."""
    query = (
        select(
            messages.c.public_id,
            messages.c.body,
            messages.c.direction,
            messages.c.author_name,
            messages.c.created_at,
            messages.c.starred_at,
            messages.c.starred_by,
            messages.c.peer,
            conversations.c.public_id.label("conversation_public_id"),
            contacts.c.name,
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(messages.c.starred_at.is_not(None))
    )
    if line_ids is not None:
        query = query.where(messages.c.line_id.in_(line_ids))
    if before is not None:
        query = query.where(messages.c.starred_at < before)
    return tx.execute(query.order_by(messages.c.starred_at.desc()).limit(limit)).all()
