"""Removing what was said and who said it from every table: rows of texts, the rest of a contact, and what is
left written elsewhere. Also the list of what was decided about every table, which a test holds complete.

Rows are deleted with `secure_delete` on, so their octets are overwritten; `gateway.store.rewriting` does
what is left of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update

from gateway.domain.contact import Stage
from gateway.domain.message import Direction
from gateway.store import contacts as contacts_rows
from gateway.store import loose_ends, search
from gateway.store.database import Tx
from gateway.store.loose_ends import Loose
from gateway.store.search import Index
from gateway.store.tables import (
    attempts,
    calls,
    concat_references,
    consent_events,
    contact_tags,
    contacts,
    conversation_log,
    conversation_tags,
    conversations,
    decisions,
    delivery_reports,
    events,
    import_rows,
    inbound_parts,
    mentions,
    merges,
    messages,
    notes,
    number_owners,
    parts,
    phone_numbers,
    raw_pdus,
    reads,
    suppressions,
    text_drafts,
    transitions,
)

GOES = (
    "attempts calls concat_references consent_events contact_tags contacts conversation_log "
    "conversation_tags conversations decisions delivery_reports idempotency_keys import_rows inbound_parts "
    "mentions merges messages notes number_owners parts phone_numbers raw_pdus reads text_drafts transitions"
)
"""Tables whose rows about a contact are deleted, whatever columns they have."""

STAYS: dict[str, str] = {
    "alarm_notices": "id public_id alarm_id what way number message_id made_at due_at tries done_at "
    "problem asked",
    "alarms": "id kind subject detail began_at well_since ended_at told_at seen_at seen_by",
    "api_tokens": "id public_id name token_hash scopes purposes created_at revoked_at owner_id",
    "audit": "id at actor action object before after address",
    "backups": "id kind started_at ended_at path size sealed verified_at problem removed_at key_sealed",
    "box_state": "name value",
    "contact_filters": "id public_id name query created_by_id created_at",
    "drills": "id backup_id at seconds problem found",
    "erasures": "id kind at actor why number_hash counts contact_id number ended_at rewritten_at",
    "events": "id at kind line_id conversation_id message_id",
    "holidays": "region day name",
    "import_sources": "id public_id name kind place every_minutes form paused_at removed_at created_at "
    "due_at last_at last_hash last_problem",
    "imports": "id public_id kind source source_id file_name content form state counts created_at "
    "created_by done_at undone_at problem",
    "invitations": "id secret_hash role created_at created_by created_by_id for_user_id expires_at used_at "
    "revoked_at",
    "line_log": "id line_id at kind code detail",
    "line_requests": "id line_id kind argument state answer asked_by asked_at done_at",
    "line_samples": "line_id at code signal_dbm",
    "lines": "id name port number country pin_sealed limits paused_at removed_at created_at status code "
    "status_since facts options abilities bound_imei bound_iccid",
    "pin_tries": "sim pin_hash line_id tried_at",
    "recovery_codes": "user_id code_hash used_at",
    "sessions": "id_hash user_id created_at last_seen_at expires_at agent address",
    "settings": "name value",
    "setup_steps": "name done_at skipped_at",
    "sign_in_failures": "id username address at of_code",
    "suppressions": "number_hash since consent_event_id",
    "tags": "id name folded created_at",
    "template_texts": "template_id language body",
    "templates": "id public_id name owner_id created_at created_by changed_at used removed_at",
    "user_lines": "user_id line_id",
    "users": "id username name role password_hash created_at disabled_at totp_sealed totp_since totp_step "
    "language available shortcuts hints notify signed_in_at signed_in_before reads_from_id",
}
"""Tables whose rows stay, with the columns that were looked at. They speak of the office and its staff, or
hold ids and keyed hashes; the words and numbers that audit, line_log and line_requests may repeat are taken
out (`gateway.store.loose_ends`), and events of a contact that is gone are deleted."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose rows are looked for. `contact_id` finds their conversations, their numbers the rest."""

    contact_id: int
    numbers: tuple[str, ...]


