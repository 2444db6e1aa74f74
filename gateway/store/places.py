"""Where texts that are due stand in their line's queue, for people who ask; `gateway.store.turns` decides."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select, union_all

from gateway.domain.conversation import BY_URGENCY, Priority
from gateway.domain.message import Rank, State
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import messages
from gateway.store.turns import UNSETTLED, holds_back

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def _due(rank: Rank, priority: Priority) -> Select[Any]:
    return (
        select(messages.c.id)
        .where(
            messages.c.line_id == bindparam("line_id"),
            messages.c.rank == int(rank),
            messages.c.priority == priority.value,
            one_of(messages.c.state, _TO_GO),
            messages.c.due_at <= bindparam("now"),
        )
        .order_by(messages.c.due_at, messages.c.id)
        .limit(bindparam("most"))
    )


# One seek for each rank and priority, so that what is held there is not walked over; SQLite takes them one
# after the other and stops once it has enough.
_DUE = Prepared(
    union_all(*(select(_due(*place).subquery()) for place in product(Rank, BY_URGENCY))).limit(
        bindparam("most")
    )
)
_IN_ITS_WAY = (
    select(messages.c.id)
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.id < bindparam("message_id"),
        one_of(messages.c.state, UNSETTLED),
        holds_back(messages, bindparam("rank")),
        # what is due now goes first by itself
        or_(messages.c.state != State.QUEUED.value, messages.c.due_at > bindparam("now")),
    )
    .limit(1)
)


def queue(tx: Tx, line_id: int, now: datetime, most: int) -> list[int]:
    """Ids of the texts of a line that are due, the next one first, up to `most`."""
    return [row.id for row in tx.rows(_DUE, {"line_id": line_id, "now": now, "most": most})]


def after_another(tx: Tx, message: Row[Any], now: datetime) -> bool:
    """Whether an earlier text of its conversation has to go, or to be settled, first, and cannot go now."""
    values = {
        "conversation_id": message.conversation_id,
        "message_id": message.id,
        "rank": max(message.rank, Rank.REMINDER),
        "now": now,
    }
    return tx.scalar(_IN_ITS_WAY, values) is not None
