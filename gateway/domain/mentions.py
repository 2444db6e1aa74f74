"""Who is mentioned in an internal note: `@` and a colleague's username, first name or whole name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be mentioned."""

    id: int
    username: str
    name: str


def mentioned(body: str, colleagues: Iterable[Colleague]) -> frozenset[int]:
    """Ids of those a note speaks to. The longest name that fits counts, in small letters or large; a first
    name that several share speaks to each of them. An `@` inside a word, as in an address, speaks to nobody.
    """
    called = _called(colleagues)
    if not called:
        return frozenset()
    longest_first = sorted(called, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w@.])@({'|'.join(map(re.escape, longest_first))})(?!\w)")
    return frozenset().union(*(called[found] for found in pattern.findall(_folded(body))))


def _called(colleagues: Iterable[Colleague]) -> dict[str, frozenset[int]]:
    """What each of them is called, and who that is."""
    called: dict[str, frozenset[int]] = {}
    for one in colleagues:
        whole = " ".join(one.name.split())
        for word in {one.username, whole, whole.partition(" ")[0]} - {""}:
            key = _folded(word)
            called[key] = called.get(key, frozenset()) | {one.id}
    return called


def _folded(words: str) -> str:
    """In small letters, with one space where there are several."""
    return re.sub(r"[^\S\n]+", " ", words.casefold())
