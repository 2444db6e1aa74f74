"""What came from the radio, kept raw: PDUs by slot, parts of long texts, delivery reports."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, insert, or_, select, update

from gateway.domain.line import Slot
from gateway.domain.message import PartState, State
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import delivery_reports, inbound_parts, messages, parts, raw_pdus

_UNMATCHED = Prepared(
    select(delivery_reports)
    .where(
        delivery_reports.c.line_id == bindparam("line_id"),
        delivery_reports.c.reference == bindparam("reference"),
        delivery_reports.c.part_id.is_(None),
        or_(
            delivery_reports.c.received_at >= bindparam("since"),
            delivery_reports.c.network_at >= bindparam("since"),
        ),
    )
    .order_by(delivery_reports.c.id)
)


_HEX = re.compile(r"[0-9A-Fa-f\s]*")


def pdu_hash(pdu: str) -> str:
    """Hash by which the same PDU is known again, in either writing of hex; or the same text of a device
    that gives none, where "ok" is not "OK"."""
    same = pdu.upper() if _HEX.fullmatch(pdu) else pdu
    return hashlib.sha256(same.encode("utf-8", "replace")).hexdigest()


def _in_slot(slot: Slot) -> Any:
    return and_(
        raw_pdus.c.sim == slot.sim,
        raw_pdus.c.slot_store == slot.store,
        raw_pdus.c.slot_index == slot.index,
        raw_pdus.c.deleted_at.is_(None),
    )


def is_reread(tx: Tx, slot: Slot, pdu: str) -> bool:
    """Whether this is a copy we already hold and have not deleted from the device yet."""
    query = select(raw_pdus.c.id).where(raw_pdus.c.pdu_hash == pdu_hash(pdu), _in_slot(slot))
    return tx.scalar(query) is not None


def mark_removed(tx: Tx, slot: Slot, now: datetime) -> None:
    """The device no longer holds anything in that slot."""
    tx.execute(update(raw_pdus).where(_in_slot(slot)).values(deleted_at=now))


def twin(tx: Tx, sim: str, pdu: str, since: datetime) -> Row[Any] | None:
    """An earlier raw PDU of the same SIM with the same bytes, received since then."""
    query = (
        select(raw_pdus)
        .where(raw_pdus.c.sim == sim, raw_pdus.c.pdu_hash == pdu_hash(pdu), raw_pdus.c.received_at >= since)
        .order_by(raw_pdus.c.id)
        .limit(1)
    )
    return tx.execute(query).one_or_none()


def add_raw(tx: Tx, line_id: int, kind: str, pdu: str, sim: str, slot: Slot | None, now: datetime) -> int:
    """Keep a PDU as it came. `kind` is deliver, report, stored, undecodable or text."""
    values = {
        "line_id": line_id,
        "kind": kind,
        "pdu": pdu,
        "pdu_hash": pdu_hash(pdu),
        "sim": sim,
        "slot_store": slot.store if slot else None,
        "slot_index": slot.index if slot else None,
        "received_at": now,
    }
    return tx.insert(raw_pdus, values)


def add_part(tx: Tx, **values: Any) -> None:
    """Keep one part of a long inbound text."""
    tx.execute(insert(inbound_parts), values)


def message_of_set(
    tx: Tx, line_id: int, sender: str, reference: int, wide: bool, total: int, since: datetime
) -> Row[Any] | None:
    """The newest message of a line that parts with this concatenation key belong to, of those since then."""
    query = (
        select(messages)
        .join(inbound_parts, inbound_parts.c.message_id == messages.c.id)
        .where(
            messages.c.line_id == line_id,
            inbound_parts.c.sender == sender,
            inbound_parts.c.reference == reference,
            inbound_parts.c.wide == wide,
            inbound_parts.c.total == total,
            inbound_parts.c.received_at >= since,
        )
        .order_by(messages.c.id.desc())
        .limit(1)
    )
    return tx.execute(query).one_or_none()


def parts_of(tx: Tx, message_id: int) -> list[Row[Any]]:
    """The parts of a long inbound text that are here, in order, each with its raw PDU."""
    query = (
        select(inbound_parts, raw_pdus.c.pdu, raw_pdus.c.pdu_hash)
        .join(raw_pdus, raw_pdus.c.id == inbound_parts.c.raw_id)
        .where(inbound_parts.c.message_id == message_id)
        .order_by(inbound_parts.c.seq)
    )
    return list(tx.execute(query))


def open_sets(tx: Tx, line_id: int, sender: str) -> list[int]:
    """Messages of a sender on a line that wait for parts, oldest first."""
    query = select(messages.c.id).where(
        messages.c.state == State.RECEIVING.value, messages.c.line_id == line_id, messages.c.peer == sender
    )
    return list(tx.execute(query.order_by(messages.c.id)).scalars())


def oldest_open_set(tx: Tx, message_id: int) -> int | None:
    """The message that has waited for parts longest, of all but this one."""
    query = select(messages.c.id).where(
        messages.c.state == State.RECEIVING.value, messages.c.id != message_id
    )
    found: int | None = tx.scalar(query.order_by(messages.c.id).limit(1))
    return found


def count_waiting_parts(tx: Tx) -> int:
    """How many parts wait for others."""
    query = (
        select(func.count())
        .select_from(messages)
        .join(inbound_parts, inbound_parts.c.message_id == messages.c.id)
        .where(messages.c.state == State.RECEIVING.value)
    )
    return int(tx.scalar(query) or 0)


def pdus_of(tx: Tx, message_ids: list[int]) -> dict[int, list[str]]:
    """The PDUs that each of these inbound messages came as, in the order of their parts, each once."""
    query = (
        select(raw_pdus.c.message_id, raw_pdus.c.pdu)
        .join(messages, messages.c.id == raw_pdus.c.message_id)
        .outerjoin(inbound_parts, inbound_parts.c.raw_id == raw_pdus.c.id)
        .where(
            raw_pdus.c.message_id.in_(message_ids),
            raw_pdus.c.kind == "deliver",
            # a part that came again belongs to the message and is none of its parts
            or_(messages.c.segments == 1, inbound_parts.c.seq.is_not(None)),
        )
    )
    found: dict[int, list[str]] = {}
    for row in tx.execute(query.order_by(inbound_parts.c.seq, raw_pdus.c.id)):
        found.setdefault(row.message_id, []).append(row.pdu)
    return found


def pdus_from(tx: Tx, conversation_id: int, sender: str, limit: int) -> list[Row[Any]]:
    """The newest PDUs of a sender's texts in a conversation, each with the row of its message."""
    query = (
        select(messages, raw_pdus.c.pdu)
        .join(raw_pdus, raw_pdus.c.message_id == messages.c.id)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.peer == sender,
            raw_pdus.c.kind == "deliver",
        )
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))


