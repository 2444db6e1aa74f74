"""What arrived in a conversation since somebody looked: another's reply, a note, a text of theirs. Whoever
sends without having seen it is stopped and shown it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.store import messages, notes
from gateway.store.database import Tx

MOST = 20
"""So many texts and as many notes are looked at; who missed more reads the thread anyway."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody has seen a conversation: public ids of the newest text and note, empty for none."""

    text: str = ""
    note: str = ""

    @classmethod
    def parse(cls, field: str) -> Seen:
        """As a form carries it."""
        text, _, note = field.partition(" ")
        return cls(text, note)

    def __str__(self) -> str:
        return f"{self.text} {self.note}"


class Arrived(Exception):
    """Something arrived that whoever sends has not seen; nothing was sent."""

    def __init__(self, texts: Sequence[Row[Any]], written: Sequence[Row[Any]]) -> None:
        super().__init__("something arrived meanwhile")
        self.texts, self.notes = tuple(texts), tuple(written)


class NotHere(LookupError):
    """What was said to be seen is not of this conversation."""


def newest(tx: Tx, conversation: Row[Any]) -> Seen:
    """How far the conversation goes now."""
    text = messages.newest(tx, conversation.id)
    note = notes.newest(tx, conversation.id)
    return Seen(text.public_id if text else "", note.public_id if note else "")


def check(tx: Tx, conversation: Row[Any], seen: Seen, author: Author, *, with_notes: bool = True) -> None:
    """Stop whoever has not seen all of a conversation. What they did themselves, automatic answers and copies
    of a text that came twice stop nobody.

    Raises:
        Arrived: there is something new.
        NotHere: what they say they saw is not there.
    """
    text_id = _place(messages.by_public_id(tx, seen.text), conversation) if seen.text else 0
    texts = [
        row
        for row in messages.since(tx, conversation.id, text_id, MOST)
        if not _is_own(row.author_kind, row.author_id, author)
    ]
    written: list[Row[Any]] = []
    if with_notes:
        last = notes.by_public_id(tx, seen.note) if seen.note else None
        if seen.note:
            _place(last, conversation)
        written = [
            row
            for row in notes.after(tx, conversation.id, last, MOST)
            if not _is_own("person", row.author_id, author)
        ]
    if texts or written:
        raise Arrived(texts, written)


def _place(row: Row[Any] | None, conversation: Row[Any]) -> int:
    if row is None or row.conversation_id != conversation.id:
        raise NotHere
    return int(row.id)


def _is_own(kind: str, author_id: int | None, author: Author) -> bool:
    return (kind, author_id) == (author.kind, author.id)
