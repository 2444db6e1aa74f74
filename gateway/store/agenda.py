"""What will go by itself: queued texts of every line by the time they are due, and how many each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from gateway.domain.message import State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import contacts, conversations, lines, messages

_TO_GO = one_of(messages.c.state, [State.QUEUED, State.SENDING])  # as the partial index writes it
_WAITS = and_(_TO_GO, messages.c.state == State.QUEUED.value)


def _every_line() -> Any:
    """So that the index, which begins with the line, is sought in."""
    return messages.c.line_id.in_(select(lines.c.id))


def page(
    tx: Tx, since: datetime | None, limit: int, after: tuple[datetime, int] | None = None
) -> list[Row[Any]]:
    """Queued texts with whom they are for, the earliest first, from `since` on; `after` is (due_at, id) of
    the last row already given."""
    query = (
        select(
            messages,
            contacts.c.name.label("name"),
            contacts.c.zone.label("contact_zone"),
            conversations.c.public_id.label("conversation_public_id"),
            lines.c.name.label("line_name"),
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(lines, lines.c.id == messages.c.line_id)
        .where(_WAITS, _every_line())
    )
    if since is not None:
        query = query.where(messages.c.due_at >= since)
    if after is not None:
        at, message_id = after
        query = query.where(
            or_(messages.c.due_at > at, and_(messages.c.due_at == at, messages.c.id > message_id))
        )
    return list(tx.execute(query.order_by(messages.c.due_at, messages.c.id).limit(limit)))


def counts(tx: Tx, edges: Sequence[datetime | None]) -> list[int]:
    """How many queued texts are due from each of these times to the next; None is before or after all."""
    return [
        int(tx.scalar(select(func.count()).select_from(messages).where(*_between(begin, end))) or 0)
        for begin, end in pairwise(edges)
    ]


def _between(begin: datetime | None, end: datetime | None) -> list[Any]:
    due = [_WAITS, _every_line()]
    if begin is not None:
        due.append(messages.c.due_at >= begin)
    if end is not None:
        due.append(messages.c.due_at < end)
    return due
