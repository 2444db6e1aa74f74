"""Alembic's entry: one connection, each revision in one transaction."""

from __future__ import annotations

import sqlite3

from alembic import context
from sqlalchemy import URL, Connection, NullPool, create_engine, event

_url = URL.create("sqlite", database=str(context.config.attributes["path"]))
engine = create_engine(_url, poolclass=NullPool)


@event.listens_for(engine, "connect")
def _connected(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not commit before DDL behind our back
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as connection:
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
