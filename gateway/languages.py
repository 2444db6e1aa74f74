"""The languages the panel speaks: English, as its sentences are written, and those of `translations/`.

A catalogue is a GNU gettext file (`fr.po`); it is read as it is when somebody first needs it, so there is
nothing to compile and nothing that can be out of date. `python -m tests.translations` brings it up to date.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from gateway.domain.language import ENGLISH, Language

FOLDER = Path(__file__).with_name("translations")

NAMES: dict[str, str] = {"en": "English", "fr": "Français"}
"""The languages there are, each by its own name."""


@cache
def of(code: str) -> Language:
    """The language with that code; English where it is not spoken here."""
    if code not in NAMES or code == ENGLISH.code:
        return ENGLISH
    return made(code, NAMES[code], FOLDER / f"{code}.po")


def made(code: str, name: str, catalogue: Path) -> Language:
    """A language from its catalogue. Sentences it does not hold, or holds as doubtful, stay English."""
    compiled = io.BytesIO()
    with catalogue.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Language(code, name, Locale(code), GNUTranslations(compiled))


def preferred(accepted: str) -> str:
    """The code of the language here that a browser asks for first (Accept-Language, RFC 9110 12.5.4); the
    office's own choice, once there is one, comes before."""
    ranked = []
    for place, entry in enumerate(accepted.split(",")[:20]):
        tag, _, weight = entry.strip().partition(";q=")
        code = tag.partition("-")[0].lower()
        try:
            ranked.append((-float(weight or 1), place, code))
        except ValueError:
            continue
    return next((code for _, _, code in sorted(ranked) if code in NAMES), ENGLISH.code)
