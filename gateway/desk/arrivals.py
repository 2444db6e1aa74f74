"""What follows when a text, or a part of one, has been stored: how its conversation moves, what the rules
want done, what it replaces. All in the transaction that stores it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import blocking, conversation_state, hygiene, schedules
from gateway.desk import consent as desk_consent
from gateway.domain import flood, inbound, pdu, phone
from gateway.domain.events import Event
from gateway.domain.labels import NOTICES, UNSEEN, Label
from gateway.store import consent, contacts, conversations, events, messages, reads, received
from gateway.store.database import Tx

REPLACES_AMONG = 200
"""Of so many PDUs of a sender, the newest, those are looked for that a text of a replace type replaces."""


def growing(tx: Tx, line: Row[Any], message_id: int, label: Label | None, now: datetime) -> None:
    """A part of a long text is here, and others are not."""
    _move_up(tx, message_id, label, now)
    _event(tx, Event.MESSAGE_RECEIVING, line, message_id, now)
    if label not in NOTICES:
        schedules.they_wrote(tx, _conversation(tx, message_id).id, now)


def ended(tx: Tx, message_id: int, now: datetime) -> None:
    """Nobody waits for the missing parts of a text any longer: what is here is read and answered as it is.
    No rule looks at half a text."""
    conversation = _conversation(tx, message_id)
    if conversation.waiting_since is None:
        conversations.change(tx, conversation.id, waiting_since=now)
    about = {"line_id": conversation.line_id, "conversation_id": conversation.id, "message_id": message_id}
    events.record(tx, Event.MESSAGE_RECEIVED, now, **about)


def arrived(
    tx: Tx,
    line: Row[Any],
    message_id: int,
    sender: phone.Number,
    body: str,
    label: Label | None,
    now: datetime,
    *,
    is_twin: bool = False,
) -> None:
    """A whole text is here: walk the rules, then tell."""
    suppressed = consent.suppression(tx, sender.text) is not None
    wanted = inbound.effects(inbound.Inbound(sender, body, suppressed, is_twin, label))
    awaits = inbound.Effect.AWAIT_ANSWER in wanted
    texts = messages.heard_lately(tx, sender.text, flood.MOST, now - flood.WITHIN)
    floods = flood.is_flood(texts) and sender.kind is not phone.Kind.WITHHELD  # these are several people
    _move_up(
        tx, message_id, label, now, awaits=awaits, is_twin=is_twin, flood_texts=texts if floods else None
    )
    if label not in NOTICES and not is_twin:
        hygiene.heard(tx, sender.text, body, now)
    _event(tx, Event.MESSAGE_RECEIVED, line, message_id, now)
    if inbound.Effect.OPT_OUT in wanted and sender.can_be_texted:
        desk_consent.opt_out(tx, line, sender, body, message_id, now)
    elif inbound.Effect.OPT_OUT in wanted:
        alike = contacts.numbers_ending_like(tx, sender.text)
        desk_consent.opt_out_all(tx, line, alike, body, message_id, now)
    if inbound.Effect.OPT_IN in wanted:
        is_silent = blocking.is_silent(tx, _conversation(tx, message_id).contact_id)
        desk_consent.opt_in(tx, line, sender, body, message_id, now, confirms=not floods and not is_silent)
    if label not in NOTICES and not is_twin:
        schedules.they_wrote(tx, _conversation(tx, message_id).id, now)


def _move_up(
    tx: Tx,
    message_id: int,
    label: Label | None,
    now: datetime,
    *,
    awaits: bool = False,
    is_twin: bool = False,
    flood_texts: int | None = None,
) -> None:
    """The conversation has something new from them. What networks say, and what came before, makes nobody
    read it again; what somebody writes who was blocked, nobody at all."""
    if label in UNSEEN:
        return
    conversation = _conversation(tx, message_id)
    if blocking.is_silent(tx, conversation.contact_id):
        return
    changes: dict[str, Any] = {
        "last_message_id": max(message_id, conversation.last_message_id or 0),
        "last_message_at": now,
    }
    if label not in NOTICES and not is_twin:
        changes |= {
            "last_inbound_id": max(message_id, conversation.last_inbound_id),
            "seen_message_id": min(
                message_id - 1, conversation.seen_message_id
            ),  # a part more is unread again
            "flood_texts": flood_texts,
            **_answered_at(tx, message_id),
        }
    if awaits and conversation.waiting_since is None:
        changes["waiting_since"] = now
    conversations.change(tx, conversation.id, **changes)
    if label not in NOTICES and not is_twin:
        reads.unread_again(tx, conversation.id, message_id)
        conversation_state.they_wrote(tx, conversation.id, now)


def _answered_at(tx: Tx, message_id: int) -> dict[str, Any]:
    """Whoever has several numbers is answered at the one they wrote from last."""
    message = messages.get(tx, message_id)
    return {"peer": message.peer} if message is not None else {}


def _conversation(tx: Tx, message_id: int) -> Row[Any]:
    message = messages.get(tx, message_id)
    conversation = conversations.get(tx, message.conversation_id) if message else None
    if conversation is None:
        raise LookupError(f"message {message_id} has no conversation")
    return conversation


def _event(tx: Tx, kind: Event, line: Row[Any], message_id: int, now: datetime) -> None:
    message = messages.get(tx, message_id)
    conversation_id = message.conversation_id if message else None
    events.record(tx, kind, now, line_id=line.id, conversation_id=conversation_id, message_id=message_id)


# --- replace types -----------------------------------------------------------------------------------


def replace_older(tx: Tx, message_id: int, replace_type: int) -> None:
    """Keep the newest text of a replace type and a sender as it is, and label the others as replaced.

    The newest is told by the network's time stamp, for a device's store is read in no order. A text and
    its repetition are equally new.
    """
    message = messages.get(tx, message_id)
    if message is None or not message.peer:  # behind withheld numbers there may be several people
        return
    alike = {
        row.id: row
        for row in received.pdus_from(tx, message.conversation_id, message.peer, REPLACES_AMONG)
        if _replace_type(row.pdu) == replace_type
    }
    newest = max(map(_age, alike.values()), default=None)
    for row in alike.values():
        if newest is not None and _age(row) < newest and row.label != Label.REPLACED:
            messages.change(tx, row.id, label=Label.REPLACED)


def _replace_type(raw: str) -> int | None:
    decoded = pdu.decode_incoming(raw)
    return decoded.replace_type if isinstance(decoded, pdu.Deliver) else None


def _age(row: Row[Any]) -> tuple[datetime, int]:
    return row.network_at or row.created_at, row.twin_of_id or row.id
