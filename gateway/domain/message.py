"""Messages and their parts: states, purposes, and the two tables of allowed moves.

A part is one PDU on the air (the API's "segment"). The state of a message is a pure function of its
parts (`message_state`), so it is recomputed and never decided twice. No other file may write a state
that `advance` did not allow. State words are Twilio's where Twilio has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, StrEnum


class Direction(StrEnum):
    """Which way a message went, seen from the office."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Purpose(StrEnum):
    """Why an outbound message exists; chosen by its creator, never guessed from its words."""

    CONVERSATIONAL = "conversational"
    TRANSACTIONAL = "transactional"
    FEEDBACK = "feedback"
    MARKETING = "marketing"
    AUTO = "auto"
    COMPLIANCE = "compliance"
    INTERNAL = "internal"


CHOSEN_BY_PEOPLE = (Purpose.CONVERSATIONAL, Purpose.TRANSACTIONAL, Purpose.FEEDBACK, Purpose.MARKETING)
"""Purposes a person or program may give a text; the others belong to the program's own rules."""


class Rank(IntEnum):
    """Place of a text in its line's queue: lower goes first, within one the earlier due time does."""

    BEGUN = 0  # a part of it went: the rest goes before anything else
    ANSWER = 1  # people who talk to each other now, and what the program must answer
    REPLY = 2  # written by people, held until now
    REMINDER = 3
    FEEDBACK = 4
    MARKETING = 5


_RANKS = {
    Purpose.TRANSACTIONAL: Rank.REMINDER,
    Purpose.FEEDBACK: Rank.FEEDBACK,
    Purpose.MARKETING: Rank.MARKETING,
}


def rank_of(purpose: Purpose, *, held: bool) -> Rank:
    """Rank of a text; `held`: it did not go at once, so what somebody writes right now goes before it."""
    return _RANKS.get(purpose, Rank.REPLY if held else Rank.ANSWER)


class State(StrEnum):
    """State of a message. The first two are inbound, the rest outbound."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    BLOCKED = "blocked"


DID_NOT_ARRIVE = frozenset({State.FAILED, State.UNDELIVERED, State.EXPIRED, State.BLOCKED})
"""States of texts that should have arrived, and did not or will not."""


class WaitingFor(StrEnum):
    """Why a queued message waits; worded for people in `message_words`."""

    SCHEDULE = "schedule"
    QUIET_HOURS = "quiet_hours"
    RATE = "rate"
    BUDGET = "budget"
    CAP = "cap"
    LINE = "line"
    CLOCK = "clock"
    APPROVAL = "approval"
    ORDER = "order"
    DOUBT = "doubt"
    RETRY = "retry"


FREED_BY_PEOPLE = frozenset({WaitingFor.APPROVAL, WaitingFor.DOUBT, WaitingFor.ORDER})
"""What no time ends: a text that waits for one of these does so beyond its due time."""


class PartState(StrEnum):
    """State of one part. Claimed is `ready` with an owner and a lease."""

    READY = "ready"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Outcome(StrEnum):
    """How an attempt to send a part ended."""

    ACCEPTED = "accepted"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"
    NOT_NOW = "not_now"  # proven not to have been sent
    WITHDRAWN = "withdrawn"  # the device was told to forget it


PART_MOVES: dict[PartState, frozenset[PartState]] = {
    PartState.READY: frozenset(
        {
            PartState.SUBMITTING,
            PartState.FAILED,
            PartState.CANCELED,
            PartState.EXPIRED,
            PartState.UNCONFIRMED,  # only by a restore: it may have gone since the backup
        }
    ),
    # back to ready only when it is proven that nothing was sent
    PartState.SUBMITTING: frozenset(
        {PartState.ACCEPTED, PartState.FAILED, PartState.UNCONFIRMED, PartState.READY}
    ),
    PartState.ACCEPTED: frozenset({PartState.DELIVERED, PartState.UNDELIVERED}),
    # by a late result, a delivery report, or a person; never back to ready: a resend is another message
    PartState.UNCONFIRMED: frozenset(
        {
            PartState.ACCEPTED,
            PartState.DELIVERED,
            PartState.UNDELIVERED,
        }
    ),
    PartState.DELIVERED: frozenset(),
    PartState.UNDELIVERED: frozenset({PartState.DELIVERED}),
    PartState.FAILED: frozenset(),
    PartState.CANCELED: frozenset(),
    PartState.EXPIRED: frozenset(),
}

FINAL: frozenset[State] = frozenset(
    {State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELED, State.EXPIRED, State.BLOCKED}
)
"""Message states in which nothing more will be sent. `sent` and `unconfirmed` still hope for a report."""

UNFINISHED: frozenset[State] = frozenset({State.QUEUED, State.SENDING})
"""Outbound states the queue still has work with."""

_NEVER_TRIED = frozenset({PartState.READY, PartState.CANCELED, PartState.EXPIRED})


class IllegalMove(Exception):
    """A state change that the table does not allow; nothing was changed."""


def advance(current: PartState, to: PartState) -> PartState:
    """Return `to` when the move is in the table.

    Raises:
        IllegalMove: it is not; the caller's transaction must not go on.
    """
    if to not in PART_MOVES[current]:
        raise IllegalMove(f"a part cannot go from {current} to {to}")
    return to


def message_state(parts: Sequence[PartState], ended: State | None = None) -> State:
    """State of an outbound message from its parts, first line that fits.

    `ended` is how a message ended before any part was tried: canceled, expired or blocked.
    """
    present = set(parts)
    if present <= _NEVER_TRIED:
        return ended or State.QUEUED
    if PartState.UNCONFIRMED in present:
        return State.UNCONFIRMED
    if PartState.SUBMITTING in present or PartState.READY in present:
        return State.SENDING
    if present & {PartState.FAILED, PartState.CANCELED, PartState.EXPIRED}:
        return State.FAILED  # some of it went, the rest never will
    if PartState.UNDELIVERED in present:
        return State.UNDELIVERED
    if present == {PartState.DELIVERED}:
        return State.DELIVERED
    return State.SENT
