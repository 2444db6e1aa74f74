"""Rows of messages: inserting them, and the ways they are read. What happens to their parts is `outbox`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, not_, or_, select

from gateway.domain.labels import NOTICES
from gateway.domain.message import FREED_BY_PEOPLE, Direction, Purpose, State, WaitingFor
from gateway.store import search
from gateway.store.database import Tx
from gateway.store.ids import new_id
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import (
    attempts,
    contacts,
    conversations,
    delivery_reports,
    lines,
    messages,
    parts,
    transitions,
)


def add(tx: Tx, now: datetime, **values: Any) -> int:
    """Insert a message, index its body, and return its id (its place in the order of everything said)."""
    row = {"public_id": new_id("msg", now), "created_at": now, **values}
    message_id = tx.insert(messages, row)
    search.add(tx, message_id, row["body"])
    return message_id


def change(tx: Tx, message_id: int, **values: Any) -> None:
    """Update columns of one message, other than its body and what `outbox` derives."""
    tx.update(messages, message_id, values)


def change_body(tx: Tx, message_id: int, body: str) -> None:
    """Replace the body, as when a part arrives, and index it anew."""
    was = tx.scalar(select(messages.c.body).where(messages.c.id == message_id))
    if was != body:
        search.replace(tx, message_id, was, body)
        change(tx, message_id, body=body)


def whole() -> Select[Any]:
    """Messages as `get` reads them, to be narrowed further."""
    first, again = messages.alias("first"), messages.alias("again")
    return (
        select(
            messages,
            first.c.public_id.label("resend_of_public_id"),
            first.c.created_at.label("resend_of_created_at"),
            exists(again.c.id).where(again.c.resend_of_id == messages.c.id).label("was_sent_again"),
            conversations.c.public_id.label("conversation_public_id"),
            contacts.c.public_id.label("contact_public_id"),
            lines.c.name.label("line_name"),
            lines.c.number.label("line_number"),
            lines.c.status.label("line_status"),
            lines.c.code.label("line_code"),
            lines.c.paused_at.label("line_paused_at"),
            lines.c.status_since.label("line_status_since"),
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(lines, lines.c.id == messages.c.line_id)
        .outerjoin(first, first.c.id == messages.c.resend_of_id)
    )


_BY_ID = Prepared(whole().where(messages.c.id == bindparam("message_id")))


def get(tx: Tx, message_id: int) -> Row[Any] | None:
    """One message with its line, the public ids of its conversation and of the text it repeats."""
    return tx.row(_BY_ID, {"message_id": message_id})


def by_public_id(tx: Tx, public_id: str) -> Row[Any] | None:
    """The same, by the id that left the house."""
    return tx.execute(whole().where(messages.c.public_id == public_id)).one_or_none()


def thread(tx: Tx, conversation_id: int, limit: int = 50, before: int | None = None) -> list[Row[Any]]:
    """Newest messages of a conversation, oldest first; `before` is the id of the oldest already shown."""
    query = whole().where(messages.c.conversation_id == conversation_id)
    if before is not None:
        query = query.where(messages.c.id < before)
    rows = list(tx.execute(query.order_by(messages.c.id.desc()).limit(limit)))
    return rows[::-1]


_HEARD = Prepared(
    select(messages.c.created_at, messages.c.network_at)
    .where(
        messages.c.peer == bindparam("peer"),
        messages.c.direction == Direction.INBOUND.value,
        messages.c.id < bindparam("before"),
        messages.c.twin_of_id.is_(None),
        or_(messages.c.label.is_(None), ~one_of(messages.c.label, sorted(NOTICES))),
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)


def last_heard(tx: Tx, peer: str, before: int | None = None) -> Row[Any] | None:
    """When the owner of a number wrote last, before the message `before`: `created_at` and `network_at`.
    Networks' notices do not count, nor does a text that comes a second time."""
    return tx.row(_HEARD, {"peer": peer, "before": before or _ANY})


