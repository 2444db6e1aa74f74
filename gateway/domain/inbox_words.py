"""What the inbox says: its tabs, its orders, how long somebody waits, what was just done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.inbox import COUNTED, Pace, Sort, Tab
from gateway.domain.language import t, tn
from gateway.domain.phrases import hours_long

TABS: dict[Tab, str] = {
    Tab.WAITING: t("Waiting"),
    Tab.MINE: t("Mine"),
    Tab.UNASSIGNED: t("Unassigned"),
    Tab.OPEN: t("Open"),
    Tab.SNOOZED: t("Put off"),
    Tab.CLOSED: t("Closed"),
    Tab.ALL: t("All"),
}

SORTS: dict[Sort, str] = {
    Sort.NEWEST: t("Newest first"),
    Sort.WAITING: t("Longest waiting first"),
    Sort.PRIORITY: t("Most urgent first"),
}


@dataclass(frozen=True, slots=True)
class Empty:
    """What is said where a list holds nothing: that, and what to do about it or what comes here."""

    words: str
    hint: str


EMPTY: dict[Tab, Empty] = {
    Tab.WAITING: Empty(t("Nobody is waiting."), t("Whoever writes stands here until somebody answers.")),
    Tab.MINE: Empty(
        t("Nothing is yours."),
        t("Take over a conversation that is nobody's, or wait until one is given to you."),
    ),
    Tab.UNASSIGNED: Empty(
        t("Everything has somebody who looks after it."), t("A text that nobody looks after yet comes here.")
    ),
    Tab.OPEN: Empty(t("Nothing is open."), t("As soon as somebody writes, the conversation stands here.")),
    Tab.SNOOZED: Empty(t("Nothing is put off."), t("What you put off waits here, and comes back by itself.")),
    Tab.CLOSED: Empty(
        t("Nothing is closed."), t("What you close stands here, and opens again when they write.")
    ),
    Tab.ALL: Empty(t("No conversations."), t("As soon as somebody writes, the conversation stands here.")),
}

FIRST_DAY = Empty(
    t("No conversations yet."),
    t("Tell people your number: a card, a picture to scan, a link."),
)
NO_LINE = Empty(t("No conversations yet."), t("There is no line yet, so no text can come or go."))
NOT_FOUND = Empty(t("No conversation is like this."), t("Take a filter off, or look elsewhere."))

LEADS: dict[Tab, str] = {
    Tab.UNASSIGNED: t("Show what is nobody's"),
    Tab.WAITING: t("Show who waits"),
    Tab.OPEN: t("Show what is open"),
    Tab.SNOOZED: t("Show what is put off"),
    Tab.CLOSED: t("Show what is closed"),
}
"""Where an empty tab may lead to."""

MAKE_KNOWN, WRITE_FIRST, SEE_LINES = t("Make the number known"), t("Write a first text"), t("See the lines")
ALL_FILTERS_OFF, AMONG_ALL = t("Take all filters off"), t("Look among all conversations")

_WAITS: dict[Pace, str] = {
    Pace.IN_TIME: t("waits {long}"),
    Pace.SOON: t("waits {long}, soon late"),
    Pace.LATE: t("waits {long}, late"),
}

CHIPS: dict[Pace, str] = {Pace.IN_TIME: "ok", Pace.SOON: "warn", Pace.LATE: "bad"}
"""How each is coloured; the words stand alone without it."""


def waits(length: timedelta, since: timedelta, pace: Pace) -> str:
    """ "waits 1 h 35, late". `length` is of the office's time, `since` how long ago by the clock."""
    if length >= COUNTED:
        long = tn("{count} day", "{count} days", max(since.days, 1))
    else:
        minutes = int(length.total_seconds()) // 60
        if minutes < 1 and since >= timedelta(minutes=1):
            return str(t("came while closed"))
        long = hours_long(minutes) if minutes >= 60 else t("{minutes} min").format(minutes=minutes)
    return _WAITS[pace].format(long=long)


def did(what: str, count: int) -> str:
    """What was just done with so many conversations; empty for what is no change of ours."""
    made = {
        "close": lambda: tn("Closed.", "{count} conversations closed.", count),
        "snooze": lambda: tn("Put off.", "{count} conversations put off.", count),
        "assign": lambda: tn("Assigned.", "{count} conversations assigned.", count),
        "tag": lambda: tn("Tagged.", "{count} conversations tagged.", count),
        "priority": lambda: tn("Priority set.", "Priority of {count} conversations set.", count),
        "untag": lambda: tn("Tag taken off.", "Tag taken off {count} conversations.", count),
        "undo": lambda: tn("Undone.", "Undone for {count} conversations.", count),
        "unread": lambda: tn("Marked as unread.", "{count} conversations marked as unread.", count),
        "reopen": lambda: tn("Open again.", "{count} conversations are open again.", count),
    }.get(what)
    return made() if made is not None else ""
