"""A made-up language, and how to see what on a page does not speak it.

Every sentence of the catalogue stands in marks, so what a reader sees outside of them was never marked with
`t` or `tn`. What stands in the places of a sentence is outside: it has to be somebody's words, a name, a
number, or a sentence itself.
"""

from __future__ import annotations

import json
import re
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import ClassVar

from babel import Locale

from gateway.domain.language import Language

OPEN, CLOSE = "⟦", "⟧"
_PIECES = re.compile(r"(\{[^{}]*\})")
_TAGS = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[A-Za-z]{2,}")
_NOT_WORDS = re.compile(
    r"\{\w+\}"  # a place that a script fills
    r"|\b(?:cnv|msg|note)_\w+"
    r"|https?://\S+|/(?:dev|data|usr)/?\S*"
)
"""What is written alike everywhere: ids, addresses, paths."""
_MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
LOCALE = Locale("el")
"""So days, months and countries are Greek, as are people and texts in the office of the test."""


def wrapped(sentence: str) -> str:
    """The sentence with marks round whatever of it is words."""
    pieces = _PIECES.split(sentence)
    return "".join(
        f"{OPEN}{piece}{CLOSE}" if place % 2 == 0 and _WORD.search(_TAGS.sub("", piece)) else piece
        for place, piece in enumerate(pieces)
    )


class _Sentences(NullTranslations):
    def gettext(self, message: str) -> str:
        return wrapped(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return wrapped(msgid1 if n == 1 else msgid2)


class MadeUp:
    """The languages of a panel that speaks nothing else."""

    NAMES: ClassVar[dict[str, str]] = {"en": "Αγγλικά"}

    def of(self, code: str) -> Language:
        """The made-up one, whatever was chosen."""
        return Language("el", "Made up", LOCALE, _Sentences())

    def preferred(self, accepted: str) -> str:
        """What it has instead of a choice."""
        return "en"


_SAID = ("aria-label", "placeholder", "title", "alt", "label")
_SKIPPED = {"script", "style", "code", "textarea", "datalist"}
_VOID = {
    "input", "link", "meta", "br", "hr", "img", "wbr", "path", "rect", "circle", "line", "polyline", "use",
}  # fmt: skip
_BLOCKS = {
    "p", "li", "div", "h1", "h2", "h3", "td", "th", "dt", "dd", "option", "label", "button", "title",
    "summary", "legend",
}  # fmt: skip
_DATA = {"office.country", "office.zone", "zone", "office.language", "language"}
"""Fields whose choices are names: of countries, of time zones, of languages by themselves."""


_OF_SCRIPTS = {
    "data-path",
    "data-asks",
    "data-basic",
    "data-extended",
    "data-live",
    "data-picks",
    "data-words",
}
"""What scripts are told besides words: addresses, names of fields, alphabets, what people wrote."""


def _strings(value: str) -> list[str]:
    """What is said in an attribute for a script: all of it, or the strings of its JSON."""
    try:
        found, left = [], [json.loads(value)]
    except ValueError:
        return [value] if " " in value else []
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, list | dict):
            left += one.values() if isinstance(one, dict) else one
    return found


class _Seen(HTMLParser):
    """What a person reads on a page or has read to them: its text, and attributes that are text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.attributes: list[str] = []
        self._skipped: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        is_name = tag == "select" and given.get("name") in _DATA
        is_command = "raw" in given.get("class", "").split() or ("lang" in given and tag != "html")
        if self._skipped or tag in _SKIPPED or is_name or is_command:
            if tag not in _VOID:
                self._skipped.append(tag)
            return
        self.attributes += [given[name] for name in _SAID if name in given]
        for name, value in given.items():
            if name.startswith("data-") and name not in _OF_SCRIPTS:
                self.attributes += _strings(value)
        self.text.append("\n" if tag in _BLOCKS else " ")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and tag not in _VOID:
            self._skipped.pop()
        self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.text.append(data)


def unmarked(html: str, known: set[str]) -> list[str]:
    """Words of a page that stand in no mark and are not among what is `known` to be data."""
    seen = _Seen(html)
    said = []
    for piece in ("".join(seen.text), *seen.attributes):
        rest = piece
        while (shorter := _MARKED.sub(" ", rest)) != rest:
            rest = shorter
        rest = _NOT_WORDS.sub(" ", rest)
        for name in sorted(known, key=len, reverse=True):
            rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", rest)
        said += [" ".join(line.split()) for line in rest.split("\n") if _WORD.search(line)]
    return said
