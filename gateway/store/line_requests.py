"""Rows of what people ask of a line that only the running program can do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, literal_column, select, update

from gateway.store.database import Tx
from gateway.store.tables import line_requests

_OPEN = line_requests.c.state == literal_column("'asked'")  # letter by letter as the index has it


def add(tx: Tx, **values: Any) -> int:
    """Keep a request and return its id."""
    return tx.insert(line_requests, values)


def change(tx: Tx, request_id: int, **values: Any) -> None:
    """Update columns of one request."""
    tx.update(line_requests, request_id, values)


def get(tx: Tx, request_id: int) -> Row[Any] | None:
    """One request."""
    return tx.execute(select(line_requests).where(line_requests.c.id == request_id)).one_or_none()


def open_requests(tx: Tx) -> list[Row[Any]]:
    """Requests nobody has answered yet, oldest first."""
    return list(tx.execute(select(line_requests).where(_OPEN).order_by(line_requests.c.id)))


def newest(tx: Tx, line_id: int, kind: str) -> Row[Any] | None:
    """The last request of that kind to a line, answered or not."""
    query = select(line_requests).where(line_requests.c.line_id == line_id, line_requests.c.kind == kind)
    return tx.execute(query.order_by(line_requests.c.id.desc()).limit(1)).one_or_none()


def empty_answers(tx: Tx, before: datetime) -> None:
    """Forget answers given before then: they may hold a balance, or what was said to a device."""
    old = (line_requests.c.done_at < before) & (line_requests.c.answer != "")
    tx.execute(update(line_requests).where(old).values(answer=""))


def forget(tx: Tx, before: datetime) -> None:
    """Delete requests that were answered before then."""
    tx.execute(delete(line_requests).where(line_requests.c.done_at < before))
