"""Small helpers to write queries with."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, literal_column


def one_of(column: ColumnElement[Any], words: Iterable[StrEnum]) -> ColumnElement[bool]:
    """`column IN ('a', 'b')` with the words written out.

    A partial index is used only when the query repeats its condition letter by letter, which bound
    parameters would hide.
    """
    return column.in_([literal_column(f"'{word.value}'") for word in words])
