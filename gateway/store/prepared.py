"""Statements that every text asks: compiled once, then handed to the driver as they are.

They are written in SQLAlchemy like all others. To run one through SQLAlchemy each time costs several times
what SQLite itself needs for it (28 against 5 microseconds for a row of `lines`), and a text asks some thirty.
Where somebody listens to the statements of an engine, they go the long way, so that it is told of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Row
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement, Executable

Convert = Callable[[Any], Any] | None


class Prepared:
    """One statement. `columns` are those that an INSERT or UPDATE is given values for."""

    __slots__ = ("_binds", "_columns", "_convert", "_meta", "_places", "_sql", "_statement")

    def __init__(self, statement: Executable, columns: Collection[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._sql = ""

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row[Any]]:
        """All rows it finds."""
        if _is_watched(connection):
            return list(self._the_long_way(connection, values))
        cursor = self._run(connection, values)
        found = cursor.fetchall()
        cursor.close()
        return [Row(self._meta, self._convert, self._places, row) for row in found]

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Insert one row into a table with an id, and return that."""
        if _is_watched(connection):
            key = self._the_long_way(connection, values).inserted_primary_key
            return int(key[0]) if key else 0
        cursor = self._run(connection, values)
        row_id: int = cursor.lastrowid
        cursor.close()
        return row_id

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Run what gives no rows."""
        if _is_watched(connection):
            self._the_long_way(connection, values)
        else:
            self._run(connection, values).close()

    def _the_long_way(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        return connection.execute(self._statement, dict(values))

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        if not self._sql:
            self._prepare(connection.dialect)
        given = []
        for name, value, convert in self._binds:
            asked = values[name] if value is _ASKED else value
            given.append(convert(asked) if convert else asked)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, given)
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._as_usual(error, connection.dialect) from error
        return cursor

    def _as_usual(self, error: Exception, dialect: Dialect) -> BaseException:
        """The error as SQLAlchemy would have raised it, and as everyone who catches one expects it."""
        base = dialect.loaded_dbapi.Error
        return DBAPIError.instance(self._sql, None, error, base, hide_parameters=True, dialect=dialect)

    def _prepare(self, dialect: Dialect) -> None:
        assert isinstance(self._statement, ClauseElement)
        compiled: Any = self._statement.compile(
            dialect=dialect,
            column_keys=None if self._columns is None else list(self._columns),
            compile_kwargs={"render_postcompile": True},
        )
        self._binds = [_bind(compiled.binds[name], dialect) for name in compiled.positiontup]
        columns = list(getattr(self._statement, "selected_columns", ()))
        self._convert = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        self._meta = SimpleResultMetaData([column.key for column in columns])
        self._places = self._meta._key_to_index
        self._sql = str(compiled)


_ASKED = object()


def _bind(bind: Any, dialect: Dialect) -> tuple[str, Any, Convert]:
    """Name, value (`_ASKED`: it comes with each call) and how the driver is given it."""
    value = _ASKED if bind.required else bind.effective_value
    return bind.key, value, bind.type.dialect_impl(dialect).bind_processor(dialect)


def _is_watched(connection: Connection) -> bool:
    told = connection.dispatch
    return bool(told.before_execute) or bool(told.before_cursor_execute)
