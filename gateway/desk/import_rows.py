"""One row of a customer list: whom it is of, what it would change, and changing that. What a program says of
one of its customers is such a row too (`desk.upserting`).

A list never takes anything away: an empty cell leaves what is there. What was edited by hand stays, and a
number that is somebody's stays theirs; both are said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import contact_fields, hygiene
from gateway.domain.imports import Given, Verdict
from gateway.domain.phone import Number
from gateway.domain.refusal_words import Refused
from gateway.store import consent, contacts, conversations, imports, numbers, tags
from gateway.store.database import Tx

Note = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a row. `why`: words of `import_words.NOTES`, each with what it is about."""

    verdict: Verdict
    why: tuple[Note, ...] = ()
    contact_id: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    numbers: tuple[Number, ...] = ()
    tags: tuple[str, ...] = ()
    consent: tuple[str, datetime] | None = None

    @property
    def changes(self) -> bool:
        """Whether anything of somebody who is there would be another."""
        return bool(self.values or self.numbers or self.tags or self.consent)

    @property
    def is_taken(self) -> bool:
        """Whether anything is written for it."""
        return self.verdict not in (Verdict.INVALID, Verdict.DUPLICATE, Verdict.SAME)


@dataclass(frozen=True, slots=True)
class Way:
    """How rows are taken. `overwrites`: what was edited by hand as well; `stage`: of those who are new."""

    overwrites: bool = False
    stage: str | None = None


def judge(tx: Tx, given: Given, way: Way) -> Judged:
    """What would become of a row now."""
    if given.duplicate_of is not None:
        return Judged(Verdict.DUPLICATE, (("duplicate", str(given.duplicate_of)),))
    notes = list(given.notes)
    owners = {number.text: contacts.by_number(tx, number.text) for number in given.numbers}
    contact = _whose(tx, given, [row for row in owners.values() if row is not None])
    if contact is None and any(row is not None for row in owners.values()):
        return Judged(Verdict.INVALID, (*notes, ("other_id", given.external_id or "")))
    if contact is None and not given.numbers:
        return Judged(Verdict.INVALID, tuple(notes) or (("no_number", ""),))
    for number, owner in owners.items():
        if owner is not None and contact is not None and owner.id != contact.id:
            notes.append(("taken", number))
    fresh = tuple(number for number in given.numbers if owners[number.text] is None)
    values = _values(given, contact, way, notes)
    tagged = (
        () if contact is None else {tag.casefold() for tag in tags.of_contacts(tx, [contact.id])[contact.id]}
    )
    new_tags = _new_tags(given, tagged, notes)
    agreed = _agreed(tx, given, notes)
    stopped = [row for number in given.numbers if (row := consent.suppression(tx, number.text)) is not None]
    if stopped:
        notes.append(("stopped", min(row.since for row in stopped).date().isoformat()))
        if agreed is not None:
            notes.append(("conflict", agreed[0]))
            agreed = None
    found = Judged(
        Verdict.SAME, tuple(notes), contact.id if contact else None, values, fresh, new_tags, agreed
    )
    return replace(found, verdict=_verdict(found, is_stopped=bool(stopped)))


def _verdict(found: Judged, *, is_stopped: bool) -> Verdict:
    if is_stopped:
        return Verdict.SUPPRESSED
    if found.contact_id is None:
        return Verdict.NEW
    return Verdict.UPDATE if found.changes else Verdict.SAME


def _whose(tx: Tx, given: Given, owners: list[Row[Any]]) -> Row[Any] | None:
    """By the list's own id, else by number; nobody where the number is of somebody with another id."""
    if given.external_id is not None:
        found = contacts.by_external_id(tx, given.external_id)
        if found is not None:
            return found
        owners = [row for row in owners if row.external_id is None]
    return contacts.live(tx, owners[0]) if owners else None


