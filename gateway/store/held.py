"""Texts held back until a doubt about the clock ends, what a clock that was ahead left behind, and what was
sent before it was stepped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, select, type_coerce, update

from gateway.domain.limits import SPANS
from gateway.domain.message import State, WaitingFor
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import attempts, events, messages, parts

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def make_due(tx: Tx, waits_for: WaitingFor | None, latest: datetime, now: datetime, limit: int) -> int:
    """Make due at `now` what waits for that (None: for nothing) until after `latest`, oldest first; returns
    how many texts."""
    waiting = (
        select(messages.c.id)
        .where(
            one_of(messages.c.state, _TO_GO),
            messages.c.waiting_for == (waits_for.value if waits_for else None),
            messages.c.due_at > latest,
        )
        .order_by(messages.c.id)
        .limit(limit)
    )
    ids = list(tx.execute(waiting).scalars())
    tx.execute(update(messages).where(messages.c.id.in_(ids)).values(due_at=now))
    return len(ids)


def sent_by_now(tx: Tx, now: datetime) -> None:
    """Take what left, as a clock that was ahead recorded it, as having left now: what counts it, limits and
    caps and whether a text is just going out, would count it until that time has come."""
    ahead = parts.c.submitted_at > now
    for column in (attempts.c.started_at, attempts.c.ended_at):
        late = update(attempts).where(attempts.c.part_id.in_(select(parts.c.id).where(ahead)), column > now)
        tx.execute(late.values({column.name: now}))
    theirs = messages.c.id.in_(select(parts.c.message_id).where(ahead))
    tx.execute(update(messages).where(theirs, messages.c.sent_at > now).values(sent_at=now))
    tx.execute(update(parts).where(ahead).values(submitted_at=now))


_LONGEST_WINDOW = max(SPANS.values())


def last_attempt(tx: Tx) -> int:
    """Id of the newest attempt; 0 for none."""
    return int(tx.scalar(select(func.max(attempts.c.id))) or 0)


def move_attempts(tx: Tx, after: int, by: timedelta, now: datetime) -> None:
    """Move the times of attempts after that id by as much as the clock was stepped, to `now`: by a step
    forward those that the longest window of a limit may still count, by one back those that lie ahead.
    Attempts made since the step stay as they are."""
    started_at = attempts.c.started_at
    if by > timedelta(0):
        recorded_before = now - by
        which = and_(started_at <= recorded_before, started_at > recorded_before - _LONGEST_WINDOW)
    else:
        which = started_at > now
    later = update(attempts).where(attempts.c.id > after, which)
    tx.execute(
        later.values(
            {column.name: _moved(column, by) for column in (attempts.c.started_at, attempts.c.ended_at)}
        )
    )


def _moved(column: ColumnElement[Any], by: timedelta) -> ColumnElement[Any]:
    return type_coerce(column, BigInteger) + by // timedelta(microseconds=1)


def newest_record(tx: Tx, after: int) -> datetime | None:
    """The latest time of what happened after that event; None where nothing did."""
    newest: datetime | None = tx.scalar(select(func.max(events.c.at)).where(events.c.id > after))
    return newest
