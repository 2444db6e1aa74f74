"""What is said of a message: its state, what it waits for, what is special about it.

Tone: short, no blame, what happens next, what you can do. Times are put in by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.domain.line_words import line_alone
from gateway.domain.message import State, WaitingFor
from gateway.domain.phrases import hours_long, ordinal
from gateway.domain.reason_words import reason


class Tone(StrEnum):
    """How a state is coloured; the words stand alone without it."""

    PLAIN = "plain"
    OK = "ok"
    WAITING = "waiting"
    WARN = "warn"
    BAD = "bad"


STATES: dict[State, tuple[str, Tone]] = {
    State.RECEIVING: ("Parts are missing", Tone.WAITING),
    State.RECEIVED: ("Received", Tone.PLAIN),
    State.QUEUED: ("Queued", Tone.PLAIN),
    State.SENDING: ("Sending", Tone.PLAIN),
    State.SENT: ("Sent", Tone.OK),
    State.DELIVERED: ("Delivered", Tone.OK),
    State.UNDELIVERED: ("Not delivered", Tone.BAD),
    State.FAILED: ("Failed", Tone.BAD),
    State.UNCONFIRMED: ("Unclear: may have gone", Tone.WARN),
    State.CANCELED: ("Canceled", Tone.PLAIN),
    State.EXPIRED: ("Expired", Tone.BAD),
    State.BLOCKED: ("Blocked", Tone.BAD),
}

WAITING: dict[WaitingFor, str] = {
    WaitingFor.SCHEDULE: "Scheduled",
    WaitingFor.QUIET_HOURS: "Waiting for their day to begin",
    WaitingFor.RATE: "Waiting for its turn: the line is at its sending limit",
    WaitingFor.BUDGET: "Waiting: the line has sent as many texts as it may in a day",
    WaitingFor.CAP: "Waiting: they have had enough automatic texts for now",
    WaitingFor.LINE: "Waiting: {line}",
    WaitingFor.CLOCK: "Waiting until the clock of this box is right",
    WaitingFor.APPROVAL: "Waiting until an admin has looked at what the restored backup does not know",
    WaitingFor.ORDER: "Waiting for the text before it",
    WaitingFor.DOUBT: "Waiting until someone decides what they meant",
    WaitingFor.RETRY: "Waiting to be tried again: {why}",
}

LABELS: dict[str, str] = {
    "silent": "A silent text: a phone would have shown nothing. There is nothing to do.",
    "picture": "They sent a picture, which this line cannot fetch. Ask for it another way.",
    "sim_data": "Data from the network for the SIM. There is nothing to do.",
    "voicemail": "Notice from the network: voicemail is waiting. Call this line's mailbox to hear it.",
    "other_waits": "Notice from the network: a fax, an e-mail or the like waits in this line's mailbox.",
    "voicemail_cleared": "Notice from the network: nothing waits in this line's mailbox any more.",
    "call_back": "They ask to be called back",
    "card": "A contact or an appointment for a phone, which cannot be opened here. Ask for it as a text.",
    "data": "Data meant for a phone, not for people",
    "flash": "Flash text: their phone asked to show it at once",
    "damaged": "Part of this text was damaged on its way",
    "empty": "An empty text: nothing is written in it",
    "replaced": "Replaced: they sent a later text in place of this one",
    "unreadable": "A text that cannot be read. It is kept as it came.",
}
"""What is special about an inbound text, by its label."""

WARNINGS: dict[str, str] = {
    "not_valid": "{number} is in no range that is known to be in use. It is sent all the same; check it.",
}
"""What is worth a look though it was accepted."""

REPEATS = "Sent again: repeats the text of {when}"
"""Said of a text that was sent because nobody knew whether the one of that time went, or it failed."""

REROUTED = "By {line}, because {down} could not send"
"""Said of a text that another line took over."""

CANCELS_ITSELF = "It will be canceled if they write first."
"""Said of a text whose author wished so."""


def went_live(ago: timedelta | None, waits: bool) -> str:
    """Why a reply went, or goes (`waits`), at an hour that is not theirs: they had just written."""
    minutes = int(ago.total_seconds()) // 60 if ago is not None else 0
    length = f"{minutes} min" if minutes < 60 else hours_long(minutes)
    wrote = f"{length} ago" if minutes else "just now"
    return f"{'Goes at once' if waits else 'Sent now'}: they wrote {wrote}"


def went_as_urgent(reason: str, waits: bool) -> str:
    """Why a text went, or goes (`waits`), at an hour that is not theirs: somebody called it urgent."""
    return f"{'Goes at once' if waits else 'Sent now'} as urgent: {reason}"


@dataclass(frozen=True, slots=True)
class Said:
    """What is shown of a message's state: a few words, a tone, and why (a sentence, or empty)."""

    words: str
    tone: Tone
    why: str = ""


