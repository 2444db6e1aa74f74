"""Rows of contacts and their numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from gateway.domain.phone import Kind, Number, same_subscriber
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.prepared import Prepared
from gateway.store.tables import contacts, conversations, phone_numbers

_BY_NUMBER = Prepared(
    select(contacts)
    .join(phone_numbers, phone_numbers.c.contact_id == contacts.c.id)
    .where(phone_numbers.c.number == bindparam("number"))
)


def by_number(tx: Tx, number: str) -> Row[Any] | None:
    """The contact a number belongs to."""
    return tx.row(_BY_NUMBER, {"number": number})


def get(tx: Tx, contact_id: int) -> Row[Any] | None:
    """One contact."""
    return tx.execute(select(contacts).where(contacts.c.id == contact_id)).one_or_none()


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """The same, by the id that left the house."""
    return tx.execute(select(contacts).where(contacts.c.public_id == public_id)).one_or_none()


def numbers_of(tx: Tx, contact_id: int) -> list[str]:
    """A contact's numbers, the oldest first."""
    query = select(phone_numbers.c.number).where(phone_numbers.c.contact_id == contact_id)
    return list(tx.execute(query.order_by(phone_numbers.c.id)).scalars())


def change(tx: Tx, contact_id: int, **values: Any) -> None:
    """Update columns of one contact."""
    tx.update(contacts, contact_id, values)


def conversations_of(tx: Tx, contact_id: int) -> list[int]:
    """Ids of the conversations with a contact, one for each line."""
    query = select(conversations.c.id).where(conversations.c.contact_id == contact_id)
    return list(tx.execute(query.order_by(conversations.c.id)).scalars())


def find_or_add(tx: Tx, number: Number, now: datetime, name: str | None = None) -> int:
    """Id of the contact with that number, made when nobody has it yet."""
    found = by_number(tx, number.text)
    if found is not None:
        return int(found.id)
    values = {"public_id": new_id("con", now), "name": name, "created_at": now}
    contact_id = tx.insert(contacts, values)
    tx.execute(
        insert(phone_numbers),
        {"contact_id": contact_id, "number": number.text, "kind": number.kind.value, "created_at": now},
    )
    return contact_id


def numbers_ending_like(tx: Tx, digits: str) -> list[str]:
    """E.164 numbers we know that may be the same phone as these digits: equal in their last 8."""
    if len(digits) < 8:
        return []
    query = select(phone_numbers.c.number).where(
        phone_numbers.c.kind == Kind.E164.value, phone_numbers.c.number.like(f"%{digits[-8:]}")
    )
    return [number for number in tx.execute(query).scalars() if same_subscriber(number, digits)]
