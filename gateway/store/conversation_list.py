"""The conversations of the inbox: counted by tab, filtered, ordered, a page at a time. Every query finds its
rows by an index; what is ordered otherwise are the open ones, which are few."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)

from gateway.domain.conversation import ConversationState, Priority
from gateway.domain.inbox import Sort, Tab, Wanted
from gateway.domain.message import DID_NOT_ARRIVE, Direction, State, WaitingFor
from gateway.store import conversations as rows
from gateway.store import reads
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import conversation_tags, conversations, messages

Lines = Collection[int] | None
"""The lines somebody may see; None: all."""

_c = conversations.c
_OPEN, _SNOOZED, _CLOSED = (_c.state == state.value for state in ConversationState)
_rank = case({priority.value: rank for rank, priority in enumerate(Priority)}, value=_c.priority)
_since = func.coalesce(_c.waiting_since, literal_column(str(2**62)))
"""Who does not wait stands behind who does."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: what is theirs and unread to them. `joined_at_id`: their `users.reads_from_id`."""

    user_id: int
    joined_at_id: int
    lines: Lines = None


# --- counting ----------------------------------------------------------------------------------------


def counts(tx: Tx, reader: Reader, line_id: int | None = None) -> dict[Tab, int]:
    """How many conversations each tab holds, on the lines they see or one of those."""
    here, at = _on_lines(reader, line_id), _c.last_message_at  # without a text or call it is in no list
    open_ones = tx.execute(
        select(
            func.count(at),
            func.count(case((_c.waiting_since.is_not(None), at))),
            func.count(case((_c.assignee_id == reader.user_id, at))),
            func.count(case((_c.assignee_id.is_(None), at))),
        ).where(_OPEN, *here)
    ).one()
    snoozed, closed = (
        int(tx.scalar(select(func.count(at)).where(state, *here)) or 0) for state in (_SNOOZED, _CLOSED)
    )
    return {
        Tab.WAITING: open_ones[1],
        Tab.MINE: open_ones[2],
        Tab.UNASSIGNED: open_ones[3],
        Tab.OPEN: open_ones[0],
        Tab.SNOOZED: snoozed,
        Tab.CLOSED: closed,
        Tab.ALL: open_ones[0] + snoozed + closed,
    }


def unread_count(tx: Tx, reader: Reader) -> int:
    """How many open conversations hold a text they have not read."""
    query = reads.unread(reader.user_id, reader.joined_at_id).where(*_on_lines(reader, None))
    return int(tx.scalar(select(func.count()).select_from(query.subquery())) or 0)


# --- a page ------------------------------------------------------------------------------------------


def page(tx: Tx, reader: Reader, wanted: Wanted, limit: int, after: Row[Any] | None = None) -> list[Row[Any]]:
    """So many conversations in the order wanted; `after` is the row of `conversations` shown last."""
    query = select(_c.id).where(_c.last_message_at.is_not(None), *_on_lines(reader, wanted.line_id))
    query = query.where(*_of_tab(reader, wanted.tab), *_narrowed(reader, wanted))
    if after is not None:
        query = query.where(_behind(wanted, after))
    ids = tx.execute(query.order_by(*_order(wanted)).limit(limit)).scalars()
    return rows.rows(tx, list(ids))


def _on_lines(reader: Reader, line_id: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if reader.lines is not None:
        conditions.append(_c.line_id.in_(sorted(reader.lines)))
    if line_id is not None:
        conditions.append(_c.line_id == line_id)
    return conditions


def _of_tab(reader: Reader, tab: Tab) -> tuple[ColumnElement[bool], ...]:
    found: dict[Tab, tuple[ColumnElement[bool], ...]] = {
        Tab.WAITING: (_c.waiting_since.is_not(None), _OPEN),
        Tab.MINE: (_c.assignee_id == reader.user_id, _OPEN),
        Tab.UNASSIGNED: (_c.assignee_id.is_(None), _OPEN),
        Tab.OPEN: (_OPEN,),
        Tab.SNOOZED: (_SNOOZED,),
        Tab.CLOSED: (_CLOSED,),
        Tab.ALL: (),
    }
    return found[tab]


def _narrowed(reader: Reader, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.tag_id is not None:
        tagged = select(conversation_tags.c.conversation_id).where(
            conversation_tags.c.tag_id == wanted.tag_id
        )
        conditions.append(_c.id.in_(tagged))
    if wanted.priority is not None:
        conditions.append(_c.priority == wanted.priority.value)
    if wanted.unread:
        conditions.append(reads.is_unread(reader.user_id, reader.joined_at_id))
    if wanted.failed:
        conditions.append(_last_failed())
    if wanted.unclear:
        unclear = select(messages.c.conversation_id).where(
            one_of(messages.c.state, [State.UNCONFIRMED]),
            messages.c.reason.is_distinct_from("sent_again"),
        )
        conditions.append(_c.id.in_(unclear))
    return conditions


def _last_failed() -> ColumnElement[bool]:
    bad = one_of(messages.c.state, sorted(DID_NOT_ARRIVE))
    return (
        select(messages.c.id)
        .where(
            messages.c.id == _c.last_message_id,
            messages.c.direction == Direction.OUTBOUND.value,
            bad,
        )
        .exists()
    )


def _order(wanted: Wanted) -> list[ColumnElement[Any]]:
    order = wanted.order
    if order is Sort.WAITING:
        since = _c.waiting_since if wanted.tab is Tab.WAITING else _since
        return [since.asc(), _c.id.asc()]
    newest: list[ColumnElement[Any]] = [_c.last_message_at.desc(), _c.id.desc()]
    return [_rank.desc(), *newest] if order is Sort.PRIORITY else newest


def _behind(wanted: Wanted, last: Row[Any]) -> ColumnElement[bool]:
    order = wanted.order
    if order is Sort.WAITING:
        since: Any = last.waiting_since if last.waiting_since is not None else literal_column(str(2**62))
        return or_(_since > since, and_(_since == since, _c.id > last.id))
    at: datetime = last.last_message_at
    older = or_(_c.last_message_at < at, and_(_c.last_message_at == at, _c.id < last.id))
    if order is not Sort.PRIORITY:
        return older
    rank = list(Priority).index(Priority(last.priority))
    return or_(_rank < rank, and_(_rank == rank, older))


# --- what rows say besides ---------------------------------------------------------------------------


def scheduled_in(tx: Tx, conversation_ids: list[int]) -> dict[int, int]:
    """For each of these conversations that has any: how many of our texts wait for their time."""
    query = (
        select(messages.c.conversation_id, func.count())
        .where(
            messages.c.conversation_id.in_(conversation_ids),
            one_of(messages.c.state, [State.QUEUED, State.SENDING, State.UNCONFIRMED]),
            messages.c.state == State.QUEUED.value,
            one_of(messages.c.waiting_for, [WaitingFor.SCHEDULE, WaitingFor.QUIET_HOURS]),
        )
        .group_by(messages.c.conversation_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}
