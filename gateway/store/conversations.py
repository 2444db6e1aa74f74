"""Rows of conversations: one contact on one line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from gateway.domain.conversation import ConversationState, Priority
from gateway.domain.message import Direction, State
from gateway.store import turns
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import calls, contacts, conversations, lines, messages, phone_numbers

_last = messages.alias("last")  # made once: an alias of this width takes milliseconds


def find(tx: Tx, line_id: int, contact_id: int) -> Row[Any] | None:
    """The conversation of a contact on a line."""
    here = and_(conversations.c.line_id == line_id, conversations.c.contact_id == contact_id)
    return tx.execute(select(conversations).where(here)).one_or_none()


def add(tx: Tx, line_id: int, contact_id: int, peer: str, now: datetime) -> int:
    """Open a conversation and return its id. `peer` is the number it is held with."""
    values = {
        "public_id": new_id("cnv", now),
        "line_id": line_id,
        "contact_id": contact_id,
        "peer": peer,
        "created_at": now,
    }
    return tx.insert(conversations, values)


def change(tx: Tx, conversation_id: int, **values: Any) -> None:
    """Update columns of one conversation."""
    tx.update(conversations, conversation_id, values)


def show_newest(tx: Tx, conversation_id: int) -> None:
    """Let a conversation stand where its newest text or call puts it: they came to it, or left it, unseen."""
    here = messages.c.conversation_id == conversation_id
    query = select(messages.c.id, messages.c.created_at).where(here)
    last = tx.execute(query.order_by(messages.c.id.desc()).limit(1)).one_or_none()
    called = tx.execute(
        select(calls.c.ended_at)
        .where(calls.c.conversation_id == conversation_id)
        .order_by(calls.c.ended_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    at = max(filter(None, (last.created_at if last is not None else None, called)), default=None)
    newest_id = last.id if last is not None else None
    tx.update(conversations, conversation_id, {"last_message_id": newest_id, "last_message_at": at})


def answer_at(tx: Tx, contact_id: int, number: str) -> None:
    """A contact has that number no longer: their conversations go on at the one they got last, if any."""
    newest = select(phone_numbers.c.number).where(phone_numbers.c.contact_id == contact_id)
    other = tx.scalar(newest.order_by(phone_numbers.c.created_at.desc(), phone_numbers.c.id.desc()).limit(1))
    if other is not None:
        here = and_(conversations.c.contact_id == contact_id, conversations.c.peer == number)
        tx.execute(update(conversations).where(here).values(peer=other))


def follow_priority(tx: Tx, contact_id: int, was: str, now_is: str) -> None:
    """A contact's priority is another: so is that of their conversations, but where it was set apart."""
    here = and_(conversations.c.contact_id == contact_id, conversations.c.priority == was)
    for conversation_id in tx.execute(select(conversations.c.id).where(here)).scalars().all():
        turns.follow_priority(tx, conversation_id, was, now_is)
    tx.execute(update(conversations).where(here).values(priority=now_is))


def _with_people() -> Select[Any]:
    return (
        select(
            conversations,
            contacts.c.name.label("name"),
            contacts.c.public_id.label("contact_public_id"),
            contacts.c.stage,
            contacts.c.external_id,
            contacts.c.blocked_at,
            contacts.c.merged_into_id,
            phone_numbers.c.kind.label("peer_kind"),
            lines.c.name.label("line_name"),
            lines.c.number.label("line_number"),
            lines.c.status.label("line_status"),
            lines.c.code.label("line_code"),
            lines.c.paused_at.label("line_paused_at"),
            lines.c.removed_at.label("line_removed_at"),
            _last.c.body.label("last_body"),
            _last.c.direction.label("last_direction"),
            _last.c.state.label("last_state"),
            _last.c.label.label("last_label"),
            _last.c.author_name.label("last_author"),
            _last.c.author_kind.label("last_author_kind"),
            _last.c.author_id.label("last_author_id"),
            _last.c.resend_of_id.label("last_resend_of_id"),
        )
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(lines, lines.c.id == conversations.c.line_id)
        .outerjoin(phone_numbers, phone_numbers.c.number == conversations.c.peer)
        .outerjoin(_last, _last.c.id == conversations.c.last_message_id)
    )


