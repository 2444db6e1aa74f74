"""Alembic's entry: one connection, all revisions in one transaction.

So an update that breaks off anywhere leaves the schema there was, and the program of that schema can go on.
"""

from __future__ import annotations

import json
import sqlite3

from alembic import context
from sqlalchemy import URL, Connection, NullPool, create_engine, event, text

from gateway import __version__
from gateway.store import engines

_url = URL.create("sqlite", database=str(context.config.attributes["path"]))
engine = create_engine(
    _url, poolclass=NullPool, connect_args={"timeout": engines.BUSY_TIMEOUT_MS / 1000}, hide_parameters=True
)


@event.listens_for(engine, "connect")
def _connected(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not commit before DDL behind our back
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as connection:
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
        # an older program that meets this database says by which version it was written
        connection.execute(
            text("INSERT OR REPLACE INTO box_state (name, value) VALUES ('schema', :value)"),
            {"value": json.dumps({"program": __version__})},
        )
engine.dispose()
