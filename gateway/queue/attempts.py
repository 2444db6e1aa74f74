"""The transactions of a send: claim, and submit, the last look before a text leaves.

`submit` commits the attempt before it is made, and with it that there is no next one by itself. Between it
and the recorded outcome (`gateway.queue.outcomes`) nobody can know whether the text went out; a part found
there after a crash is unconfirmed, and a text that was sent again because of that is not sent a third time.
Each function is one transaction's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import conversation_state, deciding, suspicion, unclear, validity
from gateway.desk.deciding import FLOW
from gateway.desk.drafts import Author
from gateway.domain.message import UNFINISHED, Outcome, PartState, Rank, State, WaitingFor
from gateway.domain.policy import Decision, Refuse, SendNow, WaitUntil
from gateway.domain.refusal_words import Refused
from gateway.queue import outcomes
from gateway.queue.outcomes import GRACE
from gateway.store import lines, messages, outbox, owed, turns
from gateway.store.database import Tx

ANSWER_WITHIN = timedelta(seconds=150)
"""How long a device may take to answer a text; the longest wait of the radio."""


PATIENCE = timedelta(hours=1)
"""A text that was due this long ago goes before those of a better place when it is the others' turn."""

_PATIENT = tuple(rank for rank in Rank if rank is not Rank.BEGUN)
_HELD_AT_ONCE = 20
"""So many texts are looked at in one transaction for one that may leave."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A part this process is about to send."""

    part_id: int
    message_id: int
    tpdu: bytes
    older: int | None = None
    """Of the part before, as in `gateway.domain.line.Submission`."""


def quiet_until(tx: Tx, line_id: int) -> datetime | None:
    """Until when a line is kept quiet, because the answer to its last text may still come.

    A crash or a lost port leaves the device alone with the text; its late answer, taken for that of the
    next text, would call that one sent and leave this one in doubt. None once the answer came, a person
    decided, or a delivery report named the reference that the answer will be known by.
    """
    return _quiet_until(_left_alone(tx, line_id))


def _quiet_until(last: Row[Any] | None) -> datetime | None:
    if last is None or last.reference is not None:
        return None
    until: datetime = last.submitted_at + ANSWER_WITHIN
    return until


def _left_alone(tx: Tx, line_id: int) -> Row[Any] | None:
    """The last text of a line, if its device was left alone with it and may still answer."""
    last = owed.last(tx, line_id)
    if last is None or last.code not in ("crash", "port_lost") or last.reason == unclear.SENT_AGAIN:
        return None
    return last


def _older(last: Row[Any] | None, now: datetime) -> int | None:
    if last is None or abs(now - last.submitted_at) > ANSWER_WITHIN:
        return None
    reference: int | None = last.reference
    return reference


