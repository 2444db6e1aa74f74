"""A thread as it is shown: rows of the store turned into what its template lays out. Reads through the store;
decides nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk.unclear import SENT_AGAIN
from gateway.desk.waiting import Wait, waits
from gateway.domain import decision_words, message_words, reason_words
from gateway.domain.decision_words import Clocks
from gateway.domain.language import joined, t
from gateway.domain.message import Direction, PartState, Purpose, State, WaitingFor
from gateway.domain.message_words import Said, Tone
from gateway.domain.pdu_picture import PictureNotice
from gateway.store import decisions, messages, received
from gateway.store.database import Tx
from gateway.web import thread_items
from gateway.web.actions import Action, actions
from gateway.web.conversation_list import EMPTY
from gateway.web.hands import Hands
from gateway.web.pictures import notices
from gateway.web.present import ICONS, Times, author, title
from gateway.web.shown import hosts
from gateway.web.thread_items import Item

PAGE = 50
SAME_WITHIN = timedelta(minutes=3)
"""Texts of one author this close together stand as a group."""

_SAID_BY_ITSELF = frozenset({None, "empty", "flash", "replaced"})
"""Labels of texts without words that are texts all the same; the others say what they are."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the card of a picture tells: two lines, from what the network's notice said."""

    facts: str
    subject: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text in a thread."""

    id: str
    outbound: bool
    who: str
    at: datetime
    body: str
    label: str
    picture: Picture | None
    again: str
    rerouted: str
    let_go: str
    twice: bool
    said: Said | None
    css: str
    icon: str
    actions: tuple[Action, ...]
    with_previous: bool
    hosts: tuple[str, ...]
    language: str
    starred: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Day:
    """The texts of one day of the office's calendar, and what happened between them."""

    date: str
    heading: str
    items: tuple[Bubble | Item, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of a thread; `older` is set when there are texts before it, `is_newest` when none after."""

    days: tuple[Day, ...]
    older: str | None
    is_newest: bool


def thread(
    tx: Tx,
    conversation: Row[Any],
    times: Times,
    there: Clocks,
    hands: Hands,
    at: Row[Any] | None = None,
    before: Row[Any] | None = None,
    language: str = "",
) -> Thread:
    """The newest texts, or those before the message `before`, or a page that holds the message `at`.

    `there` are the clocks of whom it is with, `hands` what the reader may do with what waits, `language` the
    code of what the contact speaks, where that is known.
    """
    rows = messages.thread(tx, conversation.id, PAGE + 1, before.id if before else None)
    if at is not None and at.id not in [row.id for row in rows]:
        before = at
        rows = messages.thread(tx, conversation.id, PAGE + 1, at.id + 1)
    shown = rows[-PAGE:]
    is_newest, is_oldest = before is None, len(rows) <= PAGE
    until = None if is_newest else _begin_of_next(tx, conversation.id, shown)
    beside = thread_items.between(
        tx,
        conversation,
        _ALWAYS if is_oldest else shown[0].created_at,
        until or times.now + timedelta(days=1),
        times,
    )
    name = (conversation.name or "").partition(" ")[0] or title(None, conversation.peer)
    page = _Page(
        name,
        times,
        there,
        hands,
        waits(tx, shown, times.now),
        _parts_done(tx, shown),
        _pictures(tx, shown),
        _let_go(tx, shown),
        language,
    )
    days = page.days(shown, beside)
    return Thread(days, None if is_oldest else shown[0].public_id, is_newest)


_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def _begin_of_next(tx: Tx, conversation_id: int, shown: Sequence[Row[Any]]) -> datetime | None:
    """When the first text after these was written: calls from then on belong to the next page."""
    following = messages.after(tx, conversation_id, shown[-1].id) if shown else None
    return following.created_at if following is not None else None


def _pictures(tx: Tx, rows: Sequence[Row[Any]]) -> dict[int, PictureNotice]:
    sent = [row.id for row in rows if row.label == "picture"]
    return notices(received.pdus_of(tx, sent)) if sent else {}


_ENDED_UNSENT = frozenset({State.CANCELED.value, State.EXPIRED.value, State.BLOCKED.value})


def _let_go(tx: Tx, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Why texts went, or go, although a rule would have held them."""
    going = [row for row in rows if row.direction == Direction.OUTBOUND.value]
    by_id = {row.id: row for row in going if row.state not in _ENDED_UNSENT}
    return {
        message_id: let_go(tx, by_id[message_id], note)
        for message_id, note in decisions.let_go(tx, by_id).items()
    }


def let_go(tx: Tx, message: Row[Any], note: Row[Any]) -> str:
    """Why a text went although a rule would have held it, from the note of that decision."""
    waits_still = message.state == State.QUEUED.value
    if note.why == "urgent":
        return message_words.went_as_urgent(message.urgent_reason or "", waits_still)
    wrote = messages.last_heard(tx, message.peer, message.id)
    return message_words.went_live(note.at - wrote.created_at if wrote else None, waits_still)


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


@dataclass(frozen=True, slots=True)
class _Page:
    """What is the same for all texts of a page, and how they are laid out."""

    name: str
    times: Times
    there: Clocks
    hands: Hands
    waits: dict[int, Wait]
    done: dict[int, int]
    pictures: dict[int, PictureNotice]
    let_go: dict[int, str]
    language: str

    def days(self, rows: Sequence[Row[Any]], beside: Sequence[Item]) -> tuple[Day, ...]:
        """Texts in their order, what happened besides before the first text that was written after it."""
        days: list[tuple[datetime, list[Bubble | Item]]] = []
        waiting = deque(beside)
        previous: Row[Any] | None = None
        for row in rows:
            while waiting and waiting[0].at < row.created_at:
                self._on_its_day(days, waiting[0].at).append(waiting.popleft())
                previous = None
            items = self._on_its_day(days, row.created_at)
            items.append(self._bubble(row, previous if items else None))
            previous = row
        for item in waiting:
            self._on_its_day(days, item.at).append(item)
        return tuple(Day(f"{self.times.date_of(at)}", self.times.day(at), tuple(items)) for at, items in days)

    def _on_its_day(
        self, days: list[tuple[datetime, list[Bubble | Item]]], at: datetime
    ) -> list[Bubble | Item]:
        if not days or self.times.date_of(days[-1][0]) != self.times.date_of(at):
            days.append((at, []))
        return days[-1][1]

    def _bubble(self, row: Row[Any], previous: Row[Any] | None) -> Bubble:
        wait = self.waits.get(row.id)
        said = said_of(row, self.done.get(row.id, 0), self.times, wait, self.there)
        return Bubble(
            id=row.public_id,
            outbound=row.direction == Direction.OUTBOUND.value,
            who=_who(row, self.name),
            at=row.created_at,
            body=row.body or (EMPTY if _is_empty(row) else ""),
            label="" if row.label == "empty" else message_words.LABELS.get(row.label or "", ""),
            picture=self._picture(row),
            again=_again(row, self.times),
            rerouted=_rerouted(row),
            let_go="" if wait is not None and wait.is_held else self.let_go.get(row.id, ""),
            twice=row.twin_of_id is not None,
            said=said,
            css=_css(row, said),
            icon=ICONS[said.tone] if said else "",
            actions=tuple(actions(row, wait, self.hands)),
            with_previous=previous is not None and _goes_with(previous, row),
            hosts=tuple(hosts(row.body)),
            language=self.language if row.direction == Direction.INBOUND.value else "",
            starred=row.starred_by if row.starred_at is not None else "",
        )

    def _picture(self, row: Row[Any]) -> Picture | None:
        if row.label != "picture":
            return None
        notice = self.pictures.get(row.id, PictureNotice())
        expires = notice.expires_at
        size = f"{_size(notice.size)}." if notice.size is not None else ""
        until = (
            t("The network keeps it until {day}.").format(day=self.times.date_words(expires))
            if expires
            else ""
        )
        return Picture(joined(size, until), notice.subject)


def _size(octets: int) -> str:
    return f"{round(octets / 1000)} kB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"


def _is_empty(row: Row[Any]) -> bool:
    return row.state == State.RECEIVED.value and row.label in _SAID_BY_ITSELF


def _rerouted(row: Row[Any]) -> str:
    """Which line a text went by, where that is not the one it was written on."""
    if row.rerouted_from is None:
        return ""
    return message_words.REROUTED.format(line=row.line_name, down=row.rerouted_from)


def _again(row: Row[Any], times: Times) -> str:
    """What a text that repeats another says of it, or one that was repeated; empty for any other."""
    if row.resend_of_created_at is not None:
        return message_words.REPEATS.format(when=times.since(row.resend_of_created_at))
    said_already = row.reason == SENT_AGAIN
    return reason_words.reason(SENT_AGAIN) if row.was_sent_again and not said_already else ""


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


def said_of(
    row: Row[Any], done: int, times: Times, wait: Wait | None = None, there: Clocks | None = None
) -> Said | None:
    """Words for a message's state; `done` of its parts went or are here, `wait` is what it waits for, its
    time said on the clocks of `there`. None for one that came whole."""
    state = State(row.state)
    if state is State.RECEIVED:
        return None
    said = message_words.message(
        state,
        at=times.since(row.delivered_at) if row.delivered_at else "",
        parts_done=done,
        parts=row.segments,
        waiting_for=wait.why if wait else None,
        due=_due(row, wait, there or Clocks(times.now, times.zone)) if wait else "",
        place=wait.place if wait else None,
        line_code=wait.line if wait else "",
        reason_code=row.reason,
        no_holidays_of=wait.awaited.regions if wait else (),
        trouble=wait.awaited.trouble if wait else "",
    )
    if wait is not None and wait.never_opens:
        said = decision_words.shut(Purpose(row.purpose))
    chosen = chosen_outside(row, wait, there or Clocks(times.now, times.zone))
    cancels = message_words.CANCELS_ITSELF if state is State.QUEUED and row.cancel_if_answered else ""
    return replace(said, why=joined(chosen, said.why, cancels))


def chosen_outside(row: Row[Any], wait: Wait | None, there: Clocks) -> str:
    """The time that was chosen for a text which their hours hold past it; empty for any other."""
    if wait is None or wait.why is not WaitingFor.QUIET_HOURS or row.not_before is None:
        return ""
    words = message_words.CHOSEN_OUTSIDE if row.not_before > there.now else message_words.CHOSEN_BEFORE
    return words.format(when=there.when(row.not_before))


def _due(row: Row[Any], wait: Wait, there: Clocks) -> str:
    return there.when(wait.until) if wait.until else ""


def _css(row: Row[Any], said: Said | None) -> str:
    if said is None or row.was_sent_again:
        return ""
    return {Tone.WAITING: "msg-waiting", Tone.WARN: "msg-unclear", Tone.BAD: "msg-bad"}.get(said.tone, "")
