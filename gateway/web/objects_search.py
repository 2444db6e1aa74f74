"""What a search found, as the API and the command line give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.search import Found, Question
from gateway.domain.search import Kind
from gateway.store.database import Tx
from gateway.web import objects, objects_contacts, objects_conversations
from gateway.web.objects_decisions import time


def found(tx: Tx, wanted: Question, what: Found, now: datetime) -> dict[str, Any]:
    """Each group with its page, what was not understood, and whether all of it was looked through."""
    made: dict[Kind, Callable[[Sequence[Row[Any]]], list[dict[str, Any]]]] = {
        Kind.PEOPLE: lambda rows: objects_contacts.contacts(tx, rows),
        Kind.CONVERSATIONS: lambda rows: objects_conversations.conversations(tx, rows),
        Kind.TEXTS: lambda rows: objects.messages(tx, rows, now),
        Kind.NOTES: lambda rows: [note(row, row.conversation_public_id) for row in rows],
    }
    groups = {
        kind.value: {
            "data": made[kind](group.rows),
            "next_cursor": group.following,
            "is_cut": group.is_cut,
        }
        for kind, group in what.groups.items()
    }
    return {
        "groups": groups,
        "not_understood": [str(one) for one in wanted.troubles],
        "stopped": what.stopped,
    }


def note(row: Row[Any], conversation: str) -> dict[str, Any]:
    """An internal note of the conversation with that public id."""
    return {
        "id": row.public_id,
        "conversation": conversation,
        "body": row.body,
        "author": row.author_name,
        "created_at": time(row.created_at),
        "links": {"self": f"/api/v1/conversations/{conversation}/notes"},
    }
