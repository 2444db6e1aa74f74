"""What an erasure finds by looking rather than by id: PDUs that belong to no text, and notes of the office
that repeat a number or the words of a text that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, false, or_, select, update

from gateway.domain import phone
from gateway.store.database import Tx
from gateway.store.tables import (
    alarm_notices,
    audit,
    contacts,
    conversations,
    delivery_reports,
    idempotency_keys,
    line_log,
    line_requests,
    messages,
    phone_numbers,
    raw_pdus,
)

_ENDS = 8
"""So many last digits tell a number in whatever writing, as `phone.same_subscriber` has it."""
_KINDS = {"msg": messages, "cnv": conversations, "con": contacts}
_ID = re.compile(r"\b(?:msg|cnv|con)_\w+")


def pdus(tx: Tx, numbers: Sequence[str]) -> set[int]:
    """Raw PDUs of these numbers that belong to no text: unmatched reports, whose rows are deleted here, and
    what was found on a SIM."""
    unmatched = select(delivery_reports.c.id, delivery_reports.c.raw_id, delivery_reports.c.recipient).where(
        delivery_reports.c.part_id.is_(None)
    )
    theirs = [
        row
        for row in tx.execute(unmatched)
        if any(phone.same_subscriber(row.recipient, number) for number in numbers)
    ]
    tx.execute(delete(delivery_reports).where(delivery_reports.c.id.in_([row.id for row in theirs])))
    patterns = [raw_pdus.c.pdu.contains(piece) for number in numbers for piece in _written(number)]
    matched = select(delivery_reports.c.raw_id).where(delivery_reports.c.raw_id == raw_pdus.c.id)
    loose = select(raw_pdus.c.id).where(
        raw_pdus.c.message_id.is_(None), or_(false(), *patterns), ~matched.exists()
    )
    return {row.raw_id for row in theirs} | set(tx.execute(loose).scalars())


def _written(number: str) -> Iterator[str]:
    """How the end of a number stands in a PDU: as digits in text, and as semi-octets (TS 23.040 9.1.2.3)
    where it has an even or an odd number of digits."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < _ENDS:
        return
    yield digits[-_ENDS:]
    for filled in (digits[-_ENDS:], digits[-_ENDS - 1 :] + "F"):
        yield "".join(high + low for low, high in zip(filled[::2], filled[1::2], strict=False))


def scrub(tx: Tx, numbers: Sequence[str]) -> None:
    """Take these numbers out of the office's own notes, and what is said there of anything that is gone."""
    for number in numbers:
        digits = re.sub(r"\D", "", number)
        if len(digits) >= _ENDS:
            _scrub_number(tx, digits[-_ENDS:])
    _forget_told(tx, numbers)
    forget_answers(tx, numbers)
    forget_values(tx)


def _forget_told(tx: Tx, numbers: Sequence[str]) -> None:
    """Alarms are texted to staff; of those told to these numbers stays that they were told."""
    settled = alarm_notices.c.number.in_(numbers) & alarm_notices.c.due_at.is_(None)
    tx.execute(update(alarm_notices).where(settled).values(number=None))


def _scrub_number(tx: Tx, digits: str) -> None:
    def holds(column: Any) -> ColumnElement[bool]:
        return cast(column, String).contains(digits)

    tx.execute(update(line_log).where(holds(line_log.c.detail)).values(detail=""))
    asked = or_(holds(line_requests.c.argument), holds(line_requests.c.answer))
    tx.execute(update(line_requests).where(asked).values(argument="", answer=""))
    noted = or_(holds(audit.c.before), holds(audit.c.after))
    tx.execute(update(audit).where(noted).values(before=None, after=None))
    tx.execute(update(audit).where(holds(audit.c.object)).values(object=""))


def forget_answers(tx: Tx, numbers: Sequence[str]) -> None:
    """Forget what programs and pages were answered about these numbers, and about what is gone."""
    columns = (idempotency_keys.c.caller, idempotency_keys.c.key, cast(idempotency_keys.c.answer, String))
    kept = [(caller, key, answer) for caller, key, answer in tx.execute(select(*columns))]
    there = _there(tx, {found for _, _, answer in kept for found in _ID.findall(answer)})
    for caller, key, answer in kept:
        named = set(_ID.findall(answer))
        if not named <= there or any(number and number in answer for number in numbers):
            here = (idempotency_keys.c.caller == caller) & (idempotency_keys.c.key == key)
            tx.execute(delete(idempotency_keys).where(here))


def _there(tx: Tx, public_ids: set[str]) -> set[str]:
    """Those of the ids that still stand for something."""
    there: set[str] = set()
    for prefix, table in _KINDS.items():
        wanted = sorted(found for found in public_ids if found.startswith(prefix))
        for at in range(0, len(wanted), 500):
            query = select(table.c.public_id).where(table.c.public_id.in_(wanted[at : at + 500]))
            there |= set(tx.execute(query).scalars())
    return there


def forget_values(tx: Tx) -> None:
    """Of what staff did to something that is gone, the audit log keeps that they did it and no value."""
    for prefix, table in _KINDS.items():
        gone = ~select(table.c.public_id).where(table.c.public_id == audit.c.object).exists()
        about = audit.c.object.startswith(f"{prefix}_", autoescape=True)
        valued = or_(cast(audit.c.before, String) != "null", cast(audit.c.after, String) != "null")
        tx.execute(update(audit).where(about, valued, gone).values(before=None, after=None))


def reports_of_nobody(tx: Tx, hashes: set[str], limit: int) -> list[tuple[int, int]]:
    """Unmatched reports of somebody who was erased and is not known again, as (id, raw id): they came after
    the erasure."""
    query = select(delivery_reports.c.id, delivery_reports.c.raw_id, delivery_reports.c.recipient).where(
        delivery_reports.c.part_id.is_(None)
    )
    known = select(phone_numbers.c.id).where(phone_numbers.c.number == delivery_reports.c.recipient)
    unknown = tx.execute(query.where(~known.exists()))
    rows = [row for row in unknown if tx.keys.number_hash(row.recipient) in hashes]
    return [(row.id, row.raw_id) for row in rows[:limit]]


def swept(tx: Tx) -> None:
    """Forget the hashes of erased PDUs whose copy has left its device."""
    emptied = (raw_pdus.c.message_id.is_(None)) & (raw_pdus.c.pdu == "")
    tx.execute(delete(raw_pdus).where(emptied, raw_pdus.c.deleted_at.is_not(None)))
