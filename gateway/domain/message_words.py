"""What is said of a message: its state, what it waits for, what is special about it.

Tone: short, no blame, what happens next, what you can do. Times are put in by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.domain.language import joined, t
from gateway.domain.line_words import line_alone
from gateway.domain.message import State, WaitingFor
from gateway.domain.phrases import as_clause, minutes_long, ordinal
from gateway.domain.reason_words import reason


class Tone(StrEnum):
    """How a state is coloured; the words stand alone without it."""

    PLAIN = "plain"
    OK = "ok"
    WAITING = "waiting"
    WARN = "warn"
    BAD = "bad"


STATES: dict[State, tuple[str, Tone]] = {
    State.RECEIVING: (t("Parts are missing"), Tone.WAITING),
    State.RECEIVED: (t("Received"), Tone.PLAIN),
    State.QUEUED: (t("Queued"), Tone.PLAIN),
    State.SENDING: (t("Sending"), Tone.PLAIN),
    State.SENT: (t("Sent"), Tone.OK),
    State.DELIVERED: (t("Delivered"), Tone.OK),
    State.UNDELIVERED: (t("Not delivered"), Tone.BAD),
    State.FAILED: (t("Failed"), Tone.BAD),
    State.UNCONFIRMED: (t("Unclear: may have gone"), Tone.WARN),
    State.CANCELED: (t("Canceled"), Tone.PLAIN),
    State.EXPIRED: (t("Expired"), Tone.BAD),
    State.BLOCKED: (t("Blocked"), Tone.BAD),
}

WAITING: dict[WaitingFor, str] = {
    WaitingFor.SCHEDULE: t("Scheduled"),
    WaitingFor.QUIET_HOURS: t("Waiting for their day to begin"),
    WaitingFor.RATE: t("Waiting for its turn: the line is at its sending limit"),
    WaitingFor.BUDGET: t("Waiting: the line has sent as many texts as it may in a day"),
    WaitingFor.CAP: t("Waiting: they have had enough automatic texts for now"),
    WaitingFor.LINE: t("Waiting: {line}"),
    WaitingFor.CLOCK: t("Waiting until the clock of this box is right"),
    WaitingFor.APPROVAL: t("Waiting until an admin has looked at what the restored backup does not know"),
    WaitingFor.ORDER: t("Waiting for the text before it"),
    WaitingFor.DOUBT: t("Waiting until someone decides what they meant"),
    WaitingFor.RETRY: t("Waiting to be tried again: {why}"),
}

STANDS: dict[str, str] = {
    State.RECEIVING: t("receiving"),
    State.RECEIVED: t("received"),
    State.QUEUED: t("queued"),
    State.SENDING: t("sending"),
    State.SENT: t("sent"),
    State.DELIVERED: t("delivered"),
    State.UNDELIVERED: t("undelivered"),
    State.FAILED: t("failed"),
    State.UNCONFIRMED: t("unconfirmed"),
    State.CANCELED: t("canceled"),
    State.EXPIRED: t("expired"),
    State.BLOCKED: t("blocked"),
    "gone": t("gone"),
}
"""States as they stand in a sentence, "This text is sent", by the word that is stored; gone where there is no
text any more."""

LABELS: dict[str, str] = {
    "old_phone": t("From an old phone"),
    "silent": t("A silent text: a phone would have shown nothing. There is nothing to do."),
    "picture": t("They sent a picture, which this line cannot fetch. Ask for it another way."),
    "sim_data": t("Data from the network for the SIM. There is nothing to do."),
    "voicemail": t("Notice from the network: voicemail is waiting. Call this line's mailbox to hear it."),
    "other_waits": t("Notice from the network: a fax, an e-mail or the like waits in this line's mailbox."),
    "voicemail_cleared": t("Notice from the network: nothing waits in this line's mailbox any more."),
    "call_back": t("They ask to be called back"),
    "card": t("A contact or an appointment for a phone, which cannot be opened here. Ask for it as a text."),
    "data": t("Data meant for a phone, not for people"),
    "flash": t("Flash text: their phone asked to show it at once"),
    "damaged": t("Part of this text was damaged on its way"),
    "empty": t("An empty text: nothing is written in it"),
    "replaced": t("Replaced: they sent a later text in place of this one"),
    "unreadable": t("A text that cannot be read. It is kept as it came."),
}
"""What is special about an inbound text, by its label."""

WARNINGS: dict[str, str] = {
    "not_valid": t("{number} is in no range that is known to be in use. It is sent all the same; check it."),
}
"""What is worth a look though it was accepted."""

REPEATS = t("Sent again: repeats the text of {when}")
"""Said of a text that was sent because nobody knew whether the one of that time went, or it failed."""

REROUTED = t("By {line}, because {down} could not send")
"""Said of a text that another line took over."""

CANCELS_ITSELF = t("It will be canceled if they write first.")
"""Said of a text whose author wished so."""


def went_live(ago: timedelta | None, waits: bool) -> str:
    """Why a reply went, or goes (`waits`), at an hour that is not theirs: they had just written."""
    minutes = int(ago.total_seconds()) // 60 if ago is not None else 0
    length = t("{length} ago").format(length=minutes_long(minutes)) if minutes else t("just now")
    words = t("Goes at once: they wrote {ago}") if waits else t("Sent now: they wrote {ago}")
    return words.format(ago=length)


def went_as_urgent(reason: str, waits: bool) -> str:
    """Why a text went, or goes (`waits`), at an hour that is not theirs: somebody called it urgent."""
    words = t("Goes at once as urgent: {reason}") if waits else t("Sent now as urgent: {reason}")
    return words.format(reason=reason)


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
        return Said(t("Queued ({place})").format(place=ordinal(place)), tone)
    if state is State.RECEIVING:
        return Said(t("{done} of {count} parts are here").format(done=parts_done, count=parts), tone)
    if state is State.SENDING and parts > 1:
        going = min(parts_done + 1, parts)
        return Said(t("Sending {part}/{count}").format(part=going, count=parts), tone)
    if state is State.DELIVERED and at:
        return Said(f"{words} {at}", tone)
    if state in (State.FAILED, State.UNDELIVERED) and parts > 1:
        went = t("{done} of {count} parts went.").format(done=parts_done, count=parts)
        return Said(words, tone, joined(why, went))
    return Said(words, tone, why)


_HELD: dict[WaitingFor, str] = {
    WaitingFor.SCHEDULE: "",
    WaitingFor.QUIET_HOURS: t("It waits for their day to begin."),
    WaitingFor.CAP: t("They have had all the automatic texts they may get for now."),
}
"""Why a text whose time is known does not go before; nothing is said where somebody chose the time."""

CHOSEN_OUTSIDE = t("Chosen: {when}, which is outside their hours.")

CHOSEN_BEFORE = t("Chosen: {when}.")
"""Said of a text whose hours hold it past the time that was chosen: one to come, or one that has passed."""

NO_HOURS = t("Waiting: we do not know what time it is where they are")

SET_ZONE = t("Set their time zone, and it will go in the daytime there.")


def no_holidays(regions: Sequence[str]) -> str:
    """What a text waits for that must not go on public holidays, while those of these regions are unknown."""
    words = t("Waiting until the public holidays of {regions} are known")
    return words.format(regions=str(t(" and ")).join(regions))


def holidays_to_come(trouble: str) -> str:
    """When that will be; `trouble`: why they could not be computed, empty where nothing is wrong."""
    if not trouble:
        return t("They are being computed, which takes a few minutes.")
    words = t("They could not be computed ({trouble}). That is tried again every hour.")
    return words.format(trouble=trouble)


def _waiting(waiting_for: WaitingFor, due: str, place: int | None, line_code: str, why: str) -> Said:
    if waiting_for in _HELD and due:
        return Said(t("Will go {when}").format(when=due), Tone.WAITING, _HELD[waiting_for])
    if waiting_for is WaitingFor.QUIET_HOURS:
        return Said(NO_HOURS, Tone.WAITING, SET_ZONE)
    because = as_clause(why)
    trouble = because if line_code in ("", "ready") else line_alone(line_code)
    words = WAITING[waiting_for].format(line=trouble, why=because)
    if waiting_for is WaitingFor.RETRY and due:
        return Said(t("{waits}, next {when}").format(waits=words, when=due), Tone.WAITING)
    if waiting_for in (WaitingFor.RATE, WaitingFor.BUDGET) and due:
        if place == 1:
            return Said(t("{waits}, {when}").format(waits=words, when=due), Tone.WAITING)
        behind = t("{place} in the queue.").format(place=ordinal(place)) if place is not None else ""
        return Said(t("{waits}, goes on {when}").format(waits=words, when=due), Tone.WAITING, behind)
    return Said(words, Tone.WAITING)
