"""Texts of a line that is down, or whose every text the network refuses, sent by the line an office named for
that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import carrying, suspicion
from gateway.domain import line_options
from gateway.domain.breaker import REFUSED_BY_NETWORK
from gateway.domain.events import Event
from gateway.domain.line import LineStatus
from gateway.domain.message import Purpose, Rank, State
from gateway.domain.refusal_words import Refused
from gateway.store import events, line_history, lines, reroutes, turns
from gateway.store.database import Tx

_NOTHING = max(Rank) + 1
AT_ONCE = 200
"""Texts moved in one transaction at most; fewer were moved only where no other can be."""
SURE = 5
"""So many texts that were refused in a row prove that it is the line. Until then one that was not tried is
left to it, or three wrong numbers would keep it suspect for ever."""


def at_rest(tx: Tx, now: datetime) -> list[int]:
    """Ids of lines that are up and send nothing, because the network refuses every text, and that have a
    fallback which may send for them now. A line that is down asks for itself."""
    up = (line for line in lines.every(tx) if line.status == LineStatus.UP.value)
    return [line.id for line in up if _fallback(tx, line, now) is not None]


def reroute(tx: Tx, line_id: int, now: datetime) -> int:
    """Let the fallback of a line that sent nothing for long enough send what waits on it. Returns how many.

    Only texts of which nothing was tried are moved, and none before an earlier one of its conversation that
    stays; limits and purposes stay as they are. What the network refused may be at fault itself, and would
    make the other line suspect as well. A person who paused either line wanted it to be quiet.
    """
    line = lines.get(tx, line_id)
    fallback = _fallback(tx, line, now) if line is not None else None
    if line is None or fallback is None:
        return 0
    moved = after = 0
    leaves_one = _may_be_well(tx, line, now)
    while moved < AT_ONCE and (page := reroutes.untouched(tx, line_id, now, AT_ONCE, after)):
        after = page[-1].id
        waiting = {row.id: row for row in page}
        movable = _movable(tx, line_id, waiting, fallback, now)
        if leaves_one and movable:
            del waiting[movable[0].id]
            leaves_one = False
            movable = _movable(tx, line_id, waiting, fallback, now)
        movable = movable[: AT_ONCE - moved]
        for row in movable:
            _move(tx, row, line, fallback, now)
        moved += len(movable)
    if moved:
        line_history.note(tx, line_id, "reroute", fallback.name, str(moved), now)
    return moved


def _move(tx: Tx, row: Row[Any], line: Row[Any], fallback: Row[Any], now: datetime) -> None:
    wanted = row.report_wanted and carrying.abilities(fallback).delivery_reports
    reroutes.move(tx, row.id, fallback.id, row.rerouted_from or line.name, report_wanted=wanted)
    events.record(
        tx,
        Event.MESSAGE_REROUTED,
        now,
        line_id=fallback.id,
        conversation_id=row.conversation_id,
        message_id=row.id,
    )


def _fallback(tx: Tx, line: Row[Any], now: datetime) -> Row[Any] | None:
    """The line that may send for this one now."""
    name = line_options.value(line.options, "fallback")
    if not name or line.paused_at is not None:
        return None
    patience = timedelta(minutes=int(line_options.value(line.options, "fallback_after")))
    since = _sends_nothing_since(tx, line, now)
    if since is None or now - since < patience:
        return None
    other = lines.by_name(tx, name)
    if other is None or other.status != LineStatus.UP.value or other.paused_at is not None:
        return None
    return other if suspicion.of(tx, other.id, now) is None else None


def _sends_nothing_since(tx: Tx, line: Row[Any], now: datetime) -> datetime | None:
    """Since when a line is down, or is up and its every text refused; None while it may send."""
    if line.status == LineStatus.DOWN.value:
        return line_history.down_since(tx, line.id) or line.status_since
    against = suspicion.of(tx, line.id, now) if line.status == LineStatus.UP.value else None
    if against is None:
        return None
    # what it is judged by goes some hours back, the log of the line all the way
    told = line_history.down_since(tx, line.id) if line.code == REFUSED_BY_NETWORK else None
    return min(against.since, told or against.since)


def _may_be_well(tx: Tx, line: Row[Any], now: datetime) -> bool:
    """Whether a line that is up was refused too few texts to be sure that it is to blame."""
    against = suspicion.of(tx, line.id, now) if line.status == LineStatus.UP.value else None
    return against is not None and len(against.refused) < SURE


def _movable(
    tx: Tx, line_id: int, waiting: dict[int, Row[Any]], fallback: Row[Any], now: datetime
) -> list[Row[Any]]:
    held: dict[int, int] = {}  # the best rank of what stays, by conversation
    moved = []
    for row in reroutes.staying(tx, line_id, list({row.conversation_id for row in waiting.values()})):
        in_order = (
            held.get(row.conversation_id, _NOTHING) > row.rank or row.purpose == Purpose.COMPLIANCE.value
        )
        if row.id in waiting and in_order and _can_carry(fallback, row):
            moved.append(row)
        elif turns.is_holding(row, now):
            rank = row.rank if row.state == State.QUEUED.value else Rank.BEGUN
            held[row.conversation_id] = min(held.get(row.conversation_id, _NOTHING), rank)
    return moved


def _can_carry(line: Row[Any], message: Row[Any]) -> bool:
    """Whether the text goes by that line as it was encoded, with parts that phones join."""
    if message.peer == line.number:
        return False
    try:
        return carrying.cut(line, message.body).joined
    except Refused:
        return False
