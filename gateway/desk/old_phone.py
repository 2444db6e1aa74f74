"""Bringing in the texts of an old phone: kept as a file, looked at, taken in, undone for a day.

They stand in their threads at their own time and set nothing off: nobody is told, nothing is answered, nobody
waits, no figure counts them. One thing counts: whoever wrote STOP there last is not texted from here.

A file may have a million texts. It is read from its beginning to its end, never held whole, and what comes of
it is written in steps of `AT_ONCE`, a transaction each; after a crash it is read again, and what was written
is passed over."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.desk import consent as desk_consent
from gateway.desk import old_phone_files as files
from gateway.desk import settings as desk_settings
from gateway.desk.drafts import Author
from gateway.desk.importing import Read, may_undo
from gateway.domain import imports, old_texts, old_texts_csv, phone
from gateway.domain.consent import Wish, wish
from gateway.domain.events import Event
from gateway.domain.imports import HISTORY, MOST_WAITING, Form, Verdict
from gateway.domain.labels import Label
from gateway.domain.message import Direction, Purpose, State
from gateway.domain.old_texts import NoHistory, NotTaken, OldRow, OldText
from gateway.domain.phone import Kind, Number
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, events, lines, settings, team, waiting_lists
from gateway.store import imports as store
from gateway.store import old_texts as rows_of
from gateway.store.database import Tx
from gateway.store.waiting_lists import path_of

AT_ONCE = 200
STOPS_AT_ONCE = 20
"""Each is synced to the log beside the database."""
MOST_SHOWN = 200
"""Rows that cannot be used of which is kept which they are."""
_TAKEN = (Verdict.NEW.value, Verdict.SAME.value)


# --- noted ------------------------------------------------------------------------------------------


def add(tx: Tx, file_name: str, source: str, form: Form, who: Author, now: datetime) -> str:
    """Note an old phone's file, and return its public id; `put_aside` keeps the file.

    Raises:
        Refused: there is no such line.
    """
    line = lines.get(tx, form.line_id or 0)
    if line is None or line.removed_at is not None:
        raise Refused("history_line")
    name = imports.name_of(file_name) or "texts"
    public_id = store.add(
        tx,
        now,
        kind=HISTORY,
        source=source,
        file_name=name,
        form=form.kept(),
        state="uploaded",
        created_by=str(who),
    )
    team.note(tx, now, str(who), "import.add", public_id, after={"file": name, "line": line.name})
    waiting_lists.drop(tx, waiting_lists.older(tx, HISTORY, MOST_WAITING), "import_many")
    return public_id


def give_up(tx: Tx, public_id: str, now: datetime) -> None:
    """Note that `put_aside` could not keep a file."""
    row = store.by_public_id(tx, public_id)
    assert row is not None
    _fail(tx, row.id, "history_not_kept", now)


# --- the steps ---------------------------------------------------------------------------------------


def look(tx: Tx, row: Row[Any], form: Form, now: datetime) -> None:
    """Find out what would become of each text; nothing of it is written yet.

    Raises:
        Refused: the columns make no texts, or it was taken in already.
    """
    if form.format == "csv" and not old_texts_csv.is_usable(form.columns):
        raise Refused("history_columns")
    if row.state not in ("uploaded", "looked"):
        raise Refused("import_over")
    store.drop_rows(tx, row.id)
    store.change(tx, row.id, form=form.kept(), problem=None)
    _go(tx, row.id, "looking", now)


def start(tx: Tx, row: Row[Any], who: Author, now: datetime) -> None:
    """Take the texts in.

    Raises:
        Refused: nobody looked at them, or they were taken in already.
    """
    if row.state != "looked":
        raise Refused("import_over")
    team.note(tx, now, str(who), "import.start", row.public_id)
    store.drop_rows(tx, row.id)
    _go(tx, row.id, "running", now)


def undo(tx: Tx, row: Row[Any], who: Author, now: datetime) -> None:
    """Take the texts back. A STOP that was found among them stays: only they can start again.

    Raises:
        Refused: they were not taken in, or longer than a day ago.
    """
    if not may_undo(row, now):
        raise Refused("import_undo_late")
    team.note(tx, now, str(who), "import.undo", row.public_id)
    _go(tx, row.id, "undoing", now, counts=row.counts)


def _go(tx: Tx, import_id: int, state: str, now: datetime, **more: Any) -> None:
    counts = more.pop("counts", {"at": 0})
    store.change(tx, import_id, state=state, counts=counts, **more)
    events.record(tx, Event.IMPORT_CHANGED, now)


# --- what takes long ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Known:
    """What is told of the whole file, gathered while it is read."""

    region: str | None
    people: set[str] = field(default_factory=set)
    passed: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    wishes: dict[str, tuple[datetime, Wish, OldText]] = field(default_factory=dict)

    def see(self, text: OldText, number: Number) -> None:
        """One more text with that number."""
        self.people.add(number.text)
        self.first = min(self.first or text.at, text.at)
        self.last = max(self.last or text.at, text.at)
        said = None if text.outbound or number.kind is not Kind.E164 else wish(text.body)
        before = self.wishes.get(number.text)
        if said is not None and (before is None or before[0] <= text.at):
            self.wishes[number.text] = (text.at, said, text)

    def told(self) -> dict[str, Any]:
        """As it is kept among the counts."""
        span = {}
        if self.first is not None and self.last is not None:
            span = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return {**self.passed, **span, "people": len(self.people)}

    def stopped(self) -> dict[str, OldText]:
        """Whose last such word was STOP, with the text."""
        return {number: text for number, (_, said, text) in self.wishes.items() if said is Wish.STOP}


def work(
    read: Read,
    write: Read,
    clock: Callable[[], datetime],
    folder: Path,
    import_id: int,
    steps: int | None = None,
) -> bool:
    """Go on with an import; at most so many steps. Whether it came to its end."""
    row = read(lambda tx: store.get(tx, import_id))
    if row is None or row.state not in store.AT_WORK:
        return True
    if row.state == "undoing":
        while steps is None or steps > 0:
            if write(lambda tx: _undo_some(tx, import_id, clock())):
                return True
            steps = steps - 1 if steps is not None else None
        return False
    try:
        return _read_through(read, write, clock, folder, row, steps)
    except (NoHistory, OSError) as error:
        problem = error.key if isinstance(error, NoHistory) else "history_gone"
        write(lambda tx: _fail(tx, import_id, problem, clock()))
        files.forget(folder, row.public_id)
        return True


def _fail(tx: Tx, import_id: int, problem: str, now: datetime) -> None:
    row = store.get(tx, import_id)
    assert row is not None
    _go(tx, import_id, "failed", now, counts=row.counts, problem=problem)


def _read_through(
    read: Read, write: Read, clock: Callable[[], datetime], folder: Path, row: Row[Any], steps: int | None
) -> bool:
    form = Form.of(row.form)
    line, zone, region = read(lambda tx: _where(tx, form))
    known, at = _Known(region), 0
    with files.rows_of(path_of(folder, row.public_id), form, zone) as rows:
        for some in _batches(rows):
            judged = [_judged(one, known, clock()) for one in some]
            at += len(some)
            if at <= row.counts["at"]:
                continue  # written before a crash, or in the request before
            if steps == 0:
                return False
            if not write(lambda tx, judged=judged, at=at: _step(tx, row, line, judged, at, clock())):  # type: ignore[misc]
                return True
            steps = steps - 1 if steps is not None else None
    stops = list(known.stopped().items())
    for begin in range(0, len(stops), STOPS_AT_ONCE):
        those = stops[begin : begin + STOPS_AT_ONCE]
        if not write(lambda tx, those=those: _stop(tx, row, those, clock())):  # type: ignore[misc]
            return True
    write(lambda tx: _end(tx, row, known, clock()))
    if row.state == "running":
        files.forget(folder, row.public_id)
    return True


def _where(tx: Tx, form: Form) -> tuple[Row[Any], ZoneInfo, str | None]:
    line = lines.get(tx, form.line_id or 0)
    if line is None:
        raise NoHistory("history_line")
    return line, ZoneInfo(settings.get(tx, "office.zone")), desk_settings.country(tx, line)


def _batches(rows: Iterable[OldRow]) -> Iterator[list[OldRow]]:
    some: list[OldRow] = []
    for one in rows:
        some.append(one)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _judged(row: OldRow, known: _Known, now: datetime) -> tuple[OldRow, Number | None]:
    """A text with whom it was with; what becomes no text is counted."""
    if isinstance(row, OldText):
        number = _number(row, known.region)
        if row.at > now + timedelta(days=1):
            row = NotTaken(row.row, "future")
        elif number is None:
            row = NotTaken(row.row, "bad_number", row.number)
        else:
            known.see(row, number)
            known.passed["sent" if row.outbound else "received"] += 1
            return row, number
    known.passed[row.why if row.why in ("picture", "unsent") else Verdict.INVALID.value] += 1
    return row, None


def _number(text: OldText, region: str | None) -> Number | None:
    is_name = any(char.isalpha() for char in text.number)
    found = phone.from_network(text.number, is_name=is_name, country=region)
    return found if not text.outbound or found.can_be_texted else None


def _step(
    tx: Tx,
    row: Row[Any],
    line: Row[Any],
    judged: Sequence[tuple[OldRow, Number | None]],
    at: int,
    now: datetime,
) -> bool:
    """One step; False: somebody else does them meanwhile, or it ended."""
    current = store.get(tx, row.id)
    if current is None or current.state != row.state or current.counts["at"] >= at:
        return current is not None and current.state == row.state
    found = {
        rows_of.public_id(one.at, old_texts.digest(number.text, one)): (one, number)
        for one, number in judged
        if isinstance(one, OldText) and number is not None
    }
    there = rows_of.known(tx, found)
    fresh = {public_id: one for public_id, one in found.items() if public_id not in there}
    if row.state == "running":
        _take(tx, row.id, line, fresh, now)
    bad = [one for one, _ in judged if isinstance(one, NotTaken) and one.why not in ("picture", "unsent")]
    counts = Counter({name: current.counts.get(name, 0) for name in (*_TAKEN, "shown")})
    counts["shown"] += len(shown := bad[: max(0, MOST_SHOWN - counts["shown"])])
    store.put_rows(tx, row.id, [_kept(one.row, Verdict.INVALID, [[one.why, one.what]]) for one in shown])
    texts = sum(number is not None for _, number in judged)
    counts.update({"new": len(fresh), "same": texts - len(fresh)})
    store.change(tx, row.id, counts={"at": at, **counts})
    return True


def _kept(row: int, verdict: Verdict, why: Any, **given: Any) -> dict[str, Any]:
    return {
        "row": row,
        "given": {"name": "", "numbers": [], "cells": [], **given},
        "verdict": verdict.value,
        "why": json.dumps(why),
        "contact_id": None,
        "before": {},
    }


def _take(
    tx: Tx, import_id: int, line: Row[Any], fresh: dict[str, tuple[OldText, Number]], now: datetime
) -> None:
    places: dict[str, int] = {}
    for _, number in fresh.values():
        if number.text not in places:
            contact_id = contacts.find_or_add(tx, number, now)
            places[number.text] = rows_of.conversation(tx, line.id, contact_id, number.text, now)
    ids = rows_of.free(tx, [old_texts.place(one.at) for one, _ in fresh.values()])
    rows_of.put(
        tx,
        [
            _message(public_id, message_id, text, places[number.text], number, import_id, line)
            for message_id, (public_id, (text, number)) in zip(ids, fresh.items(), strict=True)
        ],
    )
    rows_of.show(tx, set(places.values()))


def _message(
    public_id: str,
    message_id: int,
    text: OldText,
    conversation_id: int,
    number: Number,
    import_id: int,
    line: Row[Any],
) -> dict[str, Any]:
    out = text.outbound
    return {
        "id": message_id,
        "public_id": public_id,
        "conversation_id": conversation_id,
        "line_id": line.id,
        "direction": (Direction.OUTBOUND if out else Direction.INBOUND).value,
        "purpose": Purpose.CONVERSATIONAL.value if out else None,
        "state": (State.SENT if out else State.RECEIVED).value,
        "peer": number.text,
        "body": text.body,
        "segments": 1,  # how many it went in nobody knows
        "author_kind": Label.OLD_PHONE.value if out else "contact",
        "label": Label.OLD_PHONE.value,
        "created_at": text.at,
        "sent_at": text.at if out else None,
        "import_id": import_id,
    }


def _stop(tx: Tx, row: Row[Any], stops: Sequence[tuple[str, OldText]], now: datetime) -> bool:
    """The file was read to its end: some of those who said STOP last are stopped. False: somebody else ended
    the import meanwhile."""
    current = store.get(tx, row.id)
    if current is None or current.state != row.state:
        return False
    for number, text in stops:
        public_id = rows_of.public_id(text.at, old_texts.digest(number, text))
        if desk_consent.is_decided(tx, number, text.at):
            continue
        if row.state == "running":
            message_id = rows_of.id_of(tx, public_id)
            desk_consent.opt_out_before(tx, number, text.body, message_id, text.at, now)
        why = [["old_stop", text.at.date().isoformat()]]
        store.put_rows(tx, row.id, [_kept(text.row, Verdict.SUPPRESSED, why, numbers=[number])])
    return True


def _end(tx: Tx, row: Row[Any], known: _Known, now: datetime) -> None:
    """What the whole file says is kept."""
    current = store.get(tx, row.id)
    if current is None or current.state != row.state:
        return
    stopped = store.tally(tx, row.id)[Verdict.SUPPRESSED]
    counts_now = {name: current.counts.get(name, 0) for name in _TAKEN}
    told = {**counts_now, **known.told(), Verdict.SUPPRESSED.value: stopped}
    if row.state == "looking":
        _go(tx, row.id, "looked", now, counts=told)
    else:
        _go(tx, row.id, "done", now, counts=told, done_at=now)


def _undo_some(tx: Tx, import_id: int, now: datetime) -> bool:
    row = store.get(tx, import_id)
    if row is None or row.state != "undoing":
        return True
    some = rows_of.of_import(tx, import_id, AT_ONCE)
    rows_of.remove(tx, some, row.created_at)
    if len(some) == AT_ONCE:
        return False
    counts = {**row.counts, "stayed": rows_of.count_held(tx, import_id)}
    _go(tx, import_id, "undone", now, counts=counts, undone_at=now)
    return True
