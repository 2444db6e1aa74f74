"""Rows of alarms, and of what is told of them outside the panel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select

from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.prepared import Prepared
from gateway.store.tables import alarm_notices, alarms, lines, messages

_OPEN = Prepared(select(alarms).where(alarms.c.ended_at.is_(None)).order_by(alarms.c.id))
_LAST_TOLD = Prepared(
    select(alarms.c.told_at)
    .where(
        alarms.c.kind == bindparam("kind"),
        alarms.c.subject == bindparam("subject"),
        alarms.c.told_at.is_not(None),
    )
    .order_by(alarms.c.id.desc())
    .limit(1)
)


def add(tx: Tx, kind: str, subject: str, detail: Mapping[str, Any], now: datetime) -> int:
    """Insert an alarm and return its id."""
    values = {"kind": kind, "subject": subject, "detail": dict(detail), "began_at": now}
    return tx.insert(alarms, values)


def change(tx: Tx, alarm_id: int, **values: Any) -> None:
    """Update columns of one alarm."""
    tx.update(alarms, alarm_id, values)


def get(tx: Tx, alarm_id: int) -> Row[Any] | None:
    """One alarm by its id."""
    return tx.execute(select(alarms).where(alarms.c.id == alarm_id)).one_or_none()


def every_open(tx: Tx) -> list[Row[Any]]:
    """Alarms that are not over, oldest first."""
    return tx.rows(_OPEN, {})


def past(tx: Tx, limit: int, but: Collection[str] = ()) -> list[Row[Any]]:
    """Alarms that are over, the newest first; those of some subjects left out."""
    query = select(alarms).where(alarms.c.ended_at.is_not(None)).order_by(alarms.c.id.desc())
    if but:
        query = query.where(alarms.c.subject.not_in(but))
    return list(tx.execute(query.limit(limit)))


def last_told(tx: Tx, kind: str, subject: str) -> datetime | None:
    """When an alarm of that kind and subject was last told."""
    at: datetime | None = tx.value(_LAST_TOLD, {"kind": kind, "subject": subject})
    return at


LONGEST_PAUSE = timedelta(hours=27)
"""No notice waits longer for its next try (`gateway.alarm_post`)."""


# --- notices -----------------------------------------------------------------------------------------


def add_notice(tx: Tx, alarm_id: int, what: str, way: str, number: str | None, now: datetime) -> int:
    """Insert a notice that is due at once, and return its id."""
    values = {"alarm_id": alarm_id, "what": what, "way": way, "number": number, "made_at": now, "due_at": now}
    return tx.insert(alarm_notices, {"public_id": new_id("alm", now), **values})


def change_notice(tx: Tx, notice_id: int, **values: Any) -> None:
    """Update columns of one notice."""
    tx.update(alarm_notices, notice_id, values)


def due_notices(tx: Tx, way: str, now: datetime, limit: int) -> list[Row[Any]]:
    """Notices of a way whose time has come, in the order they were made, with the alarm's own columns named
    as alarm_*. One due further ahead than any pause was put there by a clock that was ahead: it is due."""
    due_at = alarm_notices.c.due_at
    query = (
        select(
            alarm_notices,
            alarms.c.kind.label("alarm_kind"),
            alarms.c.subject.label("alarm_subject"),
            alarms.c.detail.label("alarm_detail"),
            alarms.c.began_at.label("alarm_began_at"),
            alarms.c.ended_at.label("alarm_ended_at"),
        )
        .join(alarms, alarms.c.id == alarm_notices.c.alarm_id)
        .where(or_(due_at <= now, due_at > now + LONGEST_PAUSE), alarm_notices.c.way == way)
        .order_by(alarm_notices.c.id)
        .limit(limit)
    )
    return list(tx.execute(query))


def next_due(tx: Tx, way: str) -> datetime | None:
    """When the next notice of a way is due; None when there is none."""
    is_open = (alarm_notices.c.due_at.is_not(None), alarm_notices.c.way == way)
    at: datetime | None = tx.scalar(select(func.min(alarm_notices.c.due_at)).where(*is_open))
    return at


def backlog(tx: Tx, way: str) -> int:
    """How many notices of a way are not settled."""
    is_open = (alarm_notices.c.due_at.is_not(None), alarm_notices.c.way == way)
    return int(tx.scalar(select(func.count()).select_from(alarm_notices).where(*is_open)) or 0)


def notices_of(tx: Tx, alarm_ids: list[int]) -> list[Row[Any]]:
    """The notices of these alarms, oldest first."""
    here = alarm_notices.c.alarm_id.in_(alarm_ids)
    return list(tx.execute(select(alarm_notices).where(here).order_by(alarm_notices.c.id)))


def told(tx: Tx, alarm_id: int, way: str, number: str | None) -> bool:
    """Whether an alarm was told, or still may be, by that way and to that number."""
    here = (
        alarm_notices.c.alarm_id == alarm_id,
        alarm_notices.c.way == way,
        alarm_notices.c.number.is_not_distinct_from(number),
        or_(alarm_notices.c.done_at.is_not(None), alarm_notices.c.due_at.is_not(None)),
    )
    return tx.scalar(select(alarm_notices.c.id).where(*here).limit(1)) is not None


def text_of(tx: Tx, message_id: int) -> Row[Any] | None:
    """What became of a text that was handed in: its `state`, its line's `line_id` and `line_name`; of its
    repetition where it was sent again. None once it is erased."""
    query = (
        select(messages.c.state, messages.c.line_id, lines.c.name.label("line_name"))
        .join(lines, lines.c.id == messages.c.line_id)
        .where(or_(messages.c.id == message_id, messages.c.resend_of_id == message_id))
        .order_by(messages.c.id.desc())
        .limit(1)
    )
    return tx.execute(query).one_or_none()
