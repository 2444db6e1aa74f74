"""How much a line sent lately, and how much a contact got: what limits and caps count. Counted from what is
recorded, so a restart forgets nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, and_, bindparam, cast, func, or_, select

from gateway.domain.message import Direction, Outcome, Purpose, State
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import attempts, messages, parts

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


_GONE = [State.SENDING, State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCONFIRMED]
_HANDED_OVER = (
    select(func.max(parts.c.submitted_at)).where(parts.c.message_id == messages.c.id).scalar_subquery()
)


def _texts(purposes: frozenset[Purpose], at: Any) -> Select[Any]:
    return (
        select(messages.c.id, messages.c.purpose, messages.c.state, at.label("at"))
        .where(
            messages.c.peer == bindparam("peer"),
            messages.c.direction == Direction.OUTBOUND.value,
            one_of(messages.c.purpose, sorted(purposes)),
        )
        .limit(bindparam("most"))
    )


@cache
def _gone_to(purposes: frozenset[Purpose]) -> Prepared:
    at = func.coalesce(messages.c.sent_at, _HANDED_OVER, messages.c.due_at)
    return Prepared(
        _texts(purposes, at)
        .where(one_of(messages.c.state, _GONE), messages.c.id != bindparam("but"), at > bindparam("since"))
        .order_by(at.desc())
    )


@cache
def _queued_to(purposes: frozenset[Purpose]) -> Prepared:
    queued = (messages.c.state == State.QUEUED.value, messages.c.id < bindparam("before"))
    return Prepared(_texts(purposes, messages.c.due_at).where(*queued).order_by(messages.c.due_at))


def texts_to(
    tx: Tx,
    peer: str,
    purposes: Collection[Purpose],
    since: datetime,
    most: int,
    message_id: int | None = None,
) -> list[Row[Any]]:
    """Texts of these purposes to a number beside that message: the last `most` that left after `since`,
    whenever they were accepted, and the next `most` that wait, of those accepted before it. `id`, `purpose`,
    `state`, and the time `at` which they left or are due."""
    which = frozenset(purposes)
    gone = {"peer": peer, "since": since, "most": most, "but": message_id or 0}
    queued = {"peer": peer, "before": message_id or _ANY, "most": most}
    return [*tx.rows(_gone_to(which), gone), *tx.rows(_queued_to(which), queued)]
