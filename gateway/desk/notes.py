"""Internal notes: what staff write to each other in a conversation. A note is kept in a table of its own, and
no verb turns it into a text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain.events import Event
from gateway.domain.mentions import Colleague, mentioned
from gateway.domain.refusal_words import Refused
from gateway.store import answered, colleagues, events, notes, text_drafts
from gateway.store.database import Tx

LONGEST = 5000
"""Characters of a note."""


def add(tx: Tx, conversation: Row[Any], body: str, author: Author, now: datetime) -> int:
    """Add a note to a conversation and tell whom it mentions; returns its id. The author's draft of it goes.

    Raises:
        Refused: it is empty, too long, or no text.
    """
    words = _checked(body)
    by = author.id if author.kind == "person" else None
    note_id = notes.add(tx, conversation.id, by, author.name, words, now)
    spoken_to = [user_id for user_id in _spoken_to(tx, conversation, words) if user_id != by]
    notes.mention(tx, note_id, conversation.id, spoken_to)
    if by is not None:
        text_drafts.remove(tx, by, conversation.id, text_drafts.NOTE)
    events.record(
        tx, Event.CONVERSATION_CHANGED, now, line_id=conversation.line_id, conversation_id=conversation.id
    )
    return note_id


def _checked(body: str) -> str:
    words = body.strip()
    if not words:
        raise Refused("note_empty")
    if len(words) > LONGEST:
        raise Refused("note_long", most=LONGEST)
    if any("\ud800" <= char <= "\udfff" for char in words):
        raise Refused("not_text")
    return words


def _spoken_to(tx: Tx, conversation: Row[Any], words: str) -> frozenset[int]:
    """Who is mentioned, of those who can open the conversation."""
    rows = colleagues.on_line(tx, conversation.line_id)
    return mentioned(words, (Colleague(row.id, row.username, row.name) for row in rows))


def is_news(tx: Tx, conversation: Row[Any], user_id: int) -> bool:
    """Whether something there speaks to somebody who has not seen it, or others answered for them."""
    return notes.is_any_unseen(tx, user_id, conversation.id) or answered.is_any(tx, user_id, conversation)


def see(tx: Tx, conversation: Row[Any], user_id: int, now: datetime) -> None:
    """Somebody opened the conversation: what speaks to them there, and what others answered for them, is
    seen, on all their screens."""
    notes.see(tx, user_id, conversation.id, now)
    if answered.is_any(tx, user_id, conversation):
        answered.see(tx, user_id, conversation)
    events.record(
        tx, Event.CONVERSATION_READ, now, line_id=conversation.line_id, conversation_id=conversation.id
    )
