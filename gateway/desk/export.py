"""Everything that is kept about a contact, as one object and as a text for reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.domain.message import Direction
from gateway.store import about, consent, contacts, lines, settings, tags
from gateway.store import numbers as stored_numbers
from gateway.store.database import Tx


def everything(tx: Tx, contact_id: int, now: datetime, seen: frozenset[int] | None = None) -> dict[str, Any]:
    """All rows about a contact as an object that JSON can hold; times are ISO 8601, octets hexadecimal. Of
    what was said, that on the lines somebody may see (None: all)."""
    contact = contacts.get(tx, contact_id)
    if contact is None:
        raise LookupError(f"contact {contact_id} is not there")
    numbers = contacts.numbers_of(tx, contact_id)
    return {
        "made_at": _value(now),
        "office": settings.get(tx, "office.name"),
        "zone": settings.get(tx, "office.zone"),
        "contact": _row(contact, but=("id",)),
        "tags": tags.of_contacts(tx, [contact_id])[contact_id],
        "numbers": [_number(tx, number) for number in numbers],
        "numbers_before": [_row(row, but=_OF_OWNER) for row in stored_numbers.had_by(tx, contact_id)],
        "merged": [
            _row(row, but=("id",))
            for one in contacts.merged_into(tx, contact_id)
            if (row := contacts.get(tx, one)) is not None
        ],
        "conversations": [_conversation(tx, row) for row in about.conversations_of(tx, contact_id, seen)],
        "notes_of_staff": [_row(row, but=("id",)) for row in about.notes(tx, contact_id, seen)],
    }


def _number(tx: Tx, number: str) -> dict[str, Any]:
    stopped = consent.suppression(tx, number)
    return {
        "number": number,
        "asked_not_to_be_texted_since": _value(stopped.since) if stopped is not None else None,
        "consent": [_row(row, but=("id", "message_id", "number")) for row in consent.history(tx, number)],
    }


def _conversation(tx: Tx, row: Row[Any]) -> dict[str, Any]:
    line = lines.get(tx, row.line_id)
    return {
        "line": line.name if line is not None else None,
        "with": row.peer,
        "since": _value(row.created_at),
        "texts": [_text(tx, message) for message in about.texts_of(tx, row.id)],
        "missed_calls": [_row(call, but=_IDS) for call in about.calls_of(tx, row.id)],
    }


_OF_OWNER = ("id", "contact_id", "owner_id", "owner_public_id", "owner_name")
_IDS = ("id", "line_id", "conversation_id", "message_id", "raw_id", "part_id")
_OF_TEXT = (*_IDS, "author_id", "resend_of_id", "reply_to_id", "twin_of_id", "peer", "rank")


def _text(tx: Tx, message: Row[Any]) -> dict[str, Any]:
    belongs = about.belonging_to(tx, message.id)
    told = {name: value for name, value in _row(message, but=_OF_TEXT).items() if value is not None}
    return told | {name: [_row(row, but=_IDS) for row in rows] for name, rows in belongs.items() if rows}


def _row(row: Row[Any], but: tuple[str, ...] = ()) -> dict[str, Any]:
    return {name: _value(value) for name, value in row._mapping.items() if name not in but}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


# --- for reading -------------------------------------------------------------------------------------


def readable(found: dict[str, Any]) -> str:
    """The same as a text: what was said, in order, in the office's time; without the forms of the radio."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: dict[str, Any]) -> Iterator[str]:
    zone = ZoneInfo(found["zone"])
    contact = found["contact"]
    yield f"What {found['office']} keeps about {contact['name'] or 'the owner of this number'}"
    yield f"Made at {_time(found['made_at'], zone)} ({found['zone']}; all times are in this zone)"
    yield ""
    for number in found["numbers"]:
        yield f"Number: {number['number']}"
        since = number["asked_not_to_be_texted_since"]
        if since:
            yield f"Asked not to be texted since {_time(since, zone)}"
        for note in number["consent"]:
            kind = "asked us to stop" if note["kind"] == "opt_out" else "allowed texts"
            yield f"  {_time(note['at'], zone)}: {kind} ({note['how']}): {note['words'] or ''}".rstrip(": ")
    if contact["zone"]:
        yield f"Lives in the time zone {contact['zone']}"
    for conversation in found["conversations"]:
        yield from _thread(conversation, zone)
    if found["notes_of_staff"]:
        yield from ("", "What staff noted")
    for note in found["notes_of_staff"]:
        change = f"{note['before']} -> {note['after']}"
        yield f"  {_time(note['at'], zone)}, {note['actor']}: {note['action']}: {change}"


def _thread(conversation: dict[str, Any], zone: ZoneInfo) -> Iterator[str]:
    yield from ("", f"Texts on the line {conversation['line']}, since {_time(conversation['since'], zone)}")
    said = [(text["created_at"], _said(text, zone)) for text in conversation["texts"]]
    calls = conversation["missed_calls"]
    said += [(call["ended_at"], [f"  {_time(call['ended_at'], zone)}: called, unanswered"]) for call in calls]
    for _, told in sorted(said, key=lambda entry: entry[0]):
        yield from told


def _said(text: dict[str, Any], zone: ZoneInfo) -> list[str]:
    theirs = text["direction"] == Direction.INBOUND.value
    who = (
        "they wrote"
        if theirs
        else f"{text.get('author_name') or text['author_kind']} wrote ({text['state']})"
    )
    return [
        f"  {_time(text['created_at'], zone)}: {who}:",
        *(f"    {row}" for row in text["body"].split("\n")),
    ]


def _time(iso: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(zone):%Y-%m-%d %H:%M}"
