"""Templates: texts with places to fill in. `{first_name}` has to be known; `{first_name|there}` says what
stands there when it is not.

A place is a word we know in braces; other braces are only braces. What is filled in is never read again for
places, so nobody's name can become one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.language import t

FIELD = "field:"
"""Begins the name of a field the office keeps of its contacts: `{field:boiler}`."""

PLACES: Mapping[str, str] = {
    "first_name": t("their first name"),
    "name": t("their whole name"),
    "office": t("the name of the office"),
    "line": t("the line's name"),
    "me": t("the name of whoever sends it"),
}
"""What can be filled in, and what that is."""

LONGEST = 2000
"""Characters of a template in one language; about thirteen texts."""

_PLACE = re.compile(r"\{([A-Za-z_]+|field:[^{}|\n]{1,40})(?:\|([^{}\n]*))?\}")
_BEGUN = re.compile(r"\{(?=[A-Za-z_])[^{}\n]{0,30}")


class BadTemplate(ValueError):
    """A template that cannot be used: the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's words for somebody. `missing`: places without a value, which stand in the words as they
    were."""

    text: str
    missing: tuple[str, ...]


def places(body: str) -> tuple[str, ...]:
    """Names of the places of a text, each once, in their order."""
    return tuple(dict.fromkeys(_name(match) for match in _PLACE.finditer(body) if _is_known(_name(match))))


def fill(body: str, values: Mapping[str, str]) -> Filled:
    """Put the values in; a place without one gets what it says for that, or stays."""
    missing: dict[str, None] = {}

    def put(match: re.Match[str]) -> str:
        name, other = _name(match), match.group(2)
        if not _is_known(name):
            return match.group()
        value = values.get(name) or other
        if value is not None:
            return value
        missing[name] = None
        return match.group()

    return Filled(_PLACE.sub(put, body), tuple(missing))


def check(body: str) -> None:
    """Raises:
    BadTemplate: it is empty or too long, or holds a place that there is not.
    """
    if not body.strip():
        raise BadTemplate(t("There is nothing in it. Write the words of the template."))
    if len(body) > LONGEST:
        raise BadTemplate(t("It has more than {most} characters. Shorten it.").format(most=LONGEST))
    rest = _PLACE.sub(_known_only, body)
    begun = _BEGUN.search(rest)
    if begun is not None:
        raise BadTemplate(
            t("{place} is never closed. Write a } after the name of the place.").replace(
                "{place}", begun.group()
            )
        )


def _known_only(match: re.Match[str]) -> str:
    name = _name(match)
    if _is_known(name):
        return ""
    near = difflib.get_close_matches(name.lower(), PLACES, n=1)
    meant = near[0] if near else "first_name"
    raise BadTemplate(
        str(t("There is no place {wrong}. Did you mean {meant}?"))
        .replace("{wrong}", match.group())
        .replace("{meant}", f"{{{meant}}}")
    )


def templated(body: str, name: str, first_name: str) -> str:
    """The words of a text that was sent to somebody, their name made a place."""
    for words, place in ((name, "{name}"), (first_name, "{first_name}")):
        if len(words.strip()) > 1:
            found = re.compile(rf"(?<!\w){re.escape(words.strip())}(?!\w)", re.IGNORECASE)
            body = found.sub(place, body)
    return body


def choose(languages: Sequence[str], wanted: Sequence[str]) -> str:
    """Which of the languages a template has is taken: the first that is wanted, or is spoken like it (fr for
    fr-CA), else the first it has."""
    for one in filter(None, wanted):
        for has in (one, one.partition("-")[0]):
            if has in languages:
                return has
    return languages[0]


def _name(match: re.Match[str]) -> str:
    return match.group(1).strip()


def _is_known(name: str) -> bool:
    return name in PLACES or (name.startswith(FIELD) and bool(name[len(FIELD) :].strip()))
