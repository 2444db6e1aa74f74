"""Rows of lines, and the PINs that were tried."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, select

from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import lines, pin_tries

_ONE = Prepared(select(lines).where(lines.c.id == bindparam("line_id")))


def add(tx: Tx, **values: Any) -> int:
    """Insert a line and return its id."""
    return tx.insert(lines, values)


def change(tx: Tx, line_id: int, **values: Any) -> None:
    """Update columns of one line."""
    tx.update(lines, line_id, values)


def get(tx: Tx, line_id: int) -> Row[Any] | None:
    """One line by its id, removed ones too."""
    return tx.row(_ONE, {"line_id": line_id})


def by_name(tx: Tx, name: str) -> Row[Any] | None:
    """One line in use by its name."""
    return tx.execute(select(lines).where(lines.c.name == name, lines.c.removed_at.is_(None))).one_or_none()


def removed_as(tx: Tx, name: str, number: str | None) -> Row[Any] | None:
    """The line of that name and number that was removed last."""
    query = select(lines).where(
        lines.c.name == name, lines.c.removed_at.is_not(None), lines.c.number.is_not_distinct_from(number)
    )
    return tx.execute(query.order_by(lines.c.removed_at.desc()).limit(1)).one_or_none()


def every(tx: Tx, line_ids: Collection[int] | None = None) -> list[Row[Any]]:
    """Lines in use, of these alone (None: all), oldest first."""
    query = select(lines).where(lines.c.removed_at.is_(None))
    if line_ids is not None:
        query = query.where(lines.c.id.in_(line_ids))
    return list(tx.execute(query.order_by(lines.c.id)))


def names_beyond(tx: Tx, line_ids: Collection[int] | None) -> frozenset[str]:
    """Names that only other lines than these bear or bore (None: none)."""
    if line_ids is None:
        return frozenset()
    rows = tx.execute(select(lines.c.id, lines.c.name)).all()
    return frozenset(row.name for row in rows) - {row.name for row in rows if row.id in line_ids}


def sim_of(line: Row[Any]) -> str:
    """What identifies the SIM in the line now: ICCID, else IMEI, else nothing known."""
    facts: dict[str, str] = line.facts
    return facts.get("iccid") or facts.get("imei") or ""


def pin_was_tried(tx: Tx, sim: str, pin: str) -> bool:
    """Whether this PIN was ever sent to this SIM."""
    row = select(exists().where(pin_tries.c.sim == sim, pin_tries.c.pin_hash == tx.keys.pin_hash(sim, pin)))
    return bool(tx.scalar(row))


def remember_pin_try(tx: Tx, line_id: int, sim: str, pin: str, now: datetime) -> None:
    """Record that the PIN is about to be sent."""
    values = {"sim": sim, "pin_hash": tx.keys.pin_hash(sim, pin), "line_id": line_id, "tried_at": now}
    if not pin_was_tried(tx, sim, pin):
        tx.execute(insert(pin_tries), values)


def forget_pin_try(tx: Tx, sim: str, pin: str) -> None:
    """The PIN was right, or never reached the SIM: it may be sent again."""
    here = (pin_tries.c.sim == sim) & (pin_tries.c.pin_hash == tx.keys.pin_hash(sim, pin))
    tx.execute(delete(pin_tries).where(here))
