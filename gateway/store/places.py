"""Where texts that are due stand in their line's queue, for people who ask; `gateway.store.turns` decides."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from gateway.domain.conversation import BY_URGENCY
from gateway.domain.message import Rank, State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import messages
from gateway.store.turns import UNSETTLED, holds_back

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it

# Built once, as in `turns`: they are asked for every text of a page.
_DUE_OF_RANK = (
    select(messages.c.id)
    .where(
        messages.c.line_id == bindparam("line_id"),
        messages.c.rank == bindparam("rank"),
        messages.c.priority == bindparam("priority"),
        one_of(messages.c.state, _TO_GO),
        messages.c.due_at <= bindparam("now"),
    )
    .order_by(messages.c.due_at, messages.c.id)
    .limit(bindparam("most"))
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
    found: list[int] = []
    for rank, priority in product(
        Rank, BY_URGENCY
    ):  # one seek for each: what is held there is not walked over
        if len(found) < most:
            place = {"rank": int(rank), "priority": priority.value}
            values = {"line_id": line_id, **place, "now": now, "most": most - len(found)}
            found += tx.execute(_DUE_OF_RANK, values).scalars()
    return found


def after_another(tx: Tx, message: Row[Any], now: datetime) -> bool:
    """Whether an earlier text of its conversation has to go, or to be settled, first, and cannot go now."""
    values = {
        "conversation_id": message.conversation_id,
        "message_id": message.id,
        "rank": max(message.rank, Rank.REMINDER),
        "now": now,
    }
    return tx.scalar(_IN_ITS_WAY, values) is not None
