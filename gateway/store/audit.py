"""Rows of the audit log as they are read: filtered, newest first. They are written by `store.team.note`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from gateway.store.database import Tx
from gateway.store.tables import audit


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; what is empty or None does not narrow. `what` is an action ("user.role") or how it begins
    ("user")."""

    who: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


def page(tx: Tx, wanted: Wanted, limit: int, before: int | None = None) -> Sequence[Row[Any]]:
    """The newest rows, or those before the row with that id."""
    query = _narrowed(wanted).order_by(audit.c.id.desc()).limit(limit)
    return tx.execute(query.where(audit.c.id < before) if before is not None else query).all()


def _narrowed(wanted: Wanted) -> Select[Any]:
    query = select(audit)
    if wanted.who:
        query = query.where(audit.c.actor == wanted.who)
    if wanted.what:
        of_kind = audit.c.action.startswith(f"{wanted.what}.", autoescape=True)
        query = query.where((audit.c.action == wanted.what) | of_kind)
    if wanted.since is not None:
        query = query.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.c.at < wanted.until)
    return query
