"""Texts that wait to go by themselves: finding those to decide anew, changing what is in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, delete, func, or_, select, update

from gateway.domain.message import Outcome, PartState, State, WaitingFor
from gateway.store import outbox
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import attempts, conversations, events, messages, parts, transitions

BY_RULES = (
    WaitingFor.SCHEDULE,
    WaitingFor.QUIET_HOURS,
    WaitingFor.CAP,
    WaitingFor.CLOCK,
)
"""What a text waits for that the rules decide, and not the radio or the line."""

_UNFINISHED = [State.QUEUED, State.SENDING, State.UNCONFIRMED]  # as the partial index writes it


def _to_decide() -> Select[Any]:
    waits = or_(one_of(messages.c.waiting_for, BY_RULES), messages.c.waiting_for.is_(None))
    return (
        select(messages.c.id)
        .where(
            one_of(messages.c.state, _UNFINISHED),
            messages.c.state == State.QUEUED.value,
            messages.c.id > bindparam("after"),
            waits,
        )
        .order_by(messages.c.id)
        .limit(bindparam("most"))
    )


_TO_DECIDE = _to_decide()
_TO_DECIDE_OF_LINE = _TO_DECIDE.where(messages.c.line_id == bindparam("line_id"))
_TO_DECIDE_OF_PEER = _TO_DECIDE.where(
    messages.c.peer == bindparam("capped"), messages.c.waiting_for == WaitingFor.CAP.value
)
_TO_DECIDE_OF_CONVERSATION = _TO_DECIDE.where(messages.c.conversation_id == bindparam("conversation_id"))


def to_decide(
    tx: Tx,
    after: int,
    most: int,
    *,
    line_id: int | None = None,
    conversation_id: int | None = None,
    capped: str | None = None,
) -> list[int]:
    """Ids of queued texts that the rules hold or let go, above `after`, in order; with `capped` those to that
    number that a cap holds."""
    values: dict[str, Any] = {"after": after, "most": most}
    if capped is not None:
        query, values = _TO_DECIDE_OF_PEER, values | {"capped": capped}
    elif conversation_id is not None:
        query, values = _TO_DECIDE_OF_CONVERSATION, values | {"conversation_id": conversation_id}
    elif line_id is not None:
        query, values = _TO_DECIDE_OF_LINE, values | {"line_id": line_id}
    else:
        query = _TO_DECIDE
    return list(tx.execute(query, values).scalars())


_theirs = conversations.alias()
_IF_UNANSWERED = select(messages.c.id).where(
    messages.c.conversation_id.in_(
        select(_theirs.c.id)
        .join(conversations, conversations.c.contact_id == _theirs.c.contact_id)
        .where(conversations.c.id == bindparam("conversation_id"))
    ),
    one_of(messages.c.state, _UNFINISHED),
    messages.c.state == State.QUEUED.value,
    messages.c.cancel_if_answered,
)


def if_unanswered(tx: Tx, conversation_id: int) -> list[int]:
    """Texts to whom a conversation is held with, on any line and to any of their numbers, that are to go only
    if nothing is heard before, and have not gone."""
    return list(tx.execute(_IF_UNANSWERED, {"conversation_id": conversation_id}).scalars())


def was_tried(tx: Tx, message_id: int) -> bool:
    """Whether any part of a message was handed to a device, whatever came of it; what was taken back from
    the device before it had all of it was not."""
    tried = func.coalesce(attempts.c.outcome, "") != Outcome.WITHDRAWN.value
    query = select(attempts.c.id).join(parts, parts.c.id == attempts.c.part_id)
    return tx.scalar(query.where(parts.c.message_id == message_id, tried).limit(1)) is not None


def replace_parts(tx: Tx, message_id: int, tpdus: list[bytes]) -> None:
    """Put other parts in place of those of a message of which nothing was tried. The old ones are gone with
    their ids, or are nobody's if an attempt was taken back, which is kept: so a lane that holds one finds
    that it may not send it."""
    of_it = and_(parts.c.message_id == message_id, parts.c.state == PartState.READY.value)
    taken_back = select(attempts.c.id).where(attempts.c.part_id == parts.c.id).exists()
    kept = list(tx.execute(select(parts.c.seq).where(of_it, taken_back, parts.c.seq <= len(tpdus))).scalars())
    tx.execute(delete(parts).where(of_it, parts.c.seq.not_in(kept)))
    for seq in kept:
        other = {"tpdu": tpdus[seq - 1], "owner": None, "lease_until": None}
        tx.execute(update(parts).where(of_it, parts.c.seq == seq).values(other))
    outbox.add_parts(tx, message_id, tpdus, there=kept)


def note_change(tx: Tx, message_id: int, now: datetime, why: str, actor: str) -> None:
    """Keep in a message's history that somebody changed it while it waited."""
    queued = State.QUEUED.value
    values = {
        "message_id": message_id,
        "at": now,
        "was": queued,
        "became": queued,
        "why": why,
        "actor": actor,
    }
    tx.insert(transitions, values)


def capped_by_news(tx: Tx, after: int, kinds: Collection[str]) -> list[str]:
    """Numbers to which a cap holds texts, and other texts to which events of these kinds above that id are
    about."""
    held = messages.alias()
    query = (
        select(messages.c.peer)
        .join(events, events.c.message_id == messages.c.id)
        .where(
            events.c.id > after,
            events.c.kind.in_(kinds),
            select(held.c.id)
            .where(
                held.c.peer == messages.c.peer,
                held.c.state == State.QUEUED.value,
                held.c.waiting_for == WaitingFor.CAP.value,
                held.c.id != messages.c.id,
            )
            .exists(),
        )
        .distinct()
        .order_by(messages.c.peer)
    )
    return list(tx.execute(query).scalars())


def news(tx: Tx, after: int, kinds: Collection[str]) -> list[Row[Any]]:
    """Events of these kinds above that id, oldest first."""
    query = select(events).where(events.c.id > after, events.c.kind.in_(kinds)).order_by(events.c.id)
    return list(tx.execute(query))
