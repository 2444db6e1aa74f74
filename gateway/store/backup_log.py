"""Rows of the backups that were made and of the drills that tried them out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from gateway.domain.message import State
from gateway.store.database import Tx
from gateway.store.tables import backups, drills, messages

_GOOD = (backups.c.verified_at.is_not(None), backups.c.removed_at.is_(None))


def begin(tx: Tx, kind: str, path: str, now: datetime, *, sealed: bool) -> int:
    """A backup is being made; returns its id."""
    return tx.insert(backups, {"kind": kind, "path": path, "started_at": now, "sealed": sealed})


def change(tx: Tx, backup_id: int, **values: Any) -> None:
    """Change columns of one."""
    tx.update(backups, backup_id, values)


def forget(tx: Tx, backup_id: int, now: datetime) -> None:
    """Its file was removed, and with it what opens it."""
    change(tx, backup_id, removed_at=now, key_sealed=None)


def get(tx: Tx, backup_id: int) -> Row[Any] | None:
    """One backup."""
    return tx.execute(select(backups).where(backups.c.id == backup_id)).one_or_none()


def at_path(tx: Tx, path: str) -> Row[Any] | None:
    """The newest good one that was written to that file."""
    query = select(backups).where(*_GOOD, backups.c.path == path).order_by(backups.c.id.desc())
    return tx.execute(query.limit(1)).one_or_none()


def newest_good(tx: Tx) -> Row[Any] | None:
    """The last one that was made and found whole, and that was not removed since."""
    query = select(backups).where(*_GOOD).order_by(backups.c.id.desc())
    return tx.execute(query.limit(1)).one_or_none()


def newest(tx: Tx) -> Row[Any] | None:
    """The one that was begun last, whatever came of it."""
    return tx.execute(select(backups).order_by(backups.c.id.desc()).limit(1)).one_or_none()


def first(tx: Tx) -> Row[Any] | None:
    """The first that was ever made and found whole, though it may be removed by now."""
    query = select(backups).where(backups.c.verified_at.is_not(None)).order_by(backups.c.id)
    return tx.execute(query.limit(1)).one_or_none()


def good(tx: Tx, kinds: Collection[str]) -> list[Row[Any]]:
    """Those of these kinds that are there, oldest first."""
    query = select(backups).where(*_GOOD, backups.c.kind.in_(kinds)).order_by(backups.c.id)
    return list(tx.execute(query))


def removed(tx: Tx, kinds: Collection[str]) -> list[Row[Any]]:
    """Whole ones of these kinds that were removed, as far as their disk was there; oldest first."""
    are_gone = (backups.c.verified_at.is_not(None), backups.c.removed_at.is_not(None))
    query = select(backups).where(*are_gone, backups.c.kind.in_(kinds)).order_by(backups.c.id)
    return list(tx.execute(query))


def listed(tx: Tx, limit: int) -> list[Row[Any]]:
    """Those that were not removed, newest first, failed ones too."""
    query = select(backups).where(backups.c.removed_at.is_(None)).order_by(backups.c.id.desc())
    return list(tx.execute(query.limit(limit)))


def end_open(tx: Tx, problem: str, now: datetime) -> None:
    """None is being made: those without an end were cut short."""
    open_ones = update(backups).where(backups.c.ended_at.is_(None))
    tx.execute(open_ones.values(ended_at=now, problem=problem))


def newest_texts(tx: Tx) -> list[Row[Any]]:
    """The newest texts of the history that a search finds: whole ones."""
    columns = (messages.c.id, messages.c.body)
    query = select(*columns).where(messages.c.state != State.RECEIVING.value, messages.c.body != "")
    return list(tx.execute(query.order_by(messages.c.id.desc()).limit(20)))


def add_drill(
    tx: Tx, backup_id: int | None, now: datetime, seconds: float, problem: str | None, found: dict[str, Any]
) -> int:
    """Keep how a drill went; returns its id."""
    values = {"backup_id": backup_id, "at": now, "seconds": seconds, "problem": problem, "found": found}
    return tx.insert(drills, values)


def newest_drill(tx: Tx) -> Row[Any] | None:
    """The last drill."""
    return tx.execute(select(drills).order_by(drills.c.id.desc()).limit(1)).one_or_none()
