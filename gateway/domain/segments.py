"""Split a text into the parts that go on the air, and join the parts that came.

Owns the arithmetic of concatenated messages (3GPP TS 23.040 9.2.3.24.1 and .8) and where a text may be
cut. Knows characters (`alphabet`) and nothing of PDUs: what it joins is anything that has `user_data`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from gateway.domain.alphabet import Alphabet, CodedText, alphabet_for, check_text, code_units, septets

MAX_PARTS = 255
"""The total is one octet (23.040 9.2.3.24.1)."""

SINGLE_CAPACITY = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
"""Septets or code units of a message of one part: 140 octets."""

NARROW_CAPACITY = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}
"""The same for each of many parts with an 8-bit reference: a header of 6 octets, or 7 septets."""

WIDE_CAPACITY = {Alphabet.GSM7: 152, Alphabet.UCS2: 66}
"""The same with a 16-bit reference: a header of 7 octets, or 8 septets."""


class TooLong(ValueError):
    """The text needs more parts than can be numbered. `count` is how many it would need."""

    def __init__(self, count: int) -> None:
        super().__init__(f"the text needs {count} parts; at most {MAX_PARTS} can be sent")
        self.count = count


@dataclass(frozen=True, slots=True)
class Segmentation:
    """How a text is cut. Units are septets (GSM7) or 16-bit code units (UCS2) of the last part."""

    alphabet: Alphabet
    texts: tuple[str, ...]
    units_used_in_last: int
    units_left: int


class _HasUserData(Protocol):
    @property
    def user_data(self) -> CodedText: ...


# --- splitting ---------------------------------------------------------------------------------------


def segment(text: str, *, wide_reference: bool = False) -> Segmentation:
    """Cut a text into parts, in the cheapest alphabet that carries it; an empty text is one empty part.

    Escape pairs and surrogate pairs are never cut. Grapheme clusters (emoji sequences, flags, letters
    with combining marks) are kept whole unless one alone is longer than a part.

    Raises:
        NotText: the string holds lone surrogates.
        TooLong: it needs more than 255 parts.
    """
    check_text(text)
    alphabet = alphabet_for(text)
    whole = _cost(text, alphabet)
    capacity = SINGLE_CAPACITY[alphabet]
    texts, used = [text], whole
    if whole > capacity:
        capacity = (WIDE_CAPACITY if wide_reference else NARROW_CAPACITY)[alphabet]
        texts, used = _fill(text, alphabet, capacity)
    if len(texts) > MAX_PARTS:
        raise TooLong(len(texts))
    return Segmentation(alphabet, tuple(texts), used, capacity - used)


def _cost(text: str, alphabet: Alphabet) -> int:
    return code_units(text) if alphabet is Alphabet.UCS2 else septets(text) or 0


def _fill(text: str, alphabet: Alphabet, capacity: int) -> tuple[list[str], int]:
    """Fill part after part; also the units used in the last."""
    parts: list[list[str]] = [[]]
    used = 0
    for piece, cost in _pieces(text, alphabet, capacity):
        if used + cost > capacity:
            parts.append([])
            used = 0
        parts[-1].append(piece)
        used += cost
    return ["".join(part) for part in parts], used


def _pieces(text: str, alphabet: Alphabet, capacity: int) -> Iterator[tuple[str, int]]:
    """What must not be cut, with its cost; a cluster that no part could hold falls into its characters."""
    for cluster in grapheme_clusters(text):
        cost = _cost(cluster, alphabet)
        if cost <= capacity:
            yield cluster, cost
        else:
            yield from ((char, _cost(char, alphabet)) for char in cluster)


_SPACES = " \t\r\n"
_WORD = re.compile(f"([{_SPACES}]*)([^{_SPACES}]+)")


def numbered(text: str) -> list[str]:
    """Singles that carry a long text where parts cannot be joined: each begins "1/3 " and ends at a word.

    White space where it is cut is dropped; a word that no single could hold is cut as `segment` cuts. A
    text of one part is given back as it is.

    Raises:
        NotText, TooLong: as `segment`.
    """
    check_text(text)
    alphabet = alphabet_for(text)
    capacity = SINGLE_CAPACITY[alphabet]
    whole = _cost(text, alphabet)
    if whole <= capacity:
        return [text]
    total = -(-whole // capacity)
    while total <= MAX_PARTS:
        pieces = _at_words(text, alphabet, capacity - len(f"{total}/{total} "))
        if len(pieces) < 2:  # the rest was white space
            return pieces or [""]
        if len(pieces) <= total:
            return [f"{at}/{len(pieces)} {piece}" for at, piece in enumerate(pieces, start=1)]
        total = len(pieces)
    raise TooLong(total)


def _at_words(text: str, alphabet: Alphabet, room: int) -> list[str]:
    parts, current = [], ""
    for space, word in _WORD.findall(text):
        longer = f"{current}{space}{word}" if current else word
        if _cost(longer, alphabet) <= room:
            current = longer
            continue
        *full, current = [current, *_fill(word, alphabet, room)[0]]
        parts += [part for part in full if part]
    return [*parts, current] if current else parts


_ZERO_WIDTH_JOINER = "\u200d"
_ZERO_WIDTH_NON_JOINER = "\u200c"


def grapheme_clusters(text: str) -> Iterator[str]:
    """What a reader takes for one character: a simplified Unicode Annex 29, from the standard library.

    It never cuts where Annex 29 would not, except after prepended marks of a few Indic scripts; it joins a
    little more (anything after a zero width joiner), which costs at most an early start of the next part.
    """
    start = 0
    flag_halves = 0
    for index in range(1, len(text)):
        before, char = text[index - 1], text[index]
        flag_halves = flag_halves + 1 if _is_flag_half(before) else 0
        if not (_continues(before, char) or (_is_flag_half(char) and flag_halves % 2)):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _continues(before: str, char: str) -> bool:
    if char < "\u0300" and before != _ZERO_WIDTH_JOINER:  # the plain case, most of all texts
        return before == "\r" and char == "\n"
    return (
        before == _ZERO_WIDTH_JOINER
        or char in (_ZERO_WIDTH_JOINER, _ZERO_WIDTH_NON_JOINER)
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags: the flags of England, Scotland, Wales
        or unicodedata.category(char).startswith("M")  # marks, variation selectors, the keycap
        or ("\u1160" <= char <= "\u11ff" and _is_hangul(before))
    )


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_hangul(char: str) -> bool:
    return "\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7a3"


# --- joining -----------------------------------------------------------------------------------------


def join(parts: Sequence[_HasUserData]) -> str:
    """Text of adjacent parts, given in their order.

    Neighbours of one alphabet (and one set of national tables) are joined before they are decoded, so an
    escape or surrogate pair that was cut between them is whole again; others are decoded run by run. Where
    a part is missing, join what stands on each side of the gap by itself.
    """
    runs = groupby(
        (part.user_data for part in parts), key=lambda data: (data.alphabet, data.single, data.locking)
    )
    return "".join(
        CodedText(alphabet, b"".join(data.units for data in run), single, locking).text
        for (alphabet, single, locking), run in runs
    )
