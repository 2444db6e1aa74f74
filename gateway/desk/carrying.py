"""What a line can carry of a text, decided when the text is accepted, so that nothing fails on the way.

A line whose abilities are not known yet carries everything: the radio decides.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.domain import line_options, segments
from gateway.domain.alphabet import Alphabet, NotText, fits_gsm7, plain_replacement
from gateway.domain.language import filled, t
from gateway.domain.line import Abilities
from gateway.domain.refusal_words import Refused

_NAMED = 5
"""Characters in the way that a refusal names; more would hide what to do."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as parts. `joined`: the phone shows them as one text; else each stands alone."""

    alphabet: Alphabet
    texts: tuple[str, ...]
    joined: bool


def abilities(line: Row[Any]) -> Abilities:
    """What a line can do, everything as long as it is not known."""
    return Abilities(**(line.abilities or {}))


def cut(line: Row[Any], body: str) -> Cut:
    """A text as the line can carry it.

    Raises:
        Refused: it cannot; the sentence says what is in the way.
    """
    can = abilities(line)
    try:
        whole = segments.segment(body)
        missing = [char for char in dict.fromkeys(body) if not _writes(can, char)]
        if missing:
            raise Refused("cannot_write", line=line.name, characters=_named(missing))
        if can.multipart or len(whole.texts) == 1:
            return Cut(whole.alphabet, whole.texts, joined=True)
        if line_options.value(line.options, "long_texts") != "number":
            raise Refused("cannot_join", line=line.name, count=len(whole.texts))
        return Cut(whole.alphabet, tuple(segments.numbered(body)), joined=False)
    except segments.TooLong as error:
        raise Refused("too_long", count=error.count) from None
    except NotText:
        raise Refused("not_text") from None


def cut_anyhow(line: Row[Any], body: str) -> tuple[str, Cut]:
    """The same for an answer that nobody can be asked to rewrite, such as that to STOP: the body as it is
    sent, characters replaced where they must be, and its parts, numbered where they cannot be joined."""
    can = abilities(line)
    plain = "".join(char if _writes(can, char) else _replacement(can, char) for char in body)
    whole = segments.segment(plain)
    if can.multipart or len(whole.texts) == 1:
        return plain, Cut(whole.alphabet, whole.texts, joined=True)
    return plain, Cut(whole.alphabet, tuple(segments.numbered(plain)), joined=False)


def _writes(can: Abilities, char: str) -> bool:
    return char not in can.lacks if fits_gsm7(char) else can.unicode


def _replacement(can: Abilities, char: str) -> str:
    """Typography in plain writing, a letter without its accents, else a question mark."""
    bare = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    for candidate in (plain_replacement(char), bare):
        if candidate is not None and all(_writes(can, part) for part in candidate):
            return candidate
    return "?"


def _named(characters: list[str]) -> str:
    named = [char if char.isprintable() else f"U+{ord(char):04X}" for char in characters[:_NAMED]]
    more = len(characters) - len(named)
    listed = ", ".join(named)
    return filled(t("{names}, {count} more"), names=listed, count=more) if more else listed
