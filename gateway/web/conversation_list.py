"""The list of conversations as it is shown: rows of the store turned into what its template lays out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain import message_words
from gateway.domain.message import Direction, State
from gateway.domain.message_words import Tone
from gateway.domain.phone import Kind, Number
from gateway.store import calls, consent, conversations, lines
from gateway.store.database import Tx
from gateway.web.present import author, face, title

PAGE = 50
MISSED_CALL, EMPTY = "Missed call", "(empty message)"


@dataclass(frozen=True, slots=True)
class Chip:
    """A mark on a conversation: at most four words."""

    words: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One conversation in the list."""

    id: str
    title: str
    face: str
    unread: bool
    unanswered: bool
    at: datetime
    said: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list; `older` is the id after which the next page begins."""

    rows: tuple[ListRow, ...]
    older: str | None


def list_page(tx: Tx, reader_id: int, after: str | None = None) -> ListPage:
    """Conversations as that person reads them, newest text first; `after` is the id of the last one shown."""
    last = conversations.by_public_id(tx, after) if after else None
    before = (last.last_message_at, last.id) if last is not None else None
    rows = conversations.recent(tx, PAGE + 1, before)
    shown = rows[:PAGE]
    unclear = conversations.trouble(tx, [row.id for row in shown])
    stopped = consent.suppressed_among(tx, [row.peer for row in shown])
    called = calls.newest_in(tx, [row.id for row in shown])
    several = len(lines.every(tx)) > 1  # whoever writes to two of them stands here twice
    made = tuple(
        _list_row(
            row,
            reader_id,
            _chips(row, unclear.get(row.id, 0), row.peer in stopped, several),
            called.get(row.id),
        )
        for row in shown
    )
    return ListPage(made, shown[-1].public_id if len(rows) > PAGE else None)


def _list_row(row: Row[Any], reader_id: int, chips: list[Chip], called_at: datetime | None) -> ListRow:
    called = called_at is not None and called_at >= row.last_message_at  # the last thing that happened
    return ListRow(
        id=row.public_id,
        title=title(row.name, row.peer),
        face=face(row.name, row.peer),
        unread=row.last_inbound_id > row.seen_message_id,
        unanswered=called and row.waiting_since is not None,
        at=row.last_message_at,
        said=MISSED_CALL if called else _preview(row, reader_id),
        chips=tuple(chips),
    )


def _preview(row: Row[Any], reader_id: int) -> str:
    if row.last_direction == Direction.OUTBOUND.value:
        own = (row.last_author_kind, row.last_author_id) == ("person", reader_id)
        repeats = row.last_resend_of_id is not None
        who = "You" if own else author(row.last_author_kind, row.last_author, repeats=repeats)
        return f"{who}: {row.last_body}"
    return row.last_body or message_words.LABELS.get(row.last_label or "", EMPTY)


def _chips(row: Row[Any], unclear: int, stopped: bool, several_lines: bool) -> list[Chip]:
    chips = []
    if several_lines or row.line_removed_at is not None:
        chips.append(Chip(row.line_name, "label"))
    if unclear:
        chips.append(Chip(f"{unclear} unclear", "warn"))
    if row.last_direction == Direction.OUTBOUND.value:
        words, tone = message_words.STATES[State(row.last_state)]
        if tone is Tone.BAD:
            chips.append(Chip(words, "bad"))
    if stopped:
        chips.append(Chip("Stopped"))
    elif row.name is None and Number(row.peer, Kind(row.peer_kind)).can_be_texted:
        chips.append(Chip("New prospect", "accent"))
    return chips