def lacks_twin(tx: Tx, conversation_id: int, message_id: int) -> bool:
    """Whether every part of a message came more often than the message and its twins are shown."""
    copies = select(func.count()).where(raw_pdus.c.message_id == message_id).group_by(raw_pdus.c.pdu_hash)
    twins = select(func.count()).where(
        messages.c.conversation_id == conversation_id, messages.c.twin_of_id == message_id
    )
    return int(min(tx.execute(copies).scalars(), default=0)) > 1 + int(tx.scalar(twins) or 0)


def belongs_to(tx: Tx, raw_id: int, message_id: int) -> None:
    """Note which message a raw PDU is, or is a part of."""
    tx.update(raw_pdus, raw_id, {"message_id": message_id})


# --- delivery reports --------------------------------------------------------------------------------


def add_report(tx: Tx, **values: Any) -> int:
    """Keep a delivery report, matched or not."""
    return tx.insert(delivery_reports, values)


def report(tx: Tx, report_id: int) -> Row[Any]:
    """One delivery report."""
    return tx.execute(select(delivery_reports).where(delivery_reports.c.id == report_id)).one()


def unmatched_since(tx: Tx, line_id: int, since: datetime) -> list[Row[Any]]:
    """Reports of a line that came since then and speak of no part yet, oldest first."""
    query = select(delivery_reports).where(
        delivery_reports.c.line_id == line_id,
        delivery_reports.c.part_id.is_(None),
        delivery_reports.c.received_at >= since,
    )
    return list(tx.execute(query.order_by(delivery_reports.c.id)))


def match_report(tx: Tx, report_id: int, part_id: int) -> None:
    """Note which part a report speaks of."""
    tx.update(delivery_reports, report_id, {"part_id": part_id})


def accepted_with(tx: Tx, line_id: int, reference: int, since: datetime) -> list[Row[Any]]:
    """Parts of a line that the network accepted under this reference since then, newest first."""
    query = (
        select(parts, messages.c.peer)
        .join(messages, messages.c.id == parts.c.message_id)
        .where(
            parts.c.reference == reference,
            parts.c.accepted_at >= since,
            messages.c.line_id == line_id,
        )
        .order_by(parts.c.accepted_at.desc(), parts.c.id.desc())
    )
    return list(tx.execute(query))


def without_reference_between(tx: Tx, line_id: int, earliest: datetime, latest: datetime) -> list[Row[Any]]:
    """Parts of a line handed over in that span of which no reference is known: their outcome is unknown,
    or the device told none, or a person said they went."""
    query = (
        select(parts, messages.c.peer)
        .join(messages, messages.c.id == parts.c.message_id)
        .where(
            parts.c.reference.is_(None),
            parts.c.state.in_(
                [PartState.UNCONFIRMED.value, PartState.SUBMITTING.value, PartState.ACCEPTED.value]
            ),
            parts.c.submitted_at.between(earliest, latest),
            messages.c.line_id == line_id,
        )
    )
    return list(tx.execute(query))


def unmatched_reports(tx: Tx, line_id: int, reference: int, since: datetime) -> list[Row[Any]]:
    """Reports with this reference that came since then and speak of no part yet, oldest first."""
    return tx.rows(_UNMATCHED, {"line_id": line_id, "reference": reference, "since": since})
