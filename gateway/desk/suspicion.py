"""Whether a line is suspect of being refused by its network, and how that is kept and told.

The rule is `gateway.domain.breaker`; what it is judged by is what was recorded of the last attempts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.domain.breaker import LOOK_BACK, REFUSED_BY_NETWORK, Suspicion, Try, is_networks, suspicion
from gateway.domain.events import Event
from gateway.domain.line import LineStatus
from gateway.domain.message import UNFINISHED, Outcome, PartState, State, WaitingFor
from gateway.store import events, line_history, lines, messages, refusals
from gateway.store.database import Tx

OTHERS_FIRST = timedelta(seconds=30)
"""How long those who were refused let others be the one text that is tried."""

_WENT = frozenset({PartState.ACCEPTED, PartState.DELIVERED, PartState.UNDELIVERED})
_REFUSED = frozenset({Outcome.REFUSED, Outcome.NOT_NOW})


def of(tx: Tx, line_id: int, now: datetime) -> Suspicion | None:
    """What is held against a line; None for nothing."""
    if refusals.newest_outcome(tx, line_id) == Outcome.ACCEPTED.value:
        return None
    rows = refusals.last(tx, line_id, LOOK_BACK)
    return suspicion([told for row in rows if (told := _told(row)) is not None], now)


def _told(row: Row[Any]) -> Try | None:
    """What an attempt says of its line; None for nothing, as when the device had no network."""
    outcome = Outcome(row.outcome)
    if outcome is Outcome.ACCEPTED or (outcome is Outcome.UNCONFIRMED and PartState(row.state) in _WENT):
        return Try(row.message_id, row.peer, True, row.ended_at)
    if outcome in _REFUSED and is_networks(row.code):
        return Try(row.message_id, row.peer, False, row.ended_at)
    return None


def code(tx: Tx, line_id: int, told: str, now: datetime) -> str:
    """How a line is that says `told` of itself: the device may be well and the network refuse every text."""
    return REFUSED_BY_NETWORK if told == line_history.UP_CODE and of(tx, line_id, now) else told


def tell(tx: Tx, line_id: int, now: datetime) -> None:
    """Keep how a line is after an attempt ended, where that has changed."""
    line = lines.get(tx, line_id)
    if line is None or line.status != LineStatus.UP.value:
        return
    if line.code not in (line_history.UP_CODE, REFUSED_BY_NETWORK):
        return
    found = code(tx, line_id, line_history.UP_CODE, now)
    if found != line.code:
        lines.change(tx, line_id, code=found, status_since=now)
        line_history.note(tx, line_id, "state", found, "", now)
        events.record(tx, Event.LINE_CHANGED, now, line_id=line_id)


def put_aside(tx: Tx, against: Suspicion) -> None:
    """Let the texts that were refused wait until others had their turn, or one refused number of a better
    rank would be tried again and again, and the line never proven to be well."""
    due_at = against.until + OTHERS_FIRST
    for message_id in against.refused:
        message = messages.get(tx, message_id)
        if message is not None and State(message.state) in UNFINISHED and message.due_at < due_at:
            messages.change(tx, message_id, due_at=due_at, waiting_for=WaitingFor.LINE.value)
