"""What came of a send, recorded: sent, unclear, to be tried again, or given up.

How often a text is tried again stands with the numbers of the devices and comes with the outcome; whose
trouble a refusal is, the text's or the line's, is `gateway.domain.breaker`'s to say.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import clock, conversation_state, deciding, hygiene, reports, suspicion
from gateway.domain.breaker import Suspicion, is_networks
from gateway.domain.line import Accepted, CannotTell, NotNow, RefusedForGood, Scope, SendOutcome
from gateway.domain.message import UNFINISHED, Outcome, PartState, Rank, State, WaitingFor
from gateway.queue import retry
from gateway.store import decisions, messages, outbox, refusals
from gateway.store.database import Tx

GRACE = timedelta(seconds=120)
"""How long an unconfirmed text holds back later ones of its conversation, hoping for a report."""

Chance = Callable[[], float]


def record(
    tx: Tx,
    part_id: int,
    outcome: Accepted | SendOutcome,
    now: datetime,
    doubt: str | None = None,
    chance: Chance = random.random,
) -> None:
    """Record what came of a send, whatever it was. `doubt`: what the clock says of itself; `chance`: a number
    from 0 to 1, by which the next try is a little sooner or later."""
    part = outbox.get(tx, part_id)
    if part is None:
        return
    if isinstance(outcome, Accepted):
        _accepted(tx, part, outcome, now)
    elif isinstance(outcome, CannotTell):
        unconfirmed(tx, part, outcome.code, now)
    elif isinstance(outcome, NotNow | RefusedForGood):
        _refused(tx, part, outcome, now, doubt or clock.doubt(tx), chance)
    suspicion.tell(tx, part.line_id, now)


def _accepted(tx: Tx, part: Row[Any], outcome: Accepted, now: datetime) -> None:
    outbox.end_attempt(tx, part.id, now, Outcome.ACCEPTED, None)
    if part.state != PartState.SUBMITTING.value:
        return  # a report or late result was quicker
    outbox.move(
        tx,
        part.id,
        PartState.ACCEPTED,
        now,
        "accepted",
        reference=outcome.reference,
        accepted_at=now,
        evidence="answer",
        owner=None,
        lease_until=None,
    )
    if part.segments > 1 and part.rank != Rank.BEGUN:
        messages.change(tx, part.message_id, rank=int(Rank.BEGUN))
    reports.match_earlier(tx, part.id, now)
    if not part.report_wanted:  # no better proof will come
        hygiene.arrived(tx, part.peer, now)


def unconfirmed(tx: Tx, part: Row[Any], code: str, now: datetime) -> None:
    """Nobody can tell whether a part went: it is never tried again by itself."""
    outbox.end_attempt(tx, part.id, now, Outcome.UNCONFIRMED, code)
    if part.state != PartState.SUBMITTING.value:
        return
    outbox.move(tx, part.id, PartState.UNCONFIRMED, now, code, code=code, owner=None, lease_until=None)
    messages.change(tx, part.message_id, reason=_reason(code), unconfirmed_until=now + GRACE)
    reports.match_unclear(tx, part.id, now)


def _reason(code: str) -> str:
    """Word for why nobody can tell: our own words as they are, a device's error as unproven."""
    return code if code in ("timeout", "port_lost", "device_reset", "crash") else "unproven"


# --- refusals ----------------------------------------------------------------------------------------


