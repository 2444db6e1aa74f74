"""What queued texts wait for now: what was decided about each, or what their line makes them wait for.

The second is derived when it is asked for and stored nowhere: how the line is, which text goes first, how
much its limits leave. Panel, API and commands ask here, so that they never say different things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import clock, deciding
from gateway.domain import line_words
from gateway.domain.limits import Slot
from gateway.domain.message import FREED_BY_PEOPLE, Rank, State, WaitingFor
from gateway.domain.policy import NOTHING_AWAITED, Awaited
from gateway.store import decisions, lines, places
from gateway.store.database import Tx

MOST_AHEAD = 200
"""A place beyond this is not counted out: nobody reads "Queued (11,483rd)" for the number."""

_HOLDS = frozenset(
    {
        WaitingFor.SCHEDULE,
        WaitingFor.QUIET_HOURS,
        WaitingFor.CAP,
        WaitingFor.CLOCK,
        WaitingFor.APPROVAL,
    }
)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a text waits for. `why`: None when only for its turn, which comes by itself. `until`: when that
    ends, None when nobody can tell. `place`: 1 for the text its line sends next, None when it is not due, too
    far behind to count, or was not asked for. `line`: how the line is, a key of the wording table.
    `never_opens`: no time is known although it is known where they are, for the hours never open; `awaited`:
    public holidays that are not known, so that no time is."""

    why: WaitingFor | None
    until: datetime | None
    place: int | None
    line: str = "ready"
    never_opens: bool = False
    awaited: Awaited = NOTHING_AWAITED

    @property
    def is_held(self) -> bool:
        """Whether a rule holds it, rather than its line."""
        return self.why in _HOLDS


def waits(tx: Tx, rows: Iterable[Row[Any]], now: datetime, *, with_places: bool = True) -> dict[int, Wait]:
    """What each queued text of these rows of messages waits for, by its id; others are left out. Without
    `with_places` nobody is counted who goes before them, which takes longest."""
    queue = _Queue(tx, now, with_places)
    return {row.id: queue.wait(row) for row in rows if row.state == State.QUEUED.value}


class _Queue:
    """What is the same for all texts of a line is asked once."""

    def __init__(self, tx: Tx, now: datetime, with_places: bool) -> None:
        self._tx, self._now, self._with_places = tx, now, with_places
        self._lines: dict[int, _LineNow] = {}

    def wait(self, row: Row[Any]) -> Wait:
        stored = WaitingFor(row.waiting_for) if row.waiting_for else None
        if stored in FREED_BY_PEOPLE or (stored is not None and row.due_at > self._now):
            wait = Wait(stored, self._until(row, stored), None, self._line(row.line_id).is_)
            has_no_end = stored is WaitingFor.QUIET_HOURS and wait.until is None
            return self._explained(wait, row) if has_no_end else wait
        if row.due_at > self._now and clock.doubt(self._tx):  # it was due by the clock as it was before
            return Wait(WaitingFor.CLOCK, None, None, self._line(row.line_id).is_)
        return self._turn(row)

    def _until(self, row: Row[Any], why: WaitingFor) -> datetime | None:
        """A text that nobody can tell a time for has a due time as well, to be looked at again."""
        if why in FREED_BY_PEOPLE or why is WaitingFor.CLOCK:
            return None
        due: datetime = row.due_at
        if why is WaitingFor.QUIET_HOURS and due <= self._now + deciding.LOOK_AGAIN:
            newest = next(reversed(decisions.of_message(self._tx, row.id)), None)
            return due if newest is not None and newest.until == due else None
        return due

    def _explained(self, wait: Wait, row: Row[Any]) -> Wait:
        """Why nobody can tell when the hours of a text begin."""
        line = lines.get(self._tx, row.line_id)
        assert line is not None  # a message has a line, and no line is ever deleted
        text = deciding.about(self._tx, row, self._now)
        case = deciding.case(self._tx, text, line, self._now)
        never_opens = not case.zones.unsure and not case.awaited.regions
        return replace(wait, never_opens=never_opens, awaited=case.awaited)

    def _turn(self, row: Row[Any]) -> Wait:
        """Its time has come: what of its line does it wait for?"""
        line = self._line(row.line_id)
        if line.is_ != "ready":
            return Wait(WaitingFor.LINE, None, None, line.is_)
        if places.after_another(self._tx, row, self._now):
            return Wait(WaitingFor.ORDER, None, None)
        place, slot = line.places.get(row.id), line.slots[Rank(row.rank)]
        if slot.limit is None or slot.at <= self._now:
            return Wait(None, None, place)
        return Wait(WaitingFor.BUDGET if slot.limit.is_budget else WaitingFor.RATE, slot.at, place)

    def _line(self, line_id: int) -> _LineNow:
        if line_id not in self._lines:
            line = lines.get(self._tx, line_id)
            assert line is not None  # a message has a line, and no line is ever deleted
            line_is = line_words.line_now(line.status, line.code, line.paused_at)
            queue = places.queue(self._tx, line_id, self._now, MOST_AHEAD)
            self._lines[line_id] = _LineNow(
                line_is,
                deciding.slots(self._tx, line, self._now),
                {message_id: place for place, message_id in enumerate(queue, start=1)},
            )
        return self._lines[line_id]


@dataclass(frozen=True, slots=True)
class _LineNow:
    """How a line is, when its limits let a text of each rank go, and the places of those that are next."""

    is_: str
    slots: dict[Rank, Slot]
    places: dict[int, int]
