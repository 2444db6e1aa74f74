"""Who somebody is to the office, said at once wherever their name stands: list, thread, notification."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gateway.domain.contact import Known, known_as
from gateway.domain.contact_words import KNOWN, Mark


def known(row: Row[Any]) -> Known:
    """Who the contact of a conversation is; `row` is one of `store.conversations`."""
    return known_as(row.name, row.stage, row.external_id, row.peer, row.peer_kind)


def mark(row: Row[Any]) -> Mark | None:
    """The chip that says it; None for senders that are no person."""
    return KNOWN.get(known(row))
