"""A line's limits as people write them, "6/minute", "300/day", and when they let the next text go.

Every window slides: in no span of that length do more texts leave, wherever it begins. Automated texts are
spread evenly over a short window instead of leaving in a burst, and of a long one a share stays for people.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.message import Rank

SPANS: dict[str, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}

_WRITTEN = re.compile(r"([1-9]\d{0,5})\s*/\s*(second|minute|hour|day)s?", re.IGNORECASE)


class BadLimit(ValueError):
    """Not a limit; the text says how to write one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` texts in each `per` (a key of `SPANS`)."""

    count: int
    per: str

    def __str__(self) -> str:
        return f"{self.count}/{self.per}"

    @property
    def within(self) -> timedelta:
        """Length of its window."""
        return SPANS[self.per]

    @property
    def is_budget(self) -> bool:
        """Whether it is a budget to share out, rather than a pace to keep."""
        return self.within >= SPANS["day"]

    def count_for(self, rank: Rank) -> int:
        """How many texts may have left before one of that rank waits: of a budget, people keep a share."""
        return max(1, math.floor(self.count * SHARES[rank])) if self.is_budget else self.count


SHARES: dict[Rank, float] = {
    Rank.BEGUN: 1.0,
    Rank.ANSWER: 1.0,
    Rank.REPLY: 1.0,
    Rank.REMINDER: 0.9,
    Rank.FEEDBACK: 0.8,
    Rank.MARKETING: 0.7,
}
"""Up to which share of a line's budget texts of each rank may go: the rest stays for those before them."""


@dataclass(frozen=True, slots=True)
class Slot:
    """When the next text may leave, and the limit it waits for; None when it waits for none."""

    at: datetime
    limit: Limit | None = None


def free_at(
    limits: Sequence[Limit], rank: Rank, left: Sequence[datetime], now: datetime, *, spread: bool = True
) -> Slot:
    """When limits let a text of that rank leave; without `spread` an automated one may follow at once.

    `left`: when the line's last texts left, newest first, at least as many as the largest limit counts; a
    time later than now, which a stepped clock can leave behind, counts as now.
    """
    slot = Slot(now)
    for limit in limits:
        if rank is Rank.BEGUN and limit.within > SPANS["minute"]:
            continue  # half a text is worse than one more than the limit
        count = limit.count_for(rank)
        if len(left) >= count:
            slot = _later(slot, Slot(min(left[count - 1], now) + limit.within, limit))
        if spread and left and rank > Rank.ANSWER and not limit.is_budget:
            slot = _later(slot, Slot(min(left[0], now) + limit.within / limit.count, limit))
    return slot


def _later(one: Slot, other: Slot) -> Slot:
    return other if other.at > one.at else one


DEFAULT = (Limit(6, "minute"), Limit(300, "day"))
"""What carriers regard as the use of a person (CTIA guide); a bulk contract can lift it."""


def parse(text: str) -> Limit:
    """A limit as written.

    Raises:
        BadLimit: it is none.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise BadLimit(f"{text!r} is not a limit. Write a number and a span, such as 6/minute or 300/day.")
    return Limit(int(found[1]), found[2].lower())
