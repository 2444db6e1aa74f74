"""The list of conversations and the thread as they are shown: rows of the store turned into what the
templates lay out. Reads through the store; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk.conversations import SENT_AGAIN
from gateway.domain import wording
from gateway.domain.message import Direction, PartState, State, waits_for
from gateway.domain.wording import Said, Tone
from gateway.store import consent, conversations, messages, received
from gateway.store.database import Tx
from gateway.web.present import ICONS, Times, author, face, title

PAGE = 50
SAME_WITHIN = timedelta(minutes=3)
"""Texts of one author this close together stand as a group."""

# --- list --------------------------------------------------------------------------------------------


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
    made = tuple(_list_row(row, reader_id, unclear.get(row.id, 0), row.peer in stopped) for row in shown)
    return ListPage(made, shown[-1].public_id if len(rows) > PAGE else None)


def _list_row(row: Row[Any], reader_id: int, unclear: int, stopped: bool) -> ListRow:
    return ListRow(
        id=row.public_id,
        title=title(row.name, row.peer),
        face=face(row.name, row.peer),
        unread=row.last_inbound_id > row.seen_message_id,
        at=row.last_message_at,
        said=_preview(row, reader_id),
        chips=tuple(_chips(row, unclear, stopped)),
    )


def _preview(row: Row[Any], reader_id: int) -> str:
    if row.last_direction == Direction.OUTBOUND.value:
        own = (row.last_author_kind, row.last_author_id) == ("person", reader_id)
        repeats = row.last_resend_of_id is not None
        who = "You" if own else author(row.last_author_kind, row.last_author, repeats=repeats)
        return f"{who}: {row.last_body}"
    return row.last_body or wording.LABELS.get(row.last_label or "", "")


def _chips(row: Row[Any], unclear: int, stopped: bool) -> list[Chip]:
    chips = []
    if unclear:
        chips.append(Chip(f"{unclear} unclear", "warn"))
    if row.last_direction == Direction.OUTBOUND.value:
        words, tone = wording.STATES[State(row.last_state)]
        if tone is Tone.BAD:
            chips.append(Chip(words, "bad"))
    if stopped:
        chips.append(Chip("Stopped"))
    elif row.name is None:
        chips.append(Chip("New prospect", "accent"))
    return chips


# --- thread ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Action:
    """A button under a text: its words and the last piece of its address."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text in a thread."""

    id: str
    outbound: bool
    who: str
    at: datetime
    body: str
    label: str
    is_picture: bool
    again: str
    twice: bool
    said: Said | None
    css: str
    icon: str
    actions: tuple[Action, ...]
    with_previous: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The texts of one day of the office's calendar."""

    heading: str
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of a thread; `older` is set when there are texts before it, `is_newest` when none after."""

    days: tuple[Day, ...]
    older: str | None
    is_newest: bool


def thread(
    tx: Tx, conversation: Row[Any], times: Times, at: Row[Any] | None = None, before: Row[Any] | None = None
) -> Thread:
    """The newest texts, or those before the message `before`, or a page that holds the message `at`."""
    rows = messages.thread(tx, conversation.id, PAGE + 1, before.id if before else None)
    if at is not None and at.id not in [row.id for row in rows]:
        before = at
        rows = messages.thread(tx, conversation.id, PAGE + 1, at.id + 1)
    shown = rows[-PAGE:]
    done = _parts_done(tx, shown)
    name = (conversation.name or "").partition(" ")[0] or title(None, conversation.peer)
    days = _days(shown, done, times, name)
    return Thread(days, shown[0].public_id if len(rows) > PAGE else None, before is None)


def _parts_done(tx: Tx, rows: Sequence[Row[Any]]) -> dict[int, int]:
    """How many parts of each long text went out, or are here."""
    long = [row for row in rows if row.segments > 1]
    going = [row.id for row in long if row.direction == Direction.OUTBOUND.value]
    gone = (PartState.ACCEPTED, PartState.DELIVERED, PartState.UNDELIVERED)
    done = {
        message_id: sum(part.state in gone for part in parts)
        for message_id, parts in messages.parts_of(tx, going).items()
    }
    coming = [row.id for row in long if row.state == State.RECEIVING.value]
    return done | {message_id: len(received.parts_of(tx, message_id)) for message_id in coming}


def _days(rows: Sequence[Row[Any]], done: dict[int, int], times: Times, name: str) -> tuple[Day, ...]:
    days: list[tuple[str, list[Bubble]]] = []
    previous: Row[Any] | None = None
    for row in rows:
        heading = times.day(row.created_at)
        if not days or days[-1][0] != heading:
            days.append((heading, []))
            previous = None
        days[-1][1].append(_bubble(row, done.get(row.id, 0), times, name, previous))
        previous = row
    return tuple(Day(heading, tuple(bubbles)) for heading, bubbles in days)


def _bubble(row: Row[Any], done: int, times: Times, name: str, previous: Row[Any] | None) -> Bubble:
    said = _said(row, done, times)
    return Bubble(
        id=row.public_id,
        outbound=row.direction == Direction.OUTBOUND.value,
        who=_who(row, name),
        at=row.created_at,
        body=row.body,
        label=wording.LABELS.get(row.label or "", ""),
        is_picture=row.label == "picture",
        again=_again(row, times),
        twice=row.twin_of_id is not None,
        said=said,
        css=_css(row, said),
        icon=ICONS[said.tone] if said else "",
        actions=_actions(row),
        with_previous=previous is not None and _goes_with(previous, row),
    )


def _again(row: Row[Any], times: Times) -> str:
    """What a text that repeats another says of it, or one that was repeated; empty for any other."""
    if row.resend_of_created_at is not None:
        return wording.REPEATS.format(when=times.since(row.resend_of_created_at))
    said_already = row.reason == SENT_AGAIN
    return wording.reason(SENT_AGAIN) if row.was_sent_again and not said_already else ""


def _who(row: Row[Any], name: str) -> str:
    if row.direction == Direction.INBOUND.value:
        return name
    return author(row.author_kind, row.author_name, repeats=row.resend_of_id is not None)


def _goes_with(one: Row[Any], other: Row[Any]) -> bool:
    same = (one.direction, one.author_kind, one.author_id) == (
        other.direction,
        other.author_kind,
        other.author_id,
    )
    return same and other.created_at - one.created_at < SAME_WITHIN


def _said(row: Row[Any], done: int, times: Times) -> Said | None:
    state = State(row.state)
    if state is State.RECEIVED:
        return None
    line = wording.line_now(row.line_status, row.line_code, row.line_paused_at)
    return wording.message(
        state,
        at=times.since(row.delivered_at) if row.delivered_at else "",
        parts_done=done,
        parts=row.segments,
        waiting_for=waits_for(row.waiting_for, line),
        due=times.since(row.due_at) if row.due_at else "",
        line_code=line,
        reason_code=row.reason,
    )


def _css(row: Row[Any], said: Said | None) -> str:
    if said is None or row.was_sent_again:
        return ""
    return {Tone.WAITING: "msg-waiting", Tone.WARN: "msg-unclear", Tone.BAD: "msg-bad"}.get(said.tone, "")


_MAY_GO_AGAIN = {State.FAILED, State.UNDELIVERED, State.EXPIRED}


def _actions(row: Row[Any]) -> tuple[Action, ...]:
    state = State(row.state)
    if state is State.QUEUED:
        return (Action("Cancel this text", "cancel"),)
    if row.was_sent_again:
        return ()
    if state is State.UNCONFIRMED:
        return (Action("Mark as sent", "mark-sent"), Action("Send again", "send-again"))
    return (Action("Send again", "send-again"),) if state in _MAY_GO_AGAIN else ()
