"""How the inbox is looked at: its tabs, its order, what it is narrowed to; how long somebody waits there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.conversation import Priority
from gateway.domain.hours import Opening


class Tab(StrEnum):
    """Which conversations are shown; the first three are open ones."""

    WAITING = "waiting"  # they wrote last and nobody has answered
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    ALL = "all"


class Sort(StrEnum):
    """Their order. What is not open has only the newest first: nobody waits there."""

    NEWEST = "newest"
    WAITING = "waiting"  # who waits longest first
    PRIORITY = "priority"


OF_OPEN = frozenset({Tab.WAITING, Tab.MINE, Tab.UNASSIGNED, Tab.OPEN})
"""Tabs that show open conversations only, which can be ordered in every way."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown. `line_id` and `tag_id`: of that line, with that tag; `failed`: the last text did
    not go or arrive; `unclear`: a text waits for somebody to say whether it went."""

    tab: Tab = Tab.OPEN
    sort: Sort | None = None
    line_id: int | None = None
    tag_id: int | None = None
    priority: Priority | None = None
    unread: bool = False
    failed: bool = False
    unclear: bool = False

    @property
    def order(self) -> Sort:
        """The order asked for where it is one of the tab's, else the tab's own."""
        if self.tab not in OF_OPEN:
            return Sort.NEWEST
        return self.sort or (Sort.WAITING if self.tab is Tab.WAITING else Sort.NEWEST)


# --- how long somebody waits -------------------------------------------------------------------------


class Pace(StrEnum):
    """How a wait stands against the target: from half of it on it is soon late."""

    IN_TIME = "in time"
    SOON = "soon late"
    LATE = "late"


COUNTED = timedelta(hours=24)
"""So much of the office's time is counted; longer waits are told in days, and are late by any target."""


def waited(opening: Opening, since: datetime, now: datetime) -> timedelta:
    """How much of the time from `since` to `now` the office was open; at most `COUNTED`. All of it where the
    office never opens."""
    total, at = timedelta(0), opening.next_open(since)
    if at is None:
        return min(max(now - since, total), COUNTED)
    while at is not None and at < now and total < COUNTED:
        end = opening.closes_at(at) or now
        total += min(end, now) - at
        at = opening.next_open(end)
    return min(total, COUNTED)


def pace(length: timedelta, target: timedelta) -> Pace:
    """How a wait of that length of the office's time stands."""
    if length >= target:
        return Pace.LATE
    return Pace.SOON if length * 2 >= target else Pace.IN_TIME
