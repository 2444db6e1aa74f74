"""One table of wordings: every state, refusal and trouble as people read it.

Panel, API, command line and doctor all take their sentences from here, so the same thing is never said
in two ways. Tone: short, no blame, what happens next, what you can do. Times are put in by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.domain.line_words import ABILITIES as ABILITIES
from gateway.domain.line_words import AFTER_CONFIRM as AFTER_CONFIRM
from gateway.domain.line_words import CLOCKS_AGREE as CLOCKS_AGREE
from gateway.domain.line_words import FINDINGS as FINDINGS
from gateway.domain.line_words import LINES as LINES
from gateway.domain.line_words import NO_MODEM as NO_MODEM
from gateway.domain.line_words import ON_PAGE as ON_PAGE
from gateway.domain.line_words import TEST_TEXT as TEST_TEXT
from gateway.domain.line_words import LineWording as LineWording
from gateway.domain.line_words import cannot as cannot
from gateway.domain.line_words import cannot_in_full as cannot_in_full
from gateway.domain.line_words import devices_words as devices_words
from gateway.domain.line_words import for_line as for_line
from gateway.domain.line_words import happened as happened
from gateway.domain.line_words import line as line
from gateway.domain.line_words import line_alone as line_alone
from gateway.domain.line_words import line_now as line_now
from gateway.domain.line_words import line_of as line_of
from gateway.domain.line_words import line_sentence as line_sentence
from gateway.domain.line_words import probe as probe
from gateway.domain.message import State, WaitingFor
from gateway.domain.schedule import Kind

# --- refusals: why a text was not accepted -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal's number in the API (Twilio's where it has one), its title, and the sentence."""

    number: int
    title: str
    text: str


REFUSALS: dict[str, Refusal] = {
    "empty": Refusal(21602, "Empty text", "There is nothing to send. Write a text first."),
    "not_text": Refusal(
        21617,
        "Not a text",
        "The text holds characters that are no characters (half of an emoji). Type it again.",
    ),
    "too_long": Refusal(
        21617,
        "Text too long",
        "This text needs {count} parts; at most 255 can be sent. Shorten it or split it.",
    ),
    "cannot_write": Refusal(
        21617,
        "Characters this line cannot write",
        "The line {line} cannot write {characters}. Replace them, or send by another line.",
    ),
    "cannot_join": Refusal(
        21617,
        "Too long for this line",
        "This text needs {count} parts, and the line {line} cannot join them on their phone. Shorten it, or "
        "set the line's option long_texts to number: it is then sent as {count} or more numbered texts.",
    ),
    "bad_number": Refusal(21211, "Not a phone number", "{detail}"),
    "opted_out": Refusal(
        21610,
        "They asked to stop",
        "They asked us to stop on {since}. Only they can start again, by texting START.",
    ),
    "no_lines": Refusal(
        21606, "No line", "There is no line yet. Add one with: sms-gateway line add NAME --port PATH"
    ),
    "emergency": Refusal(
        21211, "Emergency number", "{number} cannot be reached by text from here. Call it on a telephone."
    ),
    "own_number": Refusal(21266, "Our own number", "This is the number of the line {line} itself."),
    "line_removed": Refusal(
        21606, "Line removed", "The line this was held on is no longer in use. Begin a new conversation."
    ),
    "send_by_past": Refusal(
        21633,
        "Too late already",
        "The time after which it is useless has passed already. Give a later one, or leave it out.",
    ),
    "never_in_time": Refusal(
        21633,
        "Never in time",
        "By the time it may go it would be useless already, so it would never be sent. Give a later time "
        "after which it is useless, or none.",
    ),
    "urgent_marketing": Refusal(
        21620, "Not urgent", "Offers and news are never urgent. Choose another purpose, or let it wait."
    ),
    "unknown_line": Refusal(21606, "No such line", "There is no line called {name}. Lines: {names}."),
    "which_line": Refusal(21606, "Which line", "There are several lines. Say which one to send by: {names}."),
    "cannot_answer": Refusal(
        21612, "Cannot be answered", "{name} is a sender's name and not a number, so it cannot be answered."
    ),
    "withheld": Refusal(21612, "Cannot be answered", "They withheld their number, so nobody can answer."),
    "unplaced": Refusal(
        21612,
        "Cannot be answered",
        "{number} is no whole number, so it cannot be answered. "
        "If you know its country code, write to it anew with that.",
    ),
    "purpose": Refusal(
        21620, "Purpose not allowed", "This token may not send {purpose} texts, only: {allowed}."
    ),
    "not_unconfirmed": Refusal(
        21621, "Already decided", "This text is no longer unclear: it is {state}. Nothing was changed."
    ),
    "sent_again": Refusal(
        21621, "Already sent again", "This text was sent again already. Nothing was changed."
    ),
    "not_a_service_code": Refusal(
        21622,
        "Not a service code",
        "{code} is no service code. It is made of *, # and digits, such as *100#.",
    ),
    "pin_code": Refusal(
        21622,
        "Would touch the PIN",
        "{code} would change or unblock the SIM's PIN. Do that in a phone, where you see what it answers.",
    ),
    "changes_calls": Refusal(
        21622,
        "Would change how calls go",
        "{code} would divert or bar calls, or change a password. Do that in a phone, with this SIM in it.",
    ),
    "not_running": Refusal(
        21624,
        "Not running",
        "The program is not running, so the line {line} cannot be asked. Start it with: sms-gateway run",
    ),
    "nothing_to_confirm": Refusal(
        21623,
        "Nothing to confirm",
        "The line {line} has the SIM and the modem it always had. There is nothing to confirm.",
    ),
    "no_modem_yet": Refusal(
        21623,
        "Nothing to confirm",
        "The line {line} has met no modem yet; there is nothing to confirm. It takes the first that works.",
    ),
    "not_waiting": Refusal(21621, "Too late", "This text is {state}; only a waiting text can be canceled."),
    "not_changeable": Refusal(
        21621, "Too late", "This text is {state}; only a text that waits can be changed."
    ),
    "waits_for_approval": Refusal(
        21621, "Waiting for approval", "This text waits for approval. Approve or cancel it first."
    ),
    "waits_for_a_look": Refusal(
        21621, "Needs a look", "Somebody has to decide first what they meant. Read the conversation."
    ),
    "answers_by_itself": Refusal(
        21621,
        "Answers by itself",
        "This text answers theirs by itself, so its words and its time stay as they are. You can only cancel "
        "it.",
    ),
    "on_its_way": Refusal(21621, "Too late", "This text is on its way already. Nothing was changed."),
    "was_tried": Refusal(
        21621,
        "Too late",
        "This text was given to the modem once and is tried again, so its words cannot change. Cancel it and "
        "write a new one.",
    ),
    "no_time": Refusal(21635, "No time", "Say on which date and at what time it should go."),
    "time_past": Refusal(21635, "Time has passed", "That time has passed. Choose a later one."),
    "time_far": Refusal(
        21635, "Too far ahead", "That is more than {days} days ahead. Choose an earlier time."
    ),
    "unknown_zone": Refusal(21635, "No such zone", "{detail}"),
    "never_asleep": Refusal(
        21635,
        "Never asleep",
        "Texts may reach them at any hour, so there is no time at which they wake. Choose a time.",
    ),
    "always_open": Refusal(
        21635, "Always open", "The office is always open, so it has no time at which it opens. Choose a time."
    ),
    "no_opening": Refusal(
        21635, "No opening", "There is no opening in the next year. Choose a time, or correct the hours."
    ),
    "no_reason": Refusal(
        21636, "Why urgent", "Say in up to {most} characters why it is urgent; that is kept with the text."
    ),
    "no_message": Refusal(20404, "No such text", "There is no text with the id {id}."),
    "no_contact": Refusal(20404, "Nobody known", "Nobody with the number {number} is known."),
    "bad_name": Refusal(21637, "No name", "A name has up to {most} characters, all of which can be seen."),
}


