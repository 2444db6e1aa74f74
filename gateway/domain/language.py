"""The language people read. A sentence is written in English where it is said, marked with `t`, and becomes
the reader's own when it is formatted or put into a page.

Which language that is belongs to whoever asks: the panel sets it for a request; everything else (commands,
the API, the log) speaks English. The catalogues are GNU gettext's (`gateway/languages.py`), English the key.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from gettext import NullTranslations
from typing import Self

from babel import Locale
from babel.dates import format_date


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the panel: its code (BCP 47), its own name, its sentences and how it writes dates."""

    code: str
    name: str
    locale: Locale
    sentences: NullTranslations


ENGLISH = Language("en", "English", Locale("en", "GB"), NullTranslations())

_spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


def spoken() -> Language:
    """The language of whoever reads now."""
    return _spoken.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say everything in that language while this lasts."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def speak(language: Language) -> None:
    """Say everything in that language from here on, in this thread or task."""
    _spoken.set(language)


class Text(str):
    """A sentence of ours, kept in English. `str()`, `format()`, an f-string or a page give it in the language
    that is spoken then; as a plain value (JSON, the database, comparing) it stays English."""

    __slots__ = ()

    def __str__(self) -> str:
        return _spoken.get().sentences.gettext(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __html__(self) -> str:
        return html.escape(str(self))

    def format(self, *args: object, **values: object) -> str:
        """The sentence in the language spoken, filled in."""
        return str(self).format(*args, **values)


t = Text
"""Marks a sentence that people read; `python -m tests.translations` collects what is marked."""


def tn(one: str, many: str, count: int, **values: object) -> str:
    """A sentence that depends on how many: the form this language has for `count`, filled in with it."""
    return _spoken.get().sentences.ngettext(one, many, count).format(count=count, **values)


class _Filled(Text):
    """A sentence with what stands in its places, put there when it is read."""

    __slots__ = ("_sentence", "_values")
    _sentence: str
    _values: dict[str, object]

    def __new__(cls, sentence: str, values: dict[str, object]) -> Self:
        with speaking(ENGLISH):
            made = super().__new__(cls, sentence.format(**values))
        made._sentence, made._values = sentence, values
        return made

    def __str__(self) -> str:
        return self._sentence.format(**self._values)


def filled(sentence: str, **values: object) -> Text:
    """A sentence that is filled in where it is read, for what is said elsewhere: an error of the writer's
    thread, whose reader may speak another language. A value may be such a sentence itself, or a `Day`."""
    return _Filled(sentence, values)


def retold(stored: str, sentences: Iterable[str]) -> str:
    """What was stored in English, in the language spoken: it was made of one of these sentences, by filling
    it in. Anything else is said as it is."""
    for sentence in sentences:
        pieces = re.split(r"\{(\w+)\}", str.__str__(sentence))
        pattern = "".join(
            f"(?P<{piece}>.+)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
        )
        if found := re.fullmatch(pattern, stored, re.DOTALL):
            return sentence.format(**found.groupdict())
    return stored


def joined(*sentences: str) -> str:
    """Sentences one after another, those that are empty left out. (`" ".join` would not translate them.)"""
    return " ".join(str(one) for one in sentences if one)


# --- dates -------------------------------------------------------------------------------------------


def dated(day: date | datetime, pattern: str) -> str:
    """A date in the language spoken. `pattern` is of CLDR (EEEE d MMMM y), itself marked with `t` where
    languages order it differently."""
    return format_date(day, str(pattern), _spoken.get().locale)


@dataclass(frozen=True, slots=True)
class Day:
    """A day for a sentence that is read later: "27 November 2026"."""

    day: date | datetime

    def __str__(self) -> str:
        return dated(self.day, t("d MMMM y"))


def weekday(day: date | datetime) -> str:
    """ "Monday"."""
    return dated(day, "EEEE")


def weekday_short(day: date | datetime) -> str:
    """ "Mon"."""
    return dated(day, "EEE")
