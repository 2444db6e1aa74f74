"""Whose turn it is on a line: the part that goes next, and when there may be one.

People before reminders before campaigns (`gateway.domain.message.Rank`), within a rank by due time; in order
within a conversation. Written so that SQLite seeks the first text of each rank: 10^5 may wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select, union_all, update

from gateway.domain.message import PartState, Purpose, Rank, State, WaitingFor
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import messages, parts

OVERTAKABLE = (
    WaitingFor.SCHEDULE,
    WaitingFor.QUIET_HOURS,
    WaitingFor.APPROVAL,
    WaitingFor.CAP,
    WaitingFor.CLOCK,
)
"""A text that waits for one of these does not hold back later ones of its conversation."""

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def _of_rank(rank: Rank) -> Select[Any]:
    """The first text of one rank that is due and whose turn it is in its conversation. Campaigns and polls
    that have not begun hold back nothing that goes before them."""
    earlier = messages.alias("earlier")
    in_its_way = select(earlier.c.id).where(
        earlier.c.conversation_id == messages.c.conversation_id,
        earlier.c.id < messages.c.id,
        one_of(earlier.c.state, [*_TO_GO, State.UNCONFIRMED]),
        or_(
            and_(earlier.c.state == State.UNCONFIRMED.value, earlier.c.unconfirmed_until > bindparam("now")),
            earlier.c.state == State.SENDING.value,
            and_(
                earlier.c.state == State.QUEUED.value,
                earlier.c.rank <= max(rank, Rank.REMINDER),
                or_(earlier.c.waiting_for.is_(None), ~one_of(earlier.c.waiting_for, OVERTAKABLE)),
            ),
        ),
    )
    return (
        select(parts.c.id, parts.c.message_id, parts.c.tpdu, messages.c.waiting_for)
        .join(parts, and_(parts.c.message_id == messages.c.id, parts.c.state == PartState.READY.value))
        .where(
            messages.c.line_id == bindparam("line_id"),
            messages.c.rank == int(rank),
            one_of(messages.c.state, _TO_GO),
            messages.c.due_at <= bindparam("due_before"),
            or_(messages.c.purpose == Purpose.COMPLIANCE.value, ~in_its_way.exists()),
        )
        .order_by(messages.c.due_at, messages.c.id, parts.c.seq)
        .limit(1)
    )


@cache
def _first(ranks: tuple[Rank, ...]) -> Any:
    found = [_of_rank(rank).subquery() for rank in ranks]
    return union_all(*(select(one) for one in found)).limit(1)


def head(
    tx: Tx,
    line_id: int,
    now: datetime,
    ranks: Sequence[Rank] = tuple(Rank),
    due_before: datetime | None = None,
) -> Row[Any] | None:
    """The part a line should send next, of the first of these ranks that has one due now, or by
    `due_before`."""
    if not ranks:
        return None
    values = {"line_id": line_id, "now": now, "due_before": due_before or now}
    return tx.execute(_first(tuple(ranks)), values).one_or_none()


def hurry_earlier(tx: Tx, conversation_id: int, message_id: int, rank: Rank) -> None:
    """Give what stands before a text in its conversation the place of that text: it has to wait for it."""
    values = {"conversation": conversation_id, "before": message_id, "better": int(rank)}
    tx.execute(_HURRY, values)


_HURRY = (
    update(messages)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.id < bindparam("before"),
        one_of(messages.c.state, [*_TO_GO, State.UNCONFIRMED]),  # as the partial index writes it
        messages.c.state == State.QUEUED.value,
        messages.c.rank > bindparam("better"),
        messages.c.rank <= int(Rank.REMINDER),
        or_(messages.c.waiting_for.is_(None), ~one_of(messages.c.waiting_for, OVERTAKABLE)),
    )
    .values(rank=bindparam("better"))
)

_NEXT_DUE = select(func.min(messages.c.due_at)).where(
    messages.c.line_id == bindparam("line_id"),
    one_of(messages.c.state, _TO_GO),
    messages.c.due_at > bindparam("after"),
)


def next_due(tx: Tx, line_id: int, after: datetime) -> datetime | None:
    """The earliest due time after that of anything still to go on a line.

    What was due before and is still here is held back, by order say, and says nothing about when to wake.
    """
    due: datetime | None = tx.scalar(_NEXT_DUE, {"line_id": line_id, "after": after})
    return due
