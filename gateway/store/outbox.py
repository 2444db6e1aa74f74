"""Parts on their way out: which is next, who claimed it, and every move of its state.

`move` is the only function that changes the state of a part, and with it that of its message; it applies
the table in `gateway.domain.message`, writes the transition and records the event.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from gateway.domain.events import Event
from gateway.domain.message import (
    Outcome,
    PartState,
    State,
    advance,
    message_state,
)
from gateway.store import events
from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.sql import one_of
from gateway.store.tables import (
    attempts,
    concat_references,
    messages,
    parts,
    transitions,
)

STOP_RULE = "stop"
"""Rule of the one confirmation of an opt-out."""

LEASE = timedelta(minutes=5)
"""Longer than the slowest send; a claim older than this belongs to nobody."""

_ORDER_OF_STATES = [State.QUEUED, State.SENDING]  # as the partial indexes write it

# --- what every text asks ----------------------------------------------------------------------------


def _to_resend() -> Select[Any]:
    again = messages.alias("again")
    return select(messages).where(
        messages.c.line_id == bindparam("line_id"),
        one_of(messages.c.state, [State.UNCONFIRMED]),
        messages.c.on_unconfirmed == "resend_once",
        messages.c.unconfirmed_until <= bindparam("now"),
        ~select(again.c.id).where(again.c.resend_of_id == messages.c.id).exists(),
    )


_TO_RESEND = Prepared(_to_resend())
_ONE_PART = Prepared(
    select(
        parts,
        messages.c.line_id,
        messages.c.conversation_id,
        messages.c.peer,
        messages.c.state.label("message_state"),
        messages.c.segments,
        messages.c.rank,
        messages.c.waiting_for,
        messages.c.report_wanted,
    )
    .join(messages, messages.c.id == parts.c.message_id)
    .where(parts.c.id == bindparam("part_id"))
)
_STATE_OF_PART = Prepared(
    select(parts.c.message_id, parts.c.seq, parts.c.state).where(parts.c.id == bindparam("part_id"))
)
_STATE_OF_MESSAGE = Prepared(
    select(
        messages.c.state, messages.c.ended, messages.c.sent_at, messages.c.conversation_id, messages.c.line_id
    ).where(messages.c.id == bindparam("message_id"))
)
_STATES_OF_PARTS = Prepared(select(parts.c.state).where(parts.c.message_id == bindparam("message_id")))
_NEWEST_ATTEMPT = Prepared(select(func.max(attempts.c.id)).where(attempts.c.part_id == bindparam("part_id")))

# -----------------------------------------------------------------------------------------------------


def next_reference(tx: Tx, recipient: str, first: int) -> int:
    """A concatenation reference (TS 23.040 9.2.3.24.1) that no text in flight to the recipient uses.

    8 bits, counted per recipient over restarts; `first` (random) is where a new recipient starts.
    """
    last = tx.scalar(select(concat_references.c.last).where(concat_references.c.recipient == recipient))
    if last is None:
        tx.execute(insert(concat_references), {"recipient": recipient, "last": first % 256})
        return first % 256
    following = (int(last) + 1) % 256
    here = concat_references.c.recipient == recipient
    tx.execute(update(concat_references).where(here).values(last=following))
    return following


def add_parts(tx: Tx, message_id: int, tpdus: list[bytes], there: Collection[int] = ()) -> None:
    """Insert the parts of a message, all ready; `there` are the numbers of those it has already."""
    rows = [
        {"message_id": message_id, "seq": seq, "tpdu": tpdu, "state": PartState.READY.value}
        for seq, tpdu in enumerate(tpdus, start=1)
        if seq not in there
    ]
    if rows:
        tx.execute(insert(parts), rows)


def get(tx: Tx, part_id: int) -> Row[Any] | None:
    """One part with what of its message decides whether it may go."""
    return tx.row(_ONE_PART, {"part_id": part_id})


def claim(tx: Tx, part_id: int, owner: str, now: datetime) -> None:
    """Mark a part as about to be sent by `owner`."""
    tx.update(parts, part_id, {"owner": owner, "lease_until": now + LEASE})


def submitting(tx: Tx) -> list[Row[Any]]:
    """Parts of every line, removed ones too, that stand between intent and outcome."""
    in_flight = one_of(parts.c.state, [PartState.SUBMITTING, PartState.UNCONFIRMED])  # as the index says it
    query = select(parts).where(in_flight, parts.c.state == PartState.SUBMITTING.value).order_by(parts.c.id)
    return list(tx.execute(query))


def move(
    tx: Tx,
    part_id: int,
    to: PartState,
    now: datetime,
    why: str,
    actor: str | None = None,
    **values: Any,
) -> State:
    """Move a part to another state and derive its message's; returns the message's state.

    `why` is a short stable word kept in the history; `values` are further columns of the part.

    Raises:
        IllegalMove: the table does not allow it; nothing was changed.
    """
    message_id = _set_part(tx, part_id, to, now, why, actor, values)
    return refresh(tx, message_id, now, why, actor)


def _set_part(
    tx: Tx, part_id: int, to: PartState, now: datetime, why: str, actor: str | None, values: dict[str, Any]
) -> int:
    """The one place that writes the state of a part; returns its message's id."""
    (part,) = tx.rows(_STATE_OF_PART, {"part_id": part_id})
    advance(PartState(part.state), to)
    tx.update(parts, part_id, {"state": to.value, **values})
    _remember(tx, part.message_id, now, part.state, to.value, why, actor, seq=part.seq)
    return int(part.message_id)


