"""How busy a line is: what waits on it and for what, and what its limits leave to texts of each rank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import deciding
from gateway.domain import limits, line_words
from gateway.domain.limits import Limit
from gateway.domain.message import Purpose, Rank, State, WaitingFor
from gateway.store import line_figures
from gateway.store.database import Tx


@dataclass(frozen=True, slots=True)
class Waiting:
    """Unfinished texts of one kind. `waiting_for`: None for those whose turn comes by itself; `due_at`: the
    earliest due time of them."""

    purpose: Purpose
    state: State
    waiting_for: WaitingFor | None
    texts: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """What one limit leaves to texts of a rank: they may be `most` of its window, `left` of that are free,
    and the next may leave at `next_at` (now, when at once)."""

    rank: Rank
    most: int
    left: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is used: `used` texts left within its window."""

    limit: Limit
    used: int
    rooms: tuple[Room, ...]


def use(tx: Tx, line: Row[Any], now: datetime) -> list[Use]:
    """How much of each of a line's limits is used, and what is left for each rank."""
    before = deciding.left(tx, line)
    return [_use(limit, before, now) for limit in deciding.limits_of(line)]


def _use(limit: Limit, before: tuple[datetime, ...], now: datetime) -> Use:
    used = sum(min(at, now) + limit.within > now for at in before)
    ranks = (rank for rank in Rank if rank is not Rank.BEGUN)
    rooms = (
        Room(
            rank,
            limit.count_for(rank),
            max(limit.count_for(rank) - used, 0),
            limits.free_at((limit,), rank, before, now).at,
        )
        for rank in ranks
    )
    return Use(limit, used, tuple(rooms))


def waiting(tx: Tx, line: Row[Any], now: datetime) -> list[Waiting]:
    """What is unfinished on a line, by purpose, state and what it waits for, the earliest first.

    What is due waits for what its line waits for; that one text waits for another of its conversation is
    not told here, see `gateway.desk.waiting`.
    """
    line_is = line_words.line_now(line.status, line.code, line.paused_at)
    slots = deciding.slots(tx, line, now)

    def why(row: Row[Any]) -> WaitingFor | None:
        if row.state != State.QUEUED.value:
            return None
        if row.waiting_for is not None and not row.is_due:
            return WaitingFor(row.waiting_for)
        if line_is != "ready":
            return WaitingFor.LINE
        slot = slots[Rank(row.rank)]
        if slot.limit is None or slot.at <= now:
            return None
        return WaitingFor.BUDGET if slot.limit.is_budget else WaitingFor.RATE

    found: dict[tuple[Purpose, State, WaitingFor | None], Waiting] = {}
    for row in line_figures.load(tx, line.id, now):
        kind = (Purpose(row.purpose), State(row.state), why(row))
        same = found.get(kind)
        texts, due_at = (same.texts, min(same.due_at, row.due_at)) if same else (0, row.due_at)
        found[kind] = Waiting(*kind, texts + row.texts, due_at)
    return sorted(found.values(), key=lambda group: group.due_at)
