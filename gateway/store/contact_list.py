"""The table of contacts: whom a filter finds, in the order of their names. Written so that SQLite walks an
index of contacts in that order, or starts from the few rows of a tag, a number's health or a STOP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, literal, or_, select, tuple_

from gateway.domain.contact import Health, folded
from gateway.store import contacts as rows
from gateway.store.database import Tx
from gateway.store.tables import (
    consent_events,
    contact_filters,
    contact_tags,
    contacts,
    phone_numbers,
    suppressions,
    tags,
)

COUNTED = 1000
"""So many contacts are counted; beyond, it is said that there are more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to show; None does not narrow. Times are aware; `lines`: only those whom somebody limited to these
    lines may see."""

    words: str = ""
    stage: str | None = None
    priority: str | None = None
    tag: str | None = None
    health: str | None = None
    stopped: bool | None = None
    blocked: bool | None = None
    language: str | None = None
    heard_after: datetime | None = None
    heard_before: datetime | None = None
    lines: frozenset[int] | None = None


def page(tx: Tx, wanted: Wanted, limit: int, after: tuple[str, int] | None = None) -> list[Row[Any]]:
    """Contacts by name, those without one last; `after` are `sought` and id of the last one already shown."""
    query = _found(wanted, select(contacts))
    if after is not None:
        query = query.where(
            tuple_(contacts.c.sought, contacts.c.id) > tuple_(literal(after[0]), literal(after[1]))
        )
    return list(tx.execute(query.order_by(contacts.c.sought, contacts.c.id).limit(limit)))


def count(tx: Tx, wanted: Wanted) -> int:
    """How many there are, `COUNTED` and one at most."""
    found = _found(wanted, select(contacts.c.id)).limit(COUNTED + 1).subquery()
    return int(tx.scalar(select(func.count()).select_from(found)))


def ids(tx: Tx, wanted: Wanted) -> list[int]:
    """Ids of all of them, in no order."""
    return list(tx.execute(_found(wanted, select(contacts.c.id))).scalars())


def _found(wanted: Wanted, query: Select[Any]) -> Select[Any]:
    return query.where(contacts.c.merged_into_id.is_(None), *_conditions(wanted))


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for word in wanted.words.split()[:8]:
        yield _holds(word)
    for column, value in (
        (contacts.c.stage, wanted.stage),
        (contacts.c.priority, wanted.priority),
        (contacts.c.language, wanted.language),
    ):
        if value is not None:
            yield column == value
    if wanted.tag is not None:
        tagged = select(contact_tags.c.contact_id).join(tags, tags.c.id == contact_tags.c.tag_id)
        yield contacts.c.id.in_(tagged.where(tags.c.folded == folded(wanted.tag)))
    if wanted.health is not None:
        yield _with_health(wanted.health)
    if wanted.stopped is not None:
        stopped = contacts.c.id.in_(_stopped())
        yield stopped if wanted.stopped else ~stopped
    if wanted.blocked is not None:
        yield contacts.c.id.in_(_blocked()) if wanted.blocked else contacts.c.blocked_at.is_(None)
    if wanted.heard_after is not None:
        yield contacts.c.heard_at >= wanted.heard_after
    if wanted.heard_before is not None:
        yield or_(contacts.c.heard_at < wanted.heard_before, contacts.c.heard_at.is_(None))
    if wanted.lines is not None:
        yield rows.of_lines(wanted.lines)


def _holds(word: str) -> ColumnElement[bool]:
    """A piece of a name, company or address, or of a number however it is grouped."""
    inside = contacts.c.sought.contains(folded(word), autoescape=True)
    digits = "".join(char for char in word if char.isdigit())
    if len(digits) < 3 or any(char.isalpha() for char in word):
        return inside
    # the index of numbers is walked alone, and only what is found in it is looked up
    found = select(phone_numbers.c.id).where(
        phone_numbers.c.number.contains(digits.lstrip("0"), autoescape=True)
    )
    theirs = select(phone_numbers.c.contact_id).where(phone_numbers.c.id.in_(found))
    return or_(inside, contacts.c.id.in_(theirs))


def _with_health(health: str) -> ColumnElement[bool]:
    bad = select(phone_numbers.c.contact_id).where(phone_numbers.c.health != "ok")
    if health == Health.OK:
        return contacts.c.id.not_in(bad)
    return contacts.c.id.in_(bad.where(phone_numbers.c.health == health))


def _blocked() -> Select[Any]:
    """Contacts that are blocked: few, in an index of their own."""
    other = contacts.alias()
    return select(other.c.id).where(other.c.blocked_at.is_not(None))


def _stopped() -> Select[Any]:
    """Contacts one of whose numbers said stop."""
    return (
        select(phone_numbers.c.contact_id)
        .join(consent_events, consent_events.c.number == phone_numbers.c.number)
        .join(suppressions, suppressions.c.consent_event_id == consent_events.c.id)
    )


# --- saved filters -----------------------------------------------------------------------------------


def add_filter(tx: Tx, **values: Any) -> int:
    """Keep a filter under a name, and return its id."""
    return tx.insert(contact_filters, values)


def filters(tx: Tx) -> list[Row[Any]]:
    """All saved filters, by name."""
    return list(tx.execute(select(contact_filters).order_by(contact_filters.c.name, contact_filters.c.id)))


def filter_by(tx: Tx, public_id: str) -> Row[Any] | None:
    """One saved filter."""
    query = select(contact_filters).where(contact_filters.c.public_id == public_id)
    return tx.execute(query).one_or_none()


def remove_filter(tx: Tx, filter_id: int) -> None:
    """Forget a saved filter."""
    tx.execute(delete(contact_filters).where(contact_filters.c.id == filter_id))


def languages(tx: Tx) -> list[str]:
    """Languages that are noted of anybody."""
    known = contacts.c.language.is_not(None) & contacts.c.merged_into_id.is_(None)
    query = select(contacts.c.language).where(known).distinct()
    return list(tx.execute(query.order_by(contacts.c.language)).scalars())