def refresh(tx: Tx, message_id: int, now: datetime, why: str, actor: str | None = None) -> State:
    """Derive a message's state from its parts, keep it, and record what changed."""
    (message,) = tx.rows(_STATE_OF_MESSAGE, {"message_id": message_id})
    states = [PartState(state) for (state,) in tx.rows(_STATES_OF_PARTS, {"message_id": message_id})]
    state = message_state(states, State(message.ended) if message.ended else None)
    if state.value != message.state:
        values: dict[str, Any] = {"state": state.value}
        if state in (State.SENT, State.DELIVERED):
            values["sent_at"] = message.sent_at or now
        if state is State.DELIVERED:
            values["delivered_at"] = now
        if state is not State.QUEUED:
            values["waiting_for"] = None
        if state in (State.SENT, State.DELIVERED):
            values["reason"] = None
        tx.update(messages, message_id, values)
        _remember(tx, message_id, now, message.state, state.value, why, actor)
        events.record(
            tx,
            Event(f"message.{state.value}"),
            now,
            line_id=message.line_id,
            conversation_id=message.conversation_id,
            message_id=message_id,
        )
    return state


def end(tx: Tx, message_id: int, ended: State, now: datetime, reason: str, actor: str | None = None) -> State:
    """End a message: canceled, expired or blocked, with a reason to show. Nothing more of it leaves.

    Of one that was begun the rest is given up, and it says how much of it went.
    """
    tx.update(messages, message_id, {"ended": ended.value, "reason": reason, "waiting_for": None})
    to = PartState.EXPIRED if ended is State.EXPIRED else PartState.CANCELED
    give_up_rest(tx, message_id, now, reason, actor, to=to)
    return refresh(tx, message_id, now, reason, actor)


def give_up_rest(
    tx: Tx,
    message_id: int,
    now: datetime,
    why: str,
    actor: str | None = None,
    *,
    to: PartState = PartState.CANCELED,
    but: int = 0,
) -> None:
    """Give up the parts that were not tried, `but` that one; the message's state is not derived anew."""
    ready = select(parts.c.id).where(
        parts.c.message_id == message_id, parts.c.state == PartState.READY.value, parts.c.id != but
    )
    for part_id in list(tx.execute(ready).scalars()):
        _set_part(tx, part_id, to, now, why, actor, {})


def count_attempt(tx: Tx, part_id: int, attempts_made: int) -> None:
    """Count a try that ended before an attempt began."""
    tx.execute(update(parts).where(parts.c.id == part_id).values(attempts=attempts_made))


def begin_attempt(tx: Tx, part_id: int, line_id: int, number: int, now: datetime) -> None:
    """Write an attempt down before it is made."""
    values = {"part_id": part_id, "line_id": line_id, "number": number, "started_at": now}
    tx.insert(attempts, values)


def end_attempt(tx: Tx, part_id: int, now: datetime, outcome: Outcome, code: str | None) -> None:
    """Complete the newest attempt of a part."""
    newest = tx.value(_NEWEST_ATTEMPT, {"part_id": part_id})
    if newest is not None:
        tx.update(attempts, newest, {"ended_at": now, "outcome": outcome.value, "code": code})


def to_resend(tx: Tx, line_id: int, now: datetime) -> list[Row[Any]]:
    """Unconfirmed messages of a line that are to be repeated once, and were not yet."""
    return tx.rows(_TO_RESEND, {"line_id": line_id, "now": now})