_ANY = 2**63 - 1
_FROM = select(messages.c.created_at).where(
    messages.c.peer == bindparam("peer"),
    messages.c.direction == Direction.INBOUND.value,
    messages.c.twin_of_id.is_(None),
)
_NTH_NEWEST = Prepared(_FROM.order_by(messages.c.id.desc()).limit(1).offset(bindparam("past")))
_NEWEST = _FROM.order_by(messages.c.id.desc()).limit(bindparam("most")).subquery()
_LATELY = Prepared(
    select(func.count()).select_from(_NEWEST).where(_NEWEST.c.created_at >= bindparam("since"))
)
MOST_COUNTED = 1000


def heard_lately(tx: Tx, peer: str, most: int, since: datetime) -> int:
    """How many texts came from a number since then, when they are more than `most`; else 0. Beyond
    `MOST_COUNTED` they are not counted."""
    before: datetime | None = tx.value(_NTH_NEWEST, {"peer": peer, "past": most})
    if before is None or before < since:
        return 0
    return int(tx.value(_LATELY, {"peer": peer, "most": MOST_COUNTED, "since": since}))


def after(tx: Tx, conversation_id: int, message_id: int) -> Row[Any] | None:
    """The first message of a conversation after that one."""
    here = (messages.c.conversation_id == conversation_id) & (messages.c.id > message_id)
    return tx.execute(select(messages).where(here).order_by(messages.c.id).limit(1)).one_or_none()


def newest(tx: Tx, conversation_id: int) -> Row[Any] | None:
    """The last message of a conversation."""
    query = select(messages).where(messages.c.conversation_id == conversation_id)
    return tx.execute(query.order_by(messages.c.id.desc()).limit(1)).one_or_none()


def since(tx: Tx, conversation_id: int, message_id: int, limit: int) -> list[Row[Any]]:
    """What people and programs said in a conversation after that message, the oldest first: no automatic
    answers, no copies, nothing of an old phone's history."""
    query = whole().where(
        messages.c.conversation_id == conversation_id,
        messages.c.id > message_id,
        messages.c.author_kind != "rule",
        messages.c.twin_of_id.is_(None),
        messages.c.import_id.is_(None),
    )
    return list(tx.execute(query.order_by(messages.c.id).limit(limit)))


