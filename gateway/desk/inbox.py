"""What happens when a line hears something. Each event is one transaction: when it has committed, the
device's copy may be deleted, and not before. Nothing that came is ever dropped: what cannot be read is
kept and shown as such, what came twice is kept twice and shown as one thing that came twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from gateway.desk import calls, line_history, reports, waiting_parts
from gateway.desk.arrivals import arrived, growing, replace_older
from gateway.desk.conversations import find_or_open
from gateway.desk.settings import country
from gateway.domain import pdu, phone, segments
from gateway.domain.labels import Label, empty, label_of
from gateway.domain.line import (
    LateResult,
    LineEvent,
    LineState,
    MissedCall,
    Received,
    ReceivedText,
    Recovery,
    Removed,
    Report,
    ReportedText,
)
from gateway.domain.message import Direction, State
from gateway.store import contacts, lines, messages, received
from gateway.store.database import Tx

JOIN_WITHIN = timedelta(days=7)
"""Parts of one text may be this far apart; later the same reference means another text."""
TWIN_WITHIN = timedelta(days=7)
"""The network repeats a text for no longer than this when our acknowledgement was lost."""


def hear(tx: Tx, line_id: int, event: LineEvent, now: datetime) -> None:
    """Keep what a line tells, and do what follows from it."""
    line = lines.get(tx, line_id)
    if line is None:
        raise LookupError(f"there is no line {line_id}")
    if isinstance(event, Received | Report):
        _keep_pdu(tx, line, event, now)
    elif isinstance(event, ReceivedText | ReportedText):
        _keep_written(tx, line, event, now)
    elif isinstance(event, Removed):
        received.mark_removed(tx, event.slot, now)
    elif isinstance(event, LateResult):
        reports.late_result(tx, event, now)
    elif isinstance(event, LineState):
        line_history.state(tx, line, event, now)
    elif isinstance(event, Recovery):
        line_history.recovery(tx, line, event, now)
    elif isinstance(event, MissedCall):
        calls.missed(tx, line, event, _number(tx, line, event.number or ""), now)


# --- PDUs --------------------------------------------------------------------------------------------


def _keep_pdu(tx: Tx, line: Row[Any], event: Received | Report, now: datetime) -> None:
    if event.slot is not None and received.is_reread(tx, event.slot, event.pdu):
        return
    decoded = pdu.decode_incoming(event.pdu)
    sim = event.slot.sim if event.slot else event.sim
    twin = received.twin(tx, sim, event.pdu, now - TWIN_WITHIN) if _can_repeat(decoded) else None
    raw_id = received.add_raw(tx, line.id, _kind(decoded), event.pdu, sim, event.slot, now)
    if isinstance(decoded, pdu.Deliver):
        _keep_text(tx, line, decoded, raw_id, twin, now)
    elif isinstance(decoded, pdu.StatusReport):
        reports.keep(tx, line, decoded, raw_id, sim, now)
    elif isinstance(decoded, pdu.Undecodable):
        _keep_unreadable(tx, line, decoded, raw_id, now)


def _can_repeat(decoded: pdu.Incoming) -> bool:
    """Whether equal bytes mean the same text: without a point in time two honest "Ok" look equal too, but
    hardly two long texts with one reference."""
    return not isinstance(decoded, pdu.Deliver) or bool(decoded.sent_at or decoded.concat)


def _kind(decoded: pdu.Incoming) -> str:
    if isinstance(decoded, pdu.Deliver):
        return "deliver"
    if isinstance(decoded, pdu.StatusReport):
        return "report"
    return "stored" if isinstance(decoded, pdu.StoredSubmit) else "undecodable"


def _sender(tx: Tx, line: Row[Any], address: pdu.Address | None) -> phone.Number:
    if address is None:
        return phone.Number("", phone.Kind.WITHHELD)
    return _number(tx, line, address.number, is_name=address.kind is pdu.NumberKind.ALPHANUMERIC)


def _number(tx: Tx, line: Row[Any], address: str, *, is_name: bool = False) -> phone.Number:
    """Who a number, as the network gave it to a line, belongs to; withheld when it is empty."""
    number = phone.from_network(address, is_name=is_name, country=country(tx, line))
    return _known_as(tx, number) if number.kind is phone.Kind.UNKNOWN else number


def _known_as(tx: Tx, sender: phone.Number) -> phone.Number:
    """A number in national writing that we cannot place, as the one person we know whose number ends so.

    Without this their STOP would stop nobody.
    """
    alike = contacts.numbers_ending_like(tx, sender.text)
    return phone.Number(alike[0], phone.Kind.E164) if len(alike) == 1 else sender


def _keep_text(
    tx: Tx, line: Row[Any], text: pdu.Deliver, raw_id: int, twin: Row[Any] | None, now: datetime
) -> None:
    sender = _sender(tx, line, text.sender)
    if text.concat is not None and text.concat.total > 1:
        _keep_part(tx, line, text, text.concat, sender, raw_id, twin, now)
        return
    twin_of = twin.message_id if twin is not None else None
    label = label_of([text], text.text)
    message_id = _add_inbound(tx, line, sender, State.RECEIVED, text, text.text, 1, label, twin_of, now)
    received.belongs_to(tx, raw_id, message_id)
    arrived(tx, line, message_id, sender, text.text, label, now, is_twin=twin_of is not None)
    if text.replace_type is not None:
        replace_older(tx, message_id, text.replace_type)


def _keep_unreadable(tx: Tx, line: Row[Any], text: pdu.Undecodable, raw_id: int, now: datetime) -> None:
    sender = _sender(tx, line, text.sender)
    label = Label.UNREADABLE
    message_id = _add_inbound(tx, line, sender, State.RECEIVED, None, "", 1, label, None, now)
    received.belongs_to(tx, raw_id, message_id)
    arrived(tx, line, message_id, sender, "", label, now)


def _keep_part(
    tx: Tx,
    line: Row[Any],
    text: pdu.Deliver,
    concat: pdu.Concat,
    sender: phone.Number,
    raw_id: int,
    twin: Row[Any] | None,
    now: datetime,
) -> None:
    """One part of a long text: joins its set over restarts and in any order."""
    if twin is not None and twin.message_id is not None:
        received.belongs_to(tx, raw_id, twin.message_id)  # the same part again: kept, adds nothing
        _repeated(tx, line, twin.message_id, sender, now)
        return
    message_id = _open_set(tx, line, concat, sender, now)
    if message_id is None:
        message_id = _add_inbound(tx, line, sender, State.RECEIVING, text, "", concat.total, None, None, now)
    received.add_part(
        tx,
        raw_id=raw_id,
        message_id=message_id,
        sender=sender.text,
        reference=concat.reference,
        wide=concat.wide,
        total=concat.total,
        seq=concat.sequence,
        received_at=now,
    )
    received.belongs_to(tx, raw_id, message_id)
    _join(tx, line, message_id, sender, concat.total, now)
    waiting_parts.bound(tx, line.id, sender.text, message_id, now)


def _open_set(tx: Tx, line: Row[Any], concat: pdu.Concat, sender: phone.Number, now: datetime) -> int | None:
    """The incomplete message this part completes, unless it already has another part of that number."""
    found = received.message_of_set(
        tx, line.id, sender.text, concat.reference, concat.wide, concat.total, now - JOIN_WITHIN
    )
    if found is None or found.state != State.RECEIVING.value:
        return None
    taken = {part.seq for part in received.parts_of(tx, found.id)}
    return None if concat.sequence in taken else int(found.id)


def _repeated(tx: Tx, line: Row[Any], message_id: int, sender: phone.Number, now: datetime) -> None:
    """A part came once more. When all of them have, the text was received twice and is shown so."""
    first = messages.get(tx, message_id)
    if first is None or first.state != State.RECEIVED.value:
        return
    if not received.lacks_twin(tx, first.conversation_id, message_id):
        return
    twin_id = messages.add(
        tx,
        now,
        conversation_id=first.conversation_id,
        line_id=first.line_id,
        direction=Direction.INBOUND.value,
        state=State.RECEIVED.value,
        peer=first.peer,
        body=first.body,
        alphabet=first.alphabet,
        segments=first.segments,
        author_kind="contact",
        network_at=first.network_at,
        label=first.label,
        twin_of_id=first.id,
    )
    label = Label(first.label) if first.label else None
    arrived(tx, line, twin_id, sender, first.body, label, now, is_twin=True)


def _join(tx: Tx, line: Row[Any], message_id: int, sender: phone.Number, total: int, now: datetime) -> None:
    here = received.parts_of(tx, message_id)
    texts = {part.seq: pdu.decode_incoming(part.pdu) for part in here}
    whole = {seq: text for seq, text in texts.items() if isinstance(text, pdu.Deliver)}
    pieces = list(whole.values())
    if len(pieces) < total:
        body = _with_gaps(whole, total)
        label = label_of(pieces, body)
        messages.change_body(tx, message_id, body)
        messages.change(tx, message_id, label=label)
        growing(tx, line, message_id, label, now)
        return
    body = segments.join(pieces)
    label = label_of(pieces, body)
    messages.change_body(tx, message_id, body)
    messages.change(tx, message_id, state=State.RECEIVED.value, label=label)
    arrived(tx, line, message_id, sender, body, label, now)
    if pieces[0].replace_type is not None:
        replace_older(tx, message_id, pieces[0].replace_type)


def _with_gaps(here: dict[int, pdu.Deliver], total: int) -> str:
    pieces = []
    for is_here, run in groupby(range(1, total + 1), here.__contains__):
        seqs = list(run)
        if is_here:
            pieces += [here[seq].text.strip() for seq in seqs]
        elif len(seqs) == 1:
            pieces.append(f"[part {seqs[0]} of {total} not arrived]")
        else:
            pieces.append(f"[parts {seqs[0]} to {seqs[-1]} of {total} not arrived]")
    return " ".join(pieces)


# --- text mode ---------------------------------------------------------------------------------------


def _keep_written(tx: Tx, line: Row[Any], event: ReceivedText | ReportedText, now: datetime) -> None:
    """A text or report of a device that gives no PDUs goes the same way; it never comes in parts."""
    if event.slot is not None and received.is_reread(tx, event.slot, event.raw):
        return
    sim = event.slot.sim if event.slot else event.sim
    # without a point in time two honest "Ok" look equal too
    twin = received.twin(tx, sim, event.raw, now - TWIN_WITHIN) if event.sent_at is not None else None
    raw_id = received.add_raw(tx, line.id, "text", event.raw, sim, event.slot, now)
    if isinstance(event, ReportedText):
        reports.keep(tx, line, event, raw_id, sim, now)
        return
    sender = _number(tx, line, event.sender, is_name=event.is_name or any(map(str.isalpha, event.sender)))
    twin_of = twin.message_id if twin is not None else None
    label = empty(event.body)
    message_id = _add_inbound(tx, line, sender, State.RECEIVED, event, event.body, 1, label, twin_of, now)
    received.belongs_to(tx, raw_id, message_id)
    arrived(tx, line, message_id, sender, event.body, label, now, is_twin=twin_of is not None)


def _add_inbound(
    tx: Tx,
    line: Row[Any],
    sender: phone.Number,
    state: State,
    text: pdu.Deliver | ReceivedText | None,
    body: str,
    parts: int,
    label: Label | None,
    twin_of: int | None,
    now: datetime,
) -> int:
    decoded = text if isinstance(text, pdu.Deliver) else None
    return messages.add(
        tx,
        now,
        conversation_id=find_or_open(tx, line.id, sender, now),
        line_id=line.id,
        direction=Direction.INBOUND.value,
        state=state.value,
        peer=sender.text,
        body=body,
        alphabet=decoded.alphabet.value if decoded else None,
        segments=parts,
        author_kind="contact",
        network_at=text.sent_at if text else None,
        label=label,
        twin_of_id=twin_of,
    )
