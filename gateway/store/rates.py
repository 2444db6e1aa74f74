"""How much a line sent lately, and how much a contact got: what limits and caps count. Counted from what is
recorded, so a restart forgets nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, and_, bindparam, cast, func, or_, select

from gateway.domain.message import FREED_BY_PEOPLE, Outcome, Purpose, State, WaitingFor
from gateway.domain.policy import AUTOMATED
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import attempts, decisions, lines, messages, parts

ON_THE_WIRE = timedelta(seconds=2)
"""The longest time between the intent to send and the text on the wire (design: deadline of W3)."""

_ANY = 2**63 - 1
_NEVER_LEFT = (Outcome.NOT_NOW, Outcome.WITHDRAWN)
_NUMBER = cast(func.substr(attempts.c.code, 5), Integer)

_LEFT = Prepared(
    select(attempts.c.started_at, attempts.c.ended_at)
    .where(
        attempts.c.line_id == bindparam("line_id"),
        or_(
            attempts.c.outcome.is_(None),
            ~one_of(attempts.c.outcome, _NEVER_LEFT),
            # the network saw what it refused: "CMS 1" to "CMS 255" (27.005 3.2.5)
            and_(attempts.c.code.like("CMS %"), _NUMBER.between(1, 255)),
        ),
    )
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most"))
)


def left(tx: Tx, line_id: int, most: int) -> tuple[datetime, ...]:
    """When the last `most` parts of a line left, newest first: the latest moment each can have been sent at,
    so that a limit kept between these is kept on the air."""
    rows = tx.rows(_LEFT, {"line_id": line_id, "most": most})
    latest = ((row.ended_at, row.started_at + ON_THE_WIRE) for row in rows)
    return tuple(min(ended or bound, bound) for ended, bound in latest)


WAITS_AT_MOST = timedelta(days=30)
"""A text that left was due this long before at most: what is due waits for its turn and its line alone."""

_HALF_GONE = [State.SENDING, State.UNCONFIRMED, State.UNDELIVERED, State.FAILED]
_TOOK_ANY = select(parts.c.id).where(parts.c.message_id == messages.c.id, parts.c.accepted_at.is_not(None))
_HANDED_OVER = (
    select(func.max(parts.c.submitted_at)).where(parts.c.message_id == messages.c.id).scalar_subquery()
)


def _texts(purposes: frozenset[Purpose], at: Any) -> Select[Any]:
    return (
        select(messages.c.id, messages.c.purpose, messages.c.state, at.label("at"))
        .where(
            messages.c.peer == bindparam("peer"),
            one_of(messages.c.purpose, sorted(AUTOMATED)),  # as the partial indexes write it
            one_of(messages.c.purpose, sorted(purposes)),
        )
        .limit(bindparam("most"))
    )


@cache
def _sent_to(purposes: frozenset[Purpose]) -> Prepared:
    """Those of which every part was taken."""
    at = messages.c.sent_at
    return Prepared(
        _texts(purposes, at)
        .where(at > bindparam("since"), messages.c.id != bindparam("but"))
        .order_by(at.desc())
    )


@cache
def _half_sent_to(purposes: frozenset[Purpose]) -> Prepared:
    """Those of which some went or may have gone; for a failed one a part that was taken has to tell."""
    at = func.coalesce(_HANDED_OVER, messages.c.due_at)
    return Prepared(
        _texts(purposes, at)
        .where(
            messages.c.sent_at.is_(None),
            one_of(messages.c.state, _HALF_GONE),
            messages.c.due_at > bindparam("due_since"),
            messages.c.id != bindparam("but"),
            or_(messages.c.state != State.FAILED.value, _TOOK_ANY.exists()),
            at > bindparam("since"),
        )
        .order_by(at.desc())
    )


_NEWEST_DECISION = (
    select(decisions.c.until)
    .where(decisions.c.message_id == messages.c.id)
    .order_by(decisions.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_IS_PAUSED = (
    select(lines.c.id).where(lines.c.id == messages.c.line_id, lines.c.paused_at.is_not(None)).exists()
)


@cache
def _queued_to(purposes: frozenset[Purpose]) -> Prepared:
    nobody_can_tell = and_(
        messages.c.waiting_for == WaitingFor.QUIET_HOURS.value,
        messages.c.purpose == Purpose.MARKETING.value,
        _NEWEST_DECISION.is_(None),
    )
    queued = (
        messages.c.state == State.QUEUED.value,
        messages.c.id + 0 < bindparam("before"),  # never by the index of all that is queued
        # what waits for people, or for nobody can tell how long, leaves neither now nor at a known time
        or_(messages.c.waiting_for.is_(None), ~one_of(messages.c.waiting_for, sorted(FREED_BY_PEOPLE))),
        ~nobody_can_tell,
        ~_IS_PAUSED,
    )
    return Prepared(
        _texts(purposes, messages.c.due_at)
        .where(messages.c.sent_at.is_(None), *queued)
        .order_by(messages.c.due_at)
    )


def texts_to(
    tx: Tx,
    peer: str,
    purposes: Collection[Purpose],
    since: datetime,
    most: int,
    message_id: int | None = None,
) -> list[Row[Any]]:
    """Texts of these automated purposes to a number beside that message: the last `most` that left after
    `since`, whenever they were accepted, in whole or in part, and the next `most` that wait, of those
    accepted before it, and that nothing without an end holds. `id`, `purpose`, `state`, and the time `at`
    which they left or are due."""
    which = frozenset(purposes)
    gone = {"peer": peer, "since": since, "most": most, "but": message_id or 0}
    half_gone = gone | {"due_since": since - WAITS_AT_MOST}
    queued = {"peer": peer, "before": message_id or _ANY, "most": most}
    return [
        *tx.rows(_sent_to(which), gone),
        *tx.rows(_half_sent_to(which), half_gone),
        *tx.rows(_queued_to(which), queued),
    ]
