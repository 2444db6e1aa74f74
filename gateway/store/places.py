"""Where a text that is due stands in its line's queue, for people who ask; `gateway.store.turns` decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select

from gateway.domain.message import Rank, State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import messages
from gateway.store.turns import OVERTAKABLE

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def ahead(tx: Tx, message: Row[Any], now: datetime, most: int) -> int:
    """How many texts of its line go before one that is due, counted up to `most`."""
    due = (messages.c.line_id == message.line_id, one_of(messages.c.state, _TO_GO))
    better = [int(rank) for rank in Rank if rank < message.rank]
    same = and_(
        messages.c.rank == message.rank,
        messages.c.due_at <= message.due_at,
        or_(messages.c.due_at < message.due_at, messages.c.id < message.id),
    )
    # one seek for each rank: the texts that are held in a rank are not walked over
    before = select(messages.c.id).where(*due, messages.c.rank.in_(better), messages.c.due_at <= now)
    beside = select(messages.c.id).where(*due, same)
    counts = (select(func.count()).select_from(one.limit(most).subquery()) for one in (before, beside))
    return min(sum(tx.scalar(count) or 0 for count in counts), most)


_AFTER_ANOTHER = (
    select(messages.c.id)
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.id < bindparam("message_id"),
        one_of(messages.c.state, [*_TO_GO, State.UNCONFIRMED]),
        or_(
            and_(
                messages.c.state == State.UNCONFIRMED.value,
                messages.c.unconfirmed_until > bindparam("now"),
            ),
            and_(
                messages.c.state == State.QUEUED.value,
                messages.c.rank <= bindparam("rank"),
                messages.c.due_at > bindparam("now"),
                or_(messages.c.waiting_for.is_(None), ~one_of(messages.c.waiting_for, OVERTAKABLE)),
            ),
        ),
    )
    .limit(1)
)


def after_another(tx: Tx, message: Row[Any], now: datetime) -> bool:
    """Whether an earlier text of its conversation has to go, or to be settled, first, and cannot go now."""
    values = {
        "conversation_id": message.conversation_id,
        "message_id": message.id,
        "rank": message.rank,
        "now": now,
    }
    return tx.scalar(_AFTER_ANOTHER, values) is not None
