"""Handing a conversation to somebody who can do more than write: it becomes theirs, and a note tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import conversation_state, notes
from gateway.desk.drafts import Author
from gateway.domain.advice_words import HANDED_OVER
from gateway.store import team
from gateway.store.database import Tx


def hand_over(tx: Tx, conversation: Row[Any], to: int, who: Author, now: datetime) -> None:
    """Give a conversation to somebody, with a note that speaks to them.

    Raises:
        Refused: there is no such person, or they may not answer on that line.
    """
    if conversation_state.assign(tx, conversation, to, who, now):
        words = HANDED_OVER.format(username=team.user(tx, to).username)
        notes.add(tx, conversation, words, who, now)
