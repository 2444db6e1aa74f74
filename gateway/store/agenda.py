"""What will go by itself: queued texts of every line by the time they are due, and how many each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, bindparam, func, select, tuple_

from gateway.domain.message import State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import EPOCH, Micros, contacts, conversations, lines, messages

_TO_GO = one_of(messages.c.state, [State.QUEUED, State.SENDING])  # as the partial index writes it
_OF_LINE = messages.c.line_id == bindparam("line_id")
_LINES = select(lines.c.id)

# Asked line by line, so that the index, which begins with the line, gives them in order.
_PAGE = (
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
    .where(
        _OF_LINE,
        _TO_GO,
        messages.c.state == State.QUEUED.value,
        tuple_(messages.c.due_at, messages.c.id)
        > tuple_(bindparam("since", type_=Micros()), bindparam("after")),
    )
    .order_by(messages.c.due_at, messages.c.id)
    .limit(bindparam("most"))
)
_COUNT = (
    select(func.count())
    .select_from(messages)
    .where(_OF_LINE, _TO_GO, messages.c.due_at >= bindparam("begin"), messages.c.due_at < bindparam("end"))
)


def page(tx: Tx, since: datetime | None, limit: int, after: int = 0) -> list[Row[Any]]:
    """Queued texts with whom they are for, the earliest first, due from `since` on; of those due right then
    only such with a greater id than `after`."""
    found: list[Row[Any]] = []
    for line_id in tx.execute(_LINES).scalars().all():
        values = {"line_id": line_id, "since": since or EPOCH, "after": after, "most": limit}
        found += tx.execute(_PAGE, values)
    return sorted(found, key=lambda row: (row.due_at, row.id))[:limit]


def counts(tx: Tx, edges: Sequence[datetime]) -> list[int]:
    """How many texts that have not gone are due from each of these times to the next."""
    every = tx.execute(_LINES).scalars().all()
    return [
        sum(tx.scalar(_COUNT, {"line_id": line_id, "begin": begin, "end": end}) or 0 for line_id in every)
        for begin, end in pairwise(edges)
    ]
