"""Words found in a text whatever their accents and case, and where they stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_FOLDED_ALREADY = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})


def folded(text: str) -> str:
    """A text without accents, in small letters."""
    if text.isascii():
        return text.lower()
    return "".join(_fold(char) for char in text)


def _fold(char: str) -> str:
    apart = unicodedata.normalize("NFKD", char.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one)).translate(_FOLDED_ALREADY)


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether all the words stand in a text; `words` are folded already."""
    inside = folded(text)
    return all(word in inside for word in words)


def places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in a text, as spans that neither touch nor overlap; `words` are folded."""
    starts, inside = [], []
    for place, char in enumerate(text):
        for one in _fold(char) if not char.isascii() else char.lower():
            starts.append(place)
            inside.append(one)
    whole, spans = "".join(inside), []
    for word in filter(None, words):
        at = whole.find(word)
        while at >= 0:
            spans.append((starts[at], starts[at + len(word) - 1] + 1))
            at = whole.find(word, at + len(word))
    return _joined(sorted(spans))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    apart: list[tuple[int, int]] = []
    for begin, end in spans:
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((begin, end))
    return apart
