"""People of the office as those beside them see them: who works on a line and can be spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, exists, or_, select

from gateway.store.database import Tx
from gateway.store.tables import user_lines, users


def on_line(tx: Tx, line_id: int) -> Sequence[Row[Any]]:
    """Everybody who can sign in and may see that line, by name."""
    of_them = user_lines.c.user_id == users.c.id
    limited = exists().where(of_them)
    to_this = exists().where(of_them, user_lines.c.line_id == line_id)
    query = select(users.c.id, users.c.username, users.c.name, users.c.role, users.c.available).where(
        users.c.disabled_at.is_(None), or_(~limited, to_this)
    )
    return tx.execute(query.order_by(users.c.name, users.c.id)).all()


def name_of(tx: Tx, user_id: int) -> str | None:
    """The name of somebody, whether they can still sign in or not."""
    return tx.execute(select(users.c.name).where(users.c.id == user_id)).scalar_one_or_none()


def by_id(tx: Tx) -> dict[int, Row[Any]]:
    """Everybody there is or was, by their id."""
    return {row.id: row for row in tx.execute(select(users.c.id, users.c.username, users.c.name))}


def who_answer(tx: Tx) -> Sequence[Row[Any]]:
    """Everybody who can sign in and answer, by name."""
    query = select(users.c.id, users.c.name).where(users.c.disabled_at.is_(None), users.c.role != "viewer")
    return tx.execute(query.order_by(users.c.name, users.c.id)).all()
