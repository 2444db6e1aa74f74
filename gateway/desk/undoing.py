"""Taking back what one just did to a conversation: "act, then offer Undo".

What is taken back is the newest row of its kind in the conversation's log, if whoever asks wrote it a moment
ago and it still stands as that row left it; so nobody takes back what somebody else has changed since.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import conversation_state
from gateway.desk.conversation_state import HOW_UNDO
from gateway.desk.drafts import Author
from gateway.domain.conversation import ConversationState, Happened, Priority
from gateway.domain.refusal_words import Refused
from gateway.store import conversation_log, tags
from gateway.store.database import Tx

WITHIN = timedelta(minutes=10)
"""How long one's own act can be taken back."""
ACTS = {
    "close": Happened.CLOSED,
    "snooze": Happened.SNOOZED,
    "assign": Happened.ASSIGNED,
    "priority": Happened.PRIORITY,
    "tag": Happened.TAGGED,
    "untag": Happened.UNTAGGED,
}
"""What can be taken back, by the word that forms say it with."""


def can_undo(tx: Tx, conversation: Row[Any], act: str, who: Author, now: datetime) -> bool:
    """Whether that act of theirs can still be taken back."""
    return _row(tx, conversation, act, who, now) is not None


def undo(tx: Tx, conversation: Row[Any], act: str, who: Author, now: datetime) -> bool:
    """Let it be as before that act. False: there is nothing of theirs to take back."""
    row = _row(tx, conversation, act, who, now)
    if row is None:
        return False
    match ACTS[act]:
        case Happened.ASSIGNED:
            _assign_back(tx, conversation, row.detail["was"], who, now)
        case Happened.PRIORITY:
            was = Priority(row.detail["was"])
            conversation_state.set_priority(tx, conversation, was, who, now, HOW_UNDO)
        case Happened.TAGGED:
            conversation_state.untag(tx, conversation, row.detail["tag"], who, now)
        case Happened.UNTAGGED:
            conversation_state.tag(tx, conversation, row.detail["tag"], who, now)
        case _:
            conversation_state.reopen(tx, conversation, "undo", who, now)
    return True


def _row(tx: Tx, conversation: Row[Any], act: str, who: Author, now: datetime) -> Row[Any] | None:
    row = conversation_log.newest(tx, conversation.id, ACTS[act]) if act in ACTS else None
    if row is None or (row.actor_kind, row.actor_id) != (who.kind, who.id):
        return None
    if row.detail.get("how") == HOW_UNDO:  # pressed twice, it would do again what was undone
        return None
    if abs(now - row.at) > WITHIN or not _stands(tx, conversation, row):
        return None
    return row


def _stands(tx: Tx, conversation: Row[Any], row: Row[Any]) -> bool:
    match Happened(row.kind):
        case Happened.CLOSED:
            return bool(conversation.state == ConversationState.CLOSED.value)
        case Happened.SNOOZED:
            is_snoozed, until = conversation.state == ConversationState.SNOOZED.value, row.detail["until"]
            return is_snoozed and bool(
                conversation.snoozed_until == (until and datetime.fromisoformat(until))
            )
        case Happened.ASSIGNED:
            return bool(conversation.assignee_id == row.detail["to"])
        case Happened.PRIORITY:
            return bool(conversation.priority == row.detail["now"])
        case kind:
            has = row.detail["tag"] in tags.of_conversations(tx, [conversation.id]).get(conversation.id, [])
            return has is (kind is Happened.TAGGED)


def _assign_back(tx: Tx, conversation: Row[Any], to: int | None, who: Author, now: datetime) -> None:
    try:
        conversation_state.assign(tx, conversation, to, who, now, HOW_UNDO)
    except Refused:  # they may not answer here any more
        conversation_state.assign(tx, conversation, None, who, now, HOW_UNDO)
