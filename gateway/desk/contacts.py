"""What staff note of a contact: what they are called, and where they live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.chosen_times import known_zone
from gateway.desk.drafts import Author
from gateway.domain.events import Event
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import one_line
from gateway.store import contacts, events, team
from gateway.store.database import Tx

LONGEST_NAME = 80


def known(tx: Tx, number: str) -> Row[Any]:
    """The contact with a number (E.164).

    Raises:
        Refused: nobody with that number is known.
    """
    found = contacts.by_number(tx, number)
    if found is None:
        raise Refused("no_contact", number=number)
    return found


def set_name(tx: Tx, contact_id: int, name: str | None, who: Author, now: datetime) -> None:
    """Say what a contact is called; None, or what shows nothing, forgets it.

    Raises:
        Refused: it is too long, or holds what cannot be seen; nothing was changed.
    """
    value = " ".join((name or "").split())
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise Refused("bad_name", most=LONGEST_NAME)
    _change(tx, contact_id, "name", one_line(value) or None, who, now)


def set_zone(tx: Tx, contact_id: int, zone: str | None, who: Author, now: datetime) -> None:
    """Say in which zone of the IANA database a contact lives; empty or None: as their number tells.

    What waits for them is decided anew.

    Raises:
        Refused: there is no such zone; nothing was changed.
    """
    value = known_zone(zone) if zone and zone.strip() else None
    _change(tx, contact_id, "zone", value, who, now)


def _change(tx: Tx, contact_id: int, what: str, value: str | None, who: Author, now: datetime) -> None:
    contact = contacts.get(tx, contact_id)
    if contact is None:
        raise LookupError(f"contact {contact_id} is not there")
    before = contact._mapping[what]
    if value == before:
        return
    contacts.change(tx, contact_id, **{what: value})
    action = f"contact.{what}"
    team.note(tx, now, str(who), action, contact.public_id, before={what: before}, after={what: value})
    for conversation_id in contacts.conversations_of(tx, contact_id):
        events.record(tx, Event.CONTACT_CHANGED, now, conversation_id=conversation_id)
