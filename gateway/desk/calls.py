"""Calls that nobody answered: kept where the caller's texts are, and waiting for an answer like a text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import blocking, conversation_state, hygiene
from gateway.desk.conversations import find_or_open
from gateway.domain import phone
from gateway.domain.events import Event
from gateway.domain.line import MissedCall
from gateway.store import calls, conversations, events
from gateway.store.database import Tx


def missed(tx: Tx, line: Row[Any], call: MissedCall, caller: phone.Number, now: datetime) -> None:
    """Keep a call that ended unanswered now. Of one whose caller withheld the number only the line tells."""
    withheld = caller.kind is phone.Kind.WITHHELD
    conversation_id = None if withheld else find_or_open(tx, line.id, caller, now)
    calls.add(
        tx,
        line_id=line.id,
        conversation_id=conversation_id,
        number=caller.text,
        rang_seconds=round(call.rang_seconds),
        ended_at=now,
    )
    if conversation_id is not None:
        hygiene.heard(tx, caller.text, "", now)
        _touch(tx, conversation_id, now)
    events.record(tx, Event.CALL_MISSED, now, line_id=line.id, conversation_id=conversation_id)


def _touch(tx: Tx, conversation_id: int, now: datetime) -> None:
    """The conversation moves up in the list, and somebody is to call or write back."""
    conversation = conversations.get(tx, conversation_id)
    if conversation is not None and blocking.is_silent(tx, conversation.contact_id):
        return
    since = conversation.waiting_since if conversation is not None else None
    conversations.change(tx, conversation_id, last_message_at=now, waiting_since=since or now)
    conversation_state.they_wrote(tx, conversation_id, now)
