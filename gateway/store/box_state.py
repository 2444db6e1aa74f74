"""What the box itself remembers, by name: one JSON object each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import box_state

_VALUE = Prepared(select(box_state.c.value).where(box_state.c.name == bindparam("name")))


def get(tx: Tx, name: str) -> dict[str, Any]:
    """What is remembered under a name; empty where nothing is."""
    return dict(tx.value(_VALUE, {"name": name}) or {})


def put(tx: Tx, name: str, value: dict[str, Any]) -> None:
    """Remember it, in place of what was."""
    tx.execute(delete(box_state).where(box_state.c.name == name))
    tx.execute(insert(box_state), {"name": name, "value": value})
