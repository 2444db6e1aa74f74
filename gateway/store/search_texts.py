"""Texts that are searched for: by their words, who wrote them, when, and what became of them.

What narrows most is walked: where few texts are of somebody or in some state, those, and their words are
looked at; else the index of words, newest first, and what is found there is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, func, literal_column, or_, select

from gateway.domain import folding
from gateway.domain.message import Direction, State
from gateway.domain.old_texts import place
from gateway.domain.search import Is
from gateway.store import messages as stored
from gateway.store import search
from gateway.store.database import Tx
from gateway.store.search import LOOKED_AT, Index, Page
from gateway.store.search_where import ANYWHERE, Where, conditions, listed
from gateway.store.sql import one_of
from gateway.store.tables import contacts, conversations, messages

_m = messages.c
FEW = 5000
"""So many texts are looked at one by one; of more, those that hold the words are asked for."""
_ALL = 2**62
_STATES: dict[Is, tuple[State, ...]] = {
    Is.FAILED: (State.FAILED, State.UNDELIVERED, State.EXPIRED, State.BLOCKED),
    Is.UNCONFIRMED: (State.UNCONFIRMED,),
    Is.SCHEDULED: (State.QUEUED,),
}


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote: colleagues by their ids, and whoever a conversation is with."""

    user_ids: frozenset[int] = frozenset()
    conversation_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which texts; None does not narrow. `words` are as typed; `sent_to` and `talks` are conversations: what
    we sent there, and all of it. Times are aware, `until` is left out."""

    words: tuple[str, ...] = ()
    authors: tuple[Authors, ...] = ()
    sent_to: tuple[frozenset[int], ...] = ()
    talks: tuple[frozenset[int], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    states: frozenset[Is] = frozenset()
    where: Where = ANYWHERE


def page(tx: Tx, wanted: Wanted, limit: int, before: int | None = None) -> Page:
    """The newest of them; `before` is the id they are to be below."""
    top = _ALL if before is None else before
    holds = [*_conditions(wanted)]
    few = _few(tx, wanted)
    if few is not None:
        return _of_few(tx, wanted, few, holds, limit, top)
    first, top = _span(tx, wanted, top)
    if wanted.words:
        portions = search.newest(tx, Index.TEXTS, wanted.words, first, top, LOOKED_AT)
    else:
        portions = _walked(tx, first, top)
    return search.gathered(portions, lambda ids: _kept(tx, ids, holds), limit)


def _walked(tx: Tx, first: int, top: int) -> Iterator[Sequence[int]]:
    query = select(_m.id).where(_m.id >= first, _m.id < top).order_by(_m.id.desc()).limit(LOOKED_AT)
    yield from search.portions(tx.execute(query).scalars())


def _kept(tx: Tx, ids: Sequence[int], holds: list[ColumnElement[bool]]) -> Sequence[int]:
    if not holds:
        return ids
    query = select(_m.id).where(_m.id.in_(listed(ids)), *holds)
    return tx.execute(query).scalars().all()


# --- what holds of each ------------------------------------------------------------------------------


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for one in wanted.authors:
        yield _by(one)
    for there in wanted.sent_to:
        yield and_(_m.conversation_id.in_(listed(there)), _m.direction == Direction.OUTBOUND.value)
    for there in wanted.talks:
        yield _m.conversation_id.in_(listed(there))
    if wanted.since is not None:
        yield _m.created_at >= wanted.since
    if wanted.until is not None:
        yield _m.created_at < wanted.until
    for state in sorted(wanted.states):
        yield _is(state)
    there_too = [*conditions(wanted.where)]
    if there_too:  # asked of each text: joined, the conversations might be walked instead
        here = conversations.c.id == _m.conversation_id
        yield select(conversations.c.id).where(here, *there_too).correlate(messages).exists()


def _by(one: Authors) -> ColumnElement[bool]:
    ours = and_(_by_person(), _m.author_id.in_(listed(one.user_ids)))
    theirs = and_(
        _m.conversation_id.in_(listed(one.conversation_ids)), _m.direction == Direction.INBOUND.value
    )
    return or_(ours if one.user_ids else false(), theirs if one.conversation_ids else false())


def _by_person() -> ColumnElement[bool]:
    """The condition of the partial index, letter by letter."""
    return _m.author_kind == literal_column("'person'")


def _is(state: Is) -> ColumnElement[bool]:
    return _m.starred_at.is_not(None) if state is Is.STARRED else one_of(_m.state, _STATES[state])


# --- where they are few ------------------------------------------------------------------------------


def _few(tx: Tx, wanted: Wanted) -> list[ColumnElement[bool]] | None:
    """What finds a few texts by an index, all that are wanted among them; None where there are many."""
    for there in (*wanted.talks, *wanted.sent_to):
        if _are_few(tx, [_m.conversation_id.in_(listed(there))]):
            return [_m.conversation_id.in_(listed(there))]
    for one in wanted.authors:
        parts = [
            and_(_by_person(), _m.author_id.in_(listed(one.user_ids))),
            _m.conversation_id.in_(listed(one.conversation_ids)),
        ]
        asked = [part for part, ids in zip(parts, (one.user_ids, one.conversation_ids), strict=True) if ids]
        if _are_few(tx, asked):
            return asked
    for state in sorted(wanted.states):
        if _are_few(tx, [_is(state)]):
            return [_is(state)]
    return _of_few_talks(tx, wanted.where) if wanted.where.may_be_few else None


_FEW_TALKS = 500


def _of_few_talks(tx: Tx, where: Where) -> list[ColumnElement[bool]] | None:
    query = select(conversations.c.id).where(*conditions(where)).limit(_FEW_TALKS + 1)
    there = list(tx.execute(query).scalars())
    asked: list[ColumnElement[bool]] = [_m.conversation_id.in_(listed(there))]
    return asked if len(there) <= _FEW_TALKS and _are_few(tx, asked) else None


def _are_few(tx: Tx, asked: list[ColumnElement[bool]]) -> bool:
    return all(_count(tx, one) <= FEW for one in asked)


def _count(tx: Tx, asked: ColumnElement[bool]) -> int:
    some = select(_m.id).where(asked).limit(FEW + 1).subquery()
    return int(tx.scalar(select(func.count()).select_from(some)))


def _of_few(
    tx: Tx,
    wanted: Wanted,
    few: list[ColumnElement[bool]],
    holds: list[ColumnElement[bool]],
    limit: int,
    top: int,
) -> Page:
    words = [folding.folded(word) for word in wanted.words]
    found: set[int] = set()
    for one in few:  # without an edge, or SQLite may walk all up to it
        found |= set(tx.execute(select(_m.id).where(one)).scalars())

    def keep(ids: Sequence[int]) -> Sequence[int]:
        query = select(_m.id, _m.body).where(_m.id.in_(listed(ids)), *holds)
        return [row.id for row in tx.execute(query) if folding.begin(row.body, words)]

    ids = sorted((one for one in found if one < top), reverse=True)
    portions = [ids[begin : begin + _PORTION] for begin in range(0, len(ids), _PORTION)]
    return search.gathered(portions, keep, limit)


_PORTION = 200


# --- when --------------------------------------------------------------------------------------------

_STRAYED = 1000
"""So many texts beside an edge may have come while the clock was wrong."""


def _span(tx: Tx, wanted: Wanted, top: int) -> tuple[int, int]:
    """Between which ids the texts of that time are, and some others; found by an index of the times of all
    that were held here. Those of an old phone lie below zero, by their time (`domain.old_texts.place`)."""
    here = _m.import_id.is_(None)
    first = search.LOWEST
    if wanted.since is not None:
        some = select(_m.id).where(here, _m.created_at >= wanted.since)
        near = some.order_by(_m.created_at).limit(_STRAYED).subquery()
        ours, oldest = tx.scalar(select(func.min(near.c.id))), place(wanted.since)
        is_old = tx.scalar(select(_m.id).where(_m.id.between(oldest, -1)).limit(1)) is not None
        first = oldest if is_old else _ALL if ours is None else int(ours)
    if wanted.until is not None:
        some = select(_m.id).where(here, _m.created_at < wanted.until)
        near = some.order_by(_m.created_at.desc()).limit(_STRAYED).subquery()
        top = min(top, int(tx.scalar(select(func.max(near.c.id))) or 0) + 1)
    return first, top


# --- what is shown of them ---------------------------------------------------------------------------


def rows(tx: Tx, ids: Sequence[int]) -> list[Row[Any]]:
    """These texts as `store.messages` reads them, with the contact's name, the newest first."""
    query = stored.whole().add_columns(contacts.c.name).where(_m.id.in_(ids))
    return list(tx.execute(query.order_by(_m.id.desc())))


def id_of(tx: Tx, public_id: str) -> int | None:
    """The place of a text in the order of everything said; None where there is none of that id."""
    return tx.execute(select(_m.id).where(_m.public_id == public_id)).scalar_one_or_none()


def public_id_of(tx: Tx, message_id: int) -> str:
    """The id of a text that may leave the house."""
    return str(tx.scalar(select(_m.public_id).where(_m.id == message_id)))
