"""Rows of places from which customer lists are taken by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.tables import import_sources


def add(tx: Tx, now: datetime, **values: Any) -> int:
    """Keep a place; returns its id."""
    row = {"public_id": new_id("src", now), "created_at": now, "due_at": now, **values}
    return tx.insert(import_sources, row)


def _kept() -> Select[Any]:
    return select(import_sources).where(import_sources.c.removed_at.is_(None))


def every(tx: Tx) -> list[Row[Any]]:
    """Those that were not removed, by name."""
    return list(tx.execute(_kept().order_by(import_sources.c.name)))


def by_name(tx: Tx, name: str) -> Row[Any] | None:
    """One of them."""
    return tx.execute(_kept().where(import_sources.c.name == name)).one_or_none()


def get(tx: Tx, source_id: int) -> Row[Any] | None:
    """The same, by its id."""
    return tx.execute(_kept().where(import_sources.c.id == source_id)).one_or_none()


def change(tx: Tx, source_id: int, **values: Any) -> None:
    """Update columns of one of them."""
    tx.update(import_sources, source_id, values)
