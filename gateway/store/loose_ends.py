"""What an erasure finds by looking rather than by id: PDUs that belong to no text, and notes of the office
that repeat a number or the words of a text that is gone. It is found first (`find`) and forgotten then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, String, cast, delete, false, or_, select, update

from gateway.domain import phone
from gateway.store import waiting_lists
from gateway.store.database import Tx
from gateway.store.tables import (
    alarm_notices,
    audit,
    contacts,
    conversations,
    delivery_reports,
    idempotency_keys,
    import_rows,
    line_log,
    line_requests,
    messages,
    phone_numbers,
    raw_pdus,
)
from gateway.store.waiting_lists import GAPS

_ENDS = 8
"""So many last digits tell a number in whatever writing, as `phone.same_subscriber` has it."""
_KINDS = {"msg": messages, "cnv": conversations, "con": contacts}
_ID = re.compile(r"\b(?:msg|cnv|con)_\w+")


@dataclass(frozen=True, slots=True)
class Loose:
    """Ids of what was found, by what is done with it; `pieces` of it go in one transaction each."""

    raw: Sequence[int] = ()
    told: Sequence[int] = ()
    line_log: Sequence[int] = ()
    line_requests: Sequence[int] = ()
    objects: Sequence[int] = ()
    values: Sequence[int] = ()
    answers: Sequence[tuple[str, str]] = ()
    listed: Sequence[tuple[int, int]] = ()
    files: Sequence[int] = ()

    def pieces(self, size: int) -> Iterator[Loose]:
        """The same in portions of at most so many of each."""
        for at in range(0, max(len(getattr(self, name)) for name in self.__slots__), size):
            yield Loose(**{name: getattr(self, name)[at : at + size] for name in self.__slots__})


def find(tx: Tx, numbers: Sequence[str]) -> Loose:
    """What is left of these numbers, and what is said of anything that is gone. It reads much where the
    history is long, so it holds no writer up."""
    digits = {re.sub(r"\D", "", number)[-_ENDS:] for number in numbers}
    ends = sorted(end for end in digits if len(end) == _ENDS)
    return Loose(
        raw=sorted({*_reports(tx, numbers), *_unread(tx, numbers)}),
        told=_told(tx, numbers),
        line_log=_holding(tx, ends, line_log.c.detail),
        line_requests=_holding(tx, ends, line_requests.c.argument, line_requests.c.answer),
        objects=_holding(tx, ends, audit.c.object),
        values=sorted({*_holding(tx, ends, audit.c.before, audit.c.after), *_values_of_gone(tx)}),
        answers=_answers(tx, numbers),
        listed=_listed(tx, ends),
        files=waiting_lists.holding(tx, ends),
    )


def forget(tx: Tx, found: Loose) -> None:
    """Take a piece of it out of the office's own notes. Raw PDUs are removed by `erasure.remove_loose`."""
    for table, ids, values in (
        (alarm_notices, found.told, {"number": None}),
        (line_log, found.line_log, {"detail": ""}),
        (line_requests, found.line_requests, {"argument": "", "answer": ""}),
        (audit, found.objects, {"object": ""}),
        (audit, found.values, {"before": None, "after": None}),
    ):
        tx.execute(update(table).where(table.c.id.in_(ids)).values(values))
    for caller, key in found.answers:
        here = (idempotency_keys.c.caller == caller) & (idempotency_keys.c.key == key)
        tx.execute(delete(idempotency_keys).where(here))
    waiting_lists.drop(tx, found.files, "import_erased")
    empty = {"given": {"name": "", "numbers": [], "cells": []}, "why": ""}
    for import_id, row in found.listed:
        of_list = (import_rows.c.import_id == import_id) & (import_rows.c.row == row)
        tx.execute(update(import_rows).where(of_list).values(empty))


def _reports(tx: Tx, numbers: Sequence[str]) -> list[int]:
    """Raw PDUs of their reports that belong to no text."""
    query = select(delivery_reports.c.raw_id, delivery_reports.c.recipient)
    return [
        row.raw_id
        for row in tx.execute(query.where(delivery_reports.c.part_id.is_(None)))
        if any(phone.same_subscriber(row.recipient, number) for number in numbers)
    ]


