"""Folders that are watched for customer lists: the newest file in one is brought in by itself, by the columns
of a list that somebody looked at.

Nobody looks here before it is taken, so what looks wrong is not taken and said: a file that is still being
written, that is empty, much shorter than the last, or of another shape. A list never takes anybody away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from gateway.desk import importing
from gateway.desk.drafts import Author
from gateway.desk.importing import Read
from gateway.domain.imports import LARGEST, Form
from gateway.domain.refusal_words import Refused
from gateway.store import import_sources as store
from gateway.store import imports, team
from gateway.store.database import Tx

FOLDER = "folder"
ENDINGS = frozenset({".csv", ".tsv", ".txt", ".vcf"})
STILL = timedelta(minutes=1)
"""A file that changed within it may still be written."""
LEAST_OF_LAST = 0.5
"""A list with fewer rows than this share of the last one is not taken by itself."""
LONGEST_PAUSE = timedelta(days=1)
LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60


class NotTaken(Exception):
    """Nothing was taken; `key` says why, a word of `import_words.LIST_PROBLEMS`."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class _File:
    """A whole file as it was found."""

    name: str
    content: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


# --- what people decide ------------------------------------------------------------------------------


def add(tx: Tx, name: str, folder: Path, like: str, minutes: int, who: Author, now: datetime) -> None:
    """Watch a folder. `like`: the public id of a list that was brought in, whose columns are used.

    Raises:
        Refused: the name is taken, the folder is no whole path, or there is no such list.
    """
    row = imports.by_public_id(tx, like)
    if row is None or row.kind != "contacts" or row.state not in ("done", "undone"):
        raise Refused("no_import", id=like)
    if not name.isprintable() or not 0 < len(name) <= 80 or store.by_name(tx, name) is not None:
        raise Refused("list_name")
    is_whole = folder.is_absolute() and str(folder).isprintable()
    if not is_whole or not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise Refused("list_folder", least=LEAST_MINUTES, most=MOST_MINUTES)
    store.add(tx, now, name=name, kind=FOLDER, place=str(folder), every_minutes=minutes, form=row.form)
    after = {"folder": str(folder), "minutes": minutes, "like": like}
    team.note(tx, now, str(who), "list.watch", name, after=after)


def found(tx: Tx, name: str) -> Row[Any]:
    """The watched folder of that name.

    Raises:
        Refused: there is none.
    """
    row = store.by_name(tx, name)
    if row is None:
        raise Refused("no_list_folder", name=name)
    return row


def pause(tx: Tx, name: str, who: Author, now: datetime, *, paused: bool) -> None:
    """Stop looking into a folder, or look again at once."""
    row = found(tx, name)
    store.change(tx, row.id, paused_at=now if paused else None, due_at=now, last_problem=None)
    team.note(tx, now, str(who), "list.pause" if paused else "list.resume", name)


def remove(tx: Tx, name: str, who: Author, now: datetime) -> None:
    """Watch a folder no longer. What was brought in stays."""
    store.change(tx, found(tx, name).id, removed_at=now)
    team.note(tx, now, str(who), "list.remove", name)


# --- taking ------------------------------------------------------------------------------------------


def due(tx: Tx, now: datetime) -> list[int]:
    """Ids of those to be looked into now."""
    return [row.id for row in store.every(tx) if row.paused_at is None and _is_due(row, now)]


def _is_due(row: Row[Any], now: datetime) -> bool:
    """Also when it is due later than it can be: the clock was wrong when it was looked into last."""
    furthest = max(LONGEST_PAUSE, timedelta(minutes=row.every_minutes))
    return bool(row.due_at <= now or row.due_at - now > furthest)


def take(
    read: Read, write: Read, clock: Callable[[], datetime], source_id: int, *, anyway: bool = False
) -> str | None:
    """Look into a folder and bring in what is new there. Returns the import's public id; None: nothing is
    new, or nothing could be taken, which is kept with the folder. `anyway`: a short list as well."""
    source = read(lambda tx: store.get(tx, source_id))
    if source is None:
        return None
    try:
        taken = _taken(read, write, clock, source, anyway)
    except NotTaken as error:
        _noted(write, source, clock(), error.key)
        return None
    except Refused as refused:
        _noted(write, source, clock(), refused.key)
        return None
    _noted(write, source, clock(), None)
    return taken


def _noted(write: Read, source: Row[Any], now: datetime, problem: str | None) -> None:
    """Where it failed before, it is tried half as often, until it is well."""
    pause = timedelta(minutes=source.every_minutes)
    if problem is not None and source.last_problem is not None and source.last_at is not None:
        pause = min(2 * (source.due_at - source.last_at), max(LONGEST_PAUSE, pause))
    values = {"last_at": now, "due_at": now + max(pause, timedelta(minutes=1)), "last_problem": problem}
    write(lambda tx: store.change(tx, source.id, **values))


def _taken(
    read: Read, write: Read, clock: Callable[[], datetime], source: Row[Any], anyway: bool
) -> str | None:
    file = _newest(Path(source.place), clock())
    if file is None or file.hash == source.last_hash:
        return None
    form = Form.of(source.form)
    table = importing.table(file.content, form)
    rows = table.rows
    if table.broken_at is not None:
        raise NotTaken("list_broken")
    if len(rows) <= form.headers:
        raise NotTaken("list_empty")
    if form.format == "csv" and max(len(row.cells) for row in rows) != len(form.columns):
        raise NotTaken("list_shape")
    before = read(lambda tx: imports.rows_of_last(tx, source.id))
    if not anyway and len(rows) - form.headers < before * LEAST_OF_LAST:
        raise NotTaken("list_short")
    who = Author("rule", None, source.name)

    def begin(tx: Tx) -> Row[Any]:
        name = file.name
        public_id = importing.add(tx, file.content, name, FOLDER, form, who, clock(), source.id)
        row = imports.by_public_id(tx, public_id)
        assert row is not None  # just added
        importing.look(tx, row, form, clock())
        return row

    row = write(begin)
    importing.work(read, write, clock, row.id)
    write(lambda tx: _start(tx, row.id, who, clock()))
    importing.work(read, write, clock, row.id)
    write(lambda tx: store.change(tx, source.id, last_hash=file.hash))
    return str(row.public_id)


def _start(tx: Tx, import_id: int, who: Author, now: datetime) -> None:
    row = imports.get(tx, import_id)
    assert row is not None  # nothing removes them
    importing.start(tx, row, who, now)


def _newest(folder: Path, now: datetime) -> _File | None:
    """The newest list in a folder that nobody writes any more; None for none."""
    try:
        there = [
            (path.stat().st_mtime, path)
            for path in folder.iterdir()
            if path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()
        ]
        if not there:
            return None
        _, path = max(there)
        before = path.stat()
        if abs(now - datetime.fromtimestamp(before.st_mtime, UTC)) < STILL:
            return None
        if before.st_size > LARGEST:
            raise Refused("import_large", most=LARGEST >> 20)
        content = path.read_bytes()
        after = path.stat()
    except OSError:
        raise NotTaken("list_unreadable") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return None
    if not content.strip():
        raise NotTaken("list_empty")
    return _File(path.name, content)
