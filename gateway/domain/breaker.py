"""The line breaker: when several people's texts are refused in a row, it is the line and not them. Pure.

A SIM that is not paid, barred or taken for a sender of spam answers every text with what looks like the fault
of one number (the field guide, D.8). Until a text gets through nothing is held against anybody: the line
rests, then tries one text, ever more seldom. Everything here follows from the recorded attempts, so a
restart forgets nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

PEOPLE = 3
"""So many people refused in a row make a line suspect. A later alarm, after five refusals say, would cost
every further person's text; a false one costs a minute."""

FIRST_REST, LONGEST_REST = timedelta(seconds=60), timedelta(minutes=15)
"""How long a suspect line rests before it tries one text; doubled each time that is refused as well."""

LOOK_BACK = 60
"""So many attempts are enough to judge by: the rests have long stopped growing."""

REFUSED_BY_NETWORK = "refused_by_network"
"""How a suspect line is, a key of the wording table."""

_CMS = re.compile(r"CMS (\d+)")
_THE_DEVICES_OWN = frozenset({0, *range(208, 214)})


def is_networks(code: str | None) -> bool:
    """Whether a refusal is the word of the network or its message centre, rather than the device's.

    3GPP TS 27.005 3.2.5: 1 to 127 are causes of the network (24.011 annex E), 128 to 255 of the message
    centre (23.040 9.2.3.22), of which 208 to 213 are a device's own.
    """
    found = _CMS.fullmatch(code or "")
    return found is not None and 0 <= int(found[1]) < 256 and int(found[1]) not in _THE_DEVICES_OWN


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt that says something of the line: a text to `peer` got through, or the network refused it."""

    message_id: int
    peer: str
    went: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The line is suspect since then. Nothing goes until `until`, then one text; `refused` are the messages
    that were refused in a row."""

    since: datetime
    until: datetime
    refused: tuple[int, ...]


def suspicion(tries: Sequence[Try], now: datetime) -> Suspicion | None:
    """What a line's last tries, newest first, say of it; None: nothing against it.

    A person who was refused on both sides of a text that went is to blame, not the line. A time later than
    now, which a stepped clock can leave behind, counts as now.
    """
    row = list(takewhile(lambda one: not one.went, tries))
    own = _refused_before({one.peer for one in row}, tries[len(row) :])
    against = [one for one in reversed(row) if one.peer not in own]
    people: set[str] = set()
    rest: timedelta | None = None
    for one in against:
        people.add(one.peer)
        if len(people) >= PEOPLE:
            rest = FIRST_REST if rest is None else min(2 * rest, LONGEST_REST)
    if rest is None:
        return None
    until = min(against[-1].at, now) + rest
    return Suspicion(against[0].at, until, tuple(dict.fromkeys(one.message_id for one in row)))


def _refused_before(peers: set[str], before: Sequence[Try]) -> set[str]:
    """Those of them whose text was refused when it was last tried before."""
    last: dict[str, bool] = {}
    for one in before:
        if one.peer in peers:
            last.setdefault(one.peer, one.went)
    return {peer for peer, went in last.items() if not went}
