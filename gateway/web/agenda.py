"""Everything that will go by itself, as its page shows it: rows of the store turned into days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from gateway.desk.waiting import MOST_AHEAD, Wait, waits
from gateway.domain import agenda_words as words
from gateway.domain.decision_words import Clocks
from gateway.domain.hours import resolve
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.wording import CANCELS_ITSELF, ordinal
from gateway.store import agenda, lines, messages, settings
from gateway.store.database import Tx
from gateway.store.tables import EPOCH
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
_LAST = MOST_AHEAD + 1


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
    """The page. `after` is the id after which the next one begins; `beyond`: how many are due after the
    week."""

    week: tuple[WeekDay, ...]
    beyond: int
    days: tuple[Day, ...]
    after: str | None


def agenda_of(
    tx: Tx, times: Times, hands: Hands, *, theirs: bool, day: date | None = None, after: str | None = None
) -> Agenda:
    """What waits, from a day of the office's calendar on, or after the message `after`."""
    today = times.date_of(times.now)
    edges = [_midnight(today + step * _DAY, times) for step in range(1, DAYS + 1)]
    counts = agenda.counts(tx, [EPOCH, *edges, _FAR])
    since = _midnight(day, times) if day is not None and day > today else None
    last = messages.by_public_id(tx, after) if after else None
    begin = (last.due_at, last.id) if last is not None and last.due_at is not None else (since, 0)
    found = agenda.page(tx, begin[0], PAGE + 1, begin[1])
    shown = found[:PAGE]
    page = _Page(tx, times, hands, theirs, waits(tx, shown, times.now))
    return Agenda(
        week=tuple(_week_day(today, step, texts) for step, texts in enumerate(counts[:DAYS])),
        beyond=counts[DAYS],
        days=tuple(page.days(shown)),
        after=shown[-1].public_id if len(found) > PAGE else None,
    )


def _week_day(today: date, step: int, texts: int) -> WeekDay:
    day = today + step * _DAY
    return WeekDay(day, f"{day:%a} {day.day}", texts, step == 0)


def _midnight(day: date, times: Times) -> datetime:
    return resolve(datetime(day.year, day.month, day.day), times.zone)


class _Page:
    """What is the same for all texts of a page."""

    def __init__(self, tx: Tx, times: Times, hands: Hands, theirs: bool, waiting: dict[int, Wait]) -> None:
        self._times, self._hands, self._theirs, self._waits = times, hands, theirs, waiting
        self._office_zone = settings.get(tx, "office.zone")
        self._lines = {row.id: row for row in lines.every(tx)}

    def days(self, rows: Sequence[Row[Any]]) -> list[Day]:
        """The texts by day, in the order in which they go; those whose turn comes today stand first."""
        by_day = groupby(sorted(rows, key=self._turn), key=self._day_of)
        return [
            Day(f"day-{key or 'now'}", self._heading(key), tuple(map(self._due, group)))
            for key, group in by_day
        ]

    def _turn(self, row: Row[Any]) -> tuple[str, datetime, int]:
        """By day, then those that have a place by it, the others by their time."""
        day, place = self._day_of(row), self._waits[row.id].place or _LAST
        return day, self._goes_at(row) if day else EPOCH, place

    def _day_of(self, row: Row[Any]) -> str:
        """The day on which it goes, which its line may put off; empty for what is due and goes today."""
        day = self._times.date_of(self._goes_at(row))
        is_next = row.due_at <= self._times.now and day <= self._times.date_of(self._times.now)
        return "" if is_next else day.isoformat()

    def _goes_at(self, row: Row[Any]) -> datetime:
        at: datetime = self._waits[row.id].until or row.due_at
        return at

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
            why = f"{why} {chosen_outside(row, wait, clocks)}".strip()
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
    return f"in {max(minutes, 1)} min" if 0 <= minutes < 60 else ""


def _chip(row: Row[Any], wait: Wait) -> Chip:
    if wait.why is WaitingFor.SCHEDULE:
        kind = words.KINDS[Purpose(row.purpose)]
        return Chip(words.TIMED if row.purpose == Purpose.CONVERSATIONAL.value else kind, "accent")
    if wait.why is None:
        return Chip(words.KINDS[Purpose(row.purpose)])
    return Chip(*words.CHIPS[wait.why])
