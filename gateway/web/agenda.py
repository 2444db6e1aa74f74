"""Everything that will go by itself, as its page shows it: rows of the store turned into days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from gateway.desk import deciding
from gateway.desk.waiting import Wait, waits
from gateway.domain import agenda_words as words
from gateway.domain import line_words
from gateway.domain.decision_words import Clocks
from gateway.domain.hours import resolve
from gateway.domain.language import dated, joined, t
from gateway.domain.message import Purpose, Rank, WaitingFor
from gateway.domain.message_words import CANCELS_ITSELF
from gateway.domain.phrases import ordinal
from gateway.store import agenda, lines, settings
from gateway.store.agenda import Place
from gateway.store.database import Tx
from gateway.store.tables import EPOCH, MICROSECOND
from gateway.web import there
from gateway.web.actions import Action, waiting_actions
from gateway.web.conversation_list import Chip
from gateway.web.hands import Hands
from gateway.web.present import Times, author, title
from gateway.web.threads import chosen_outside, said_of

PAGE = 50
DAYS = 7
_DAY = timedelta(days=1)
_FAR = datetime(2200, 1, 1, tzinfo=UTC)
_PLACE = r"[0-9]{1,17}(\.[0-9]{1,17}){5}"


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day of the strip: how many texts are due on it."""

    day: date
    name: str
    texts: int
    is_today: bool


@dataclass(frozen=True, slots=True)
class Due:
    """One text that waits. `at` is when it goes on the clock that was asked for, `besides` the same on the
    other one, or how soon it is."""

    id: str
    conversation: str
    at: str
    besides: str
    who: str
    chip: Chip
    body: str
    why: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The texts of one day of the office's calendar."""

    id: str
    heading: str
    items: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Agenda:
    """The page. `after` says where the next one begins; `beyond`: how many are due after the
    week."""

    week: tuple[WeekDay, ...]
    beyond: int
    days: tuple[Day, ...]
    after: str | None


def agenda_of(
    tx: Tx,
    times: Times,
    hands: Hands,
    *,
    theirs: bool,
    day: date | None = None,
    after: str | None = None,
    seen: frozenset[int] | None = None,
) -> Agenda:
    """What waits on the lines that are seen (None: all), from a day of the office's calendar on, or from
    where the page before ended (`after`)."""
    today = times.date_of(times.now)
    edges = [_midnight(today + step * _DAY, times) for step in range(1, DAYS + 1)]
    put_off = _put_off(tx, times, seen)
    counts = agenda.counts(tx, [EPOCH, *edges, _FAR], times.now, put_off, seen)
    is_later = day is not None and day > today
    as_of, begin = _read(after) or (times.now, Place(_midnight(day, times)) if day and is_later else Place())
    found = agenda.page(tx, as_of, put_off, PAGE + 1, begin, seen)
    shown = found[:PAGE]
    page = _Page(tx, times, hands, theirs, waits(tx, [row for _, row in shown], times.now))
    return Agenda(
        week=tuple(_week_day(today, step, texts) for step, texts in enumerate(counts[:DAYS])),
        beyond=counts[DAYS],
        days=tuple(page.days(shown)),
        after=_written(as_of, shown[-1][0]) if len(found) > PAGE else None,
    )


def _put_off(tx: Tx, times: Times, seen: frozenset[int] | None) -> dict[tuple[int, Rank], datetime]:
    """When what is due goes, by line and rank, where the limits of its line let it go on another day only."""
    found = {}
    for line in lines.every(tx, seen):
        if line_words.line_now(line.status, line.code, line.paused_at) != "ready":
            continue
        for rank, slot in deciding.slots(tx, line, times.now).items():
            if slot.limit is not None and times.date_of(slot.at) > times.date_of(times.now):
                found[line.id, rank] = slot.at
    return found


# --- where a page ends -------------------------------------------------------------------------------