def was_sent_again(tx: Tx, message_id: int) -> bool:
    """Whether a repetition of this message was accepted, whatever became of either since."""
    return tx.scalar(select(messages.c.id).where(messages.c.resend_of_id == message_id).limit(1)) is not None


def unsent_to(tx: Tx, number: str) -> list[int]:
    """Messages to a number of which something may still go, the answer to a STOP apart."""
    ready = select(parts.c.id).where(
        parts.c.message_id == messages.c.id, parts.c.state == PartState.READY.value
    )
    query = select(messages.c.id).where(
        messages.c.peer == number,
        one_of(messages.c.state, [State.QUEUED, State.SENDING, State.UNCONFIRMED]),
        func.coalesce(messages.c.rule, "") != STOP_RULE,
        ready.exists(),
    )
    return list(tx.execute(query).scalars())


def from_the_future(tx: Tx, latest: datetime, latest_doubt: datetime) -> list[Row[Any]]:
    """Messages written by a clock that was ahead: accepted after `latest`, or in doubt beyond that time."""
    ahead = and_(one_of(messages.c.state, _ORDER_OF_STATES), messages.c.created_at > latest)
    doubt = and_(one_of(messages.c.state, [State.UNCONFIRMED]), messages.c.unconfirmed_until > latest_doubt)
    query = select(messages.c.id, messages.c.state, messages.c.waiting_for, messages.c.purpose)
    return list(tx.execute(query.where(ahead))) + list(tx.execute(query.where(doubt)))


def overdue(tx: Tx, now: datetime) -> list[int]:
    """Messages that wait although they have become useless."""
    query = select(messages.c.id).where(one_of(messages.c.state, _ORDER_OF_STATES), messages.c.send_by < now)
    return list(tx.execute(query).scalars())


def without_report(tx: Tx, useful_before: datetime, sent_before: datetime) -> list[Row[Any]]:
    """Messages that were useful until before then, or at any time and sent before `sent_before`, that the
    network took and never reported on, of which that was not said yet."""
    columns = (messages.c.id, messages.c.line_id, messages.c.conversation_id)
    query = select(*columns, messages.c.send_by, messages.c.sent_at).where(
        one_of(messages.c.state, [State.SENT]),
        messages.c.report_wanted,
        messages.c.reason.is_(None),
        or_(
            messages.c.send_by < useful_before,
            and_(messages.c.send_by.is_(None), messages.c.sent_at < sent_before),
        ),
    )
    return list(tx.execute(query))


def is_flowing(tx: Tx, message_id: int, since: datetime) -> bool:
    """Whether the parts of a message are just going out: it is sending, waits for nothing, and a part was
    handed over since then, whenever its answer came."""
    query = select(parts.c.id).where(
        parts.c.message_id == message_id,
        parts.c.submitted_at >= since,
        parts.c.message_id == messages.c.id,
        messages.c.state == State.SENDING.value,
        messages.c.waiting_for.is_(None),
    )
    return tx.scalar(query.limit(1)) is not None


def went_since(tx: Tx, message_id: int, since: datetime) -> bool:
    """Whether a part of a message was handed over since then."""
    query = select(parts.c.id).where(parts.c.message_id == message_id, parts.c.submitted_at >= since)
    return tx.scalar(query.limit(1)) is not None


def unfinished_on(tx: Tx, line_id: int) -> list[int]:
    """Messages of a line of which something is still to go."""
    here = messages.c.line_id == line_id
    query = select(messages.c.id).where(here, one_of(messages.c.state, _ORDER_OF_STATES))
    return list(tx.execute(query).scalars())


def counts(tx: Tx, line_id: int) -> dict[str, int]:
    """How many messages of a line are queued, sending and unconfirmed."""
    query = (
        select(messages.c.state, func.count())
        .where(
            messages.c.line_id == line_id,
            one_of(messages.c.state, [State.QUEUED, State.SENDING, State.UNCONFIRMED]),
        )
        .group_by(messages.c.state)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def _remember(
    tx: Tx,
    message_id: int,
    now: datetime,
    was: str | None,
    became: str,
    why: str,
    actor: str | None,
    seq: int | None = None,
) -> None:
    values = {
        "message_id": message_id,
        "seq": seq,
        "at": now,
        "was": was,
        "became": became,
        "why": why,
        "actor": actor,
    }
    tx.insert(transitions, values)
