"""How much a line sent lately, and how much a contact got: what limits and caps count. Counted from what is
recorded, so a restart forgets nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select

from gateway.domain.message import Direction, Purpose, State
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import attempts, messages

ON_THE_WIRE = timedelta(seconds=2)
"""The longest time between the intent to send and the text on the wire (design: deadline of W3)."""

_ANY = 2**63 - 1

_LEFT = (
    select(attempts.c.started_at, attempts.c.ended_at)
    .where(
        attempts.c.line_id == bindparam("line_id"),
        # what was taken back, or is proven not to have been sent, used nothing up
        or_(attempts.c.outcome.is_(None), attempts.c.outcome.in_(("accepted", "unconfirmed", "refused"))),
    )
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most"))
)


def left(tx: Tx, line_id: int, most: int) -> tuple[datetime, ...]:
    """When the last `most` parts of a line left, newest first: the latest moment each can have been sent at,
    so that a limit kept between these is kept on the air."""
    rows = tx.execute(_LEFT, {"line_id": line_id, "most": most})
    latest = ((row.ended_at, row.started_at + ON_THE_WIRE) for row in rows)
    return tuple(min(ended or bound, bound) for ended, bound in latest)


@cache
def _texts_to(purposes: frozenset[Purpose]) -> Select[Any]:
    at = func.coalesce(messages.c.sent_at, messages.c.due_at)
    return (
        select(messages.c.id, messages.c.purpose, at.label("at"))
        .where(
            messages.c.peer == bindparam("peer"),
            one_of(messages.c.purpose, sorted(purposes)),
            messages.c.direction == Direction.OUTBOUND.value,
            ~one_of(messages.c.state, [State.FAILED, State.CANCELED, State.EXPIRED, State.BLOCKED]),
            messages.c.id < bindparam("before"),
            at > bindparam("since"),
        )
        .order_by(messages.c.id.desc())
        .limit(bindparam("most"))
    )


def texts_to(
    tx: Tx,
    peer: str,
    purposes: Collection[Purpose],
    since: datetime,
    most: int,
    before: int | None = None,
) -> list[Row[Any]]:
    """The newest texts of these purposes to a number that left, or are to leave, after `since`, and were
    accepted before the message `before`: `id`, `purpose` and `at`."""
    values = {"peer": peer, "since": since, "most": most, "before": before or _ANY}
    return list(tx.execute(_texts_to(frozenset(purposes)), values))