def _written(as_of: datetime, place: Place) -> str:
    """A place as an address bears it, with the time as of which the pages are made."""
    micros = [(at - EPOCH) // MICROSECOND for at in (as_of, place.goes_at, place.due_at)]
    return ".".join(map(str, (*micros, place.rank, place.urgency, place.id)))


def _read(after: str | None) -> tuple[datetime, Place] | None:
    """The same read again; None for anything else."""
    if not re.fullmatch(_PLACE, after or ""):
        return None
    as_of, goes_at, due_at, rank, urgency, row_id = map(int, (after or "").split("."))
    at, goes, due = (EPOCH + micros * MICROSECOND for micros in (as_of, goes_at, due_at))
    return at, Place(goes, rank, urgency, due, row_id)


def _week_day(today: date, step: int, texts: int) -> WeekDay:
    day = today + step * _DAY
    return WeekDay(day, dated(day, t("EEE d")), texts, step == 0)


def _midnight(day: date, times: Times) -> datetime:
    return resolve(datetime(day.year, day.month, day.day), times.zone)


class _Page:
    """What is the same for all texts of a page."""

    def __init__(self, tx: Tx, times: Times, hands: Hands, theirs: bool, waiting: dict[int, Wait]) -> None:
        self._times, self._hands, self._theirs, self._waits = times, hands, theirs, waiting
        self._office_zone = settings.get(tx, "office.zone")
        self._lines = {row.id: row for row in lines.every(tx)}

    def days(self, placed: Sequence[tuple[Place, Row[Any]]]) -> list[Day]:
        """The texts by the day on which they go, which their line may put off; before these what is due."""
        return [
            Day(f"day-{key or 'now'}", self._heading(key), tuple(self._due(row) for _, row in group))
            for key, group in groupby(placed, key=lambda one: self._day_of(one[0]))
        ]

    def _day_of(self, place: Place) -> str:
        """The day on which it goes; empty for what is due and goes today."""
        return self._times.date_of(place.goes_at).isoformat() if place.goes_at > EPOCH else ""

    def _heading(self, key: str) -> str:
        day = date.fromisoformat(key) if key else None
        return self._times.day(_midnight(day, self._times)) if day else words.NOW

    def _due(self, row: Row[Any]) -> Due:
        wait, clocks = self._waits[row.id], self._clocks(row)
        at, besides = self._when(wait, clocks)
        return Due(
            id=row.public_id,
            conversation=row.conversation_public_id,
            at=at,
            besides=besides,
            who=title(row.name, row.peer),
            chip=_chip(row, wait),
            body=row.body,
            why=self._why(row, wait, clocks),
            actions=tuple(map(_short, waiting_actions(row, wait, self._hands))),
        )

    def _clocks(self, row: Row[Any]) -> Clocks:
        line = self._lines.get(row.line_id)
        if line is None:
            return Clocks(self._times.now, self._times.zone)
        where = there.zones_by(line, row.peer, row.contact_zone, self._office_zone, self._times.now)
        return there.clocks(self._times, where, row.name)

    def _when(self, wait: Wait, clocks: Clocks) -> tuple[str, str]:
        if wait.until is None:
            return (ordinal(wait.place), words.IN_QUEUE) if wait.place else ("", "")
        ours, theirs = self._times.clock(wait.until), clocks.theirs_at(wait.until)
        if self._theirs and theirs:
            return theirs, words.HERE.format(time=ours)
        return ours, words.THERE.format(time=theirs) if theirs else _soon(wait.until - self._times.now)

    def _why(self, row: Row[Any], wait: Wait, clocks: Clocks) -> str:
        who = author(row.author_kind, row.author_name, repeats=row.resend_of_id is not None)
        if wait.why is WaitingFor.SCHEDULE and row.schedule:
            why = words.CHOSEN[row.schedule].format(who=who)
        elif wait.why is None or (wait.why is WaitingFor.QUIET_HOURS and wait.until is not None):
            written = self._times.since(row.created_at)
            at_theirs = clocks.theirs_at(row.created_at) if wait.why else ""
            why = words.WRITTEN_THERE if at_theirs else words.WRITTEN
            why = why.format(who=who, when=written, there=at_theirs)
            why = joined(why, chosen_outside(row, wait, clocks))
        else:
            said = said_of(row, 0, self._times, wait, clocks)
            assert said is not None  # only what came whole has nothing to say
            return f"{said.words}. {said.why}".strip()
        return f"{why} {CANCELS_ITSELF}" if row.cancel_if_answered else why


def _short(action: Action) -> Action:
    """With the fewer words of a list."""
    return replace(action, words=words.ACTIONS.get(action.path, action.words))


def _soon(left: timedelta) -> str:
    minutes = int(left.total_seconds()) // 60
    return t("in {minutes} min").format(minutes=max(minutes, 1)) if 0 <= minutes < 60 else ""


def _chip(row: Row[Any], wait: Wait) -> Chip:
    if wait.why is WaitingFor.SCHEDULE:
        kind = words.KINDS[Purpose(row.purpose)]
        return Chip(words.TIMED if row.purpose == Purpose.CONVERSATIONAL.value else kind, "accent")
    if wait.why is None:
        return Chip(words.KINDS[Purpose(row.purpose)])
    return Chip(*words.CHIPS[wait.why])
