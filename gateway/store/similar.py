"""Texts like the one to answer, and what was answered to them. Looked up in the full-text index with as many
words as it takes; every question stops after a few rows, so its cost does not grow with the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text

from gateway.domain.message import Direction, State
from gateway.store.database import Tx
from gateway.store.tables import contacts, conversations, messages

_NOT_SENT = (State.CANCELED.value, State.BLOCKED.value, State.EXPIRED.value, State.FAILED.value)


def to_answer(tx: Tx, conversation_id: int, limit: int = 5) -> list[str]:
    """The words of the customer's last texts that no person has answered yet, the newest first; where all are
    answered, of the last one."""
    here = messages.c.conversation_id == conversation_id
    query = select(messages.c.body, messages.c.direction, messages.c.author_kind).where(here)
    found: list[str] = []
    for row in tx.execute(query.order_by(messages.c.id.desc()).limit(20)):
        if row.direction == Direction.INBOUND.value:
            found.append(row.body)
        elif row.author_kind == "person" and found:
            break
    return found[:limit]


def is_answered(tx: Tx, conversation_id: int) -> bool:
    """Whether the last text of a person is ours."""
    here = (messages.c.conversation_id == conversation_id) & messages.c.author_kind.in_(["person", "contact"])
    query = select(messages.c.author_kind).where(here).order_by(messages.c.id.desc()).limit(1)
    return tx.execute(query).scalar() != "contact"


def inbound(
    tx: Tx, words: Sequence[str], not_in: int, lines: frozenset[int] | None, limit: int
) -> list[Row[Any]]:
    """Texts that came in elsewhere, on lines one may see (None: all), and hold all these words, the newest
    first."""
    match = " ".join(f'"{word}"' for word in words)
    hits = text(
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :match ORDER BY rowid DESC LIMIT :limit"
    )
    ids = [row[0] for row in tx.execute(hits, {"match": match, "limit": limit})]
    query = select(messages.c.id, messages.c.conversation_id, messages.c.body).where(
        messages.c.id.in_(ids),
        messages.c.direction == Direction.INBOUND.value,
        messages.c.conversation_id != not_in,
    )
    if lines is not None:
        query = query.where(messages.c.line_id.in_(lines))
    return list(tx.execute(query.order_by(messages.c.id.desc())))


def answer_to(tx: Tx, conversation_id: int, message_id: int) -> Row[Any] | None:
    """What a person answered next to a text, with the contact's name; None where nobody did, or it never
    went."""
    query = (
        select(
            messages.c.id,
            messages.c.public_id,
            messages.c.body,
            messages.c.peer,
            messages.c.author_name,
            messages.c.created_at,
            messages.c.starred_at,
            contacts.c.name,
            contacts.c.fields,
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.id > message_id,
            messages.c.author_kind == "person",
            messages.c.direction == Direction.OUTBOUND.value,
            messages.c.state.not_in(_NOT_SENT),
        )
    )
    return tx.execute(query.order_by(messages.c.id).limit(1)).one_or_none()