def texts_of(contact_id: int, lines: Collection[int] | None = None) -> Select[Any]:
    """Ids of a contact's messages on these lines (None: on all), to be narrowed further."""
    return select(messages.c.id).where(messages.c.conversation_id.in_(_conversations(contact_id, lines)))


def next_texts(tx: Tx, contact_id: int, limit: int) -> list[int]:
    """Some messages of a contact that are still there, the oldest first."""
    return list(tx.execute(texts_of(contact_id).order_by(messages.c.id).limit(limit)).scalars())


def count(tx: Tx, person: Person, lines: Collection[int] | None = None) -> dict[str, int]:
    """How much there is about a contact on these lines (None: on all), in the words of
    `domain.erasure_words.COUNTS`."""
    theirs = texts_of(person.contact_id, lines)

    def texts(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(messages).where(messages.c.id.in_(theirs), *conditions)
        return int(tx.scalar(query))

    def rows(column: Any, wanted: Any) -> int:
        return int(tx.scalar(select(func.count()).where(column.in_(wanted))))

    of_parts = select(parts.c.id).where(parts.c.message_id.in_(theirs))
    return {
        "texts_received": texts(messages.c.direction == Direction.INBOUND.value),
        "texts_sent": texts(messages.c.direction == Direction.OUTBOUND.value),
        "pdus": rows(raw_pdus.c.message_id, theirs) + rows(parts.c.message_id, theirs),
        "reports": rows(delivery_reports.c.part_id, of_parts),
        "calls": rows(calls.c.conversation_id, _conversations(person.contact_id, lines)),
        "consent_events": rows(consent_events.c.number, person.numbers),
    }


def _conversations(contact_id: int, lines: Collection[int] | None = None) -> Select[Any]:
    query = select(conversations.c.id).where(conversations.c.contact_id == contact_id)
    return query if lines is None else query.where(conversations.c.line_id.in_(sorted(lines)))


# --- texts -------------------------------------------------------------------------------------------


def remove_texts(tx: Tx, message_ids: Collection[int], *, proof_too: bool) -> Counter[str]:
    """Delete these messages with everything that belongs to them; returns what was deleted, by table.
    `proof_too`: the words of a STOP or START among them also go from the note of it."""
    here = sorted(message_ids)
    done: Counter[str] = Counter()
    of_parts = select(parts.c.id).where(parts.c.message_id.in_(here))
    reports = delivery_reports.c.part_id.in_(of_parts)
    raw_ids = set(tx.execute(select(raw_pdus.c.id).where(raw_pdus.c.message_id.in_(here))).scalars())
    raw_ids |= set(tx.execute(select(delivery_reports.c.raw_id).where(reports)).scalars())
    done["delivery_reports"] = _delete(tx, delivery_reports, reports)
    done["inbound_parts"] = _delete(tx, inbound_parts, inbound_parts.c.message_id.in_(here))
    done["raw_pdus"] = remove_raw(tx, raw_ids)
    done["attempts"] = _delete(tx, attempts, attempts.c.part_id.in_(of_parts))
    for table in (parts, transitions, decisions):
        done[table.name] = _delete(tx, table, table.c.message_id.in_(here))
    _let_go(tx, here, proof_too)
    bodies = select(messages.c.id, messages.c.body).where(messages.c.id.in_(here))
    search.remove(tx, [(row.id, row.body) for row in tx.execute(bodies)])
    done["messages"] = _delete(tx, messages, messages.c.id.in_(here))
    return done


def _delete(tx: Tx, table: Any, condition: ColumnElement[bool]) -> int:
    return tx.execute(delete(table).where(condition)).rowcount


def remove_raw(tx: Tx, raw_ids: Collection[int]) -> int:
    """Delete raw PDUs. Of one whose copy is still on a device the hash stays until that is gone, without it
    the copy would be taken for a new text."""
    here = raw_pdus.c.id.in_(sorted(raw_ids))
    on_device = and_(here, raw_pdus.c.slot_store.is_not(None), raw_pdus.c.deleted_at.is_(None))
    kept = list(tx.execute(select(raw_pdus.c.id).where(on_device)).scalars())
    tx.execute(update(raw_pdus).where(raw_pdus.c.id.in_(kept)).values(pdu="", message_id=None))
    return len(kept) + _delete(tx, raw_pdus, and_(here, raw_pdus.c.id.not_in(kept)))


def _let_go(tx: Tx, here: list[int], proof_too: bool) -> None:
    """What stays no longer points to these messages."""
    for column in (messages.c.resend_of_id, messages.c.reply_to_id, messages.c.twin_of_id):
        tx.execute(update(messages).where(column.in_(here)).values({column: None}))
    noted = consent_events.c.message_id.in_(here)
    if proof_too:
        tx.execute(update(consent_events).where(noted).values(words=None))
    tx.execute(update(consent_events).where(noted).values(message_id=None))


def remove_reports(tx: Tx, reports: Collection[tuple[int, int]]) -> None:
    """Delete delivery reports that belong to no text, given as (id, raw id)."""
    _delete(tx, delivery_reports, delivery_reports.c.id.in_([report_id for report_id, _ in reports]))
    remove_raw(tx, [raw_id for _, raw_id in reports])


# --- conversations and contacts ----------------------------------------------------------------------


def detach_numbers(tx: Tx, contact_id: int) -> None:
    """From now on whoever writes from these numbers is somebody new."""
    _delete(tx, phone_numbers, phone_numbers.c.contact_id == contact_id)


def remove_person(tx: Tx, person: Person) -> Counter[str]:
    """Delete a contact without messages, and what hangs on it; their suppression stays, as a keyed hash."""
    done: Counter[str] = Counter()
    everybody = [*contacts_rows.merged_into(tx, person.contact_id), person.contact_id]
    for contact_id in everybody:
        done += _remove_conversations(tx, list(tx.execute(_conversations(contact_id)).scalars()))
    noted = consent_events.c.number.in_(person.numbers)
    note_ids = select(consent_events.c.id).where(noted)
    stopped = suppressions.c.consent_event_id.in_(note_ids)
    tx.execute(update(suppressions).where(stopped).values(consent_event_id=None))
    done["consent_events"] = _delete(tx, consent_events, noted)
    done["concat_references"] = _delete(
        tx, concat_references, concat_references.c.recipient.in_(person.numbers)
    )
    for contact_id in everybody:
        done += _remove_contact(tx, contact_id)
    return done


def _remove_contact(tx: Tx, contact_id: int) -> Counter[str]:
    """Delete a contact without conversations, with what the office kept about them."""
    detach_numbers(tx, contact_id)
    for table in (contact_tags, number_owners, import_rows):
        _delete(tx, table, table.c.contact_id == contact_id)
    _delete(tx, merges, or_(merges.c.kept_id == contact_id, merges.c.merged_id == contact_id))
    return Counter(contacts=_delete(tx, contacts, contacts.c.id == contact_id))


def remove_loose(tx: Tx, found: Loose) -> None:
    """Remove a piece of what was found lying about."""
    loose_ends.forget(tx, found)
    _delete(tx, delivery_reports, delivery_reports.c.raw_id.in_(found.raw))
    remove_raw(tx, found.raw)


def _remove_conversations(tx: Tx, conversation_ids: Collection[int]) -> Counter[str]:
    here = sorted(conversation_ids)
    _delete(tx, events, events.c.conversation_id.in_(here))
    noted = select(notes.c.id, notes.c.body).where(notes.c.conversation_id.in_(here))
    search.remove(tx, [(row.id, row.body) for row in tx.execute(noted)], Index.NOTES)
    for table in (mentions, notes, text_drafts, reads, conversation_tags, conversation_log):
        _delete(tx, table, table.c.conversation_id.in_(here))
    return Counter(
        calls=_delete(tx, calls, calls.c.conversation_id.in_(here)),
        conversations=_delete(tx, conversations, conversations.c.id.in_(here)),
    )


def remove_calls(tx: Tx, call_ids: Collection[int]) -> int:
    """Delete missed calls."""
    return _delete(tx, calls, calls.c.id.in_(sorted(call_ids)))


def conversations_with(tx: Tx, message_ids: Collection[int], call_ids: Collection[int] = ()) -> set[int]:
    """The conversations of these messages and calls."""
    of_texts = select(messages.c.conversation_id).where(messages.c.id.in_(sorted(message_ids)))
    of_calls = select(calls.c.conversation_id).where(
        calls.c.id.in_(sorted(call_ids)), calls.c.conversation_id.is_not(None)
    )
    return set(tx.execute(of_texts).scalars()) | set(tx.execute(of_calls).scalars())


def tidy(tx: Tx, conversation_ids: Collection[int], new_since: datetime | None = None) -> Counter[str]:
    """After texts went from these conversations: their newest is what is left, and where nothing is left of
    a conversation it goes as well, and the contact that has no other. `new_since`: of contacts only those
    that were made since then, and of whom nobody noted anything."""
    done: Counter[str] = Counter()
    for conversation_id in sorted(conversation_ids):
        newest = select(messages.c.id, messages.c.created_at).where(
            messages.c.conversation_id == conversation_id
        )
        last = tx.execute(newest.order_by(messages.c.id.desc()).limit(1)).one_or_none()
        has_calls = tx.scalar(select(calls.c.id).where(calls.c.conversation_id == conversation_id).limit(1))
        if last is None and has_calls is None:
            done += _remove_empty(tx, conversation_id, new_since)
        else:
            last_id = last.id if last is not None else None
            tx.update(conversations, conversation_id, {"last_message_id": last_id})
    return done


def _remove_empty(tx: Tx, conversation_id: int, new_since: datetime | None) -> Counter[str]:
    contact_id = tx.scalar(select(conversations.c.contact_id).where(conversations.c.id == conversation_id))
    done = _remove_conversations(tx, [conversation_id])
    if _stays(tx, contact_id) or (new_since is not None and not _is_untouched(tx, contact_id, new_since)):
        return done
    query = select(phone_numbers.c.number).where(phone_numbers.c.contact_id == contact_id)
    numbers = list(tx.execute(query).scalars())
    done["concat_references"] = _delete(tx, concat_references, concat_references.c.recipient.in_(numbers))
    return done + _remove_contact(tx, contact_id)


def _stays(tx: Tx, contact_id: int) -> bool:
    """Whether a contact is more than a number that wrote once: there are other conversations with them, they
    are on the customer list, somebody named them, or they are one with somebody."""
    if tx.scalar(_conversations(contact_id).limit(1)) is not None:
        return True
    row = tx.execute(select(contacts).where(contacts.c.id == contact_id)).one()
    is_listed = row.external_id is not None or row.stage != Stage.PROSPECT or row.name is not None
    is_blocked = row.blocked_at is not None  # or they would be heard again
    return (
        is_listed
        or is_blocked
        or row.merged_into_id is not None
        or bool(contacts_rows.merged_into(tx, row.id))
    )


def _is_untouched(tx: Tx, contact_id: int, since: datetime) -> bool:
    row = tx.execute(select(contacts).where(contacts.c.id == contact_id)).one()
    tagged = tx.scalar(select(contact_tags.c.tag_id).where(contact_tags.c.contact_id == contact_id).limit(1))
    return row.created_at >= since and row.changed_at is None and not row.edited and tagged is None


# --- what is on the way ------------------------------------------------------------------------------


def went_lately(tx: Tx, contact_id: int, since: Any, until: Any) -> bool:
    """Whether a part of a contact's texts is on the air, or was handed over in that span."""
    lately = or_(parts.c.state == "submitting", parts.c.submitted_at.between(since, until))
    query = select(parts.c.id).where(parts.c.message_id.in_(texts_of(contact_id)), lately)
    return tx.scalar(query.limit(1)) is not None


def unsent(tx: Tx, contact_id: int) -> list[int]:
    """Messages of a contact of which a part may still leave."""
    ready = select(parts.c.id).where(parts.c.message_id == messages.c.id, parts.c.state == "ready")
    unfinished = messages.c.state.in_(["queued", "sending", "unconfirmed"])
    return list(tx.execute(texts_of(contact_id).where(unfinished, ready.exists())).scalars())
