"""Rows of contacts, and the ways they are found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, insert, or_, select

from gateway.domain.contact import sought
from gateway.domain.phone import Kind, Number, same_subscriber
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.prepared import Prepared
from gateway.store.tables import contacts, conversations, phone_numbers

_BY_NUMBER = Prepared(
    select(contacts, phone_numbers.c.health.label("health"))
    .join(phone_numbers, phone_numbers.c.contact_id == contacts.c.id)
    .where(phone_numbers.c.number == bindparam("number"))
)
_SORTED_BY = frozenset({"name", "company", "email", "address", "external_id", "fields"})


def by_number(tx: Tx, number: str) -> Row[Any] | None:
    """The contact a number belongs to, with that number's `health`."""
    return tx.row(_BY_NUMBER, {"number": number})


def get(tx: Tx, contact_id: int) -> Row[Any] | None:
    """One contact."""
    return tx.execute(select(contacts).where(contacts.c.id == contact_id)).one_or_none()


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """The same, by the id that left the house."""
    return tx.execute(select(contacts).where(contacts.c.public_id == public_id)).one_or_none()


def by_external_id(tx: Tx, external_id: str) -> Row[Any] | None:
    """The same, by what the customer list calls them; one that was merged is the one they are now."""
    found = tx.execute(select(contacts).where(contacts.c.external_id == external_id)).one_or_none()
    return live(tx, found) if found is not None else None


def live(tx: Tx, contact: Row[Any]) -> Row[Any]:
    """The contact, or whom they were merged with."""
    while contact.merged_into_id is not None:
        contact = tx.execute(select(contacts).where(contacts.c.id == contact.merged_into_id)).one()
    return contact


def numbers_of(tx: Tx, contact_id: int) -> list[str]:
    """A contact's numbers, the oldest first."""
    query = select(phone_numbers.c.number).where(phone_numbers.c.contact_id == contact_id)
    return list(tx.execute(query.order_by(phone_numbers.c.id)).scalars())


def add(tx: Tx, now: datetime, **values: Any) -> int:
    """Insert a contact without numbers, and return their id."""
    row = {"public_id": new_id("con", now), "created_at": now, **values}
    also = (row.get("address"), row.get("external_id"), *row.get("fields", {}).values())
    words = sought(row.get("name"), row.get("company"), row.get("email"), "", also)
    return tx.insert(contacts, {**row, "sought": words})


def change(tx: Tx, contact_id: int, **values: Any) -> None:
    """Update columns of one contact, and with them what they are sorted and searched by."""
    tx.update(contacts, contact_id, values)
    if _SORTED_BY & values.keys():
        sort(tx, contact_id)


def sort(tx: Tx, contact_id: int) -> None:
    """Put a contact in their place of the table: their name or first number is another."""
    row = get(tx, contact_id)
    if row is not None:
        number = next(iter(numbers_of(tx, contact_id)), "")
        also = (row.address, row.external_id, *row.fields.values())
        words = sought(row.name, row.company, row.email, number, also)
        tx.update(contacts, contact_id, {"sought": words})


def conversations_of(tx: Tx, contact_id: int) -> list[int]:
    """Ids of the conversations with a contact, one for each line."""
    query = select(conversations.c.id).where(conversations.c.contact_id == contact_id)
    return list(tx.execute(query.order_by(conversations.c.id)).scalars())


def merged_into(tx: Tx, contact_id: int) -> list[int]:
    """Ids of the contacts that were made one with this one, those that came with them included."""
    query = select(contacts.c.id).where(contacts.c.merged_into_id == contact_id)
    found = list(tx.execute(query).scalars())
    return found + [further for one in found for further in merged_into(tx, one)]


def find_or_add(tx: Tx, number: Number, now: datetime, name: str | None = None) -> int:
    """Id of the contact with that number, made when nobody has it yet."""
    found = by_number(tx, number.text)
    if found is not None:
        return int(found.id)
    words = sought(name, None, None, number.text)
    contact_id = tx.insert(
        contacts, {"public_id": new_id("con", now), "name": name, "created_at": now, "sought": words}
    )
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


def of_lines(lines: Collection[int]) -> ColumnElement[bool]:
    """Whether a contact may be seen by somebody limited to these lines: one of them holds a conversation with
    them, or none at all does."""
    theirs = exists(conversations.c.id).where(conversations.c.contact_id == contacts.c.id)
    return or_(theirs.where(conversations.c.line_id.in_(sorted(lines))), ~theirs)


def is_seen(tx: Tx, contact_id: int, lines: Collection[int] | None) -> bool:
    """Whether somebody limited to these lines sees the contact; None: to none."""
    if lines is None:
        return True
    return (
        tx.scalar(select(contacts.c.id).where(and_(contacts.c.id == contact_id, of_lines(lines)))) is not None
    )
