"""What carriers count of a line: texts out and in over a day, to how many, and the same words again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, select

from gateway.domain.message import Direction
from gateway.store.database import Tx
from gateway.store.tables import attempts, messages, parts

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Texts of the last 24 hours; `equal`: how often the same words went within the last hour."""

    out: int
    came: int
    recipients: int
    equal: int


def last_day(tx: Tx, line_id: int, now: datetime) -> Traffic:
    """What went and came by a line; a walk over what is newest, however old the history is."""
    went = _went(line_id, now - DAY).subquery()
    out, recipients = tx.execute(
        select(func.count(went.c.id.distinct()), func.count(went.c.peer.distinct()))
    ).one()
    lately = _went(line_id, now - HOUR).subquery()
    same = select(func.count(lately.c.id.distinct()).label("times")).group_by(lately.c.body).subquery()
    equal = tx.scalar(select(func.max(same.c.times))) or 0
    return Traffic(int(out), _came(tx, line_id, now - DAY), int(recipients), int(equal))


def _went(line_id: int, since: datetime) -> Select[tuple[int, str, str]]:
    """Texts of which something was sent after that time, whenever they were written."""
    older = (
        select(attempts.c.id)
        .where(attempts.c.line_id == line_id, attempts.c.started_at < since)
        .order_by(attempts.c.id.desc())
        .limit(1)
    )
    return (
        select(messages.c.id, messages.c.peer, messages.c.body)
        .join(parts, parts.c.message_id == messages.c.id)
        .join(attempts, attempts.c.part_id == parts.c.id)
        .where(
            attempts.c.line_id == line_id,
            attempts.c.id > func.coalesce(older.scalar_subquery(), 0),
            attempts.c.outcome.in_(("accepted", "unconfirmed")),
        )
    )


def _came(tx: Tx, line_id: int, since: datetime) -> int:
    last = select(messages.c.id).where(messages.c.created_at < since).order_by(messages.c.id.desc()).limit(1)
    here = and_(messages.c.line_id == line_id, messages.c.direction == Direction.INBOUND.value)
    newer = and_(messages.c.id > func.coalesce(last.scalar_subquery(), 0), messages.c.id > 0)
    return int(tx.scalar(select(func.count()).select_from(messages).where(here, newer)) or 0)
