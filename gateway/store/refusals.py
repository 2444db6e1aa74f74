"""How a line's last attempts ended: what its breaker and the retries are judged by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, func, select

from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import attempts, messages, parts

_NEWEST = Prepared(
    select(attempts.c.outcome)
    .where(attempts.c.line_id == bindparam("line_id"))
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_LAST = Prepared(
    select(
        attempts.c.outcome,
        attempts.c.code,
        attempts.c.ended_at,
        parts.c.state,
        messages.c.id.label("message_id"),
        messages.c.peer,
    )
    .join(parts, parts.c.id == attempts.c.part_id)
    .join(messages, messages.c.id == parts.c.message_id)
    .where(attempts.c.line_id == bindparam("line_id"), attempts.c.ended_at.is_not(None))
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most"))
)
_SAME = Prepared(
    select(func.count()).where(
        attempts.c.part_id == bindparam("part_id"), attempts.c.code == bindparam("code")
    )
)


def newest_outcome(tx: Tx, line_id: int) -> str | None:
    """How a line's newest attempt ended; None while it has not, or when there is none."""
    outcome: str | None = tx.value(_NEWEST, {"line_id": line_id})
    return outcome


def last(tx: Tx, line_id: int, most: int) -> list[Row[Any]]:
    """A line's last attempts that ended, newest first: `outcome`, `code`, `ended_at`, the `state` their part
    is in now, `message_id` and `peer`."""
    return tx.rows(_LAST, {"line_id": line_id, "most": most})


def ended_with(tx: Tx, part_id: int, code: str) -> int:
    """How many attempts of a part ended with that code."""
    return int(tx.value(_SAME, {"part_id": part_id, "code": code}) or 0)
