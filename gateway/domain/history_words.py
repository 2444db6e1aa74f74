"""What happened to a text, as people read it: each change of its state, each attempt, each report, and which
evidence settled a doubt."""

from __future__ import annotations

from datetime import timedelta

from gateway.domain import message_words, reason_words
from gateway.domain.message import PartState, State
from gateway.domain.pdu_messages import StatusClass, status_class
from gateway.domain.phrases import counted, hours_long

WRITTEN = "Written by {who}."

CHANGED: dict[str, str] = {
    "reschedule": "{who} changed when it goes.",
    "edit": "{who} changed its words.",
    "send_by": "{who} changed until when it is useful.",
    "cancel_if_answered": "{who} changed whether it is canceled if they write first.",
    "urgent": "{who} called it urgent.",
    "not_urgent": "{who} changed it, so it is not urgent any more.",
}
"""What somebody did with a text that waited, by the word that is stored."""

ATTEMPTS: dict[str | None, str] = {
    None: "Given to the modem; it has not answered.",
    "accepted": "The network took it.",
    "unconfirmed": "Nobody can tell whether it went.",
    "refused": "It was refused for good.",
    "not_now": "It could not go just then; nothing was sent.",
    "withdrawn": "Taken back before it was sent.",
}
"""What came of an attempt, by its outcome."""

EVIDENCE: dict[str, str] = {
    "late_result": "The doubt was settled by the modem’s late answer: it went.",
    "report": "The doubt was settled by a delivery report: it went.",
    "person": "The doubt was settled by {who}: it went.",
}
"""What settled a doubt, by the evidence that is stored; an answer in time settles nothing."""

REPORTS: dict[StatusClass, str] = {
    StatusClass.DELIVERED: "The network reports: it arrived",
    StatusClass.FORWARDED: "The network reports: handed on, which is all it can tell",
    StatusClass.REPLACED: "The network reports: replaced by a later text",
    StatusClass.PENDING: "The network reports: still trying",
    StatusClass.FAILED_PERMANENT: "The network reports: it could not be delivered",
    StatusClass.FAILED_TEMPORARY: "The network reports: not reached, and it gave up",
}

ON_ITS_WAY = "It was on its way for {length}."
"""How long a text took from the network's taking it to its arrival."""

GOES_NEXT = "This goes now, as soon as its turn comes."
LOOKED_AT = "It is looked at again {when}, or as soon as something changes."
LOOKED_AT_EVENT = "It is looked at again as soon as something changes."
AFTER_ANOTHER = "This waits for the text before it in this conversation, so that they arrive in their order."


def changed(was: str | None, became: str, why: str | None, who: str) -> str:
    """A change of a message's state; empty for one that says nothing to people."""
    if was == became:
        return CHANGED.get(why or "", "").format(who=who)
    words = message_words.STATES[State(became)][0]
    because = reason_words.REASONS.get(why or "", "")
    by = f" by {who}" if who and State(became) is State.CANCELED and why == "canceled" else ""
    return f"{words}{by}.{f' {because}' if because and not by else ''}"


def settled(became: str, evidence: str | None, who: str) -> str:
    """What settled a doubt about a part, by its new state; empty where nothing is known of it."""
    if evidence in EVIDENCE and became != PartState.UNCONFIRMED.value:
        return EVIDENCE[evidence].format(who=who or "a person")
    return ""


def attempt(number: int, outcome: str | None, code: str | None) -> str:
    """An attempt and what came of it."""
    because = reason_words.reason(code) if code and outcome != "accepted" else ""
    return f"Attempt {number}: {ATTEMPTS[outcome]} {because}".strip()


def report(status: int) -> str:
    """A delivery report by its TP-ST (3GPP TS 23.040 9.2.3.15)."""
    return f"{REPORTS[status_class(status)]}."


def length(span: timedelta) -> str:
    """ "40 seconds", "3 min 20 s", "2 h 05"."""
    seconds = max(round(span.total_seconds()), 0)
    if seconds < 60:
        return counted(seconds, "second")
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return hours_long(seconds // 60)
