"""Starring texts: answers worth finding again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain.events import Event
from gateway.store import events, messages
from gateway.store.database import Tx


def star(tx: Tx, message: Row[Any], who: Author, now: datetime) -> None:
    """Star a text; one that has a star keeps it."""
    if message.starred_at is None:
        messages.change(tx, message.id, starred_at=now, starred_by=who.name)
        _tell(tx, message, now)


def unstar(tx: Tx, message: Row[Any], now: datetime) -> None:
    """Take the star off again."""
    if message.starred_at is not None:
        messages.change(tx, message.id, starred_at=None, starred_by=None)
        _tell(tx, message, now)


def _tell(tx: Tx, message: Row[Any], now: datetime) -> None:
    events.record(
        tx,
        Event.CONVERSATION_CHANGED,
        now,
        line_id=message.line_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
    )
