"""How numbers fare, noted as texts go and come; what makes one suspect or bad is `gateway.domain.hygiene`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain import hygiene
from gateway.domain.contact import Health
from gateway.domain.events import Event
from gateway.domain.hygiene import Record
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, events, numbers, team
from gateway.store.database import Tx

AT_ONCE = 200
"""Numbers looked at in one transaction of `ask_about_unused`."""
HYGIENE = "rule:hygiene"


def failed(tx: Tx, number: str, now: datetime) -> None:
    """A text to the number failed for good."""
    row = numbers.get(tx, number)
    if row is not None:
        _keep(tx, row, hygiene.failed(numbers.record_of(row), now), now)


def undelivered(tx: Tx, number: str, now: datetime) -> None:
    """A text to the number did not arrive in the time the network tried."""
    row = numbers.get(tx, number)
    if row is not None:
        _keep(tx, row, hygiene.undelivered(numbers.record_of(row), now), now)


def arrived(tx: Tx, number: str, now: datetime) -> None:
    """A text to the number arrived."""
    row = numbers.get(tx, number)
    if row is not None:
        _keep(tx, row, hygiene.arrived(numbers.record_of(row)), now)


def heard(tx: Tx, number: str, body: str, now: datetime) -> None:
    """The number's owner wrote, or called (nothing in `body`)."""
    row = numbers.get(tx, number)
    if row is None:
        return
    _keep(tx, row, hygiene.wrote(body), now, heard_at=now)
    contacts.change(tx, row.contact_id, heard_at=now)


def decide(tx: Tx, number: str, health: Health, who: Author, now: datetime) -> None:
    """A person says that a number is right (`ok`: it is theirs, it works) or that it is not (`bad`, `wrong`).

    Raises:
        Refused: nobody has that number.
    """
    row = numbers.get(tx, number)
    if row is None:
        raise Refused("no_contact", number=number)
    _keep(tx, row, Record(health), now, str(who), confirmed_at=now)


def ask_about_unused(tx: Tx, after_id: int, now: datetime) -> int | None:
    """Note of some numbers beyond `after_id` that nobody used for 24 months that somebody has to ask whether
    they are still theirs; the last one's id, None when there were no more."""
    found = numbers.unused_since(tx, now - hygiene.UNUSED_FOR, after_id, AT_ONCE)
    for row in found:
        _keep(tx, row, Record(Health.CONFIRM, row.failures, row.undelivered_since), now)
    return int(found[-1].id) if found else None


def _keep(tx: Tx, row: Row[Any], record: Record, now: datetime, who: str = HYGIENE, **more: Any) -> None:
    before = numbers.record_of(row)
    if record == before and not more:
        return
    numbers.put_record(tx, row, record, **more)
    if record.health is before.health:
        return
    contact = contacts.get(tx, row.contact_id)
    assert contact is not None  # a number belongs to somebody
    was, now_is = (
        {"number": row.number, "health": before.health},
        {"number": row.number, "health": record.health},
    )
    team.note(tx, now, who, "contact.number_health", contact.public_id, before=was, after=now_is)
    announce(tx, contact.id, now)


def announce(tx: Tx, contact_id: int, now: datetime) -> None:
    """Tell that what is known of a contact changed; what waits for them is decided anew."""
    for conversation_id in contacts.conversations_of(tx, contact_id):
        events.record(tx, Event.CONTACT_CHANGED, now, conversation_id=conversation_id)
