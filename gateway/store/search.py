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


def remove(tx: Tx, bodies: list[tuple[int, str]]) -> None:
    """Take messages out of the index, each with the body it was indexed with. Their words are marked as gone
    and stay in the index's own rows until `squeeze`."""
    forget = text("INSERT INTO messages_fts (messages_fts, rowid, body) VALUES ('delete', :id, :body)")
    if bodies:
        tx.execute(forget, [{"id": message_id, "body": body} for message_id, body in bodies])


SQUEEZED_AT_ONCE = 500
"""Pages of the index written in one transaction of `squeeze`."""


def squeeze(tx: Tx) -> bool:
    """Write a piece of the index anew without what was removed from it (FTS5's `merge` with a negative
    count); returns whether there is more to do."""
    connection = tx.connection.connection.driver_connection
    before = connection.total_changes  # type: ignore[union-attr]
    merge = text("INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', :pages)")
    tx.execute(merge, {"pages": -SQUEEZED_AT_ONCE})
    return bool(connection.total_changes - before > 1)  # type: ignore[union-attr]


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
