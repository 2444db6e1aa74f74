"""Wordings of the page that shows what goes by itself."""

from __future__ import annotations

from gateway.domain.message import Purpose, WaitingFor

NOW = "Next, each in its turn"
"""Heading of what is due already."""
IN_QUEUE = "in the queue"
"""After the place of a text that waits for nothing but its turn."""
ACTIONS: dict[str, str] = {"change": "Move", "cancel": "Cancel", "change#urgent": "Send as urgent…"}
"""What one may do with a text, by the last piece of the address; "Send now" stays as it is."""
HERE, THERE = "{time} here", "{time} for them"
TIMED = "Reply, timed"

KINDS: dict[Purpose, str] = {
    Purpose.CONVERSATIONAL: "Reply",
    Purpose.TRANSACTIONAL: "Reminder",
    Purpose.FEEDBACK: "Question",
    Purpose.MARKETING: "News",
    Purpose.AUTO: "Automatic",
    Purpose.COMPLIANCE: "Answer to STOP",
    Purpose.INTERNAL: "Text to staff",
}
"""What kind of text it is, by purpose: at most four words."""

CHIPS: dict[WaitingFor, tuple[str, str]] = {
    WaitingFor.SCHEDULE: (TIMED, "accent"),
    WaitingFor.QUIET_HOURS: ("Waiting, quiet hours", "waiting"),
    WaitingFor.RATE: ("Waiting, its turn", "waiting"),
    WaitingFor.BUDGET: ("Waiting, line's limit", "waiting"),
    WaitingFor.CAP: ("Waiting, enough today", "waiting"),
    WaitingFor.LINE: ("Waiting, line", "warn"),
    WaitingFor.CLOCK: ("Waiting, clock", "warn"),
    WaitingFor.APPROVAL: ("Waiting, approval", "warn"),
    WaitingFor.ORDER: ("After another text", "waiting"),
    WaitingFor.DOUBT: ("Needs a look", "warn"),
    WaitingFor.RETRY: ("Trying again", "warn"),
}
"""What a text waits for, and the colour of that."""

CHOSEN: dict[str, str] = {
    "at": "{who} chose the time.",
    "wake": "{who} wants it to go when they wake.",
    "open": "{who} wants it to go when we open.",
}
"""Who chose a time, by how it was chosen."""

WRITTEN = "Written by {who}, {when}."
WRITTEN_THERE = "Written by {who}, {when}, when it was {there} for them."
"""Of a text that is held by their hours."""

EMPTY = "Nothing goes by itself this week."
EMPTY_FROM = "Nothing goes by itself from that day on."
"""Said of a page without texts."""