@dataclass(frozen=True, slots=True)
class Waits:
    """Texts that wait for `why` at a time (`now`). `not_ready`: lines that nothing leaves by, which hold
    back what is due."""

    why: WaitingFor
    now: datetime
    not_ready: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What `page` and `due` are narrowed to; None does not narrow. `scheduled`: whether they wait for a time
    that somebody chose."""

    direction: Direction | None = None
    sender: str | None = None
    recipient: str | None = None
    state: str | None = None
    purpose: Purpose | None = None
    scheduled: bool | None = None
    waits: Waits | None = None


def page(tx: Tx, wanted: Filter, limit: int, before: int | None = None) -> list[Row[Any]]:
    """Messages of every conversation, newest first; `before` is the id of the last row already given."""
    query = whole().where(*_conditions(tx, wanted))
    if before is not None:
        query = query.where(messages.c.id < before)
    return list(tx.execute(query.order_by(messages.c.id.desc()).limit(limit)))


def due(tx: Tx, wanted: Filter, limit: int, beyond: tuple[datetime, int] | None = None) -> list[Row[Any]]:
    """Texts still to go, the earliest due first; `beyond` are the due time and the id of the last row already
    given."""
    query = select(messages.c.id).where(one_of(messages.c.state, _TO_GO), *_conditions(tx, wanted))
    if beyond is not None:
        due_at, message_id = beyond
        same_time = and_(messages.c.due_at == due_at, messages.c.id > message_id)
        query = query.where(or_(messages.c.due_at > due_at, same_time))
    # first which, then what they are: joined at once, the planner walks every conversation there is
    ids = list(tx.execute(query.order_by(messages.c.due_at, messages.c.id).limit(limit)).scalars())
    return sorted(tx.execute(whole().where(messages.c.id.in_(ids))), key=lambda row: (row.due_at, row.id))


_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def _conditions(tx: Tx, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.direction is not None:
        yield messages.c.direction == wanted.direction.value
    if wanted.state is not None:
        yield messages.c.state == wanted.state
    if wanted.recipient is not None:
        yield _with_peer_or_line(tx, wanted.recipient, Direction.OUTBOUND)
    if wanted.sender is not None:
        yield _with_peer_or_line(tx, wanted.sender, Direction.INBOUND)
    if wanted.purpose is not None:
        yield messages.c.purpose == wanted.purpose.value
    if wanted.scheduled is not None or wanted.waits is not None:
        queued = and_(one_of(messages.c.state, _TO_GO), messages.c.state == State.QUEUED.value)
        if wanted.scheduled is not None:
            is_scheduled = and_(queued, messages.c.schedule.is_not(None))
            yield is_scheduled if wanted.scheduled else not_(is_scheduled)
        if wanted.waits is not None:
            yield and_(queued, _waits(wanted.waits))


def _waits(wanted: Waits) -> ColumnElement[bool]:
    """As `gateway.desk.waiting` tells it of each: what was decided counts till the due time."""
    by_people = one_of(messages.c.waiting_for, FREED_BY_PEOPLE)
    held = and_(messages.c.waiting_for.is_not(None), or_(messages.c.due_at > wanted.now, by_people))
    this = and_(messages.c.waiting_for == wanted.why.value, held)
    if wanted.why is not WaitingFor.LINE:
        return this
    return or_(this, and_(messages.c.line_id.in_(wanted.not_ready), not_(held)))


def _with_peer_or_line(tx: Tx, number: str, theirs: Direction) -> ColumnElement[bool]:
    """Messages of direction `theirs` with that number, and those of the other direction if it is a line's.

    Lines are looked up first: a condition on a joined table would walk every message there is.
    """
    with_peer = and_(messages.c.direction == theirs.value, messages.c.peer == number)
    ours = list(tx.execute(select(lines.c.id).where(lines.c.number == number)).scalars())
    if not ours:
        return with_peer
    return or_(with_peer, and_(messages.c.direction != theirs.value, messages.c.line_id.in_(ours)))


def parts_of(tx: Tx, message_ids: list[int]) -> dict[int, list[Row[Any]]]:
    """The parts of each of these messages, in order."""
    query = select(parts).where(parts.c.message_id.in_(message_ids)).order_by(parts.c.message_id, parts.c.seq)
    found: dict[int, list[Row[Any]]] = {message_id: [] for message_id in message_ids}
    for row in tx.execute(query):
        found[row.message_id].append(row)
    return found


def history(tx: Tx, message_id: int) -> list[Row[Any]]:
    """Every change of state of a message and its parts, oldest first."""
    query = select(transitions).where(transitions.c.message_id == message_id).order_by(transitions.c.id)
    return list(tx.execute(query))


def attempts_of(tx: Tx, message_id: int) -> list[Row[Any]]:
    """Every attempt to send a part of a message, oldest first."""
    query = (
        select(attempts, parts.c.seq)
        .join(parts, parts.c.id == attempts.c.part_id)
        .where(parts.c.message_id == message_id)
        .order_by(attempts.c.id)
    )
    return list(tx.execute(query))


def reports_of(tx: Tx, message_id: int) -> list[Row[Any]]:
    """Every delivery report matched to a part of a message, oldest first."""
    query = (
        select(delivery_reports, parts.c.seq)
        .join(parts, parts.c.id == delivery_reports.c.part_id)
        .where(parts.c.message_id == message_id)
        .order_by(delivery_reports.c.id)
    )
    return list(tx.execute(query))


def answer_exists(tx: Tx, peer: str, rule: str, since: datetime) -> bool:
    """Whether an automatic answer by that rule, not canceled, was queued for the number or left since then,
    or is still to leave."""
    lately = or_(
        messages.c.created_at >= since,
        messages.c.sent_at >= since,
        messages.c.unconfirmed_until >= since,
        messages.c.state.in_([State.QUEUED.value, State.SENDING.value]),
    )
    query = select(messages.c.id).where(
        messages.c.peer == peer,
        messages.c.rule == rule,
        lately,
        messages.c.state != State.CANCELED.value,
    )
    return tx.scalar(query.limit(1)) is not None