def get(tx: Tx, conversation_id: int) -> Row[Any] | None:
    """One conversation with its contact, line and last message."""
    return tx.execute(_with_people().where(conversations.c.id == conversation_id)).one_or_none()


_PRIORITY = Prepared(
    select(conversations.c.priority).where(conversations.c.id == bindparam("conversation_id"))
)


def priority(tx: Tx, conversation_id: int) -> Priority:
    """How soon what is sent in it goes, within its rank."""
    return Priority(tx.value(_PRIORITY, {"conversation_id": conversation_id}))


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """The same, by the id that is in addresses."""
    return tx.execute(_with_people().where(conversations.c.public_id == public_id)).one_or_none()


def of_contact(tx: Tx, contact_id: int) -> list[Row[Any]]:
    """The conversations with a contact, the one that moved last first."""
    query = _with_people().where(conversations.c.contact_id == contact_id)
    return list(tx.execute(query.order_by(conversations.c.last_message_at.desc(), conversations.c.id)))


def kept(tx: Tx, row: Row[Any]) -> Row[Any] | None:
    """The conversation that holds what one of somebody merged held: of whom they are one with now, on the
    same line; None while there is none."""
    contact = tx.execute(select(contacts).where(contacts.c.id == row.contact_id)).one()
    while contact.merged_into_id is not None:
        contact = tx.execute(select(contacts).where(contacts.c.id == contact.merged_into_id)).one()
    found = find(tx, row.line_id, contact.id)
    return get(tx, found.id) if found is not None else None


def trouble(tx: Tx, conversation_ids: list[int]) -> dict[int, int]:
    """For each of these conversations that has any: how many unconfirmed texts wait for a decision."""
    query = (
        select(messages.c.conversation_id, func.count())
        .where(
            messages.c.conversation_id.in_(conversation_ids),
            one_of(messages.c.state, [State.UNCONFIRMED]),
            messages.c.reason.is_distinct_from("sent_again"),
        )
        .group_by(messages.c.conversation_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def rows(tx: Tx, conversation_ids: list[int]) -> list[Row[Any]]:
    """These conversations with their contact, line and last message, in the order asked for."""
    found = {
        row.id: row for row in tx.execute(_with_people().where(conversations.c.id.in_(conversation_ids)))
    }
    return [found[one] for one in conversation_ids if one in found]


def of_assignee(tx: Tx, user_id: int) -> list[Row[Any]]:
    """What somebody has that is not closed."""
    unfinished = one_of(conversations.c.state, [ConversationState.OPEN, ConversationState.SNOOZED])
    return list(tx.execute(select(conversations).where(conversations.c.assignee_id == user_id, unfinished)))


def due_to_wake(tx: Tx, now: datetime, limit: int) -> list[Row[Any]]:
    """Conversations put off until now or before, the first first."""
    query = select(conversations).where(_is_snoozed(), conversations.c.snoozed_until <= now)
    return list(tx.execute(query.order_by(conversations.c.snoozed_until).limit(limit)))


def next_wake(tx: Tx) -> datetime | None:
    """When the next conversation is due that was put off until a time."""
    query = select(conversations.c.snoozed_until).where(
        _is_snoozed(), conversations.c.snoozed_until.is_not(None)
    )
    return tx.execute(query.order_by(conversations.c.snoozed_until).limit(1)).scalar_one_or_none()


def _is_snoozed() -> ColumnElement[bool]:
    """The condition of the partial index, letter by letter."""
    return conversations.c.state == literal_column("'snoozed'")


def idle(tx: Tx, before: datetime, limit: int) -> list[Row[Any]]:
    """Open conversations in which we wrote last, and that before then; those that wait for nobody."""
    query = (
        select(conversations)
        .join(_last, _last.c.id == conversations.c.last_message_id)
        .where(
            conversations.c.state == ConversationState.OPEN.value,
            conversations.c.last_message_at < before,
            conversations.c.waiting_since.is_(None),
            _last.c.direction == Direction.OUTBOUND.value,
            ~one_of(_last.c.state, [State.QUEUED, State.SENDING, State.UNCONFIRMED]),
        )
    )
    return list(tx.execute(query.order_by(conversations.c.last_message_at).limit(limit)))
