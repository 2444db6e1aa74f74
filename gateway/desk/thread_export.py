"""A thread as rows for a file: each text with our time, the network's and that of its delivery, missed calls,
what happened, and, where asked for, internal notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain import happened_words
from gateway.domain.conversation import Happened
from gateway.domain.message import Direction
from gateway.store import calls, consent, conversation_log, messages, notes, team
from gateway.store.database import Tx

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 500


def rows(tx: Tx, conversation: Row[Any], now: datetime, *, with_notes: bool) -> list[dict[str, Any]]:
    """Everything of a conversation in order of our time; times are aware, None where there is none."""
    until = now + timedelta(days=1)
    found = [_text(row) for row in _texts(tx, conversation.id)]
    found += [
        _row("call", row.ended_at, None, happened_words.missed(row.rang_seconds), "")
        for row in calls.between(tx, conversation.id, _ALWAYS, until)
    ]
    found += [
        _row("event", row.at, row.actor_name, _happened(row), "")
        for row in conversation_log.between(tx, conversation.id, _ALWAYS, until)
    ]
    found += [
        _row(
            "consent",
            row.at,
            row.recorded_by,
            happened_words.consent(row.kind, row.recorded_by),
            row.words or "",
        )
        for row in consent.between(tx, conversation.peer, _ALWAYS, until)
    ]
    if with_notes:
        found += [
            _row("note", row.created_at, row.author_name, "", row.body)
            for row in notes.between(tx, conversation.id, _ALWAYS, until)
        ]
    return sorted(found, key=lambda row: row["our_time"])


def note(tx: Tx, conversation: Row[Any], form: str, who: Author, now: datetime) -> None:
    """Write down that somebody took a thread out of the house."""
    team.note(tx, now, str(who), "thread.export", conversation.public_id, after={"form": form})


def _texts(tx: Tx, conversation_id: int) -> Iterator[Row[Any]]:
    before: int | None = None
    while page := messages.thread(tx, conversation_id, PAGE, before):
        yield from page
        before = page[0].id


def _text(row: Row[Any]) -> dict[str, Any]:
    is_theirs = row.direction == Direction.INBOUND.value
    return {
        **_row("text", row.created_at, None if is_theirs else row.author_name, row.state, row.body),
        "id": row.public_id,
        "direction": row.direction,
        "network_time": row.network_at,
        "sent_time": row.sent_at,
        "delivery_time": row.delivered_at,
        "reason": row.reason,
    }


def _row(kind: str, at: datetime, by: str | None, what: str, words: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": None,
        "direction": None,
        "our_time": at,
        "network_time": None,
        "sent_time": None,
        "delivery_time": None,
        "by": by,
        "what": what,
        "reason": None,
        "words": words,
    }


def _happened(row: Row[Any]) -> str:
    until = row.detail.get("until") or ""
    return happened_words.happened(
        Happened(row.kind), row.actor_kind, row.actor_name, row.actor_id, row.detail, until
    )
