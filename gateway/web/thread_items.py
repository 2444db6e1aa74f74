"""What stands between the texts of a thread: notes, missed calls, and what happened to the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain import happened_words
from gateway.domain.conversation import Happened
from gateway.domain.language import t
from gateway.store import calls, consent, conversation_log, notes
from gateway.store.database import Tx
from gateway.web.present import Times


@dataclass(frozen=True, slots=True)
class Call:
    """A missed call."""

    id: str
    at: datetime
    said: str
    kind: str = "call"


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note."""

    id: str
    at: datetime
    who: str
    body: str
    kind: str = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """What happened to the conversation, in one line. `bad`: whom it is with wants, or gets, no texts."""

    id: str
    at: datetime
    said: str
    bad: bool = False
    kind: str = "line"


Item = Call | Note | Line


def between(tx: Tx, conversation: Row[Any], since: datetime, until: datetime, times: Times) -> list[Item]:
    """All that happened in that span beside texts, the oldest first."""
    items: list[Item] = [_call(row) for row in calls.between(tx, conversation.id, since, until)]
    items += [_note(row) for row in notes.between(tx, conversation.id, since, until)]
    items += [_line(row, times) for row in conversation_log.between(tx, conversation.id, since, until)]
    items += [_consent(row) for row in consent.between(tx, conversation.peer, since, until)]
    return sorted(items, key=lambda item: item.at)


def _call(row: Row[Any]) -> Call:
    return Call(f"call-{row.id}", row.ended_at, happened_words.missed(row.rang_seconds))


def _note(row: Row[Any]) -> Note:
    return Note(row.public_id, row.created_at, row.author_name, row.body)


def _consent(row: Row[Any]) -> Line:
    said = happened_words.consent(row.kind, row.recorded_by)
    return Line(f"consent-{row.id}", row.at, said, bad=row.kind == "opt_out")


def _line(row: Row[Any], times: Times) -> Line:
    kind = Happened(row.kind)
    until = row.detail.get("until")
    said = happened_words.happened(
        kind,
        row.actor_kind,
        row.actor_name,
        row.actor_id,
        row.detail,
        moment(times, datetime.fromisoformat(until)) if until else "",
    )
    return Line(f"happened-{row.id}", row.at, said, bad=kind is Happened.BLOCKED)


def moment(times: Times, at: datetime) -> str:
    """A day and a time on it, to stand in a sentence: "27 November 10:00"."""
    return t("{day} {clock}").format(day=times.date_words(at), clock=times.clock(at))
