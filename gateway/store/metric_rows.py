"""What the metrics count: what came since they were last asked for, by the ids of the rows, and how much
there is of what is kept. Nothing here walks the history but `by_state`, which walks an index of it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, select

from gateway.store.database import Tx
from gateway.store.tables import (
    attempts,
    audit,
    backups,
    consent_events,
    delivery_reports,
    drills,
    line_log,
    messages,
    parts,
    raw_pdus,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """How far each table was counted: ids of rows."""

    messages: int = 0
    attempts: int = 0
    reports: int = 0
    line_log: int = 0
    raw_pdus: int = 0
    consent: int = 0
    audit: int = 0

    def towards(self, newest: Marks, most: int) -> Marks:
        """As far as that, but no more than so many rows of each table on."""
        pairs = zip(astuple(self), astuple(newest), strict=True)
        return Marks(*(min(there, here + most) for here, there in pairs))


_TABLES: dict[str, Table] = {
    "messages": messages,
    "attempts": attempts,
    "reports": delivery_reports,
    "line_log": line_log,
    "raw_pdus": raw_pdus,
    "consent": consent_events,
    "audit": audit,
}


def marks(tx: Tx) -> Marks:
    """The newest row of each table."""
    return Marks(*(tx.scalar(select(func.max(_TABLES[one.name].c.id))) or 0 for one in fields(Marks)))


def _between(table: Table, first: int, last: int) -> ColumnElement[bool]:
    return table.c.id.between(first + 1, last)


def texts(tx: Tx, first: int, last: int) -> list[Row[Any]]:
    """Texts received and accepted, counted (`texts`) by line, direction, purpose, rule and whether they came
    twice; those after the id `first` up to `last`."""
    is_twin = messages.c.twin_of_id.is_not(None).label("is_twin")
    kind = (messages.c.line_id, messages.c.direction, messages.c.purpose, messages.c.rule, is_twin)
    query = select(*kind, func.count().label("texts")).where(_between(messages, first, last))
    return list(tx.execute(query.group_by(*kind)))


def arrivals(tx: Tx, first: int, last: int) -> list[Row[Any]]:
    """Of texts received: the network's stamp (`network_at`) and when they were kept (`created_at`)."""
    query = select(messages.c.network_at, messages.c.created_at).where(
        _between(messages, first, last), messages.c.network_at.is_not(None)
    )
    return list(tx.execute(query))


def tries(tx: Tx, first: int, last: int) -> list[Row[Any]]:
    """Attempts to send a part, in their order; one that has not ended has no `outcome`."""
    columns = (
        attempts.c.id,
        attempts.c.line_id,
        attempts.c.number,
        attempts.c.outcome,
        attempts.c.code,
        attempts.c.started_at,
        attempts.c.ended_at,
    )
    return list(tx.execute(select(*columns).where(_between(attempts, first, last)).order_by(attempts.c.id)))


def reports(tx: Tx, first: int, last: int) -> list[Row[Any]]:
    """Delivery reports, with when the network took the part they speak of (`accepted_at`), null for none."""
    query = (
        select(delivery_reports.c.status, delivery_reports.c.received_at, parts.c.accepted_at)
        .select_from(delivery_reports)
        .outerjoin(parts, parts.c.id == delivery_reports.c.part_id)
        .where(_between(delivery_reports, first, last))
    )
    return list(tx.execute(query))


def recoveries(tx: Tx, first: int, last: int) -> list[Row[Any]]:
    """Steps of recovery, counted (`steps`) by line and step."""
    kind = (line_log.c.line_id, line_log.c.code)
    query = select(*kind, func.count().label("steps")).where(
        _between(line_log, first, last), line_log.c.kind == "recovery"
    )
    return list(tx.execute(query.group_by(*kind)))


def undecodable(tx: Tx, first: int, last: int) -> int:
    """How many PDUs came that could not be read."""
    here = (_between(raw_pdus, first, last), raw_pdus.c.kind == "undecodable")
    return int(tx.scalar(select(func.count()).select_from(raw_pdus).where(*here)) or 0)


def opt_outs(tx: Tx, first: int, last: int) -> list[Row[Any]]:
    """People who said stop, counted (`people`) by how."""
    query = select(consent_events.c.how, func.count().label("people")).where(
        _between(consent_events, first, last), consent_events.c.kind == "opt_out"
    )
    return list(tx.execute(query.group_by(consent_events.c.how)))


def sign_ins(tx: Tx, first: int, last: int) -> int:
    """How often somebody signed in."""
    here = (_between(audit, first, last), audit.c.action == "sign_in")
    return int(tx.scalar(select(func.count()).select_from(audit).where(*here)) or 0)


def by_state(tx: Tx) -> dict[str, int]:
    """How many messages there are in each state, read off an index."""
    query = select(messages.c.state, func.count()).group_by(messages.c.state)
    return {row[0]: row[1] for row in tx.execute(query)}


def last_verified(tx: Tx) -> tuple[datetime | None, datetime | None]:
    """When a backup was last verified, and when a drill last went well: the newest, whatever a clock that was
    ahead wrote before."""
    good = select(backups.c.verified_at).where(backups.c.verified_at.is_not(None))
    well = select(drills.c.at).where(drills.c.problem.is_(None))
    backup: datetime | None = tx.scalar(good.order_by(backups.c.id.desc()).limit(1))
    drill: datetime | None = tx.scalar(well.order_by(drills.c.id.desc()).limit(1))
    return backup, drill
