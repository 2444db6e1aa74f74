"""What alarms are judged by, counted: unclear texts, how many arrive, when texts came in, backups,
sign-ins. Nothing that is dated later than it is counts: a clock that was ahead leaves that behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select

from gateway.domain.backups import AHEAD
from gateway.domain.message import Direction, State
from gateway.store.database import Tx
from gateway.store.tables import (
    backups,
    line_log,
    lines,
    messages,
    sign_in_failures,
    transitions,
    users,
)

_NOT_SENT = (State.FAILED.value, State.EXPIRED.value, State.CANCELED.value, State.BLOCKED.value)
_REPORTED = (State.SENT.value, State.DELIVERED.value, State.UNDELIVERED.value)


def unclear(tx: Tx) -> list[Row[Any]]:
    """Texts somebody has to decide about, by line: `line_id`, how many `texts`, `since` when the first is."""
    became = (
        select(func.max(transitions.c.at))
        .where(
            transitions.c.message_id == messages.c.id,
            transitions.c.seq.is_(None),
            transitions.c.became == State.UNCONFIRMED.value,
        )
        .scalar_subquery()
    )
    query = (
        select(messages.c.line_id, func.count().label("texts"), func.min(became).label("since"))
        .where(
            messages.c.state == State.UNCONFIRMED.value,
            messages.c.reason.is_distinct_from("sent_again"),
        )
        .group_by(messages.c.line_id)
    )
    return list(tx.execute(query))


def arrived(
    tx: Tx, line_id: int, since: datetime, edge: datetime, until: datetime
) -> dict[bool, tuple[int, int]]:
    """How many texts that asked for a report were sent and how many of them arrived, before (False) and after
    (True) the edge. A walk over what is newest, however old the history is."""
    is_late = (messages.c.sent_at >= edge).label("is_late")
    there = func.sum(case((messages.c.state == State.DELIVERED.value, 1), else_=0)).label("arrived")
    query = (
        select(is_late, func.count().label("sent"), there)
        .where(
            _newer_than(since),
            messages.c.line_id == line_id,
            messages.c.report_wanted,
            messages.c.state.in_(_REPORTED),
            messages.c.sent_at >= since,
            messages.c.sent_at < until,
        )
        .group_by(is_late)
    )
    return {bool(row.is_late): (int(row.sent), int(row.arrived)) for row in tx.execute(query)}


def came_in(tx: Tx, line_id: int, since: datetime, until: datetime, limit: int) -> list[datetime]:
    """When texts came in by a line in that time, oldest first; the newest ones where there are more."""
    query = (
        select(messages.c.created_at)
        .where(
            _newer_than(since),
            messages.c.line_id == line_id,
            messages.c.direction == Direction.INBOUND.value,
            messages.c.created_at <= until,
        )
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query).scalars())[::-1]


def texts_of_rule(tx: Tx, rule: str, since: datetime, until: datetime) -> int:
    """How many texts a rule wrote in that time, those that were sent again twice; not those that never
    went."""
    first = messages.alias()
    by_rule = (first.c.author_kind == "rule", first.c.author_name == rule)
    query = (
        select(func.count())
        .select_from(messages)
        .join(first, first.c.id == func.coalesce(messages.c.resend_of_id, messages.c.id))
        .where(
            _newer_than(since),
            messages.c.created_at.between(since, until),
            messages.c.state.not_in(_NOT_SENT),
            *by_rule,
        )
    )
    return int(tx.scalar(query) or 0)


def _newer_than(since: datetime) -> ColumnElement[bool]:
    older = select(messages.c.id).where(messages.c.created_at < since).order_by(messages.c.id.desc()).limit(1)
    newer = messages.c.id > func.coalesce(older.scalar_subquery(), 0)
    return and_(newer, messages.c.id > 0)  # below are texts of old phones


def steps_taken(tx: Tx, line_id: int, rung: str, since: datetime, until: datetime) -> int:
    """How often a line took a step of recovery in that time, among its last few thousand entries."""
    newest = (
        select(line_log.c.kind, line_log.c.code, line_log.c.at)
        .where(line_log.c.line_id == line_id)
        .order_by(line_log.c.id.desc())
        .limit(2000)
        .subquery()
    )
    here = (newest.c.kind == "recovery", newest.c.code == rung, newest.c.at.between(since, until))
    return int(tx.scalar(select(func.count()).select_from(newest).where(*here)) or 0)


def last_backup(tx: Tx, now: datetime) -> tuple[datetime | None, str]:
    """When a backup was last verified, and what is wrong with the newest; empty for nothing."""
    good = select(backups.c.verified_at).where(backups.c.verified_at <= now + AHEAD)
    verified: datetime | None = tx.scalar(good.order_by(backups.c.id.desc()).limit(1))
    newest = select(backups.c.problem).order_by(backups.c.id.desc()).limit(1)
    return verified, tx.scalar(newest) or ""


def first_day(tx: Tx) -> datetime | None:
    """Since when there is something to lose: the first user or line; None for none."""
    times = (tx.scalar(select(func.min(table.c.created_at))) for table in (users, lines))
    return min((at for at in times if at is not None), default=None)


def failed_sign_ins(tx: Tx, since: datetime, until: datetime) -> tuple[int, list[str]]:
    """How many sign-ins failed in that time, and from which addresses, the worst first."""
    tries, here = func.count(), sign_in_failures.c.at.between(since, until)
    query = select(sign_in_failures.c.address, tries.label("tries")).where(here)
    rows = list(tx.execute(query.group_by(sign_in_failures.c.address).order_by(tries.desc())))
    return sum(row.tries for row in rows), [row.address for row in rows]