def message(
    state: State,
    *,
    at: str = "",
    parts_done: int = 0,
    parts: int = 1,
    waiting_for: WaitingFor | None = None,
    due: str = "",
    place: int | None = None,
    line_code: str = "",
    reason_code: str | None = None,
    no_holidays_of: Sequence[str] = (),
    trouble: str = "",
) -> Said:
    """Words for a message.

    `at` is the time of its last step as people of the office read times, `due` when the wait ends ("Tuesday
    at 08:00 their time"; empty: nobody can tell), `place` its place in the queue (1: next); `parts_done`
    counts parts accepted (out) or here (in) of `parts`. `no_holidays_of`: regions whose public holidays it
    waits for, with the `trouble` there was with them.
    """
    words, tone = STATES[state]
    why = reason(reason_code)
    if state is State.QUEUED and no_holidays_of:
        return Said(no_holidays(no_holidays_of), Tone.WAITING, holidays_to_come(trouble))
    if state is State.QUEUED and waiting_for is not None:
        return _waiting(waiting_for, due, place, line_code, why)
    if state is State.QUEUED and place is not None and place > 1:
        return Said(f"{words} ({ordinal(place)})", tone)
    if state is State.RECEIVING:
        return Said(f"{parts_done} of {parts} parts are here", tone)
    if state is State.SENDING and parts > 1:
        return Said(f"Sending {min(parts_done + 1, parts)}/{parts}", tone)
    if state is State.DELIVERED and at:
        return Said(f"{words} {at}", tone)
    if state in (State.FAILED, State.UNDELIVERED) and parts > 1:
        return Said(words, tone, f"{why} {parts_done} of {parts} parts went.".strip())
    return Said(words, tone, why)


_HELD: dict[WaitingFor, str] = {
    WaitingFor.SCHEDULE: "",
    WaitingFor.QUIET_HOURS: "It waits for their day to begin.",
    WaitingFor.CAP: "They have had all the automatic texts they may get for now.",
}
"""Why a text whose time is known does not go before; nothing is said where somebody chose the time."""

CHOSEN_OUTSIDE = "Chosen: {when}, which is outside their hours."

CHOSEN_BEFORE = "Chosen: {when}."
"""Said of a text whose hours hold it past the time that was chosen: one to come, or one that has passed."""

NO_HOURS = "Waiting: we do not know what time it is where they are"

SET_ZONE = "Set their time zone, and it will go in the daytime there."


def no_holidays(regions: Sequence[str]) -> str:
    """What a text waits for that must not go on public holidays, while those of these regions are unknown."""
    return f"Waiting until the public holidays of {' and '.join(regions)} are known"


def holidays_to_come(trouble: str) -> str:
    """When that will be; `trouble`: why they could not be computed, empty where nothing is wrong."""
    if not trouble:
        return "They are being computed, which takes a few minutes."
    return f"They could not be computed ({trouble}). That is tried again every hour."


def _waiting(waiting_for: WaitingFor, due: str, place: int | None, line_code: str, why: str) -> Said:
    if waiting_for in _HELD and due:
        return Said(f"Will go {due}", Tone.WAITING, _HELD[waiting_for])
    if waiting_for is WaitingFor.QUIET_HOURS:
        return Said(NO_HOURS, Tone.WAITING, SET_ZONE)
    because = why[:1].lower() + why[1:].rstrip(".")
    trouble = because if line_code in ("", "ready") else line_alone(line_code)
    words = WAITING[waiting_for].format(line=trouble, why=because)
    if waiting_for is WaitingFor.RETRY and due:
        return Said(f"{words}, next {due}", Tone.WAITING)
    if waiting_for in (WaitingFor.RATE, WaitingFor.BUDGET) and due:
        is_next = place == 1
        behind = f"{ordinal(place)} in the queue." if place is not None and not is_next else ""
        return Said(f"{words}, {'' if is_next else 'goes on '}{due}", Tone.WAITING, behind)
    return Said(words, Tone.WAITING)