def _values(given: Given, contact: Row[Any] | None, way: Way, notes: list[Note]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name, typed in given.values.items():
        try:
            wanted.update(contact_fields.checked({name: typed}))
        except Refused:
            notes.append((f"bad.{name}", typed))
    if given.external_id is not None:
        wanted["external_id"] = given.external_id
    own = _own(given, contact, way, notes)
    if contact is None:
        default = {"stage": way.stage} if way.stage else {}
        return {**default, **wanted, **({"fields": own} if own else {})}
    if own != contact._mapping["fields"]:
        wanted["fields"] = own
    changed = {name: value for name, value in wanted.items() if contact._mapping[name] != value}
    for name in list(changed):
        if name in contact.edited and not way.overwrites:
            notes.append((f"kept.{name}", str(contact._mapping[name] or "")))
            del changed[name]
    return changed


def _own(given: Given, contact: Row[Any] | None, way: Way, notes: list[Note]) -> dict[str, str]:
    before = dict(contact._mapping["fields"]) if contact is not None else {}
    edited = contact.edited if contact is not None and not way.overwrites else ()
    for name, value in given.own.items():
        if f"fields.{name}" in edited and before.get(name) != value:
            notes.append(("kept.field", name))
            continue
        try:
            before = contact_fields.own_fields({**before, name: value})
        except Refused:
            notes.append(("bad.field", name))
    return before


def _new_tags(given: Given, tagged: Collection[str], notes: list[Note]) -> tuple[str, ...]:
    found = []
    for tag in given.tags:
        if len(tag) > tags.LONGEST or not tag.isprintable():
            notes.append(("bad.tag", tag))
        elif tag.casefold() not in tagged:
            found.append(tag)
    return tuple(found)


def _agreed(tx: Tx, given: Given, notes: list[Note]) -> tuple[str, datetime] | None:
    if given.consent is None or not given.numbers:
        return None
    source, day = given.consent
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return None if imports.is_listed(tx, given.numbers[0].text, at) else (source, at)


# --- changing it -------------------------------------------------------------------------------------


def take(
    tx: Tx, given: Given, judged: Judged, by: str, now: datetime, how: str = "import"
) -> tuple[int, dict[str, Any] | None]:
    """Write what was judged; `how` it came is a word of `contact_words.HOW`. Returns the contact's id, and
    what was changed of them with what it was before and is now; None: they are new."""
    made = judged.contact_id is None
    if judged.contact_id is not None and not judged.changes:
        return judged.contact_id, {}
    if judged.contact_id is None:
        contact_id = contacts.add(tx, now, **judged.values)
        changed: dict[str, Any] = {}
    else:
        contact_id = judged.contact_id
        changed = _change(tx, contact_id, judged.values, now)
    for number in judged.numbers:
        numbers.add(tx, contact_id, number, now)
    for tag in judged.tags:
        tags.put_on_contact(tx, contact_id, tags.find_or_add(tx, tag, now))
    if judged.numbers:
        contacts.sort(tx, contact_id)
    if judged.consent is not None:
        source, at = judged.consent
        theirs = given.numbers[0].text
        consent.record(tx, number=theirs, kind="listed", at=at, how=how, words=source, recorded_by=by)
    hygiene.announce(tx, contact_id, now)
    if made:
        return contact_id, None
    return contact_id, {
        "values": changed,
        "numbers": [number.text for number in judged.numbers],
        "tags": list(judged.tags),
    }


def _change(tx: Tx, contact_id: int, values: dict[str, Any], now: datetime) -> dict[str, list[Any]]:
    row = contacts.get(tx, contact_id)
    assert row is not None  # it was just judged
    changed = {name: [row._mapping[name], value] for name, value in values.items()}
    if values:
        contacts.change(tx, contact_id, **values, changed_at=now)
    if "priority" in changed:
        conversations.follow_priority(tx, contact_id, *changed["priority"])
    return changed


# --- taking it back ----------------------------------------------------------------------------------


def take_back(tx: Tx, row: Row[Any], now: datetime) -> bool:
    """Undo what a row changed. False: some of it stays, since it was changed or used since."""
    contact = contacts.get(tx, row.contact_id)
    if contact is None:
        return True
    return _unmake(tx, contact, row) if row.before is None else _restore(tx, contact, row.before, now)


def _unmake(tx: Tx, contact: Row[Any], row: Row[Any]) -> bool:
    is_used = (
        contact.changed_at is not None
        or contact.edited
        or contact.blocked_at is not None
        or contact.held_since is not None
        or contact.merged_into_id is not None
        or contacts.merged_into(tx, contact.id)
        or contacts.conversations_of(tx, contact.id)
        or not set(contacts.numbers_of(tx, contact.id)) <= set(row.given["numbers"])
    )
    if is_used:
        return False
    imports.remove_contact(tx, contact.id)
    return True


def _restore(tx: Tx, contact: Row[Any], before: dict[str, Any], now: datetime) -> bool:
    stayed = False
    values = {}
    for name, (was, became) in before["values"].items():
        if contact._mapping[name] == became and name not in contact.edited:
            values[name] = was
        else:
            stayed = True
    if values:
        contacts.change(tx, contact.id, **values, changed_at=now)
    if "priority" in values:
        conversations.follow_priority(tx, contact.id, contact.priority, values["priority"])
    for number in before["numbers"]:
        stayed |= not _give_up(tx, contact, number)
    for tag in before["tags"]:
        found = tags.find(tx, tag)
        if found is not None:
            tags.take_from_contact(tx, contact.id, found.id)
    contacts.sort(tx, contact.id)
    hygiene.announce(tx, contact.id, now)
    return not stayed


def _give_up(tx: Tx, contact: Row[Any], number: str) -> bool:
    """Take a number away again, unless something was exchanged with it."""
    row = numbers.get(tx, number)
    if row is None or row.contact_id != contact.id:
        return row is None
    held = {conversation.peer for conversation in conversations.of_contact(tx, contact.id)}
    if number in held or row.heard_at is not None:
        return False
    numbers.remove(tx, number)
    return True
