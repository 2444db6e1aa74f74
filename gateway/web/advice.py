"""What is said of the words in a box while they are written: characters that cost, length, tone, places that
are not filled in. It advises; only a place that is not filled in keeps a text from being sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.desk import templates as desk
from gateway.domain import advice_words, hints, plain, segments, templates
from gateway.domain.alphabet import NotText, fits_gsm7
from gateway.domain.language import Language, speaking, tn
from gateway.store import contacts, settings
from gateway.store.database import Tx
from gateway.web.site import site, visitor

CHANNEL_FROM = 4
"""A text of more parts than this is answered with other ways than a text."""
MOST_MARKED = 8
"""Characters that are shown, each with its word."""
_AROUND = 12
"""Characters of the word on either side of what is marked."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A character that makes a text cost more, in the word it stands in first. `instead`: what may stand
    there, None where nothing may; `letter`: that is another letter, so nobody puts it there unasked."""

    before: str
    character: str
    after: str
    instead: str | None
    letter: bool


@dataclass(frozen=True, slots=True)
class Swap:
    """A button that makes the words plain: what it asks for, what that saves, what it replaces by what."""

    do: str
    saves: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def data(self) -> str:
        """The pairs as the page's script reads them."""
        return json.dumps(self.pairs)


@dataclass(frozen=True, slots=True)
class Advice:
    """All that is said of some words."""

    missing: str
    guilty: tuple[Marked, ...]
    swap: Swap | None
    long: str
    offers: tuple[tuple[str, str, str], ...]
    hints: tuple[str, ...]


NOTHING = Advice("", (), None, "", (), ())


def advice(tx: Tx, text: str, conversation: Row[Any]) -> Advice:
    """What to say of the words of a reply in a conversation."""
    try:
        count = len(segments.segment(text).texts)
    except (segments.TooLong, NotText):
        return NOTHING  # the counter says it
    missing = ", ".join(f"{{{name}}}" for name in templates.places(text))
    return Advice(
        missing=advice_words.MISSING.format(places=missing) if missing else "",
        guilty=tuple(_marked(text)),
        swap=swap(text, count),
        long=_long(tx, count),
        offers=tuple(_offers(tx, conversation)) if count > CHANNEL_FROM else (),
        hints=tuple(_hints(tx, text, conversation)),
    )


# --- characters --------------------------------------------------------------------------------------


def _marked(text: str) -> Iterator[Marked]:
    """The first of them; letters of other scripts are what somebody means to write."""
    telling = [
        one for one in plain.guilty(text) if one.plain is not None or one.bare or not one.character.isalpha()
    ]
    for one in telling[:MOST_MARKED]:
        at = text.index(one.character)
        before = text[max(0, at - _AROUND) : at].split()
        after = text[at + len(one.character) :][:_AROUND].split()
        touches_before = at > 0 and not text[at - 1].isspace()
        end = at + len(one.character)
        touches_after = end < len(text) and not text[end].isspace()
        yield Marked(
            before[-1] if before and touches_before else "",
            plain.name_of(one.character),
            after[0] if after and touches_after else "",
            one.plain if one.plain is not None else one.bare,
            one.plain is None and one.bare is not None,
        )


def swap(text: str, count: int) -> Swap | None:
    """What makes the words plain altogether: typography alone where that does, else accents as well; None
    where nothing does."""
    for do, made in (("plain", plain.plain(text)), ("bare", plain.bare(text))):
        if made == text or not fits_gsm7(made):
            continue
        pairs = tuple((one.character, _instead(one, do)) for one in plain.guilty(text))
        now = len(segments.segment(made).texts)
        saves = (
            tn("then {count} text instead of {now}", "then {count} texts instead of {now}", now, now=count)
            if now < count
            else ""
        )
        return Swap(do, saves, pairs)
    return None


def _instead(one: plain.Guilty, do: str) -> str:
    instead = one.plain if one.plain is not None else one.bare
    assert instead is not None, do  # it all fits afterwards
    return instead


# --- length ------------------------------------------------------------------------------------------


def _long(tx: Tx, count: int) -> str:
    if count > CHANNEL_FROM:
        return advice_words.VERY_LONG.format(count=count)
    if count > int(settings.get(tx, "writing.parts_replies")):
        return advice_words.LONG.format(count=count)
    return ""


def _offers(tx: Tx, conversation: Row[Any]) -> Iterator[tuple[str, str, str]]:
    """Value, button, and the words in the contact's language."""
    for value, (button, _) in advice_words.OFFERS.items():
        yield value, str(button), offered(tx, value, conversation)


def offered(tx: Tx, value: str, conversation: Row[Any]) -> str:
    """The words that offer another way, in the language of whom they are for."""
    with speaking(_language(tx, conversation)):
        return str(advice_words.OFFERS[value][1])


def _language(tx: Tx, conversation: Row[Any]) -> Language:
    person = contacts.get(tx, conversation.contact_id)
    known = site().languages
    wanted = [code.partition("-")[0] for code in desk.wanted_languages(tx, person)]
    return known.of(next(code for code in wanted if code in known.NAMES))


# --- tone --------------------------------------------------------------------------------------------


def _hints(tx: Tx, text: str, conversation: Row[Any]) -> Iterator[str]:
    if settings.get(tx, "writing.hints") != "on" or not visitor().hints:
        return
    person = contacts.get(tx, conversation.contact_id)
    language = (person.language if person is not None else None) or ""
    for hint in hints.hints(text, language):
        yield advice_words.TONES[hint.tone].format(words=", ".join(f"“{word}”" for word in hint.words))
