"""What is written both ways, and the mark by which each text is known again wherever it turns up."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from random import Random

MARK = re.compile(r"\b([oi]\d+-\d+)\b")
"""o for a text of ours, i for one of a customer's; the epoch; its number."""

_PLAIN = "{mark} Your table is ready."
_UNICODE = "{mark} Ваш столик готов \u2013 10\u00a0€ 😀"
_LONG = "{mark} Please bring what we talked about, and the papers of last year too. " + "Thank you. " * 12
_LONG_UNICODE = "{mark} Пожалуйста, принесите бумаги прошлого года. " + "Спасибо. " * 6
_KINDS = (_PLAIN, _UNICODE, _LONG, _LONG_UNICODE)
_SHARES = (70, 12, 12, 6)

PHONES = tuple(f"+12025550{number}" for number in range(100, 150))
TWINS = 0.01
"""Share of customers' texts that are written twice at once, word for word."""


def mark_of(body: str) -> str | None:
    """The mark of a text; None for one of somebody else's, such as a fault sends."""
    found = MARK.search(body)
    return found[1] if found else None


@dataclass
class Ledger:
    """The texts of one epoch. `accepted`: id to body; `recipients`: mark to number; `written`: by mark."""

    epoch: int
    accepted: dict[int, str] = field(default_factory=dict)
    recipients: dict[str, str] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def next_out(self, draw: Random) -> tuple[str, str]:
        """Number and body of the next text of ours."""
        mark, body = self._next("o", draw)
        number = draw.choice(PHONES)
        self.recipients[mark] = number
        return number, body

    def next_in(self, draw: Random) -> tuple[str, str, int]:
        """Number and body of the next text of a customer's, and how often it is written."""
        mark, body = self._next("i", draw)
        times = 2 if draw.random() < TWINS else 1
        self.written[mark] += times
        self.bodies[mark] = body
        return draw.choice(PHONES), body, times

    def _next(self, way: str, draw: Random) -> tuple[str, str]:
        self.count += 1
        mark = f"{way}{self.epoch}-{self.count:05d}"
        (kind,) = draw.choices(_KINDS, _SHARES)
        return mark, kind.format(mark=mark).strip()
