"""What will go by itself: queued texts of every line in the order in which they go, and how many each day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, product
from typing import Any

from sqlalchemy import Row, bindparam, func, select, tuple_

from gateway.domain.conversation import BY_URGENCY
from gateway.domain.message import Rank, State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import EPOCH, Micros, contacts, conversations, lines, messages

PutOff = Mapping[tuple[int, Rank], datetime]
"""By line and rank: when texts go that are due, where their line puts them off to another day."""

_TO_GO = one_of(messages.c.state, [State.QUEUED, State.SENDING])  # as the partial index writes it
_OF_LINE = messages.c.line_id == bindparam("line_id")
_OF_RANK = messages.c.rank == bindparam("rank")
_IS_DUE = messages.c.due_at <= bindparam("now", type_=Micros())
_MOST_ID = 2**63 - 1
_FROM_FIRST = {"since": EPOCH, "after": 0}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a text stands among all: what is due and goes in its turn first (`goes_at` is `EPOCH`), by rank
    and `urgency`, its place in `BY_URGENCY`; then whatever goes later, by when it goes."""

    goes_at: datetime = EPOCH
    rank: int = 0
    urgency: int = 0
    due_at: datetime = EPOCH
    id: int = 0


# Asked line by line, rank by rank and priority by priority, so that the indexes, which begin with these, give
# them in order.
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
_PAGE_DUE = _PAGE.where(_OF_RANK, messages.c.priority == bindparam("priority"), _IS_DUE)
_COUNT = (
    select(func.count())
    .select_from(messages)
    .where(_OF_LINE, _TO_GO, messages.c.due_at >= bindparam("begin"), messages.c.due_at < bindparam("end"))
)
_COUNT_DUE = (
    select(func.count())
    .select_from(messages)
    .where(_OF_LINE, _OF_RANK, one_of(messages.c.priority, BY_URGENCY), _TO_GO, _IS_DUE)
)


def _lines(tx: Tx, line_ids: Collection[int] | None) -> Sequence[int]:
    query = select(lines.c.id)
    return tx.execute(query if line_ids is None else query.where(lines.c.id.in_(line_ids))).scalars().all()


def page(
    tx: Tx,
    now: datetime,
    put_off: PutOff,
    limit: int,
    after: Place,
    line_ids: Collection[int] | None = None,
) -> list[tuple[Place, Row[Any]]]:
    """Queued texts of these lines (None: of all) with whom they are for, those after a place, in order, each
    with its own. What is due is
    what was so `now`: with the same `now` the pages that follow hold every text once."""
    found: list[tuple[Place, Row[Any]]] = []
    for line_id in _lines(tx, line_ids):
        values = {"line_id": line_id, "most": limit}
        for rank, (urgency, priority) in product(Rank, enumerate(BY_URGENCY)):
            here = (put_off.get((line_id, rank), EPOCH), int(rank), urgency)
            reached = (after.goes_at, after.rank, after.urgency)
            if here < reached:
                continue
            since = {"since": after.due_at, "after": after.id} if here == reached else _FROM_FIRST
            place = {"rank": int(rank), "priority": priority.value}
            rows = tx.execute(_PAGE_DUE, {**values, **since, **place, "now": now})
            found += [(Place(*here, row.due_at, row.id), row) for row in rows]
        since_at, since_id = max((now, _MOST_ID), _later_than(after))
        rows = tx.execute(_PAGE, {**values, "since": since_at, "after": since_id})
        found += [(Place(row.due_at, 0, 0, row.due_at, row.id), row) for row in rows]
    return sorted(found, key=lambda one: one[0])[:limit]


def _later_than(after: Place) -> tuple[datetime, int]:
    """The due time and id behind which texts that are not due yet come after that place: their rank is 0."""
    if after.rank:
        return after.goes_at, _MOST_ID
    return after.goes_at, after.id if after.due_at == after.goes_at else 0


def counts(
    tx: Tx,
    edges: Sequence[datetime],
    now: datetime,
    put_off: PutOff,
    line_ids: Collection[int] | None = None,
) -> list[int]:
    """How many texts of these lines (None: of all) that have not gone go from each of these times to the
    next, as far as is known `now`. `put_off` holds none of other lines."""
    every = _lines(tx, line_ids)
    found = [
        sum(tx.scalar(_COUNT, {"line_id": line_id, "begin": begin, "end": end}) or 0 for line_id in every)
        for begin, end in pairwise(edges)
    ]
    for (line_id, rank), goes_at in put_off.items():
        texts = tx.scalar(_COUNT_DUE, {"line_id": line_id, "rank": int(rank), "now": now}) or 0
        found[_stretch(edges, now)] -= texts
        found[_stretch(edges, goes_at)] += texts
    return found


def _stretch(edges: Sequence[datetime], at: datetime) -> int:
    """Between which of these times that one is."""
    return next(number for number, (_, end) in enumerate(pairwise(edges)) if at < end)
