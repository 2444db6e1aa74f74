"""What happened to a text, as people read it: each change of its state, each attempt, each report, and which
evidence settled a doubt."""

from __future__ import annotations

from datetime import timedelta

from gateway.domain import message_words, reason_words
from gateway.domain.language import joined, t, tn
from gateway.domain.message import PartState, State
from gateway.domain.pdu_messages import StatusClass, status_class
from gateway.domain.phrases import hours_long

WRITTEN = t("Written by {who}.")

CHANGED: dict[str, str] = {
    "reschedule": t("{who} changed when it goes."),
    "edit": t("{who} changed its words."),
    "send_by": t("{who} changed until when it is useful."),
    "cancel_if_answered": t("{who} changed whether it is canceled if they write first."),
    "urgent": t("{who} called it urgent."),
    "not_urgent": t("{who} changed it, so it is not urgent any more."),
}
"""What somebody did with a text that waited, by the word that is stored."""

ATTEMPTS: dict[str | None, str] = {
    None: t("Given to the modem; it has not answered."),
    "accepted": t("The network took it."),
    "unconfirmed": t("Nobody can tell whether it went."),
    "refused": t("It was refused for good."),
    "not_now": t("It could not go just then; nothing was sent."),
    "withdrawn": t("Taken back before it was sent."),
}
"""What came of an attempt, by its outcome."""

EVIDENCE: dict[str, str] = {
    "late_result": t("The doubt was settled by the modem’s late answer: it went."),
    "report": t("The doubt was settled by a delivery report: it went."),
    "person": t("The doubt was settled by {who}: it went."),
}
"""What settled a doubt, by the evidence that is stored; an answer in time settles nothing."""

REPORTS: dict[StatusClass, str] = {
    StatusClass.DELIVERED: t("The network reports: it arrived"),
    StatusClass.FORWARDED: t("The network reports: handed on, which is all it can tell"),
    StatusClass.REPLACED: t("The network reports: replaced by a later text"),
    StatusClass.PENDING: t("The network reports: still trying"),
    StatusClass.FAILED_PERMANENT: t("The network reports: it could not be delivered"),
    StatusClass.FAILED_TEMPORARY: t("The network reports: not reached, and it gave up"),
}

ON_ITS_WAY = t("It was on its way for {length}.")
"""How long a text took from the network's taking it to its arrival."""

GOES_NEXT = t("This goes now, as soon as its turn comes.")
LOOKED_AT = t("It is looked at again {when}, or as soon as something changes.")
LOOKED_AT_EVENT = t("It is looked at again as soon as something changes.")
AFTER_ANOTHER = t(
    "This waits for the text before it in this conversation, so that they arrive in their order."
)


def changed(was: str | None, became: str, why: str | None, who: str) -> str:
    """A change of a message's state; empty for one that says nothing to people."""
    if was == became:
        return CHANGED[why].format(who=who) if why in CHANGED else ""
    if who and State(became) is State.CANCELED and why == "canceled":
        return t("Canceled by {who}.").format(who=who)
    return joined(f"{message_words.STATES[State(became)][0]}.", reason_words.REASONS.get(why or "", ""))


def settled(became: str, evidence: str | None, who: str) -> str:
    """What settled a doubt about a part, by its new state; empty where nothing is known of it."""
    if evidence in EVIDENCE and became != PartState.UNCONFIRMED.value:
        return EVIDENCE[evidence].format(who=who or t("a person"))
    return ""


def attempt(number: int, outcome: str | None, code: str | None) -> str:
    """An attempt and what came of it."""
    because = reason_words.reason(code) if code and outcome != "accepted" else ""
    return joined(t("Attempt {number}: {what}").format(number=number, what=ATTEMPTS[outcome]), because)


def report(status: int) -> str:
    """A delivery report by its TP-ST (3GPP TS 23.040 9.2.3.15)."""
    return f"{REPORTS[status_class(status)]}."


def length(span: timedelta) -> str:
    """ "40 seconds", "3 min 20 s", "2 h 05"."""
    seconds = max(round(span.total_seconds()), 0)
    if seconds < 60:
        return tn("{count} second", "{count} seconds", seconds)
    if seconds < 3600:
        return t("{minutes} min {seconds} s").format(minutes=seconds // 60, seconds=f"{seconds % 60:02}")
    return hours_long(seconds // 60)