class Refused(Exception):
    """A verb refused; `key` names the row above, `data` fills its sentence. Nothing was changed."""

    def __init__(self, key: str, **data: object) -> None:
        self.key = key
        self.data = data
        super().__init__(self.text)

    @property
    def refusal(self) -> Refusal:
        """The table's row."""
        return REFUSALS[self.key]

    @property
    def text(self) -> str:
        """The sentence for the person who asked."""
        return REFUSALS[self.key].text.format(**self.data)


# --- requests to a line ------------------------------------------------------------------------------

UNANSWERED: dict[str, str] = {
    "crash": "The program stopped before it was done. Ask again.",
    "down": "The line is down, so it cannot be asked now.",
    "removed": "The line was removed before it answered.",
    "unsupported": "This line's device cannot do that.",
    "unknown_code": "The network does not know this service code. Check it with the operator.",
    "line_down": "The line does not work now, so it cannot be asked.",
    "timeout": "The network did not answer. Ask again in a minute.",
    "no_answer": "The modem did not answer. Ask again in a minute.",
    "refused": "The network refused the service code. Check it with the operator.",
    "busy": "The line is busy with something else. Ask again in a minute.",
    "too_late": "The program did not answer within 75 seconds. See how the line is: sms-gateway line list",
}
"""Why what was asked of a line could not be done, by the code the line gave."""


def unanswered(told: str) -> str:
    """The sentence for a request that failed: a code, with the device's own words behind a colon."""
    code, _, detail = told.partition(": ")
    said = UNANSWERED.get(code) or reason(code)
    return f"{said} (It said: {detail}.)" if detail else said


# --- messages: the words under a bubble --------------------------------------------------------------


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
    WaitingFor.APPROVAL: "Waiting for approval",
    WaitingFor.ORDER: "Waiting for the text before it",
    WaitingFor.DOUBT: "Waiting until someone decides what they meant",
    WaitingFor.RETRY: "Waiting to be tried again: {why}",
}