def _refused(
    tx: Tx, part: Row[Any], outcome: NotNow | RefusedForGood, now: datetime, doubt: str | None, chance: Chance
) -> None:
    """Proven not sent: put the part back to be tried again, or give its text up."""
    begun = part.state == PartState.SUBMITTING.value
    if not begun and part.state != PartState.READY.value:
        return
    known_before = refusals.ended_with(tx, part.id, outcome.code) if begun else part.attempts
    is_last = outcome.tries is not None and known_before + 1 >= outcome.tries
    if begun:
        for_good = isinstance(outcome, RefusedForGood)
        how = Outcome.REFUSED if for_good and is_last else Outcome.NOT_NOW
        outbox.end_attempt(tx, part.id, now, how, outcome.code)
    against = suspicion.of(tx, part.line_id, now) if is_networks(outcome.code) else None
    message = messages.get(tx, part.message_id)
    if is_last and against is None:
        _fail(tx, part.id, part.message_id, outcome.code, now)
        if isinstance(outcome, RefusedForGood) and is_networks(outcome.code):
            hygiene.failed(tx, part.peer, now)
        return
    is_lines = against is not None or (isinstance(outcome, NotNow) and outcome.scope is not Scope.MESSAGE)
    counted = part.attempts if begun or is_lines else part.attempts + 1
    _put_back(tx, part, outcome.code, counted - 1 if begun and is_lines else counted, now)
    if message is None or State(message.state) not in UNFINISHED:
        return
    due_at = now + _pause(outcome, counted, against, now, chance)
    since = _refused_since(message, now)
    if doubt is None and _is_hopeless(tx, message, since, due_at, against, now):
        _fail(tx, part.id, message.id, outcome.code, now)
        return
    if doubt is None and since != message.first_refused_at:
        messages.change(tx, message.id, first_refused_at=since)
    _wait(tx, message, WaitingFor.LINE if is_lines else WaitingFor.RETRY, outcome.code, due_at, now)
    if against is not None:
        suspicion.put_aside(tx, against)


def _refused_since(message: Row[Any], now: datetime) -> datetime:
    """When a text was refused first, at the prompt or after it, as far as the clock was trusted: what it
    waited for before was no try."""
    first: datetime | None = message.first_refused_at
    return now if first is None or first > now else first


def _is_hopeless(
    tx: Tx,
    message: Row[Any],
    since: datetime,
    due_at: datetime,
    against: Suspicion | None,
    now: datetime,
) -> bool:
    """Whether a text would be tried again when it is useless, or has been tried for too long. The network's
    trouble with the line is not the text's: for that alone none is given up."""
    if message.send_by is not None:
        return bool(due_at > message.send_by)
    if against is not None:
        return False
    held = decisions.held_since(tx, message.id, since, now)
    return due_at > since + held + retry.GIVE_UP_AFTER


def _put_back(tx: Tx, part: Row[Any], code: str, counted: int, now: datetime) -> None:
    """Make a part ready again, with so many tries counted against it; those the line was to blame for are
    not."""
    if part.state == PartState.SUBMITTING.value:
        values: dict[str, Any] = {"code": code, "owner": None, "lease_until": None, "attempts": counted}
        outbox.move(tx, part.id, PartState.READY, now, code, **values)
    elif counted != part.attempts:
        outbox.count_attempt(tx, part.id, counted)  # refused at the prompt: no attempt began, but it counts


def _pause(
    outcome: NotNow | RefusedForGood,
    counted: int,
    against: Suspicion | None,
    now: datetime,
    chance: Chance,
) -> timedelta:
    """How long a text waits for its next try."""
    if against is not None:
        return against.until + suspicion.OTHERS_FIRST - now
    if outcome.after_s is not None:
        return retry.spread(timedelta(seconds=outcome.after_s), chance)
    if isinstance(outcome, NotNow) and outcome.scope is not Scope.MESSAGE:
        return retry.TELEPHONE.get(outcome.code, retry.LINE_TEXT)
    return retry.spread(retry.pause(counted, Scope.MESSAGE), chance)


def _wait(
    tx: Tx, message: Row[Any], waits_for: WaitingFor, code: str, due_at: datetime, now: datetime
) -> None:
    messages.change(tx, message.id, due_at=due_at, waiting_for=waits_for.value, reason=code)
    deciding.tell_waiting(tx, message, now)


def _fail(tx: Tx, part_id: int, message_id: int, code: str, now: datetime) -> None:
    outbox.give_up_rest(tx, message_id, now, code, but=part_id)  # first: the state is derived from all parts
    outbox.move(tx, part_id, PartState.FAILED, now, code, code=code, owner=None, lease_until=None)
    messages.change(tx, message_id, reason=code)
    conversation_state.text_failed(tx, message_id, now)
