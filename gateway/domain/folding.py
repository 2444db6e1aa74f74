"""Words found in a text whatever their accents and case, and where they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*")
"""A word as SQLite's full-text index cuts them (its tokenizer unicode61): letters and digits, with the
accents that are written behind them."""
_FOLDED_ALREADY = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})


def folded(text: str) -> str:
    """A text without accents, in small letters."""
    if text.isascii():
        return text.lower()
    return text.translate(_FOLDS)


class _Folds(dict[int, str]):
    """What each character becomes, found out when it is met first: a thread of ten thousand texts is looked
    through while somebody waits."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold(chr(code))
        return self[code]


def _fold(char: str) -> str:
    apart = unicodedata.normalize("NFKD", char.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one)).translate(_FOLDED_ALREADY)


_FOLDS = _Folds()


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


def words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return [found.lower() for found in _WORD.findall(text)]


def begin(text: str, wanted: Sequence[str]) -> bool:
    """Whether each of these words, folded already, begins one of the text's."""
    there = [folded(one) for one in _WORD.findall(text)]
    return all(any(one.startswith(word) for one in there) for word in wanted)


def beginnings(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Where words of a text begin with one of these, folded already, as spans of what they have in common."""
    spans = []
    for found in _WORD.finditer(text):
        whole = folded(found.group())
        longest = max((len(word) for word in wanted if whole.startswith(word)), default=0)
        if longest:
            spans.append((found.start(), found.start() + _letters(found.group(), longest)))
    return spans


def _letters(word: str, length: int) -> int:
    """How many of a word's characters make so many of the folded one's, with the accents behind them."""
    done, place = 0, 0
    while place < len(word) and (done < length or unicodedata.combining(word[place])):
        done += len(folded(word[place]))
        place += 1
    return place


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    apart: list[tuple[int, int]] = []
    for begin, end in spans:
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((begin, end))
    return apart
