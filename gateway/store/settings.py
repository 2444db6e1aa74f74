"""Values of settings an office can change; what they mean stands in `gateway.domain.settings`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from gateway.domain.settings import SETTINGS
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import settings

_ONE = Prepared(select(settings.c.value).where(settings.c.name == bindparam("name")))
_EVERY = Prepared(select(settings.c.name, settings.c.value))


def get(tx: Tx, name: str) -> Any:
    """Value of a setting, its default when nobody changed it."""
    value = tx.value(_ONE, {"name": name})
    return SETTINGS[name].default if value is None else value


def put(tx: Tx, name: str, value: Any) -> None:
    """Keep a value; the default is kept by forgetting the row."""
    tx.execute(delete(settings).where(settings.c.name == name))
    if value != SETTINGS[name].default:
        tx.execute(insert(settings), {"name": name, "value": value})


def every(tx: Tx) -> dict[str, str]:
    """All settings with their values, as one query."""
    changed = {row.name: row.value for row in tx.rows(_EVERY, {})}
    return {name: changed.get(name, row.default) for name, row in SETTINGS.items()}
