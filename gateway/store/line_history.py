"""What happened to a line: its states, the steps of its recovery, and samples of its signal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from gateway.store.database import Tx
from gateway.store.tables import line_log, line_samples

UP_CODE = "ready"
"""The one code of a line that can send."""
KEEP_SAMPLES = timedelta(days=30)
KEEP_LOG = timedelta(days=365)


def note(tx: Tx, line_id: int, kind: str, code: str, detail: str, now: datetime) -> None:
    """Append to a line's log. `kind` is state, recovery, device or reroute."""
    tx.insert(line_log, {"line_id": line_id, "at": now, "kind": kind, "code": code, "detail": detail})


def log(tx: Tx, line_id: int, kind: str | None = None, limit: int = 50) -> list[Row[Any]]:
    """What happened to a line, newest first; `kind` narrows it."""
    query = select(line_log).where(line_log.c.line_id == line_id)
    if kind is not None:
        query = query.where(line_log.c.kind == kind)
    return list(tx.execute(query.order_by(line_log.c.id.desc()).limit(limit)))


def taken_since(tx: Tx, line_id: int, rungs: Collection[str], since: datetime) -> list[datetime]:
    """When these steps of recovery were taken since then, oldest first."""
    query = select(line_log.c.at).where(
        line_log.c.line_id == line_id,
        line_log.c.kind == "recovery",
        line_log.c.code.in_(sorted(rungs)),
        line_log.c.at >= since,
    )
    return list(tx.execute(query.order_by(line_log.c.id)).scalars())


def down_since(tx: Tx, line_id: int) -> datetime | None:
    """When a line that is down stopped working, whatever its trouble was called since; None: not known."""
    states = (line_log.c.line_id == line_id) & (line_log.c.kind == "state")
    last_up = tx.scalar(select(func.max(line_log.c.id)).where(states, line_log.c.code == UP_CODE))
    first = select(line_log.c.at).where(states, line_log.c.id > (last_up or 0)).order_by(line_log.c.id)
    since: datetime | None = tx.scalar(first.limit(1))
    return since


def add_sample(tx: Tx, line_id: int, code: str, signal_dbm: int | None, now: datetime) -> None:
    """Keep how a line is at this moment; a second sample of one moment replaces the first."""
    told = {"code": code, "signal_dbm": signal_dbm}
    here = (line_samples.c.line_id == line_id) & (line_samples.c.at == now)
    if not tx.execute(update(line_samples).where(here).values(told)).rowcount:
        tx.execute(insert(line_samples), {"line_id": line_id, "at": now, **told})


def last_sample(tx: Tx, line_id: int) -> Row[Any] | None:
    """The newest sample of a line."""
    query = select(line_samples).where(line_samples.c.line_id == line_id)
    return tx.execute(query.order_by(line_samples.c.at.desc()).limit(1)).one_or_none()


def samples(tx: Tx, line_id: int, since: datetime) -> list[Row[Any]]:
    """The samples of a line from then on, oldest first."""
    here = (line_samples.c.line_id == line_id) & (line_samples.c.at >= since)
    return list(tx.execute(select(line_samples).where(here).order_by(line_samples.c.at)))


def forget_old(tx: Tx, now: datetime) -> None:
    """Delete samples and log entries that have served their time."""
    tx.execute(delete(line_samples).where(line_samples.c.at < now - KEEP_SAMPLES))
    tx.execute(delete(line_log).where(line_log.c.at < now - KEEP_LOG))
