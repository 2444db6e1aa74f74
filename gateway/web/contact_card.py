"""What is known of somebody, as the card beside a thread and the person's page show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain import contact_words, language, phone
from gateway.domain.contact import Health, known_as
from gateway.domain.contact_words import Mark
from gateway.domain.language import t
from gateway.domain.zones import Source, Zones
from gateway.store import consent, contacts, conversations, numbers, settings, tags
from gateway.store.database import Tx
from gateway.web import there
from gateway.web.rights import visible_lines
from gateway.web.site import now


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One of their numbers: as it is read, how it is, and what a person may decide about it."""

    number: str
    shown: str
    mark: Mark | None
    about: str
    is_right: str
    stopped: bool
    can_be_texted: bool
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with them on one line."""

    id: str
    line: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Sharer:
    """Somebody who shares a number with them."""

    id: str
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a contact. `noted`: the zone that was noted of them, `by_number`: what their number
    tells of it; `facts` are (label, value), `own` the office's own fields."""

    id: str
    name: str
    title: str
    mark: Mark | None
    noted: str
    by_number: str
    facts: tuple[tuple[str, str], ...]
    own: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    numbers: tuple[NumberLine, ...]
    shared: tuple[Sharer, ...]
    talks: tuple[Talk, ...]
    blocked: str
    blocked_at: datetime | None


def contact_card(tx: Tx, conversation: Row[Any], line: Row[Any] | None) -> Card:
    """The card of whom a conversation is with."""
    contact = contacts.get(tx, conversation.contact_id)
    assert contact is not None  # a conversation is with somebody
    return card(tx, contact, conversation.peer, line, visible_lines())


def card(tx: Tx, contact: Row[Any], peer: str, line: Row[Any] | None, lines: frozenset[int] | None) -> Card:
    """The card of a contact who is written to at `peer`; of their conversations those on these lines."""
    theirs = numbers.of(tx, [contact.id])[contact.id]
    stopped = consent.suppressed_among(tx, [row.number for row in theirs])
    kind = next((row.kind for row in theirs if row.number == peer), None)
    known = known_as(contact.name, contact.stage, contact.external_id, peer, kind)
    talks = conversations.of_contact(tx, contact.id)
    return Card(
        id=contact.public_id,
        name=contact.name or "",
        title=contact.name or phone.pretty(peer) or str(t("Number withheld")),
        mark=contact_words.KNOWN.get(known),
        noted=contact.zone or "",
        by_number=_by_number(tx, peer, line) if line is not None else "",
        facts=tuple(_facts(contact)),
        own=tuple(sorted(contact._mapping["fields"].items())),
        tags=tuple(tags.of_contacts(tx, [contact.id])[contact.id]),
        numbers=tuple(_number(row, row.number in stopped) for row in theirs),
        shared=tuple(_sharers(tx, contact.id, theirs)),
        talks=tuple(
            Talk(row.public_id, row.line_name, row.last_message_at)
            for row in talks
            if lines is None or row.line_id in lines
        ),
        blocked=contact_words.blocked(_named(contact.blocked_by), contact.blocked_why)
        if contact.blocked_at
        else "",
        blocked_at=contact.blocked_at,
    )


def _named(actor: str | None) -> str:
    """ "person:Anna" as a name."""
    return (actor or "").partition(":")[2]


def _facts(contact: Row[Any]) -> list[tuple[str, str]]:
    values = {
        "stage": str(contact_words.STAGES[contact.stage]),
        "priority": "" if contact.priority == "normal" else str(contact_words.PRIORITIES[contact.priority]),
        "language": spoken_name(contact.language),
        "company": contact.company,
        "email": contact.email,
        "address": contact.address,
    }
    return [(str(contact_words.FIELDS[name]), value) for name, value in values.items() if value]


def spoken_name(code: str | None) -> str:
    """A language by its code, named in the reader's own: "French"; empty for none."""
    if not code:
        return ""
    return str(language.spoken().locale.languages.get(code.partition("-")[0], code))


def _number(row: Row[Any], stopped: bool) -> NumberLine:
    is_ok = row.health == Health.OK
    return NumberLine(
        number=row.number,
        shown=phone.pretty(row.number) or str(t("Number withheld")),
        mark=None if is_ok else contact_words.HEALTH[row.health],
        about="" if is_ok else str(contact_words.ABOUT_HEALTH[row.health]),
        is_right="" if is_ok else str(contact_words.IS_RIGHT[row.health]),
        stopped=stopped,
        can_be_texted=phone.Number(row.number, phone.Kind(row.kind)).can_be_texted,
        heard_at=row.heard_at,
    )


def _sharers(tx: Tx, contact_id: int, theirs: list[Row[Any]]) -> list[Sharer]:
    """Who shares their numbers, and whose numbers they share."""
    found = [
        Sharer(row.public_id, row.name or phone.pretty(row.number), phone.pretty(row.number))
        for row in numbers.sharers(tx, [row.number for row in theirs])
    ]
    found += [
        Sharer(row.owner_public_id, row.owner_name or phone.pretty(row.number), phone.pretty(row.number))
        for row in numbers.had_by(tx, contact_id)
        if row.until is None and row.owner_public_id
    ]
    return found


def _by_number(tx: Tx, peer: str, line: Row[Any]) -> str:
    return told(there.zones_by(line, peer, None, settings.get(tx, "office.zone"), now()))


def told(where: Zones) -> str:
    """What a number tells of its owner's place."""
    if where.source is Source.LINE:
        return str(t("it does not tell, so as on our line") if not where.unsure else t("it does not tell"))
    return there.place(where)
