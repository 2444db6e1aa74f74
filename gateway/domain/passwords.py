"""Which passwords are guessed first: those of lists, those that follow the keyboard or repeat themselves, and
those made of what everybody in the office knows."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.domain.common_passwords import COMMON

FEWEST_PIECES = 7
"""A password of twelve characters drawn by chance has twelve, a sentence as many as it has letters."""
_SHORTEST_RUN = 3
_SHORTEST_WORD = 3
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb",
)
"""Letters, digits, and keyboards as they are in English, German and French."""
_RUNS = (*_ROWS, *(row[::-1] for row in _ROWS))
_WORDS = ("password", "passwort", "welcome", "letmein", "changeme", "admin", "office", "gateway")
_GAPS = str.maketrans(dict.fromkeys(" -_.,!"))


def is_common(password: str) -> bool:
    """Whether it stands in the lists that guessers try first."""
    return password.casefold() in COMMON


def is_simple(password: str, about: Iterable[str]) -> bool:
    """Whether little is left of it once rows of the keyboard, repeats and words that everybody knows are
    taken for one piece each. `about`: names of the person and the office."""
    plain = password.casefold().translate(_GAPS)
    half = (plain + plain).find(plain, 1)
    known = {word for name in about for word in _words(name)}
    return _pieces(plain[:half], (*known, *_WORDS)) < FEWEST_PIECES


def _words(name: str) -> list[str]:
    plain = name.casefold()
    words = [*plain.replace("-", " ").replace(".", " ").split(), plain.translate(_GAPS)]
    return [word for word in words if len(word) >= _SHORTEST_WORD]


def _pieces(text: str, words: Iterable[str]) -> int:
    """Of how many pieces it is made, the longest one taken first wherever one begins."""
    known = sorted(words, key=len, reverse=True)
    count = start = 0
    while start < len(text):
        word = next((len(word) for word in known if text.startswith(word, start)), 1)
        start += max(word, _run(text[start:]))
        count += 1
    return count


def _run(text: str) -> int:
    """How many characters from the first on are one character again and again, or stand side by side."""
    same = len(text) - len(text.lstrip(text[0]))
    longest = max(same, *(_along(text, row) for row in _RUNS))
    return longest if longest >= _SHORTEST_RUN else 1


def _along(text: str, row: str) -> int:
    place, length = row.find(text[0]), 0
    while length < len(text) and place >= 0 and row[place : place + length + 1] == text[: length + 1]:
        length += 1
    return length
