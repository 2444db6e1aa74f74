"""What waits for one person beside texts: notes that mention them, and answers of others in conversations
that are assigned to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.store import answered, notes
from gateway.store.database import Tx

ANSWERED_WITHIN = timedelta(days=30)
"""Answers of others that are older are told to nobody any more."""


def count(tx: Tx, user_id: int, now: datetime, line_ids: frozenset[int] | None) -> int:
    """How much of it they have not seen, on the lines they may see (None: all)."""
    others = answered.count(tx, user_id, now - ANSWERED_WITHIN, line_ids)
    return notes.unseen_count(tx, user_id, line_ids) + others


def answers(tx: Tx, user_id: int, now: datetime, line_ids: frozenset[int] | None) -> Sequence[Row[Any]]:
    """The answers of others, the newest of each conversation, newest first."""
    return answered.by_others(tx, user_id, now - ANSWERED_WITHIN, line_ids)
