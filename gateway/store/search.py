"""Full-text search over the bodies of all messages (SQLite FTS5; words without accents, word starts)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select, text

from gateway.store.database import Tx
from gateway.store.tables import contacts, conversations, messages

CREATE = (
    "CREATE VIRTUAL TABLE messages_fts USING fts5("
    "body, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
)


def add(tx: Tx, message_id: int, body: str) -> None:
    """Index the body of a new message."""
    tx.execute(
        text("INSERT INTO messages_fts (rowid, body) VALUES (:id, :body)"), {"id": message_id, "body": body}
    )


def replace(tx: Tx, message_id: int, was: str, body: str) -> None:
    """Index a body that changed, as when a late part arrives."""
    forget = "INSERT INTO messages_fts (messages_fts, rowid, body) VALUES ('delete', :id, :body)"
    tx.execute(text(forget), {"id": message_id, "body": was})
    add(tx, message_id, body)


def _match(words: str) -> str:
    """An FTS5 query in which every word is only a word, each matched by its beginning."""
    quoted = ['"' + word.replace('"', '""') + '"*' for word in words.replace("\0", " ").split()[:16]]
    return " ".join(quoted)


def find(tx: Tx, words: str, limit: int = 50) -> list[Row[Any]]:
    """Messages holding all the words, newest first, with their conversation and contact."""
    match = _match(words)
    if not match:
        return []
    hits = text(
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :match ORDER BY rowid DESC LIMIT :limit"
    )
    ids = [row[0] for row in tx.execute(hits, {"match": match, "limit": limit})]
    query = (
        select(messages, conversations.c.public_id.label("conversation_public_id"), contacts.c.name)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(messages.c.id.in_(ids))
        .order_by(messages.c.id.desc())
    )
    return list(tx.execute(query))
