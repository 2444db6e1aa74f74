"""Internal notes that are searched for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from gateway.store import search
from gateway.store.database import Tx
from gateway.store.search import LOOKED_AT, Index, Page
from gateway.store.search_where import ANYWHERE, Where, conditions, listed
from gateway.store.tables import contacts, conversations, lines, notes

_n = notes.c
_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notes; None does not narrow. `authors`: ids of colleagues; `talks`: ids of conversations. Times
    are aware, `until` is left out."""

    words: tuple[str, ...] = ()
    authors: tuple[frozenset[int], ...] = ()
    talks: tuple[frozenset[int], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    where: Where = ANYWHERE


def page(tx: Tx, wanted: Wanted, limit: int, before: int | None = None) -> Page:
    """The newest of them; `before` is the id they are to be below."""
    top = _ALL if before is None else before
    those = select(_n.id).join(conversations, conversations.c.id == _n.conversation_id)
    those = those.where(*_conditions(wanted))
    if not wanted.words:
        newest = those.where(_n.id < top).order_by(_n.id.desc()).limit(limit + 1)
        ids = tuple(tx.execute(newest).scalars())
        return Page(ids[:limit], ids[limit - 1] if len(ids) > limit else None)
    portions = search.newest(tx, Index.NOTES, wanted.words, 0, top, LOOKED_AT)
    return search.gathered(portions, lambda some: _kept(tx, those, some), limit)


def _kept(tx: Tx, those: Select[Any], ids: Sequence[int]) -> Sequence[int]:
    return tx.execute(those.where(_n.id.in_(listed(ids)))).scalars().all()


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for ids in wanted.authors:
        yield _n.author_id.in_(listed(ids))
    for there in wanted.talks:
        yield _n.conversation_id.in_(listed(there))
    if wanted.since is not None:
        yield _n.created_at >= wanted.since
    if wanted.until is not None:
        yield _n.created_at < wanted.until
    yield from conditions(wanted.where)


def rows(tx: Tx, ids: Sequence[int]) -> list[Row[Any]]:
    """These notes with their conversation, line and contact, the newest first."""
    query = (
        select(
            notes,
            conversations.c.public_id.label("conversation_public_id"),
            conversations.c.peer,
            contacts.c.name,
            lines.c.name.label("line_name"),
        )
        .join(conversations, conversations.c.id == _n.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(lines, lines.c.id == conversations.c.line_id)
        .where(_n.id.in_(ids))
    )
    return list(tx.execute(query.order_by(_n.id.desc())))


def id_of(tx: Tx, public_id: str) -> int | None:
    """The place of a note in the order of all notes; None where there is none of that id."""
    return tx.execute(select(_n.id).where(_n.public_id == public_id)).scalar_one_or_none()


def public_id_of(tx: Tx, note_id: int) -> str:
    """The id of a note that may leave the house."""
    return str(tx.scalar(select(_n.public_id).where(_n.id == note_id)))
