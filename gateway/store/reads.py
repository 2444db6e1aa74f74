"""How far each person has read each conversation, where that is not told by when they joined."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update

from gateway.store.database import Tx
from gateway.store.tables import conversations, messages, reads, users


def put(tx: Tx, user_id: int, conversation_id: int, message_id: int) -> None:
    """Note up to which message that person has read it."""
    here = (reads.c.user_id == user_id) & (reads.c.conversation_id == conversation_id)
    tx.execute(delete(reads).where(here))
    values = {"user_id": user_id, "conversation_id": conversation_id, "message_id": message_id}
    tx.execute(insert(reads), values)


def unread_again(tx: Tx, conversation_id: int, message_id: int) -> None:
    """A part more of a text came: whoever has read the rest has not read all of it."""
    here = (reads.c.conversation_id == conversation_id) & (reads.c.message_id >= message_id)
    tx.execute(update(reads).where(here).values(message_id=message_id - 1))


def upto(tx: Tx, user_id: int, conversation_id: int) -> int:
    """The newest message that person has read there; of what came before they joined, the newest of all."""
    here = (reads.c.user_id == user_id) & (reads.c.conversation_id == conversation_id)
    joined = select(users.c.reads_from_id).where(users.c.id == user_id).scalar_subquery()
    read = select(reads.c.message_id).where(here).scalar_subquery()
    return int(tx.scalar(select(func.coalesce(read, joined, 0))) or 0)


def is_unread(user_id: int, joined_at_id: int) -> ColumnElement[bool]:
    """Whether a row of `conversations` holds something that person has not read. `joined_at_id`: their
    `reads_from_id`."""
    read = (
        select(reads.c.message_id)
        .where(reads.c.user_id == user_id, reads.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    return conversations.c.last_inbound_id > func.coalesce(read, joined_at_id)


def unread_among(tx: Tx, user_id: int, joined_at_id: int, conversation_ids: list[int]) -> set[int]:
    """Which of these conversations hold something that person has not read."""
    query = select(conversations.c.id).where(
        conversations.c.id.in_(conversation_ids), is_unread(user_id, joined_at_id)
    )
    return set(tx.execute(query).scalars())


def unread(user_id: int, joined_at_id: int) -> Select[tuple[int]]:
    """Ids of the open conversations with something that person has not read, to be narrowed further."""
    return select(conversations.c.id).where(conversations.c.state == "open", is_unread(user_id, joined_at_id))


def newest_message(tx: Tx) -> int:
    """The newest message there is, from which on somebody who joins has anything unread; 0 for none."""
    return max(int(tx.scalar(select(func.max(messages.c.id))) or 0), 0)  # below are texts of old phones
