"""Rows of tags: words the office sorts contacts and conversations by. One tag however it is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, delete, insert, select

from gateway.domain.contact import folded
from gateway.store.database import Tx
from gateway.store.tables import contact_tags, conversation_tags, tags

LONGEST = 40


def find_or_add(tx: Tx, name: str, now: datetime) -> int:
    """Id of the tag with that name, made when there is none yet."""
    found = find(tx, name)
    return (
        int(found.id) if found else tx.insert(tags, {"name": name, "folded": folded(name), "created_at": now})
    )


def find(tx: Tx, name: str) -> Row[Any] | None:
    """The tag with that name, however it is written."""
    return tx.execute(select(tags).where(tags.c.folded == folded(name))).one_or_none()


def every(tx: Tx) -> list[Row[Any]]:
    """All tags, by name."""
    return list(tx.execute(select(tags).order_by(tags.c.folded)))


def _of(tx: Tx, table: Table, column: Any, ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {one: [] for one in ids}
    query = (
        select(column, tags.c.name).join(table, table.c.tag_id == tags.c.id).where(column.in_(sorted(ids)))
    )
    for row in tx.execute(query.order_by(tags.c.folded)):
        found[row[0]].append(row.name)
    return found


def of_contacts(tx: Tx, contact_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of the tags of each of these contacts, by name."""
    return _of(tx, contact_tags, contact_tags.c.contact_id, contact_ids)


def of_conversations(tx: Tx, conversation_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of the tags of each of these conversations, by name."""
    return _of(tx, conversation_tags, conversation_tags.c.conversation_id, conversation_ids)


def ids_of_contact(tx: Tx, contact_id: int) -> set[int]:
    """Ids of the tags of a contact."""
    query = select(contact_tags.c.tag_id).where(contact_tags.c.contact_id == contact_id)
    return set(tx.execute(query).scalars())


def _put(tx: Tx, table: Table, values: dict[str, int]) -> bool:
    here = and_(*(table.c[name] == value for name, value in values.items()))
    if tx.scalar(select(table.c.tag_id).where(here)) is not None:
        return False
    tx.execute(insert(table), values)
    return True


def put_on_contact(tx: Tx, contact_id: int, tag_id: int) -> None:
    """Tag a contact; one that has the tag keeps it."""
    _put(tx, contact_tags, {"contact_id": contact_id, "tag_id": tag_id})


def take_from_contact(tx: Tx, contact_id: int, tag_id: int) -> None:
    """Take a tag off a contact."""
    here = (contact_tags.c.contact_id == contact_id) & (contact_tags.c.tag_id == tag_id)
    tx.execute(delete(contact_tags).where(here))


def put_on_conversation(tx: Tx, conversation_id: int, tag_id: int) -> bool:
    """Tag a conversation. False: it has the tag already."""
    return _put(tx, conversation_tags, {"conversation_id": conversation_id, "tag_id": tag_id})


def take_from_conversation(tx: Tx, conversation_id: int, tag_id: int) -> bool:
    """Take a tag off a conversation. False: it has it not."""
    here = (conversation_tags.c.conversation_id == conversation_id) & (conversation_tags.c.tag_id == tag_id)
    return bool(tx.execute(delete(conversation_tags).where(here)).rowcount)
