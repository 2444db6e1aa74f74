"""Reading everything there is about a contact, for an export."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from gateway.store import messages as stored
from gateway.store.database import Tx
from gateway.store.tables import (
    audit,
    calls,
    contacts,
    conversations,
    decisions,
    messages,
    parts,
    raw_pdus,
)


def conversations_of(tx: Tx, contact_id: int, lines: Collection[int] | None = None) -> list[Row[Any]]:
    """The conversations with a contact on these lines (None: on all), oldest first."""
    query = select(conversations).where(_theirs(contact_id, lines))
    return list(tx.execute(query.order_by(conversations.c.id)))


def _theirs(contact_id: int, lines: Collection[int] | None) -> ColumnElement[bool]:
    theirs = conversations.c.contact_id == contact_id
    return theirs if lines is None else and_(theirs, conversations.c.line_id.in_(sorted(lines)))


def texts_of(tx: Tx, conversation_id: int) -> list[Row[Any]]:
    """Every message of a conversation, oldest first."""
    query = select(messages).where(messages.c.conversation_id == conversation_id)
    return list(tx.execute(query.order_by(messages.c.id)))


def calls_of(tx: Tx, conversation_id: int) -> list[Row[Any]]:
    """Every missed call of a conversation, oldest first."""
    query = select(calls).where(calls.c.conversation_id == conversation_id)
    return list(tx.execute(query.order_by(calls.c.id)))


def belonging_to(tx: Tx, message_id: int) -> dict[str, list[Row[Any]]]:
    """What is kept of one message besides itself, by what it is."""

    def rows(table: Any) -> list[Row[Any]]:
        return list(tx.execute(select(table).where(table.c.message_id == message_id).order_by(table.c.id)))

    return {
        "parts": rows(parts),
        "pdus": rows(raw_pdus),
        "history": stored.history(tx, message_id),
        "attempts": stored.attempts_of(tx, message_id),
        "reports": stored.reports_of(tx, message_id),
        "decisions": rows(decisions),
    }


def notes(tx: Tx, contact_id: int, lines: Collection[int] | None = None) -> list[Row[Any]]:
    """What the audit log says of a contact and of their texts on these lines, oldest first."""
    here = _theirs(contact_id, lines)
    theirs = select(conversations.c.id).where(here)
    about = (
        select(contacts.c.public_id).where(contacts.c.id == contact_id),
        select(conversations.c.public_id).where(here),
        select(messages.c.public_id).where(messages.c.conversation_id.in_(theirs)),
    )
    query = select(audit).where(or_(*(audit.c.object.in_(ids) for ids in about)))
    return list(tx.execute(query.order_by(audit.c.id)))
