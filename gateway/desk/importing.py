"""Bringing customer lists in: uploaded, its columns named, looked at, taken in, undone for a day.

What takes long goes in steps of `AT_ONCE` rows, a transaction each, so that the writer is never held and a
crash loses nothing: how far it has come stands in `counts`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row

from gateway.desk import import_rows
from gateway.desk.drafts import Author
from gateway.desk.import_rows import Judged, Way
from gateway.desk.settings import country
from gateway.domain import csv_lists, imports, vcards
from gateway.domain.csv_lists import Table
from gateway.domain.events import Event
from gateway.domain.imports import CONTACTS, LARGEST, MOST_ROWS, MOST_WAITING, Form, Given, Unusable, Verdict
from gateway.domain.refusal_words import Refused
from gateway.store import events, team, waiting_lists
from gateway.store import imports as store
from gateway.store.database import Tx

T = TypeVar("T")
Read = Callable[[Callable[[Tx], Any]], Any]

AT_ONCE = 200
UNDO_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=7)
"""A file that nobody takes in is kept for so long."""


# --- a file ------------------------------------------------------------------------------------------


def form_of(content: bytes) -> Form:
    """How a file is most likely to be read.

    Raises:
        Refused: it is too large, empty, or no list.
    """
    if len(content) > LARGEST:
        raise Refused("import_large", most=LARGEST >> 20)
    if vcards.is_vcard(content):
        form = Form(format="vcard", encoding=csv_lists.encoding_of(content))
    else:
        encoding = csv_lists.encoding_of(content)
        separator = csv_lists.separator_of(csv_lists.decoded(content[: 1 << 18], encoding))
        form = Form(encoding=encoding, separator=separator)
    return guessed(content, form)


def guessed(content: bytes, form: Form) -> Form:
    """The form with its columns guessed anew.

    Raises:
        Refused: nothing is in the file, or too much.
    """
    rows = table(content, form).rows
    if not rows:
        raise Refused("import_empty")
    if len(rows) > MOST_ROWS + 1:
        raise Refused("import_long", most=MOST_ROWS)
    headed = imports.has_headers(rows[0])
    width = max(len(row.cells) for row in rows)
    columns = imports.guess(rows[0].cells) if headed else []
    return replace(form, headers=headed, columns=(*columns, *[""] * (width - len(columns))))


def table(content: bytes, form: Form) -> Table:
    """The rows of a file, read that way."""
    if form.format == "vcard":
        return vcards.table(content, form.encoding)
    return csv_lists.table(csv_lists.decoded(content, form.encoding), form.separator)


def understood(content: bytes, form: Form, region: str | None) -> list[Given]:
    """What each row of a file says."""
    rows = table(content, form).rows
    return imports.understood(rows[1:] if form.headers else rows, form, region)


def judged(read: Read, content: bytes, form: Form) -> Iterator[tuple[Given, Judged]]:
    """What would become of each row now, while nothing is kept of the file or written.

    Raises:
        Refused: the columns make no list.
    """
    _check(form)
    rows, way = understood(content, form, read(country)), Way(form.overwrites, form.stage)
    for at in range(0, len(rows), AT_ONCE):
        some = rows[at : at + AT_ONCE]
        yield from read(lambda tx, some=some: [(one, import_rows.judge(tx, one, way)) for one in some])  # type: ignore[misc]


def _check(form: Form) -> None:
    try:
        imports.check_columns(form.columns)
    except Unusable as error:
        raise Refused(f"import_{error.key}") from None


# --- the steps ---------------------------------------------------------------------------------------


def add(
    tx: Tx,
    content: bytes,
    file_name: str,
    source: str,
    form: Form,
    who: Author,
    now: datetime,
    source_id: int | None = None,
) -> str:
    """Keep a file to be brought in, and return its public id. `source`: upload, command or folder, then of
    the watched folder `source_id`."""
    name = imports.name_of(file_name)
    public_id = store.add(
        tx,
        now,
        kind=CONTACTS,
        source=source,
        source_id=source_id,
        file_name=name or "list",
        content=content,
        form=form.kept(),
        state="uploaded",
        created_by=str(who),
    )
    team.note(tx, now, str(who), "import.add", public_id, after={"file": name})
    waiting_lists.drop(tx, waiting_lists.older(tx, CONTACTS, MOST_WAITING), "import_many")
    return public_id


def set_form(tx: Tx, row: Row[Any], form: Form) -> None:
    """Read the file in another way.

    Raises:
        Refused: it was taken in already.
    """
    if row.state not in ("uploaded", "looked"):
        raise Refused("import_over")
    store.drop_rows(tx, row.id)
    store.change(tx, row.id, form=form.kept(), state="uploaded", counts={})


def look(tx: Tx, row: Row[Any], form: Form, now: datetime) -> None:
    """Find out what would become of each row, by these columns; nothing of it is written yet.

    Raises:
        Refused: the columns make no list, or it was taken in already.
    """
    _check(form)
    set_form(tx, row, form)
    _go(tx, row.id, "looking", now)


def start(tx: Tx, row: Row[Any], who: Author, now: datetime) -> None:
    """Take the list in.

    Raises:
        Refused: nobody looked at it, or it was taken in already.
    """
    if row.state != "looked":
        raise Refused("import_over")
    team.note(tx, now, str(who), "import.start", row.public_id)
    _go(tx, row.id, "running", now)


def may_undo(row: Row[Any], now: datetime) -> bool:
    """Whether an import can still be undone."""
    return row.state == "done" and row.done_at is not None and now - row.done_at < UNDO_FOR


def undo(tx: Tx, row: Row[Any], who: Author, now: datetime) -> None:
    """Take back what the list changed. What somebody changed since stays.

    Raises:
        Refused: it was not taken in, or longer than a day ago.
    """
    if not may_undo(row, now):
        raise Refused("import_undo_late")
    team.note(tx, now, str(who), "import.undo", row.public_id)
    _go(tx, row.id, "undoing", now)


def _go(tx: Tx, import_id: int, state: str, now: datetime, **more: Any) -> None:
    counts = more.pop("counts", {"at": 0})
    store.change(tx, import_id, state=state, counts=counts, **more)
    events.record(tx, Event.IMPORT_CHANGED, now)


# --- what takes long ---------------------------------------------------------------------------------


def work(
    read: Read, write: Read, clock: Callable[[], datetime], import_id: int, steps: int | None = None
) -> bool:
    """Go on with an import; at most so many steps. Whether it came to its end."""
    row = read(lambda tx: store.get(tx, import_id))
    if row is None or row.state not in store.AT_WORK:
        return True
    rows: list[Given] = []
    if row.state != "undoing":
        content, region = read(lambda tx: (store.content(tx, import_id), country(tx)))
        rows = understood(content, Form.of(row.form), region)
    while steps is None or steps > 0:
        if write(lambda tx: _step(tx, import_id, row.state, rows, clock())):
            return True
        steps = steps - 1 if steps is not None else None
    return False


def _step(tx: Tx, import_id: int, state: str, rows: list[Given], now: datetime) -> bool:
    """One step; whether it was the last. Whoever else does one meanwhile does another."""
    row = store.get(tx, import_id)
    if row is None or row.state != state:
        return True
    if state == "undoing":
        return _undo_some(tx, row, now)
    at = row.counts["at"]
    form = Form.of(row.form)
    way = Way(form.overwrites, form.stage)
    some = rows[at : at + AT_ONCE]
    for given in some:  # one by one: what a row makes, the next one finds
        store.put_rows(tx, import_id, [_judged(tx, given, way, row, now)])
    if at + len(some) < len(rows):
        store.change(tx, import_id, counts={"at": at + len(some), "of": len(rows)})
        return False
    counts = store.tally(tx, import_id)
    if state == "looking":
        _go(tx, import_id, "looked", now, counts=counts)
    else:
        _go(tx, import_id, "done", now, counts=counts, content=None, done_at=now)
    return True


def _judged(tx: Tx, given: Given, way: Way, row: Row[Any], now: datetime) -> dict[str, Any]:
    judged = import_rows.judge(tx, given, way)
    contact_id = judged.contact_id
    before: dict[str, Any] | None = {} if contact_id is not None else None
    if row.state == "running" and judged.is_taken:
        contact_id, before = import_rows.take(tx, given, judged, row.created_by, now)
    return {
        "row": given.row,
        "given": given.kept(),
        "verdict": judged.verdict.value,
        "why": json.dumps(judged.why) if judged.why else "",
        "contact_id": contact_id,
        "before": before,
    }


_TAKEN = (Verdict.NEW.value, Verdict.UPDATE.value, Verdict.SUPPRESSED.value)


def _undo_some(tx: Tx, row: Row[Any], now: datetime) -> bool:
    at, stayed = row.counts["at"], row.counts.get("stayed", 0)
    some = store.rows(tx, row.id, at, AT_ONCE, _TAKEN)
    for one in some:
        if one.contact_id is not None and one.before != {} and not import_rows.take_back(tx, one, now):
            stayed += 1
            why = [*json.loads(one.why or "[]"), ["stayed", ""]]
            store.change_row(tx, row.id, one.row, why=json.dumps(why))
    if len(some) == AT_ONCE:
        store.change(tx, row.id, counts={"at": some[-1].row, "stayed": stayed})
        return False
    _go(tx, row.id, "undone", now, counts={**store.tally(tx, row.id), "stayed": stayed}, undone_at=now)
    return True


def tidy(tx: Tx, now: datetime) -> None:
    """Files that nobody took in are not kept for good."""
    store.forget_content(tx, now - KEPT_FOR)
