"""Rows of templates: the office's, and those people keep for themselves; each in the languages it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update

from gateway.domain.contact import folded
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.tables import template_texts, templates, users

_ROWS = select(templates, users.c.name.label("owner_name")).outerjoin(
    users, users.c.id == templates.c.owner_id
)


def add(tx: Tx, name: str, owner_id: int | None, by: str, now: datetime) -> int:
    """Add a template without words and return its id; `owner_id` None: it is the office's."""
    values = {"public_id": new_id("tpl", now), "name": name, "owner_id": owner_id}
    return tx.insert(templates, {**values, "created_at": now, "created_by": by})


def change(tx: Tx, template_id: int, **values: Any) -> None:
    """Update columns of a template."""
    tx.execute(update(templates).where(templates.c.id == template_id).values(**values))


def put_texts(tx: Tx, template_id: int, texts: Mapping[str, str]) -> None:
    """Give a template its words, by language, in place of those it has."""
    tx.execute(delete(template_texts).where(template_texts.c.template_id == template_id))
    rows = [{"template_id": template_id, "language": code, "body": body} for code, body in texts.items()]
    tx.execute(insert(template_texts), rows)


def get(tx: Tx, template_id: int) -> Row[Any]:
    """A template, which has to exist; with the name of its owner."""
    return tx.execute(_ROWS.where(templates.c.id == template_id)).one()


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """A template by its id outside, removed ones too."""
    return tx.execute(_ROWS.where(templates.c.public_id == public_id)).one_or_none()


def of(tx: Tx, user_id: int | None) -> Sequence[Row[Any]]:
    """The templates somebody has: the office's and their own (None: the office's alone), by name."""
    whose: ColumnElement[bool] = templates.c.owner_id.is_(None)
    if user_id is not None:
        whose = or_(whose, templates.c.owner_id == user_id)
    rows = tx.execute(_ROWS.where(whose, templates.c.removed_at.is_(None))).all()
    return sorted(rows, key=lambda row: folded(row.name))


def texts(tx: Tx, template_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """The words of templates, by language, in order of the languages' codes."""
    found: dict[int, dict[str, str]] = {one: {} for one in template_ids}
    query = select(template_texts).where(template_texts.c.template_id.in_(sorted(template_ids)))
    for row in tx.execute(query.order_by(template_texts.c.language)):
        found[row.template_id][row.language] = row.body
    return found


def count_use(tx: Tx, template_id: int) -> None:
    """Somebody put it into a text."""
    tx.execute(update(templates).where(templates.c.id == template_id).values(used=templates.c.used + 1))
