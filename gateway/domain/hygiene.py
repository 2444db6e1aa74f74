"""When a number is to be looked at: it fails again and again, nothing arrives, nobody used it for years, or
somebody wrote that it is theirs now. Pure; `gateway.desk.hygiene` keeps what comes of it.

Three permanent failures in a row, or two weeks in which nothing arrived, make a number suspect, five bad. One
text that arrives, or one they write, sets all of it right at once. What a person has to decide (whether it is
still theirs, whether it is somebody else's) only a person or the number's own text ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.domain.contact import Health, folded

SUSPECT_AFTER, BAD_AFTER = 3, 5
"""Permanent failures in a row."""
UNDELIVERED_FOR = timedelta(days=14)
UNUSED_FOR = timedelta(days=730)
"""24 months in which nothing came from a number and nothing went to it."""

NOT_AUTOMATIC = frozenset({Health.BAD, Health.CONFIRM, Health.WRONG})
"""What makes a number get nothing that is not written by a person."""
_BY_PEOPLE = frozenset({Health.CONFIRM, Health.WRONG})


@dataclass(frozen=True, slots=True)
class Record:
    """How a number has fared. `failures`: permanent ones in a row; `undelivered_since`: when the first of the
    texts was reported that did not arrive, with none since that did."""

    health: Health = Health.OK
    failures: int = 0
    undelivered_since: datetime | None = None


FRESH = Record()


def failed(record: Record, at: datetime) -> Record:
    """A text to it failed for good: the network knows no such subscriber, or gave it up for good."""
    return _judged(replace(_undelivered(record, at), failures=record.failures + 1), at)


def undelivered(record: Record, at: datetime) -> Record:
    """A text to it did not arrive: their phone could not be reached for as long as the network tried."""
    return _judged(_undelivered(record, at), at)


def _undelivered(record: Record, at: datetime) -> Record:
    return record if record.undelivered_since else replace(record, undelivered_since=at)


def _judged(record: Record, at: datetime) -> Record:
    since = record.undelivered_since
    if record.health in _BY_PEOPLE or record.health is Health.BAD:
        return record
    if record.failures >= BAD_AFTER:
        return replace(record, health=Health.BAD)
    if record.failures >= SUSPECT_AFTER or (since is not None and at - since >= UNDELIVERED_FOR):
        return replace(record, health=Health.SUSPECT)
    return record


def arrived(record: Record) -> Record:
    """A text to it arrived. Whose phone it arrived on nobody knows: what people have to decide stays."""
    return replace(FRESH, health=record.health) if record.health in _BY_PEOPLE else FRESH


def wrote(body: str) -> Record:
    """A text came from it, so somebody is there; who that is has to be asked if it says so."""
    return Record(Health.WRONG) if says_wrong_number(body) else FRESH


_WRONG = re.compile(
    r"\b(wrong (number(?! of)|person|phone)"
    r"|not (his|her|their|my) (number|phone)"
    r"|you have the wrong"
    r"|(mauvais|faux) numero"
    r"|trompez? (de|du) (numero|personne)"
    r"|trompe de (numero|personne)"
    r"|(pas|plus) (le bon|son) numero"
    r"|erreur de (numero|destinataire)"
    r"|numero (errone|incorrect))\b"
)
_SHORT = 160
"""A longer text speaks of other things as well; nobody is taken off the list for half a sentence in it."""


def says_wrong_number(body: str) -> bool:
    """Whether a text says, in English or French, that its writer is not whom we meant."""
    return len(body) <= _SHORT and _WRONG.search(folded(body).replace("’", "'")) is not None
