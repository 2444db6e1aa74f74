"""What staff note of a contact: what they are called, where they live, how far they have come with us.

What somebody sets by hand is noted in `contacts.edited`, so that the next customer list leaves it alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import contact_fields, hygiene
from gateway.desk.contact_fields import LONGEST_NAME
from gateway.desk.drafts import Author
from gateway.domain import phone
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import one_line
from gateway.store import contacts, conversations, numbers, tags, team
from gateway.store.database import Tx

__all__ = ["LONGEST_NAME", "add", "change", "known", "set_name", "set_own_fields", "set_zone", "tag", "untag"]

BY_HAND = frozenset({"person", "command"})
"""Authors whose changes outlast the next customer list."""


def known(tx: Tx, number: str) -> Row[Any]:
    """The contact with a number (E.164).

    Raises:
        Refused: nobody with that number is known.
    """
    found = contacts.by_number(tx, number)
    if found is None:
        raise Refused("no_contact", number=number)
    return found


def add(
    tx: Tx,
    their_numbers: Collection[phone.Number],
    values: Mapping[str, str | None],
    who: Author,
    now: datetime,
) -> int:
    """Note somebody new with these numbers; `values` as of `change`. Returns their id.

    Raises:
        Refused: a number is somebody's already, or a value cannot be; nothing was stored.
    """
    for number in their_numbers:
        owner = contacts.by_number(tx, number.text)
        if owner is not None:
            raise Refused("number_taken", number=number.text, name=owner.name or number.text)
    contact_id = contacts.add(tx, now)
    for number in their_numbers:
        numbers.add(tx, contact_id, number, now)
    contacts.sort(tx, contact_id)
    row = contacts.get(tx, contact_id)
    assert row is not None  # just added
    team.note(tx, now, str(who), "contact.add", row.public_id)
    change(tx, contact_id, values, who, now)
    return contact_id


def set_name(tx: Tx, contact_id: int, name: str | None, who: Author, now: datetime) -> None:
    """Say what a contact is called; None, or what shows nothing, forgets it.

    Raises:
        Refused: it is too long, or holds what cannot be seen; nothing was changed.
    """
    change(tx, contact_id, {"name": name}, who, now)


def set_zone(tx: Tx, contact_id: int, zone: str | None, who: Author, now: datetime) -> None:
    """Say in which zone of the IANA database a contact lives; empty or None: as their number tells.

    What waits for them is decided anew.

    Raises:
        Refused: there is no such zone; nothing was changed.
    """
    change(tx, contact_id, {"zone": zone}, who, now)


def change(tx: Tx, contact_id: int, values: Mapping[str, str | None], who: Author, now: datetime) -> None:
    """Note these values, by the columns of `contact_fields.CHECKS`.

    Raises:
        Refused: one of them cannot be; nothing was changed.
    """
    _keep(tx, contact_id, contact_fields.checked(values), who, now)


def set_own_fields(tx: Tx, contact_id: int, fields: Mapping[str, str], who: Author, now: datetime) -> None:
    """The office's own fields are these and no others.

    Raises:
        Refused: see `contact_fields.own_fields`; nothing was changed.
    """
    _keep(tx, contact_id, {"fields": contact_fields.own_fields(fields)}, who, now)


def _keep(tx: Tx, contact_id: int, values: Mapping[str, Any], who: Author, now: datetime) -> None:
    row = contacts.get(tx, contact_id)
    if row is None:
        raise LookupError(f"contact {contact_id} is not there")
    before = {name: row._mapping[name] for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return
    edited = {*row.edited, *_touched(changed, before)} if who.kind in BY_HAND else row.edited
    contacts.change(tx, contact_id, **changed, edited=sorted(edited), changed_at=now)
    for name, value in changed.items():
        was, becomes = {name: before[name]}, {name: value}
        team.note(tx, now, str(who), f"contact.{name}", row.public_id, before=was, after=becomes)
    if "priority" in changed:
        conversations.follow_priority(tx, contact_id, before["priority"], changed["priority"])
    hygiene.announce(tx, contact_id, now)


def _touched(changed: Mapping[str, Any], before: Mapping[str, Any]) -> set[str]:
    """Names of what was set by hand; each of the office's own fields is one."""
    names = set(changed) - {"fields"}
    now, was = changed.get("fields", {}), before.get("fields", {})
    if "fields" in changed:
        names |= {f"fields.{key}" for key in {*now, *was} if now.get(key) != was.get(key)}
    return names


# --- tags --------------------------------------------------------------------------------------------


def tag(tx: Tx, contact_id: int, name: str, who: Author, now: datetime) -> None:
    """Put a tag on a contact; it is made when there is none of that name.

    Raises:
        Refused: it is too long, or nothing can be seen of it.
    """
    kept = one_line(name)
    if not kept or len(kept) > tags.LONGEST or not kept.isprintable():
        raise Refused("bad_tag", most=tags.LONGEST)
    if kept in tags.of_contacts(tx, [contact_id])[contact_id]:
        return
    tags.put_on_contact(tx, contact_id, tags.find_or_add(tx, kept, now))
    _note_tag(tx, contact_id, "contact.tag", kept, who, now)


def untag(tx: Tx, contact_id: int, name: str, who: Author, now: datetime) -> None:
    """Take a tag off a contact."""
    found = tags.find(tx, name)
    if found is None or found.name not in tags.of_contacts(tx, [contact_id])[contact_id]:
        return
    tags.take_from_contact(tx, contact_id, found.id)
    _note_tag(tx, contact_id, "contact.untag", found.name, who, now)


def _note_tag(tx: Tx, contact_id: int, action: str, name: str, who: Author, now: datetime) -> None:
    row = contacts.get(tx, contact_id)
    assert row is not None  # it was just tagged
    contacts.change(tx, contact_id, changed_at=now)  # taking back a list leaves who was changed since
    team.note(tx, now, str(who), action, row.public_id, after={"tag": name})
    hygiene.announce(tx, contact_id, now)
