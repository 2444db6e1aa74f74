"""Whose turn it is on a line: the part that goes next, and when there may be one.

People before reminders before campaigns (`gateway.domain.message.Rank`), within a rank by priority, then by
due time; in order within a conversation. Written so that SQLite seeks the first text of each rank and
priority: 10^5 may wait.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from gateway.domain.conversation import BY_URGENCY, Priority
from gateway.domain.message import PartState, Purpose, Rank, State, WaitingFor
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import messages, parts

OVERTAKABLE = (
    WaitingFor.SCHEDULE,
    WaitingFor.QUIET_HOURS,
    WaitingFor.APPROVAL,
    WaitingFor.CAP,
    WaitingFor.CLOCK,
)
"""A text that waits for one of these, until a time to come, does not hold back later ones of its
conversation."""

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it
UNSETTLED = [*_TO_GO, State.UNCONFIRMED]
"""States of messages that may hold back others, as the partial index writes them."""


def holds_back(
    earlier: Any, most: int | BindParameter[int], but: Collection[Rank] = ()
) -> ColumnElement[bool]:
    """Whether a row of messages holds back later ones of its conversation, at the time bound as `now`: it is
    on its way, or unclear, or is to go before them. `most`: ranks beyond it hold back nothing, nor do those
    of `but`. `is_holding` says the same of a row in hand."""
    waits_elsewhere = and_(earlier.c.due_at > bindparam("now"), one_of(earlier.c.waiting_for, OVERTAKABLE))
    in_order = earlier.c.rank <= most
    if but:
        in_order = and_(in_order, earlier.c.rank.not_in([literal_column(str(int(rank))) for rank in but]))
    return or_(
        and_(earlier.c.state == State.UNCONFIRMED.value, earlier.c.unconfirmed_until > bindparam("now")),
        and_(
            or_(
                earlier.c.state == State.SENDING.value, and_(earlier.c.state == State.QUEUED.value, in_order)
            ),
            or_(earlier.c.waiting_for.is_(None), ~waits_elsewhere),
        ),
    )


def is_holding(row: Row[Any], now: datetime) -> bool:
    """`holds_back` of one unfinished row, its rank apart."""
    if row.state == State.UNCONFIRMED.value:
        return row.unconfirmed_until is not None and bool(row.unconfirmed_until > now)
    return row.waiting_for not in {word.value for word in OVERTAKABLE} or bool(row.due_at <= now)


def _of_rank(rank: Rank, priority: Priority, but: frozenset[Rank]) -> Select[Any]:
    """The first text of one rank and priority that is due and whose turn it is in its conversation. Campaigns
    and polls that have not begun hold back nothing that goes before them."""
    earlier = messages.alias("earlier")
    in_its_way = select(earlier.c.id).where(
        earlier.c.conversation_id == messages.c.conversation_id,
        earlier.c.id < messages.c.id,
        one_of(earlier.c.state, UNSETTLED),
        holds_back(earlier, max(rank, Rank.REMINDER), but),
    )
    return (
        select(parts.c.id, parts.c.message_id, parts.c.tpdu, messages.c.waiting_for, messages.c.due_at)
        .join(parts, and_(parts.c.message_id == messages.c.id, parts.c.state == PartState.READY.value))
        .where(
            messages.c.line_id == bindparam("line_id"),
            messages.c.rank == int(rank),
            messages.c.priority == priority.value,
            one_of(messages.c.state, _TO_GO),
            messages.c.due_at <= bindparam("due_before"),
            or_(messages.c.purpose == Purpose.COMPLIANCE.value, ~in_its_way.exists()),
        )
        .order_by(messages.c.due_at, messages.c.id, parts.c.seq)
        .limit(1)
    )


@cache
def _first(ranks: tuple[Rank, ...], but: frozenset[Rank]) -> Prepared:
    return Prepared(_firsts(ranks, but).limit(1))


@cache
def _longest_due(ranks: tuple[Rank, ...], but: frozenset[Rank]) -> Prepared:
    found = _firsts(ranks, but).subquery()
    return Prepared(select(found).order_by(found.c.due_at, found.c.message_id).limit(1))


def _firsts(ranks: tuple[Rank, ...], but: frozenset[Rank]) -> CompoundSelect[Any]:
    places = product(ranks, BY_URGENCY)
    found = [_of_rank(rank, priority, but).subquery() for rank, priority in places]
    return union_all(*(select(one) for one in found))


def head(
    tx: Tx,
    line_id: int,
    now: datetime,
    ranks: Sequence[Rank] = tuple(Rank),
    but: frozenset[Rank] = frozenset(),
) -> Row[Any] | None:
    """The part a line should send next: of the first of these ranks, and in it of the most urgent priority,
    that has one due now. Texts of the ranks `but` hold back nobody: they wait for a budget."""
    if not ranks:
        return None
    return tx.row(_first(tuple(ranks), but), {"line_id": line_id, "now": now, "due_before": now})


def longest_due(
    tx: Tx, line_id: int, now: datetime, ranks: Sequence[Rank], due_before: datetime, but: frozenset[Rank]
) -> Row[Any] | None:
    """The same of those that were due by `due_before`, but what waits longest, whatever its rank and
    priority: nothing that comes later goes before it, so each has its turn in the end."""
    if not ranks:
        return None
    values = {"line_id": line_id, "now": now, "due_before": due_before}
    return tx.row(_longest_due(tuple(ranks), but), values)


def hurry_earlier(
    tx: Tx, conversation_id: int, message_id: int, rank: Rank, priority: Priority, now: datetime
) -> None:
    """Give what stands before a text in its conversation the place of that text: it has to wait for it."""
    values = {"conversation": conversation_id, "before": message_id, "now": now}
    tx.execute(
        _HURRY, {**values, "better": int(rank), "as_urgent": priority.value, "urgency": _urgency(priority)}
    )


def follow_priority(tx: Tx, conversation_id: int, was: str, now_is: str) -> None:
    """A conversation's priority is another: so is that of its texts that wait, but where it was set apart."""
    values = {"conversation": conversation_id, "priority_was": was, "priority_is": now_is}
    tx.execute(_FOLLOW, values)


def _urgency(priority: Priority) -> int:
    return BY_URGENCY.index(priority)


_place_of = case({one.value: _urgency(one) for one in Priority}, value=messages.c.priority)
_FOLLOW = (
    update(messages)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        one_of(messages.c.state, UNSETTLED),
        messages.c.priority == bindparam("priority_was"),
    )
    .values(priority=bindparam("priority_is"))
)
_HURRY = (
    update(messages)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.id < bindparam("before"),
        one_of(messages.c.state, UNSETTLED),
        messages.c.state == State.QUEUED.value,
        or_(
            messages.c.rank > bindparam("better"),
            and_(messages.c.rank == bindparam("better"), _place_of > bindparam("urgency")),
        ),
        holds_back(messages, int(Rank.REMINDER)),
    )
    .values(rank=bindparam("better"), priority=bindparam("as_urgent"))
)

_NEXT_DUE = Prepared(
    select(func.min(messages.c.due_at)).where(
        messages.c.line_id == bindparam("line_id"),
        one_of(messages.c.state, _TO_GO),
        messages.c.due_at > bindparam("after"),
    )
)


def next_due(tx: Tx, line_id: int, after: datetime) -> datetime | None:
    """The earliest due time after that of anything still to go on a line.

    What was due before and is still here is held back, by order say, and says nothing about when to wake.
    """
    due: datetime | None = tx.value(_NEXT_DUE, {"line_id": line_id, "after": after})
    return due
