"""Rows of phone numbers: whose they are, whose they were, who shares them, and how they fare."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, exists, insert, or_, select, update

from gateway.domain.contact import Health
from gateway.domain.hygiene import Record
from gateway.domain.phone import Number
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import contacts, messages, number_owners, phone_numbers

_ONE = Prepared(select(phone_numbers).where(phone_numbers.c.number == bindparam("number")))


def get(tx: Tx, number: str) -> Row[Any] | None:
    """One number, E.164 or as the network gave it."""
    return tx.row(_ONE, {"number": number})


def of(tx: Tx, contact_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """The numbers of each of these contacts, the oldest first."""
    found: dict[int, list[Row[Any]]] = {contact_id: [] for contact_id in contact_ids}
    query = select(phone_numbers).where(phone_numbers.c.contact_id.in_(sorted(contact_ids)))
    for row in tx.execute(query.order_by(phone_numbers.c.id)):
        found[row.contact_id].append(row)
    return found


def add(tx: Tx, contact_id: int, number: Number, now: datetime) -> None:
    """Give a contact a number nobody has."""
    values = {"contact_id": contact_id, "number": number.text, "kind": number.kind.value, "created_at": now}
    tx.execute(insert(phone_numbers), values)


def give(tx: Tx, number: str, contact_id: int, since: datetime) -> None:
    """The number belongs to that contact, since then."""
    here = phone_numbers.c.number == number
    tx.execute(update(phone_numbers).where(here).values(contact_id=contact_id, created_at=since))


def remove(tx: Tx, number: str) -> None:
    """Nobody has the number any longer."""
    tx.execute(delete(phone_numbers).where(phone_numbers.c.number == number))


# --- how they fare -----------------------------------------------------------------------------------


def record_of(row: Row[Any]) -> Record:
    """How a number has fared, as the rules of `domain.hygiene` read it."""
    return Record(Health(row.health), row.failures, row.undelivered_since)


def put_record(tx: Tx, row: Row[Any], record: Record, **more: Any) -> None:
    """Keep how a number has fared; `more` are other columns."""
    values = {
        "health": record.health.value,
        "failures": record.failures,
        "undelivered_since": record.undelivered_since,
        **more,
    }
    tx.update(phone_numbers, row.id, values)


def unused_since(tx: Tx, before: datetime, after_id: int, limit: int) -> list[Row[Any]]:
    """Numbers with nothing against them that are known since before that time, and with which nothing was
    exchanged since; the next of them beyond `after_id`."""
    used = exists(messages.c.id).where(
        messages.c.peer == phone_numbers.c.number, messages.c.created_at >= before
    )
    query = select(phone_numbers).where(
        phone_numbers.c.id > after_id,
        phone_numbers.c.health.in_([Health.OK.value, Health.SUSPECT.value]),
        phone_numbers.c.kind == "e164",
        phone_numbers.c.created_at < before,
        *(or_(column.is_(None), column < before) for column in _SIGNS_OF_LIFE),
        ~used,
    )
    return list(tx.execute(query.order_by(phone_numbers.c.id).limit(limit)))


_SIGNS_OF_LIFE = (phone_numbers.c.heard_at, phone_numbers.c.confirmed_at)


# --- whose they were ---------------------------------------------------------------------------------


def note_owner(
    tx: Tx, number: str, contact_id: int, since: datetime, until: datetime | None, why: str
) -> int:
    """Note that somebody had a number in that span, or (`until` None) shares it."""
    values = {"number": number, "contact_id": contact_id, "since": since, "until": until, "why": why}
    return tx.insert(number_owners, values)


def end_owner(tx: Tx, owner_id: int, now: datetime) -> None:
    """Somebody shares a number no longer."""
    tx.update(number_owners, owner_id, {"until": now})


def give_shares(tx: Tx, owner_ids: Collection[int], contact_id: int) -> None:
    """Somebody else shares these numbers now: they are one with who did."""
    here = number_owners.c.id.in_(sorted(owner_ids))
    tx.execute(update(number_owners).where(here).values(contact_id=contact_id))


def forget_owners(tx: Tx, owner_ids: Collection[int]) -> None:
    """Take notes back that were made by mistake."""
    tx.execute(delete(number_owners).where(number_owners.c.id.in_(sorted(owner_ids))))


def owners(tx: Tx, number: str) -> list[Row[Any]]:
    """Who had a number before or shares it, with name and public id, the newest first."""
    query = (
        select(number_owners, contacts.c.public_id, contacts.c.name)
        .join(contacts, contacts.c.id == number_owners.c.contact_id)
        .where(number_owners.c.number == number)
    )
    return list(tx.execute(query.order_by(number_owners.c.id.desc())))


def sharers(tx: Tx, numbers: Collection[str]) -> list[Row[Any]]:
    """Those who share one of these numbers now, with name and public id."""
    query = (
        select(number_owners, contacts.c.public_id, contacts.c.name)
        .join(contacts, contacts.c.id == number_owners.c.contact_id)
        .where(number_owners.c.number.in_(sorted(numbers)), number_owners.c.until.is_(None))
    )
    return list(tx.execute(query.order_by(number_owners.c.id)))


def had_by(tx: Tx, contact_id: int) -> list[Row[Any]]:
    """Numbers a contact had before or shares (`until` None), with whose they are now (`owner_id`,
    `owner_public_id`, `owner_name`), the newest first."""
    now_theirs = contacts.alias("now_theirs")
    query = (
        select(
            number_owners,
            now_theirs.c.id.label("owner_id"),
            now_theirs.c.public_id.label("owner_public_id"),
            now_theirs.c.name.label("owner_name"),
        )
        .outerjoin(phone_numbers, phone_numbers.c.number == number_owners.c.number)
        .outerjoin(now_theirs, now_theirs.c.id == phone_numbers.c.contact_id)
        .where(number_owners.c.contact_id == contact_id)
    )
    return list(tx.execute(query.order_by(number_owners.c.id.desc())))


def share_of(tx: Tx, number: str, contact_id: int) -> Row[Any] | None:
    """The note that a contact shares a number now."""
    here = and_(
        number_owners.c.number == number,
        number_owners.c.contact_id == contact_id,
        number_owners.c.until.is_(None),
    )
    return tx.execute(select(number_owners).where(here)).one_or_none()
