"""Several numbers for one person, one number for several persons, and numbers that change hands. What was
said stays with whom it was said to; who had a number when is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import hygiene
from gateway.desk.drafts import Author
from gateway.domain import phone
from gateway.domain.hygiene import FRESH
from gateway.domain.message import State
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, conversations, messages, numbers, outbox, team
from gateway.store.database import Tx

MOVED, MERGED, SHARED, REMOVED = "moved", "merged", "shared", "removed"
"""Why somebody had a number, words of `number_owners.why`."""


def add(tx: Tx, contact_id: int, number: phone.Number, who: Author, now: datetime) -> None:
    """Give a contact a further number.

    Raises:
        Refused: it is somebody's already, or cannot be texted; nothing was changed.
    """
    if not number.can_be_texted:
        raise Refused("cannot_answer", name=number.text)
    owner = contacts.by_number(tx, number.text)
    if owner is not None and owner.id == contact_id:
        return
    if owner is not None:
        raise Refused("number_taken", number=number.text, name=owner.name or number.text)
    numbers.add(tx, contact_id, number, now)
    contacts.sort(tx, contact_id)
    _note(tx, contact_id, "contact.number_add", None, number.text, who, now)


def move(tx: Tx, contact_id: int, number: str, who: Author, now: datetime) -> None:
    """The number is this contact's from now on, and no longer whose it was. What waits for the one it was is
    canceled: it would reach somebody else. What was said stays with whom it was said to.

    Raises:
        Refused: nobody has the number.
    """
    row, before = _owned(tx, number)
    if before.id == contact_id:
        return
    _cancel_waiting(tx, before.id, number, who, now)
    numbers.note_owner(tx, number, before.id, row.created_at, now, MOVED)
    shared = numbers.share_of(tx, number, contact_id)
    if shared is not None:
        numbers.end_owner(tx, shared.id, now)
    numbers.give(tx, number, contact_id, now)
    numbers.put_record(tx, row, FRESH, confirmed_at=now)
    conversations.answer_at(tx, before.id, number)
    for one in (before.id, contact_id):
        contacts.sort(tx, one)
    _note(tx, before.id, "contact.number_leave", number, None, who, now)
    _note(tx, contact_id, "contact.number_add", None, number, who, now)


def share(tx: Tx, contact_id: int, number: str, who: Author, now: datetime) -> None:
    """The contact uses a number that is somebody else's: a couple's, a company's. Texts from it stand with
    its owner, and both pages say so.

    Raises:
        Refused: nobody has the number.
    """
    _, owner = _owned(tx, number)
    if owner.id == contact_id or numbers.share_of(tx, number, contact_id) is not None:
        return
    numbers.note_owner(tx, number, contact_id, now, None, SHARED)
    _note(tx, contact_id, "contact.number_share", None, number, who, now)


def remove(tx: Tx, contact_id: int, number: str, who: Author, now: datetime) -> None:
    """The contact has the number no longer, or shares it no longer.

    Raises:
        Refused: it is the only number of somebody there are texts with, or not theirs.
    """
    shared = numbers.share_of(tx, number, contact_id)
    if shared is not None:
        numbers.end_owner(tx, shared.id, now)
        _note(tx, contact_id, "contact.number_share", number, None, who, now)
        return
    row, owner = _owned(tx, number)
    if owner.id != contact_id:
        raise Refused("no_contact", number=number)
    is_last = len(contacts.numbers_of(tx, contact_id)) == 1
    if is_last and contacts.conversations_of(tx, contact_id):
        raise Refused("last_number", number=number)
    _cancel_waiting(tx, contact_id, number, who, now)
    numbers.note_owner(tx, number, contact_id, row.created_at, now, REMOVED)
    numbers.remove(tx, number)
    conversations.answer_at(tx, contact_id, number)
    contacts.sort(tx, contact_id)
    _note(tx, contact_id, "contact.number_leave", number, None, who, now)


def replace(tx: Tx, contact_id: int, old: str, new: phone.Number, who: Author, now: datetime) -> None:
    """The contact has a new number instead of an old one.

    Raises:
        Refused: see `add` and `remove`; nothing was changed.
    """
    add(tx, contact_id, new, who, now)
    remove(tx, contact_id, old, who, now)


def _owned(tx: Tx, number: str) -> tuple[Row[Any], Row[Any]]:
    row = numbers.get(tx, number)
    owner = contacts.get(tx, row.contact_id) if row is not None else None
    if row is None or owner is None:
        raise Refused("no_contact", number=number)
    return row, owner


def _cancel_waiting(tx: Tx, contact_id: int, number: str, who: Author, now: datetime) -> None:
    theirs = set(contacts.conversations_of(tx, contact_id))
    for message_id in outbox.unsent_to(tx, number):
        message = messages.get(tx, message_id)
        if message is not None and message.conversation_id in theirs:
            outbox.end(tx, message_id, State.CANCELED, now, "number_moved", str(who))


def _note(
    tx: Tx, contact_id: int, action: str, before: str | None, after: str | None, who: Author, now: datetime
) -> None:
    row = contacts.get(tx, contact_id)
    assert row is not None  # whoever has a number is there
    was, becomes = (None if one is None else {"number": one} for one in (before, after))
    team.note(tx, now, str(who), action, row.public_id, before=was, after=becomes)
    contacts.change(tx, contact_id, changed_at=now)
    hygiene.announce(tx, contact_id, now)
