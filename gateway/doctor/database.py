"""The database: ours, whole, durable; and what would bring it back: opt-out log, backups, drills."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from gateway.desk import backups as desk_backups
from gateway.desk import restored
from gateway.doctor.check import Check, said
from gateway.doctor.look import Look
from gateway.domain.backups import AHEAD, DRILL_OLD_AFTER, OLD_AFTER, ROTATED
from gateway.store import backup_log, looking
from gateway.store import schema as store_schema

CHECK_WITHIN_S = 60.0


def schema(look: Look) -> Iterator[Check]:
    """Whether it is ours and of this version."""
    known, path = store_schema.HEAD, look.path
    if denied := look.denied(path, looking.journal_of(path), looking.index_of(path)):
        yield said("schema", "denied", path=denied, owner=look.owner)
        return
    try:
        found = looking.revision(path)
    except looking.Foreign:
        yield said("schema", "foreign", path=path)
        return
    except sqlite3.Error as error:
        yield _unread(look, error)
        return
    if found is None:
        yield said("schema", "none")
    else:
        finding = "well" if found == known else "newer" if found > known else "older"
        yield said("schema", finding, found=found, known=known)


def _unread(look: Look, error: sqlite3.Error) -> Check:
    kind = looking.kind_of(error)
    if kind in looking.DAMAGE:
        return said("schema", "damaged", path=look.path, why=error)
    if kind in ("SQLITE_BUSY", "SQLITE_LOCKED"):
        return said("schema", "locked", path=look.path)
    return said("schema", "unopened", path=look.path, why=error)


def journal(look: Look) -> Iterator[Check]:
    """Whether its journal was taken away."""
    gone = looking.is_journal_gone(look.path)
    yield said("journal", "gone" if gone else "well", path=looking.journal_of(look.path))


def file(look: Look) -> Iterator[Check]:
    """Whether it is whole."""
    if look.path.exists():
        found = looking.quick_check(look.path, CHECK_WITHIN_S)
        if found is None:
            yield said("file", "no_time", seconds=round(CHECK_WITHIN_S))
        else:
            yield said("file", "well" if found == "ok" else "damaged", why=found)


def pragmas(look: Look) -> Iterator[Check]:
    """Whether SQLite does what keeps texts over a power cut."""
    missing = looking.not_done_here()
    if missing:
        yield said("pragmas", "ignored", names=", ".join(missing))
    elif look.path.exists() and not looking.has_journal_mode(look.path):
        yield said("pragmas", "not_wal")
    else:
        yield said("pragmas", "well")


def backup(look: Look) -> Iterator[Check]:
    """When the last one was found whole, and whether it would outlive this disk."""
    last, good = look.read(backup_log.newest), look.read(backup_log.newest_good)
    if last is not None and last.problem:
        yield said("backup", "failed", when=_when(last.started_at, look.now), why=last.problem.rstrip("."))
    elif good is None:
        brought_back = look.read(restored.state)
        if brought_back is None or not _is_since(brought_back.restored_at, look.now, OLD_AFTER):
            yield said("backup", "none")
        else:
            yield said("backup", "restored", when=_when(brought_back.restored_at, look.now))
    elif not _is_since(good.started_at, look.now, OLD_AFTER):
        yield said("backup", "old", when=_when(good.started_at, look.now))
    elif (gone := _gone(look)) is not None:
        yield said("backup", "missing", when=_when(gone.started_at, look.now), path=gone.path)
    elif look.read(desk_backups.recipient) is None:
        yield said("backup", "on_box", when=_when(good.started_at, look.now))
    else:
        finding = "same_disk" if look.read(desk_backups.is_on_same_disk) else "well"
        yield said("backup", finding, when=_when(good.started_at, look.now))


def _gone(look: Look) -> Row[Any] | None:
    """The newest backup where the nightly ones go, if it is not there. One that a person asked for elsewhere
    may have been taken away on purpose."""
    kept = look.read(lambda tx: backup_log.good(tx, ROTATED))[-1:]
    return next((row for row in kept if not Path(row.path).exists()), None)


def drill(look: Look) -> Iterator[Check]:
    """When one was last brought back."""
    last = look.read(backup_log.newest_drill)
    if last is None:
        yield said("drill", "none")
    elif last.problem:
        yield said("drill", "failed", when=_when(last.at, look.now), why=last.problem.rstrip("."))
    else:
        finding = "well" if _is_since(last.at, look.now, DRILL_OLD_AFTER) else "old"
        yield said("drill", finding, when=_when(last.at, look.now))


def _is_since(at: datetime, now: datetime, within: timedelta) -> bool:
    """Whether it was so lately. A clock that was ahead dates what it writes to the future, where nothing ever
    grows old."""
    return -AHEAD <= now - at <= within


def _when(at: datetime, now: datetime) -> str:
    """ "2026-11-21 03:10 UTC, 19 hours ago"."""
    hours = round((now - at) / timedelta(hours=1))
    long = f"{abs(hours)} hours" if abs(hours) < 72 else f"{abs(hours) // 24} days"
    return f"{at:%Y-%m-%d %H:%M} UTC, {long} {'ago' if hours >= 0 else 'from now'}"
