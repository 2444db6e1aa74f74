"""Whether a text could be kept now, found out by keeping something of its size and taking it away again."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert

from gateway.store.database import Tx
from gateway.store.tables import settings

ROW_BYTES = 16 * 1024
"""What a text with its parts, its index and its events takes in the journal, about."""
_NAME = "probe"
_PUT = insert(settings).values(name=_NAME, value=bindparam("filler"))
_TAKE_AWAY = delete(settings).where(settings.c.name == _NAME)


def write_and_erase(tx: Tx) -> None:
    """Write one row and delete it: a transaction that leaves nothing, but needs room on the disk.

    An empty transaction would prove nothing, for its commit writes nothing.
    """
    tx.execute(_PUT, {"filler": "x" * ROW_BYTES})
    tx.execute(_TAKE_AWAY)
