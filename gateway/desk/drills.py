"""Trying a backup out: it is restored into a scratch folder, looked through, counted and searched, and how
that went is kept. Like making one it takes minutes, so it is no verb."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from gateway.domain import backup_words as words
from gateway.store import archive, backup_log, schema, search
from gateway.store.archive import DATABASE, Manifest
from gateway.store.backup import BackupFailed, NoRoom, alone, place, scratch
from gateway.store.database import Database, DatabaseError, Tx
from gateway.store.keys import Keys
from gateway.store.sealing import Secret, by_file_key


@dataclass(frozen=True, slots=True)
class Drill:
    """How a drill went: which file, how long it took (seconds), what was counted, and what is wrong."""

    path: Path
    seconds: float
    found: dict[str, Any]
    problem: str | None


def try_out(
    database: Database, clock: Callable[[], datetime], path: Path | None = None, secret: Secret | None = None
) -> Drill:
    """Restore a backup into a scratch folder, count, search, and keep how it went.

    `path`: None: the newest one. `secret`: None: what this box remembers of its own backups.

    Raises:
        BackupFailed: there is none, another one is at work, there is no room, or this box does not know what
            opens it; nothing is kept of it.
    """
    row = database.read(lambda tx: backup_log.at_path(tx, str(path.absolute())) if path else _newest(tx))
    if row is None and path is None:
        raise BackupFailed(words.NOTHING_TO_TRY)
    file = path.absolute() if path else Path(row.path if row is not None else "")
    work, begun = place(database.keys.folder), time.monotonic()
    opens = secret or own_secret(database.keys, row)
    found: dict[str, Any] = {}
    problem = None
    with alone(work):
        if archive.is_sealed(file) and opens is None:
            raise BackupFailed(words.KEY_UNKNOWN.format(path=file))
        try:
            with scratch(work) as made:
                manifest = archive.unpack(file, opens, made)
                found = _looked_through(made, manifest)
        except NoRoom:
            raise
        except (BackupFailed, DatabaseError, sqlite3.Error) as error:
            problem = str(error)
    seconds = time.monotonic() - begun
    backup_id = row.id if row is not None else None
    database.write_now(lambda tx: backup_log.add_drill(tx, backup_id, clock(), seconds, problem, found))
    return Drill(file, seconds, found, problem)


def _newest(tx: Tx) -> Row[Any] | None:
    return backup_log.newest_good(tx)


def own_secret(keys: Keys, row: Row[Any] | None) -> Secret | None:
    """What opens a backup that this box made; None where it does not know."""
    key = keys.unseal(row.key_sealed) if row is not None else None
    return by_file_key(bytes.fromhex(key)) if key is not None else None


def _looked_through(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """Open what was unpacked as the program does, count and search.

    Raises:
        BackupFailed: what is found differs from what was backed up.
        DatabaseError: it cannot be opened.
    """
    path = folder / DATABASE
    schema.prepare(path)
    restored = Database(path, Keys(folder, may_make=False))
    try:
        if (said := restored.check()) != "ok":
            raise BackupFailed(words.DRILL_DAMAGED.format(said=said))
        hits = restored.read(_searched)
    finally:
        restored.close()
    if hits == 0:
        raise BackupFailed(str(words.DRILL_FOUND_NOTHING))
    return {"counts": dict(manifest.counts), "hits": hits}


def _searched(tx: Tx) -> int | None:
    """How many texts a search for the first word of the newest one finds; 0: not even that one. None: there
    is no text to search for."""
    for text in backup_log.newest_texts(tx):
        words_of = [word for word in text.body.split() if any(map(str.isalnum, word))]
        if words_of:
            found = [row.id for row in search.find(tx, max(words_of, key=len), 500)]
            return len(found) if text.id in found else 0
    return None
