"""The record of what was removed for good: who asked, when, why, how much; never what it said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from gateway.store.database import Tx
from gateway.store.tables import conversations, erasures

CONTACT, RETENTION = "contact", "retention"


def add(tx: Tx, **values: Any) -> int:
    """Begin a record and return its id."""
    return tx.insert(erasures, values)


def change(tx: Tx, erasure_id: int, **values: Any) -> None:
    """Update columns of one record."""
    tx.update(erasures, erasure_id, values)


def get(tx: Tx, erasure_id: int) -> Row[Any] | None:
    """One record."""
    return tx.execute(select(erasures).where(erasures.c.id == erasure_id)).one_or_none()


def add_counts(tx: Tx, erasure_id: int, more: Mapping[str, int]) -> None:
    """Count what was removed on."""
    counts = dict(tx.scalar(select(erasures.c.counts).where(erasures.c.id == erasure_id)) or {})
    for name, count in more.items():
        if count:
            counts[name] = counts.get(name, 0) + count
    change(tx, erasure_id, counts=counts)


def unfinished(tx: Tx) -> list[Row[Any]]:
    """Erasures of contacts that were begun and did not come to their end, oldest first."""
    query = select(erasures).where(erasures.c.kind == CONTACT, erasures.c.ended_at.is_(None))
    return list(tx.execute(query.order_by(erasures.c.id)))


def of_contact(tx: Tx, contact_id: int) -> Row[Any] | None:
    """The erasure of a contact that is under way."""
    query = select(erasures).where(erasures.c.contact_id == contact_id, erasures.c.ended_at.is_(None))
    return tx.execute(query.limit(1)).one_or_none()


def is_under_way(tx: Tx, conversation_id: int) -> bool:
    """Whether whoever a conversation is held with is being erased."""
    contact_id = tx.scalar(select(conversations.c.contact_id).where(conversations.c.id == conversation_id))
    return of_contact(tx, contact_id) is not None


def hashes_since(tx: Tx, since: datetime) -> set[str]:
    """Keyed hashes of the numbers that were erased since then."""
    query = select(erasures.c.number_hash).where(erasures.c.number_hash.is_not(None), erasures.c.at >= since)
    return set(tx.execute(query).scalars())


def every(tx: Tx, limit: int) -> list[Row[Any]]:
    """The newest records, newest first."""
    return list(tx.execute(select(erasures).order_by(erasures.c.id.desc()).limit(limit)))


def first_left_in_file(tx: Tx, kind: str) -> datetime | None:
    """When the oldest erasure of that kind ended since which the file was not written anew; None: there is
    none."""
    query = select(func.min(erasures.c.ended_at)).where(
        erasures.c.kind == kind, erasures.c.rewritten_at.is_(None)
    )
    since: datetime | None = tx.scalar(query)
    return since


def note_rewritten(tx: Tx, began: datetime, now: datetime) -> None:
    """The file was written anew after `began`: nothing that had been erased by then is in it."""
    left = erasures.c.rewritten_at.is_(None) & (erasures.c.ended_at <= began)
    tx.execute(update(erasures).where(left).values(rewritten_at=now))
