"""The part handed to a line last, and whether the line's device may still tell its result."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from gateway.domain.message import PartState
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import attempts, messages, parts

_IN_DOUBT = one_of(parts.c.state, [PartState.SUBMITTING, PartState.UNCONFIRMED])
_LAST = Prepared(
    select(
        parts.c.id,
        parts.c.code,
        parts.c.submitted_at,
        parts.c.reference,
        messages.c.reason,
        _IN_DOUBT.label("in_doubt"),
        or_(_IN_DOUBT, parts.c.evidence == "report").label("is_owed"),
    )
    .join(attempts, attempts.c.part_id == parts.c.id)
    .join(messages, messages.c.id == parts.c.message_id)
    .where(attempts.c.line_id == bindparam("line_id"))
    .order_by(attempts.c.id.desc())
    .limit(1)
)


def last(tx: Tx, line_id: int) -> Row[Any] | None:
    """The part handed to a line last, by the order of attempts, which no change of the clock touches: its
    `id` and `code`, when it was submitted, its `reference` where a delivery report named it, the `reason` of
    its message, and whether its outcome is `in_doubt`. None once its result was told or a person decided; a
    report tells what became of the text, not that the device will say no more."""
    found = tx.row(_LAST, {"line_id": line_id})
    return found if found is not None and found.is_owed else None
