"""Rows of internal notes and of whom they mention. Nothing is ever sent from here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, select, true, update

from gateway.store import search
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.search import Index
from gateway.store.tables import contacts, conversations, lines, mentions, notes


def add(
    tx: Tx, conversation_id: int, author_id: int | None, author_name: str, body: str, now: datetime
) -> int:
    """Keep a note, index its words and return its id."""
    values = {
        "public_id": new_id("note", now),
        "conversation_id": conversation_id,
        "author_id": author_id,
        "author_name": author_name,
        "body": body,
        "created_at": now,
    }
    note_id = tx.insert(notes, values)
    search.add(tx, note_id, body, Index.NOTES)
    return note_id


def get(tx: Tx, note_id: int) -> Row[Any]:
    """One note, which has to exist."""
    return tx.execute(select(notes).where(notes.c.id == note_id)).one()


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """One note by the id that left the house."""
    return tx.execute(select(notes).where(notes.c.public_id == public_id)).one_or_none()


def between(tx: Tx, conversation_id: int, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Notes of that span, `until` left out, the oldest first."""
    here = and_(
        notes.c.conversation_id == conversation_id, notes.c.created_at >= since, notes.c.created_at < until
    )
    return tx.execute(select(notes).where(here).order_by(notes.c.created_at, notes.c.id)).all()


def page(tx: Tx, conversation_id: int, limit: int, before: int | None = None) -> Sequence[Row[Any]]:
    """The newest notes of a conversation, newest first; `before` is the id of the last one already given."""
    here = notes.c.conversation_id == conversation_id
    if before is not None:
        here = and_(here, notes.c.id < before)
    order = (notes.c.created_at.desc(), notes.c.id.desc())
    return tx.execute(select(notes).where(here).order_by(*order).limit(limit)).all()


def newest(tx: Tx, conversation_id: int) -> Row[Any] | None:
    """The last note of a conversation."""
    return next(iter(page(tx, conversation_id, 1)), None)


def after(tx: Tx, conversation_id: int, note: Row[Any] | None, limit: int) -> Sequence[Row[Any]]:
    """Notes of a conversation that came after `note` (None: all), the oldest first."""
    here = notes.c.conversation_id == conversation_id
    if note is not None:
        here = and_(here, notes.c.created_at >= note.created_at, notes.c.id > note.id)
    return tx.execute(select(notes).where(here).order_by(notes.c.created_at, notes.c.id).limit(limit)).all()


# --- mentions ----------------------------------------------------------------------------------------


def mention(tx: Tx, note_id: int, conversation_id: int, user_ids: Collection[int]) -> None:
    """Note whom a note speaks to."""
    rows = [
        {"note_id": note_id, "user_id": user_id, "conversation_id": conversation_id}
        for user_id in sorted(user_ids)
    ]
    if rows:
        tx.execute(insert(mentions), rows)


def see(tx: Tx, user_id: int, conversation_id: int, now: datetime) -> None:
    """They have read the conversation, and with it what speaks to them there."""
    tx.execute(update(mentions).where(_unseen(user_id, conversation_id)).values(seen_at=now))


def is_any_unseen(tx: Tx, user_id: int, conversation_id: int) -> bool:
    """Whether a note of that conversation speaks to them which they have not seen."""
    return tx.scalar(select(mentions.c.note_id).where(_unseen(user_id, conversation_id)).limit(1)) is not None


def speaking_to(tx: Tx, user_id: int, conversation_id: int, at: datetime) -> Row[Any] | None:
    """The note that was written there at that instant, where it speaks to them and they have not seen it."""
    query = select(notes).join(mentions, mentions.c.note_id == notes.c.id)
    here = and_(_unseen(user_id, conversation_id), notes.c.created_at == at)
    return tx.execute(query.where(here).limit(1)).one_or_none()


def _unseen(user_id: int, conversation_id: int) -> ColumnElement[bool]:
    return and_(
        mentions.c.user_id == user_id,
        mentions.c.seen_at.is_(None),
        mentions.c.conversation_id == conversation_id,
    )


def unseen_count(tx: Tx, user_id: int, line_ids: frozenset[int] | None) -> int:
    """How many notes speak to them that they have not seen, on lines they may see (None: all)."""
    query = select(func.count()).select_from(mentions)
    here = and_(mentions.c.user_id == user_id, mentions.c.seen_at.is_(None))
    if line_ids is not None:
        query = query.join(conversations, conversations.c.id == mentions.c.conversation_id)
        here = and_(here, conversations.c.line_id.in_(line_ids))
    return int(tx.scalar(query.where(here)) or 0)


def mentions_of(
    tx: Tx, user_id: int, line_ids: frozenset[int] | None, limit: int, before: int | None = None
) -> Sequence[Row[Any]]:
    """Notes that speak to somebody, newest first, with whom they are about; `before` is the id of the last
    one already shown."""
    query = _with_conversation().where(mentions.c.user_id == user_id, _on(line_ids))
    if before is not None:
        query = query.where(mentions.c.note_id < before)
    return tx.execute(query.order_by(mentions.c.note_id.desc()).limit(limit)).all()


def _with_conversation() -> Select[Any]:
    return (
        select(
            notes,
            mentions.c.seen_at,
            conversations.c.public_id.label("conversation_public_id"),
            conversations.c.peer,
            contacts.c.name,
            lines.c.name.label("line_name"),
        )
        .select_from(mentions)
        .join(notes, notes.c.id == mentions.c.note_id)
        .join(conversations, conversations.c.id == mentions.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(lines, lines.c.id == conversations.c.line_id)
    )


def _on(line_ids: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if line_ids is None else conversations.c.line_id.in_(line_ids)
