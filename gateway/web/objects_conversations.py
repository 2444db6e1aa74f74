"""Conversations as the API and the command line give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from gateway.store import colleagues
from gateway.store import tags as stored_tags
from gateway.store.database import Tx
from gateway.web.objects_decisions import time


def conversation(tx: Tx, row: Row[Any]) -> dict[str, Any]:
    """One of them; `row` is of `store.conversations`."""
    return conversations(tx, [row])[0]


def conversations(tx: Tx, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Several of them, in their order."""
    tags = stored_tags.of_conversations(tx, [row.id for row in rows])
    people = colleagues.by_id(tx)
    return [_conversation(row, tags[row.id], people) for row in rows]


def _conversation(row: Row[Any], tags: list[str], people: dict[int, Row[Any]]) -> dict[str, Any]:
    assignee = people.get(row.assignee_id)
    return {
        "id": row.public_id,
        "line": row.line_name,
        "contact": row.contact_public_id,
        "name": row.name,
        "number": row.peer or None,
        "state": row.state,
        "snoozed_until": time(row.snoozed_until),
        "assignee": assignee.username if assignee is not None else None,
        "priority": row.priority,
        "tags": tags,
        "waiting_since": time(row.waiting_since),
        "last_message_at": time(row.last_message_at),
        "created_at": time(row.created_at),
        "links": {"self": f"/api/v1/conversations/{row.public_id}"},
    }
