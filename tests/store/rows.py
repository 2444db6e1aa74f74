"""Small rows to write and read again, where a test is about the database and not about its tables."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import insert, select

from gateway.store.database import Database, Tx
from gateway.store.tables import settings as table

NAME = "office.name"


def put(name: str, value: str) -> Callable[[Tx], None]:
    return lambda tx: tx.execute(insert(table), {"name": name, "value": value}) and None


def names(database: Database) -> set[str]:
    return database.read(lambda tx: set(tx.execute(select(table.c.name)).scalars()))
