"""Conversations themselves: opened with the first text, read when somebody looks at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain import phone
from gateway.domain.conversation import Priority
from gateway.domain.events import Event
from gateway.store import contacts, conversations, events, reads
from gateway.store.database import Tx


def find_or_open(tx: Tx, line_id: int, number: phone.Number, now: datetime) -> int:
    """Id of the conversation with a number on a line; a new one is opened, with a new contact if need be."""
    contact_id = contacts.find_or_add(tx, number, now)
    found = conversations.find(tx, line_id, contact_id)
    if found is not None:
        return int(found.id)
    conversation_id = conversations.add(tx, line_id, contact_id, number.text, now)
    contact = contacts.get(tx, contact_id)
    if contact is not None and contact.priority != Priority.NORMAL:
        conversations.change(tx, conversation_id, priority=contact.priority)
    events.record(tx, Event.CONVERSATION_OPENED, now, line_id=line_id, conversation_id=conversation_id)
    return conversation_id


def is_news(tx: Tx, conversation: Row[Any], user_id: int, *, answers: bool) -> bool:
    """Whether opening it changes anything: they have not read it, or nobody has of those who answer."""
    is_theirs = conversation.last_inbound_id > reads.upto(tx, user_id, conversation.id)
    return is_theirs or (answers and conversation.last_inbound_id > conversation.seen_message_id)


def mark_read(tx: Tx, conversation: Row[Any], user_id: int, now: datetime, *, answers: bool = True) -> None:
    """Somebody has the conversation open: what has come so far is read by them, and, where they are one of
    those who answer, by the office."""
    if not is_news(tx, conversation, user_id, answers=answers):
        return
    reads.put(tx, user_id, conversation.id, conversation.last_inbound_id)
    if answers and conversation.last_inbound_id > conversation.seen_message_id:
        conversations.change(tx, conversation.id, seen_message_id=conversation.last_inbound_id)
    events.record(
        tx,
        Event.CONVERSATION_READ,
        now,
        line_id=conversation.line_id,
        conversation_id=conversation.id,
    )
