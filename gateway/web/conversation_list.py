"""The list of conversations as it is shown: rows of the store turned into what its template lays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import office_hours
from gateway.domain import contact_words, happened_words, inbox_words, message_words
from gateway.domain.contact import Known
from gateway.domain.conversation import Priority
from gateway.domain.hours import Opening
from gateway.domain.inbox import Wanted, pace, waited
from gateway.domain.language import t, tn
from gateway.domain.message import Direction, State
from gateway.domain.message_words import Tone
from gateway.store import calls, colleagues, consent, conversations, lines, reads, settings
from gateway.store import conversation_list as stored
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.web.known import known
from gateway.web.list_tools import Tools, tools
from gateway.web.nothing_listed import Nothing, first_day, nothing
from gateway.web.present import author, face, title

PAGE = 50
MISSED_CALL, EMPTY = t("Missed call"), t("(empty message)")
_PRESSES = {Priority.LOW: "", Priority.HIGH: "warn", Priority.URGENT: "bad"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A mark on a conversation: at most four words, with an icon before them where one is named."""

    words: str
    kind: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long somebody waits: the chip, and since when."""

    chip: Chip
    since: datetime


@dataclass(frozen=True, slots=True)
class ListRow:
    """One conversation in the list. `whose` is empty for nobody's."""

    id: str
    title: str
    face: str
    unread: bool
    unanswered: bool
    at: datetime
    said: str
    wait: Wait | None
    chips: tuple[Chip, ...]
    whose: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list; `older` is the id after which the next page begins. `nothing` is said where
    there is no row, `is_first_day` that there was never any."""

    rows: tuple[ListRow, ...]
    older: str | None
    tools: Tools
    nothing: Nothing
    is_first_day: bool
    is_first: bool


@dataclass(frozen=True, slots=True)
class _Clock:
    """What a wait is measured by."""

    opening: Opening
    target: timedelta
    now: datetime


def list_page(tx: Tx, reader: Reader, wanted: Wanted, now: datetime, after: str | None = None) -> ListPage:
    """Conversations as that person reads them, as they want them; `after` is the id of the last one shown."""
    last = conversations.by_public_id(tx, after) if after else None
    rows = stored.page(tx, reader, wanted, PAGE + 1, last)
    shown = rows[:PAGE]
    shelf = tools(tx, reader, wanted)
    is_narrowed = any(one.is_on for one in shelf.filters)
    is_first_day = shelf.total == 0 and not is_narrowed
    return ListPage(
        rows=tuple(list_rows(tx, reader, shown, now)),
        older=shown[-1].public_id if len(rows) > PAGE else None,
        tools=shelf,
        nothing=first_day(tx, reader) if is_first_day else nothing(shelf, is_narrowed=is_narrowed),
        is_first_day=is_first_day,
        is_first=last is None,
    )


def list_rows(tx: Tx, reader: Reader, shown: Sequence[Row[Any]], now: datetime) -> list[ListRow]:
    """Conversations as that person reads them in a list."""
    ids = [row.id for row in shown]
    unread = reads.unread_among(tx, reader.user_id, reader.joined_at_id, ids)
    unclear = conversations.trouble(tx, ids)
    scheduled = stored.scheduled_in(tx, ids)
    stopped = consent.suppressed_among(tx, [row.peer for row in shown])
    called = calls.newest_in(tx, ids)
    names = {user_id: row.name for user_id, row in colleagues.by_id(tx).items()}
    several = len(lines.every(tx)) > 1  # whoever writes to two of them stands here twice
    clock = _Clock(
        office_hours.opening(tx), timedelta(minutes=int(settings.get(tx, "inbox.target_minutes"))), now
    )
    found = []
    for row in shown:
        chips = _chips(row, unclear.get(row.id, 0), scheduled.get(row.id, 0), row.peer in stopped, several)
        called_at = called.get(row.id)
        is_call = called_at is not None and called_at >= row.last_message_at  # the last thing that happened
        found.append(
            ListRow(
                id=row.public_id,
                title=title(row.name, row.peer),
                face=face(row.name, row.peer),
                unread=row.id in unread,
                unanswered=is_call and row.waiting_since is not None,
                at=row.last_message_at,
                said=str(MISSED_CALL) if is_call else _preview(row, reader.user_id),
                wait=_wait(row, clock),
                chips=tuple(chips),
                whose=_whose(row, reader.user_id, names),
            )
        )
    return found


def _whose(row: Row[Any], reader_id: int, names: dict[int, str]) -> str:
    if row.assignee_id == reader_id:
        return str(t("You"))
    return names.get(row.assignee_id, "").partition(" ")[0]


def _wait(row: Row[Any], clock: _Clock) -> Wait | None:
    since = row.waiting_since
    if since is None or row.state != "open":
        return None
    length = waited(clock.opening, since, clock.now)
    stands = pace(length, clock.target)
    words = inbox_words.waits(length, clock.now - since, stands)
    return Wait(Chip(words, inbox_words.CHIPS[stands]), since)


def _preview(row: Row[Any], reader_id: int) -> str:
    if row.last_direction == Direction.OUTBOUND.value:
        own = (row.last_author_kind, row.last_author_id) == ("person", reader_id)
        repeats = row.last_resend_of_id is not None
        if own:
            return t("You: {words}").format(words=row.last_body)
        return f"{author(row.last_author_kind, row.last_author, repeats=repeats)}: {row.last_body}"
    if row.flood_texts:
        return contact_words.flood(row.flood_texts)
    return row.last_body or str(message_words.LABELS.get(row.last_label or "", EMPTY))


def _chips(row: Row[Any], unclear: int, scheduled: int, stopped: bool, several_lines: bool) -> list[Chip]:
    chips = []
    priority = Priority(row.priority)
    if priority in _PRESSES:
        chips.append(Chip(str(happened_words.PRIORITIES[priority]), _PRESSES[priority]))
    if several_lines or row.line_removed_at is not None:
        chips.append(Chip(row.line_name, "label"))
    if unclear:
        chips.append(Chip(tn("{count} unclear", "{count} unclear", unclear), "warn"))
    if row.last_direction == Direction.OUTBOUND.value:
        words, tone = message_words.STATES[State(row.last_state)]
        if tone is Tone.BAD:
            chips.append(Chip(str(words), "bad", "warning"))
    if scheduled:
        chips.append(Chip(tn("{count} scheduled", "{count} scheduled", scheduled), "waiting", "clock"))
    if stopped:
        chips.append(Chip(str(t("Stopped"))))
    if row.blocked_at is not None:
        chips.append(Chip(str(t("Blocked")), "bad"))
    elif known(row) is Known.NEW_PROSPECT and not stopped:
        mark = contact_words.KNOWN[Known.NEW_PROSPECT]
        chips.append(Chip(str(mark.words), mark.kind))
    return chips
