"""Plain letters: what makes a text cost more than it must, and what may stand there instead.

One character outside GSM-7 makes every part of a text hold 70 instead of 160 (3GPP TS 23.038 4, 23.040
9.2.3.24.1). Typography is replaced when somebody asks for it; a letter without its accents is another
letter, so it is offered apart; emoji and other scripts have no plain writing and are only named.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.alphabet import fits_gsm7, plain_replacement
from gateway.domain.language import t
from gateway.domain.segments import grapheme_clusters

NAMES: Mapping[str, str] = {
    "\t": t("tab"),
    "\u00a0": t("no-break space"),
    "\u00ad": t("soft hyphen"),
    "\u200b": t("invisible character"),
    "\u202f": t("narrow no-break space"),
}
"""What characters are called that nobody can see."""

# Letters that Unicode does not take apart into a base and an accent.
_BARE: Mapping[str, str] = {
    **{"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D"},
    **{
        "þ": "th",
        "Þ": "Th",
        "ı": "i",
        "ĳ": "ij",
        "Ĳ": "IJ",
        "ŧ": "t",
        "Ŧ": "T",
        "ħ": "h",
        "Ħ": "H",
        "ẞ": "SS",
    },
}


@dataclass(frozen=True, slots=True)
class Guilty:
    """A character, as a reader sees one, that does not fit GSM-7. `plain`: what says the same (it may be
    empty: it is invisible); `bare`: its letters without accents, where nothing says the same."""

    character: str
    plain: str | None
    bare: str | None


def guilty(text: str) -> tuple[Guilty, ...]:
    """Characters of a text that do not fit GSM-7, each once, in their order."""
    found = dict.fromkeys(one for one in grapheme_clusters(text) if not fits_gsm7(one))
    return tuple(Guilty(one, same := _same(one), None if same is not None else _bare(one)) for one in found)


def plain(text: str) -> str:
    """The text in plain letters, as far as that says the same; nobody's name is changed."""
    return "".join(_plain_of(one) for one in grapheme_clusters(text))


def bare(text: str) -> str:
    """The same, letters that do not fit without their accents. Asked for by a person, never done unasked."""
    return "".join(_bare_of(one) for one in grapheme_clusters(text))


def name_of(character: str) -> str:
    """A character as it is named to a person: itself, or in words where it cannot be seen."""
    if character in NAMES:
        return str(NAMES[character])
    seen = [one for one in character if unicodedata.category(one)[0] not in "CZM"]
    return character if seen else " ".join(f"U+{ord(one):04X}" for one in character)


def _plain_of(character: str) -> str:
    if fits_gsm7(character):
        return character
    same = _same(character)
    return character if same is None else same


def _bare_of(character: str) -> str:
    one = _plain_of(character)
    if fits_gsm7(one):
        return one
    letters = _bare(one)
    return one if letters is None else letters


def _same(character: str) -> str | None:
    """What says the same in GSM-7: the letter in one piece, or plain typography; None when nothing does."""
    whole = unicodedata.normalize("NFC", character)
    if fits_gsm7(whole):
        return whole
    pieces = [one if fits_gsm7(one) else plain_replacement(one) for one in whole]
    return None if None in pieces else "".join(filter(None, pieces))


def _bare(character: str) -> str | None:
    """The letters of a character without its accents; None when they are none of GSM-7's."""
    apart = unicodedata.normalize("NFD", character)
    letters = "".join(_BARE.get(one, one) for one in apart if unicodedata.category(one)[0] != "M")
    return letters if letters.isalpha() and letters.isascii() else None