REASONS: dict[str, str] = {
    # how a text ended without being tried
    "opted_out": "They asked us to stop.",
    "canceled": "It was canceled before it went.",
    "they_wrote_first": "They wrote before it went, so it was not sent.",
    "expired": "It was not sent in time.",
    "line_removed": "Its line was removed before it went.",
    # why nobody can tell
    "timeout": "The modem stopped answering while sending. No report has come.",
    "port_lost": "Contact with the modem broke while sending. No report has come.",
    "device_reset": "The modem restarted while sending. No report has come.",
    "crash": "The program stopped while sending. No report has come.",
    "unproven": "The modem reported an error that does not prove it was not sent. No report has come.",
    "sent_again": "It is sent again, see below.",
    # delivery reports
    "report_permanent": "The network could not deliver it.",
    "report_temporary": "Their phone could not be reached and the network gave up.",
    "report_expired": "Their phone was off or out of reach for too long. The network gave up.",
    "report_overdue": "The network has not told us whether it arrived. Some never do.",
    # refusals of the network, by device code
    "CMS 1": "The network refused it: no such number.",
    "CMS 8": "The network refused it: the SIM is barred or out of credit.",
    "CMS 10": "The network refused it: sending is barred on this SIM.",
    "CMS 21": "The network rejected it.",
    "CMS 27": "Their phone cannot take texts now.",
    "CMS 28": "The network refused it: it does not know this subscriber.",
    "CMS 30": "The network refused it: it does not know this subscriber.",
    "CMS 38": "The network was out of order.",
    "CMS 41": "The network had a temporary failure.",
    "CMS 42": "The network was overloaded.",
    "CMS 47": "The network was overloaded.",
    "CMS 50": "The network refused it: this SIM has no text service.",
    "CMS 69": "The network does not offer this.",
    "CMS 304": "The modem did not accept the text as we wrote it. Please report this to the makers.",
    "CMS 330": "The SIM does not know its message centre.",
    "CMS 331": "The modem had no network.",
    "cannot_carry": "This line cannot carry a text like this. Send it by another line.",
    # telephone results of a line adapter
    "BUSY": "The telephone line was busy.",
    "NO ANSWER": "The message centre did not answer the call.",
    "NO DIALTONE": "There was no dial tone on the telephone line.",
    "NO DIAL TONE": "There was no dial tone on the telephone line.",
    "NO CARRIER": "The call to the message centre broke off.",
    "ringing": "Somebody was calling the line.",
    "no_prompt": "The modem was not ready to take the text.",
    "no_answer": "The modem did not answer.",
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

REROUTED = "By {line}, because {down} was down"
"""Said of a text that another line took over."""

CANCELS_ITSELF = "It will be canceled if they write first."
"""Said of a text whose author wished so."""


def went_live(ago: timedelta | None, waits: bool) -> str:
    """Why a reply went, or goes (`waits`), at an hour that is not theirs: they had just written."""
    minutes = int(ago.total_seconds()) // 60 if ago is not None else 0
    length = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"
    wrote = f"{length} ago" if minutes else "just now"
    return f"{'Goes at once' if waits else 'Sent now'}: they wrote {wrote}"


def went_as_urgent(reason: str, waits: bool) -> str:
    """Why a text went, or goes (`waits`), at an hour that is not theirs: somebody called it urgent."""
    return f"{'Goes at once' if waits else 'Sent now'} as urgent: {reason}"


TIMES: dict[Kind, str] = {Kind.WAKE: "When they wake", Kind.OPEN: "When we open"}
"""Times one may choose by name."""

WAITS_FOR_LINE = "This waits here and goes when the line works again."
"""Said before Send is pressed on a line that is down."""

WAITS_THEN = "If that is still so then, this waits here."
"""Said of a line that is down, where the text goes later anyway."""

WITHOUT_A_TIME = "This is about sending it without a chosen time."
"""Said beside what is said before Send is pressed, where that does not follow what is chosen."""

URGENT_AT_ITS_TIME = "A time you chose holds; only their hours do not."
"""Said where a text may be called urgent before it is sent."""

NOT_ENTITLED = "Only a manager can send at night as urgent."
"""Said to somebody who may not."""

NOT_YOURS = "Only the person who wrote this text, or a manager, may change it or its time."
"""Said to somebody who may not."""

DONE: dict[str, str] = {
    "canceled": "Canceled: the text to {who} will not go.",
    "moved": "Saved: the text to {who} will go {when}.",
    "now": "Saved: the text to {who} goes as soon as it may.",
    "urgent": "The text to {who} goes now, as urgent.",
}
"""What was done with a text that waits; said once, on the page that follows."""

NO_REPORTS = "The line {line} is not told whether a text arrived: texts stay at Sent."
"""Said where one writes on such a line."""

UNKNOWN_REASON = "The network or the modem refused it ({code})."


def reason(code: str | None) -> str:
    """The sentence for a stored reason; empty for none."""
    if not code:
        return ""
    if code in LINES:
        said = line_alone(code)
        return f"{said[:1].upper()}{said[1:]}."
    return REASONS.get(code, UNKNOWN_REASON.format(code=code))


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


def ordinal(number: int) -> str:
    """ "1st", "2nd", "13th"."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def list_of(names: Mapping[str, object] | list[str]) -> str:
    """Names as in a sentence; "none" when there are none."""
    return ", ".join(names) or "none"
