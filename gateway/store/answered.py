"""Conversations assigned to somebody that another person answered, and whoever they are assigned to has not
looked since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from gateway.domain.conversation import ConversationState
from gateway.domain.message import Direction
from gateway.store import reads as stored_reads
from gateway.store.database import Tx
from gateway.store.tables import contacts, conversations, messages, reads, users


def by_others(tx: Tx, user_id: int, since: datetime, line_ids: frozenset[int] | None) -> Sequence[Row[Any]]:
    """The newest such answer of each of their conversations with a text after `since`, newest first."""
    newest = _ids(user_id, since, line_ids).subquery()
    query = (
        select(
            messages.c.body,
            messages.c.created_at,
            messages.c.author_name,
            conversations.c.public_id.label("conversation_public_id"),
            conversations.c.peer,
            contacts.c.name,
        )
        .join(newest, newest.c.id == messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
    )
    return tx.execute(query.order_by(messages.c.id.desc())).all()


def count(tx: Tx, user_id: int, since: datetime, line_ids: frozenset[int] | None) -> int:
    """How many of their conversations have such an answer."""
    return int(tx.scalar(select(func.count()).select_from(_ids(user_id, since, line_ids).subquery())) or 0)


def is_any(tx: Tx, user_id: int, conversation: Row[Any]) -> bool:
    """Whether a conversation is theirs and holds such an answer."""
    if conversation.assignee_id != user_id:
        return False
    here = and_(
        messages.c.conversation_id == conversation.id,
        messages.c.id > stored_reads.upto(tx, user_id, conversation.id),
        _of_another(user_id),
    )
    return tx.scalar(select(messages.c.id).where(here).limit(1)) is not None


def see(tx: Tx, user_id: int, conversation: Row[Any]) -> None:
    """They have read it to its end."""
    stored_reads.put(tx, user_id, conversation.id, max(conversation.last_message_id, 0))


def _of_another(user_id: int) -> ColumnElement[bool]:
    return and_(
        messages.c.direction == Direction.OUTBOUND.value,
        messages.c.author_kind == "person",
        messages.c.author_id != user_id,
    )


def _ids(user_id: int, since: datetime, line_ids: frozenset[int] | None) -> Select[Any]:
    from_id = select(users.c.reads_from_id).where(users.c.id == user_id).scalar_subquery()
    read_to = select(reads.c.message_id).where(
        reads.c.user_id == user_id, reads.c.conversation_id == conversations.c.id
    )
    by_another = and_(
        messages.c.conversation_id == conversations.c.id,
        messages.c.id > func.coalesce(read_to.scalar_subquery(), from_id),
        _of_another(user_id),
    )
    here = and_(
        conversations.c.assignee_id == user_id,
        conversations.c.state.in_([state.value for state in ConversationState]),
        conversations.c.last_message_at > since,
    )
    if line_ids is not None:
        here = and_(here, conversations.c.line_id.in_(line_ids))
    # the newest of each, found in the conversation's own texts: joined, the planner walks all there are
    newest = select(func.max(messages.c.id)).where(by_another).correlate(conversations).scalar_subquery()
    found = select(newest.label("id")).where(here).subquery()
    return select(found.c.id).where(found.c.id.is_not(None))
