"""Finding in a thread: words, and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from gateway.domain import folding
from gateway.store import thread_places
from gateway.store.database import Tx
from gateway.web.present import Times

MOST = 20_000
"""So many texts of a thread are looked through, and as many notes: the newest."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for and where it is: `at` is the text shown, the `place`th of `count`, newest first;
    `newer` and `older` the hits beside it, empty where there is none."""

    typed: str
    words: tuple[str, ...]
    count: int
    place: int
    at: str
    newer: str
    older: str


def find(tx: Tx, conversation_id: int, typed: str, at: str) -> Found | None:
    """Texts and notes that hold all the words, whatever their accents; None when nothing is looked for."""
    typed = " ".join(typed.split())[:LONGEST]
    words = tuple(folding.folded(typed).split())
    if not words:
        return None
    hits = [
        public_id
        for public_id, body in thread_places.bodies(tx, conversation_id, MOST)
        if folding.holds(body, words)
    ]
    if not hits:
        return Found(typed, words, 0, 0, "", "", "")
    place = hits.index(at) if at in hits else 0
    newer = hits[place - 1] if place else ""
    older = hits[place + 1] if place + 1 < len(hits) else ""
    return Found(typed, words, len(hits), place + 1, hits[place], newer, older)


def on_day(tx: Tx, conversation_id: int, day: str, times: Times) -> str:
    """The first text of that day of the office's calendar (ISO 8601) or after it, else the last before it;
    empty when it is no day, or there are no texts."""
    try:
        begins = datetime.combine(date.fromisoformat(day), time(), times.zone)
    except ValueError:
        return ""
    found = thread_places.first_since(tx, conversation_id, begins)
    return found or thread_places.last_before(tx, conversation_id, begins) or ""