def _unread(tx: Tx, numbers: Sequence[str]) -> list[int]:
    """Raw PDUs of these numbers that became no text and no report: what was found on a SIM."""
    patterns = [raw_pdus.c.pdu.contains(piece) for number in numbers for piece in _written(number)]
    query = select(raw_pdus.c.id).where(raw_pdus.c.message_id.is_(None), raw_pdus.c.kind != "report")
    return list(tx.execute(query.where(or_(false(), *patterns))).scalars())


def _written(number: str) -> Iterator[str]:
    """How the end of a number stands in a PDU: as digits in text, and as semi-octets (TS 23.040 9.1.2.3)
    where it has an even or an odd number of digits."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < _ENDS:
        return
    yield digits[-_ENDS:]
    for filled in (digits[-_ENDS:], digits[-_ENDS - 1 :] + "F"):
        yield "".join(high + low for low, high in zip(filled[::2], filled[1::2], strict=False))


def _told(tx: Tx, numbers: Sequence[str]) -> list[int]:
    """Alarms are texted to staff; of those told to these numbers stays that they were told."""
    settled = alarm_notices.c.number.in_(numbers) & alarm_notices.c.due_at.is_(None)
    return list(tx.execute(select(alarm_notices.c.id).where(settled)).scalars())


def _holding(tx: Tx, ends: Sequence[str], *columns: Column[Any]) -> list[int]:
    """Rows in which one of these numbers is written, however it is grouped."""
    if not ends:
        return []
    rows = tx.execute(select(columns[0].table.c.id, *columns))
    return [row[0] for row in rows if any(end in _joined(value) for value in row[1:] for end in ends)]


def _listed(tx: Tx, ends: Sequence[str]) -> list[tuple[int, int]]:
    """Rows of lists that hold one of these numbers and became nobody, or somebody else: (import, row). That
    there was such a row stays; an undo goes by it."""
    if not ends:
        return []
    columns = (import_rows.c.import_id, import_rows.c.row, import_rows.c.given, import_rows.c.why)
    rows = tx.execute(select(*columns))
    return [(row[0], row[1]) for row in rows if any(end in _joined(list(row[2:])) for end in ends)]


def _joined(value: Any) -> str:
    """What is written there, its numbers without the gaps within them: "(0)7700 900-123" is 07700900123."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return GAPS.sub("", text)


def _answers(tx: Tx, numbers: Sequence[str]) -> list[tuple[str, str]]:
    """What programs and pages were answered about these numbers, and about what is gone: (caller, key)."""
    columns = (idempotency_keys.c.caller, idempotency_keys.c.key, cast(idempotency_keys.c.answer, String))
    kept = [(caller, key, answer) for caller, key, answer in tx.execute(select(*columns))]
    there = _there(tx, {found for _, _, answer in kept for found in _ID.findall(answer)})
    return [
        (caller, key)
        for caller, key, answer in kept
        if not set(_ID.findall(answer)) <= there or any(number and number in answer for number in numbers)
    ]


def _there(tx: Tx, public_ids: set[str]) -> set[str]:
    """Those of the ids that still stand for something."""
    there: set[str] = set()
    for prefix, table in _KINDS.items():
        wanted = sorted(found for found in public_ids if found.startswith(prefix))
        for at in range(0, len(wanted), 500):
            query = select(table.c.public_id).where(table.c.public_id.in_(wanted[at : at + 500]))
            there |= set(tx.execute(query).scalars())
    return there


def _values_of_gone(tx: Tx) -> list[int]:
    """Of what staff did to something that is gone, the audit log keeps that they did it and no value."""
    found: list[int] = []
    for prefix, table in _KINDS.items():
        gone = ~select(table.c.public_id).where(table.c.public_id == audit.c.object).exists()
        about = audit.c.object.startswith(f"{prefix}_", autoescape=True)
        valued = or_(cast(audit.c.before, String) != "null", cast(audit.c.after, String) != "null")
        found += tx.execute(select(audit.c.id).where(about, valued, gone)).scalars()
    return found


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
