"""Wordings of the page that shows what goes by itself."""

from __future__ import annotations

from gateway.domain.language import t
from gateway.domain.message import Purpose, WaitingFor

NOW = t("Next, each in its turn")
"""Heading of what is due already."""
IN_QUEUE = t("in the queue")
"""After the place of a text that waits for nothing but its turn."""
ACTIONS: dict[str, str] = {"change": t("Move"), "cancel": t("Cancel"), "change#urgent": t("Send as urgent…")}
"""What one may do with a text, by the last piece of the address; "Send now" stays as it is."""
HERE, THERE = t("{time} here"), t("{time} for them")
TIMED = t("Reply, timed")

KINDS: dict[Purpose, str] = {
    Purpose.CONVERSATIONAL: t("Reply"),
    Purpose.TRANSACTIONAL: t("Reminder"),
    Purpose.FEEDBACK: t("Question"),
    Purpose.MARKETING: t("News"),
    Purpose.AUTO: t("Automatic"),
    Purpose.COMPLIANCE: t("Answer to STOP"),
    Purpose.INTERNAL: t("Text to staff"),
}
"""What kind of text it is, by purpose: at most four words."""

CHIPS: dict[WaitingFor, tuple[str, str]] = {
    WaitingFor.SCHEDULE: (TIMED, "accent"),
    WaitingFor.QUIET_HOURS: (t("Waiting, quiet hours"), "waiting"),
    WaitingFor.RATE: (t("Waiting, its turn"), "waiting"),
    WaitingFor.BUDGET: (t("Waiting, line's limit"), "waiting"),
    WaitingFor.CAP: (t("Waiting, enough today"), "waiting"),
    WaitingFor.LINE: (t("Waiting, line"), "warn"),
    WaitingFor.CLOCK: (t("Waiting, clock"), "warn"),
    WaitingFor.APPROVAL: (t("Waiting, approval"), "warn"),
    WaitingFor.ORDER: (t("After another text"), "waiting"),
    WaitingFor.DOUBT: (t("Needs a look"), "warn"),
    WaitingFor.RETRY: (t("Trying again"), "warn"),
}
"""What a text waits for, and the colour of that."""

CHOSEN: dict[str, str] = {
    "at": t("{who} chose the time."),
    "wake": t("{who} wants it to go when they wake."),
    "open": t("{who} wants it to go when we open."),
}
"""Who chose a time, by how it was chosen."""

WRITTEN = t("Written by {who}, {when}.")
WRITTEN_THERE = t("Written by {who}, {when}, when it was {there} for them.")
"""Of a text that is held by their hours."""

EMPTY = t("Nothing goes by itself this week.")
EMPTY_FROM = t("Nothing goes by itself from that day on.")
"""Said of a page without texts."""