@dataclass(frozen=True, slots=True)
class Look:
    """What a line finds in its queue. `wake_at`: when there may be something that there is not now; None:
    not by time alone."""

    repeats: bool
    has_next: bool
    wake_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a line may send at a moment: parts of these ranks, and when others may follow."""

    ranks: tuple[Rank, ...]
    frees_at: datetime | None
    patient: tuple[Rank, ...] = ()
    """Those that may go when it is their turn, having waited for better ranks: at no distance from these."""
    held: frozenset[Rank] = frozenset()
    """Those that wait for a budget; they hold back nobody."""


def look(tx: Tx, line_id: int, now: datetime) -> Look:
    """What there is to do on a line, in one read: every line looks after every event."""
    quiet = quiet_until(tx, line_id)
    turn = _turn(tx, line_id, quiet, now)
    times = (turns.next_due(tx, line_id, now), quiet, turn.frees_at)
    return Look(
        bool(outbox.to_resend(tx, line_id, now)),
        turns.head(tx, line_id, now, turn.ranks, but=turn.held) is not None,
        min((at for at in times if at is not None and at > now), default=None),
    )


def _turn(tx: Tx, line_id: int, quiet: datetime | None, now: datetime) -> _Turn:
    """Which ranks a line may send now: none while it is paused, kept quiet, or rests because the network
    refuses every text, else as its limits allow."""
    line = lines.get(tx, line_id)
    if line is None or line.paused_at is not None or line.removed_at is not None:
        return _Turn((), None)
    if quiet is not None and now < quiet <= now + ANSWER_WITHIN:
        return _Turn((), quiet)
    against = suspicion.of(tx, line_id, now)
    if against is not None and now < against.until:
        return _Turn((), against.until)
    if not line.limits:
        return _Turn(tuple(Rank), None, _PATIENT)
    slots, close = deciding.slots(tx, line, now), deciding.slots(tx, line, now, spread=False)
    later = {rank: slot for rank, slot in slots.items() if slot.at > now}
    return _Turn(
        tuple(rank for rank in slots if rank not in later),
        min((slot.at for slot in later.values()), default=None),
        tuple(rank for rank in _PATIENT if close[rank].at <= now),
        frozenset(rank for rank, slot in later.items() if slot.limit is not None and slot.limit.is_budget),
    )


def claim_next(
    tx: Tx, line_id: int, owner: str, now: datetime, *, fair: bool = False, doubt: str | None = None
) -> Claimed | None:
    """Claim the part the line should send next, None when there is none.

    What was held before is decided anew first, so that a device is not asked to take a text that may not
    leave. `fair`: of the texts that wait beyond `PATIENCE` that which waits longest goes, whatever its place.
    """
    last = _left_alone(tx, line_id)
    turn = _turn(tx, line_id, _quiet_until(last), now)
    for _ in range(_HELD_AT_ONCE):
        head = _starving(tx, line_id, turn, now) if fair else None
        head = head or turns.head(tx, line_id, now, turn.ranks, but=turn.held)
        if head is None:
            return None
        if not head.waiting_for or _may_go(tx, head.id, now, doubt):
            outbox.claim(tx, head.id, owner, now)
            return _claimed(tx, head, _older(last, now), now)
    return None


def _claimed(tx: Tx, head: Row[Any], older: int | None, now: datetime) -> Claimed:
    """The part as it is to be handed over: it may have waited, and its validity is counted from now."""
    message = messages.get(tx, head.message_id)
    send_by = None if message is None else message.send_by
    tpdu = validity.renewed(head.tpdu, send_by, now)
    return Claimed(head.id, head.message_id, tpdu, older)


def _starving(tx: Tx, line_id: int, turn: _Turn, now: datetime) -> Row[Any] | None:
    return turns.longest_due(tx, line_id, now, turn.patient, now - PATIENCE, turn.held)


def _may_go(tx: Tx, part_id: int, now: datetime, doubt: str | None) -> bool:
    part = outbox.get(tx, part_id)
    return part is not None and isinstance(_decide(tx, part, now, doubt), SendNow)


def submit(tx: Tx, part_id: int, line_id: int, owner: str, now: datetime, doubt: str | None = None) -> bool:
    """Decide, with the device ready to take the text, whether it still may leave; True commits the intent.

    False: it was canceled or edited, a rule holds it or ended it, the line was paused, it was given to
    another line than `line_id`, whose device is ready, or another process has it. Then nothing may be
    written to the device. `doubt`: what the clock says of itself.
    """
    part = outbox.get(tx, part_id)
    if part is None or part.owner != owner or part.state != PartState.READY.value:
        return False
    if part.line_id != line_id:
        return False
    if State(part.message_state) not in UNFINISHED:
        return False
    line = lines.get(tx, part.line_id)
    if line is None or line.paused_at is not None or line.removed_at is not None:
        return False
    decision = _decide(tx, part, now, doubt)
    if not isinstance(decision, SendNow):
        return False
    deciding.note(tx, part.message_id, decision, now)
    if part.waiting_for is not None:
        messages.change(tx, part.message_id, waiting_for=None)
    number = part.attempts + 1
    outbox.begin_attempt(tx, part_id, part.line_id, number, now)
    outbox.move(
        tx,
        part_id,
        PartState.SUBMITTING,
        now,
        "submit",
        owner,
        attempts=number,
        submitted_at=now,
        sim=lines.sim_of(line),
        code=None,
    )
    return True


def _decide(tx: Tx, part: Row[Any], now: datetime, doubt: str | None) -> Decision | None:
    """Whether a text may leave now; one that may not is held or ended. One whose parts are just going out is
    completed, for half a text is worse than a whole one; one that was interrupted is not."""
    message, line = messages.get(tx, part.message_id), lines.get(tx, part.line_id)
    if message is None or line is None:
        return None
    decision = deciding.decide(tx, deciding.about(tx, message, now), line, now, doubt)
    if isinstance(decision, Refuse):
        outbox.end(tx, message.id, decision.state, now, decision.reason)
        conversation_state.text_failed(tx, message.id, now)
        deciding.note(tx, message.id, decision, now)
    elif isinstance(decision, WaitUntil):
        deciding.hold(tx, message, decision, now)
    return decision


def take_back(tx: Tx, part_id: int, now: datetime) -> None:
    """The intent was committed too late and the device was told to forget: proven not sent."""
    part = outbox.get(tx, part_id)
    if part is not None and part.state == PartState.SUBMITTING.value:
        outbox.end_attempt(tx, part_id, now, Outcome.WITHDRAWN, None)
        outbox.move(tx, part_id, PartState.READY, now, "withdrawn", owner=None, lease_until=None)


# --- recovery ----------------------------------------------------------------------------------------


def recover(tx: Tx, now: datetime) -> int:
    """After a crash: whatever was between intent and outcome is unconfirmed. Returns how many parts."""
    found = outbox.submitting(tx)
    for part in found:
        outcomes.unconfirmed(tx, part, "crash", now)
    return len(found)


def mend_after_clock(tx: Tx, now: datetime) -> None:
    """The clock was ahead and is right again: what it wrote is due now, no doubt outlasts its grace."""
    for message in outbox.from_the_future(tx, now + GRACE, now + GRACE):
        if message.state == State.UNCONFIRMED.value:
            messages.change(tx, message.id, unconfirmed_until=now + GRACE)
        elif message.waiting_for != WaitingFor.SCHEDULE.value:
            messages.change(tx, message.id, due_at=now, created_at=now)


def expire(tx: Tx, now: datetime) -> None:
    """End what has become useless while it waited, so that its author is told, line or no line."""
    for message_id in outbox.overdue(tx, now):
        if not outbox.is_flowing(tx, message_id, now - FLOW):
            outbox.end(tx, message_id, State.EXPIRED, now, "expired")
            conversation_state.text_failed(tx, message_id, now)


def in_flight(tx: Tx, line_id: int) -> int | None:
    """The part whose result this line may still tell: its last one, if nobody knows what became of it."""
    last = owed.last(tx, line_id)
    return int(last.id) if last is not None and last.in_doubt else None


def resend_unconfirmed(tx: Tx, line_id: int, now: datetime) -> int:
    """Repeat, once and labelled, unconfirmed texts whose creator asked for it and whose grace is over."""
    author = Author("rule", None, "resend once")
    found = outbox.to_resend(tx, line_id, now)
    for message in found:
        try:
            unclear.repeat(tx, message, author, now)
        except Refused:  # they said stop meanwhile, say: a person decides, as without the wish
            messages.change(tx, message.id, on_unconfirmed="ask")
    return len(found)
