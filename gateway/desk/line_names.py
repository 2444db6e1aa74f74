"""Lines by the names people gave them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gateway.domain.phrases import list_of
from gateway.domain.refusal_words import Refused
from gateway.store import lines
from gateway.store.database import Tx


def named(tx: Tx, name: str) -> Row[Any]:
    """The line with that name.

    Raises:
        Refused: there is none.
    """
    line = lines.by_name(tx, name)
    if line is None:
        raise Refused("unknown_line", name=name, names=list_of([row.name for row in lines.every(tx)]))
    return line
