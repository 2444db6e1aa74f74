"""A line's limits as people write them: "6/minute", "300/day"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

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
