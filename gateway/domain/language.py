"""The language people read. A sentence is written in English where it is said, marked with `t`, and becomes
the reader's own when it is formatted or put into a page.

Which language that is belongs to whoever asks: the panel sets it for a request; everything else (commands,
the API, the log) speaks English. The catalogues are GNU gettext's (`gateway/languages.py`), English the key.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from gettext import NullTranslations

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


def joined(*sentences: str) -> str:
    """Sentences one after another, those that are empty left out. (`" ".join` would not translate them.)"""
    return " ".join(str(one) for one in sentences if one)


# --- dates -------------------------------------------------------------------------------------------


def dated(day: date | datetime, pattern: str) -> str:
    """A date in the language spoken. `pattern` is of CLDR (EEEE d MMMM y), itself marked with `t` where
    languages order it differently."""
    return format_date(day, str(pattern), _spoken.get().locale)


def weekday(day: date | datetime) -> str:
    """ "Monday"."""
    return dated(day, "EEEE")


def weekday_short(day: date | datetime) -> str:
    """ "Mon"."""
    return dated(day, "EEE")
