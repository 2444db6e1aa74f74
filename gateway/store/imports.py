"""Rows of imports: lists that were brought in, and what became of each of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from gateway.domain.imports import Verdict
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.tables import (
    consent_events,
    contact_tags,
    contacts,
    import_rows,
    imports,
    number_owners,
    phone_numbers,
)

AT_WORK = ("looking", "running", "undoing")
"""States in which there is something to go on with."""
_LISTED = [column for column in imports.c if column.name != "content"]


def add(tx: Tx, now: datetime, **values: Any) -> str:
    """Keep a file, and return its public id."""
    public_id = new_id("imp", now)
    tx.insert(imports, {"public_id": public_id, "created_at": now, **values})
    return public_id


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """One import, without its content."""
    return tx.execute(select(*_LISTED).where(imports.c.public_id == public_id)).one_or_none()


def get(tx: Tx, import_id: int) -> Row[Any] | None:
    """The same, by its id."""
    return tx.execute(select(*_LISTED).where(imports.c.id == import_id)).one_or_none()


def content(tx: Tx, import_id: int) -> bytes:
    """The file; empty once it was taken in."""
    return bytes(tx.scalar(select(imports.c.content).where(imports.c.id == import_id)) or b"")


def newest(tx: Tx, limit: int) -> list[Row[Any]]:
    """The last imports, the newest first."""
    return list(tx.execute(select(*_LISTED).order_by(imports.c.id.desc()).limit(limit)))


def at_work(tx: Tx) -> list[int]:
    """Ids of those there is something to go on with, the oldest first."""
    query = select(imports.c.id).where(imports.c.state.in_(AT_WORK))
    return list(tx.execute(query.order_by(imports.c.id)).scalars())


def rows_of_last(tx: Tx, source_id: int) -> int:
    """How many rows the last list had that was taken in from a watched folder; 0 for none."""
    query = select(imports.c.counts).where(imports.c.source_id == source_id, imports.c.done_at.is_not(None))
    counts = tx.scalar(query.order_by(imports.c.id.desc()).limit(1)) or {}
    return sum(counts.get(verdict.value, 0) for verdict in Verdict)


def with_file(tx: Tx) -> set[str]:
    """Public ids of those whose file is still needed."""
    query = select(imports.c.public_id).where(
        imports.c.state.in_(("uploaded", "looking", "looked", "running"))
    )
    return set(tx.execute(query).scalars())


def change(tx: Tx, import_id: int, **values: Any) -> None:
    """Update columns of one import."""
    tx.update(imports, import_id, values)


def forget_content(tx: Tx, before: datetime) -> None:
    """Files that nobody took in since then are not kept."""
    old = imports.c.created_at < before
    waiting = imports.c.state.in_(("uploaded", "looked"))
    tx.execute(update(imports).where(old, waiting).values(content=None, state="failed", problem="left"))


# --- their rows --------------------------------------------------------------------------------------


def put_rows(tx: Tx, import_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Note what becomes of these rows, in place of what was noted before."""
    if rows:
        of_them = import_rows.c.row.in_([row["row"] for row in rows])
        tx.execute(delete(import_rows).where(import_rows.c.import_id == import_id, of_them))
        tx.execute(insert(import_rows), [{"import_id": import_id, **row} for row in rows])


def drop_rows(tx: Tx, import_id: int) -> None:
    """Forget what was noted of the rows."""
    tx.execute(delete(import_rows).where(import_rows.c.import_id == import_id))


def rows(
    tx: Tx,
    import_id: int,
    after: int,
    limit: int,
    verdicts: Sequence[str] | None = None,
    *,
    noted: bool = False,
) -> list[Row[Any]]:
    """Rows beyond one, in their order; only those with a verdict, or (`noted`) with something to say."""
    query = select(import_rows).where(import_rows.c.import_id == import_id, import_rows.c.row > after)
    if verdicts is not None:
        wanted = import_rows.c.verdict.in_(verdicts)
        query = query.where(or_(wanted, import_rows.c.why != "") if noted else wanted)
    return list(tx.execute(query.order_by(import_rows.c.row).limit(limit)))


def tally(tx: Tx, import_id: int) -> dict[str, int]:
    """How many rows have each verdict."""
    query = select(import_rows.c.verdict, func.count()).where(import_rows.c.import_id == import_id)
    found = {row[0]: row[1] for row in tx.execute(query.group_by(import_rows.c.verdict))}
    return {verdict.value: found.get(verdict.value, 0) for verdict in Verdict}


def change_row(tx: Tx, import_id: int, row: int, **values: Any) -> None:
    """Update columns of one row."""
    here = (import_rows.c.import_id == import_id) & (import_rows.c.row == row)
    tx.execute(update(import_rows).where(here).values(**values))


# --- what an import leaves ---------------------------------------------------------------------------


def is_listed(tx: Tx, number: str, at: datetime) -> bool:
    """Whether a list said already that the number's owner agreed then."""
    here = (consent_events.c.number == number) & (consent_events.c.at == at)
    return tx.scalar(select(consent_events.c.id).where(here, consent_events.c.kind == "listed")) is not None


def remove_contact(tx: Tx, contact_id: int) -> None:
    """Take back a contact that an import made and nobody did anything with."""
    tx.execute(update(import_rows).where(import_rows.c.contact_id == contact_id).values(contact_id=None))
    for table in (contact_tags, number_owners, phone_numbers):
        tx.execute(delete(table).where(table.c.contact_id == contact_id))
    tx.execute(delete(contacts).where(contacts.c.id == contact_id))
