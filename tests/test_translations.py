"""The catalogues: every sentence that is marked has a translation, with the same places to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from gateway import languages
from gateway.domain.language import ENGLISH, Text, dated, joined, speak, speaking, spoken, t, tn, weekday
from tests.translations import TRANSLATED, catalogue, marked, open_sentences

FRENCH = languages.of("fr")
_PLACE = re.compile(r"\{[^{}]*\}")
_MARKUP = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    """A test that changes the language changes it for itself."""
    yield
    speak(ENGLISH)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code: str) -> None:
    found = catalogue(code)
    ids = {message.id for message in marked() if message.id}
    assert {message.id for message in found if message.id} == ids, "run: python -m tests.translations"
    assert open_sentences(found) == []


def _forms(message: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each translation with the English it may stand for: of one and of many, which may do without the count
    for one."""
    if isinstance(message.id, str):
        yield (message.id,), message.string
    else:
        for string in message.string:
            yield message.id, string


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_keeps_places_and_markup(code: str) -> None:
    wrong = [
        (english, own)
        for message in catalogue(code)
        if message.id
        for english, own in _forms(message)
        if own and _frame(own) not in map(_frame, english)
    ]
    assert wrong == []


OTHER_WORDS = {"fr": {"SMS": re.compile(r"\btextos?\b", re.IGNORECASE)}}
"""One thing has one word in a language: the word, and how else it is not called."""


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_thing_is_called_by_one_word(code: str) -> None:
    wrong = [
        (word, own)
        for message in catalogue(code)
        if message.id
        for _, own in _forms(message)
        for word, never in OTHER_WORDS.get(code, {}).items()
        if never.search(own)
    ]
    assert wrong == []


def _frame(sentence: str) -> tuple[list[str], list[str]]:
    """What a translation has to keep."""
    return sorted(set(_PLACE.findall(sentence))), sorted(_MARKUP.findall(sentence))


def test_a_sentence_is_read_in_the_language_spoken_then() -> None:
    class Shout(languages.GNUTranslations):
        def gettext(self, message: str) -> str:
            return message.upper()

    loud = languages.Language("xx", "Loud", FRENCH.locale, Shout.__new__(Shout))
    sentence = t("It waits for {who}")
    with speaking(loud):
        assert str(sentence) == "IT WAITS FOR {WHO}"
        assert f"{sentence}!" == "IT WAITS FOR {WHO}!"
        assert sentence.__html__() == "IT WAITS FOR {WHO}"
        assert joined(sentence, "", Text("done")) == "IT WAITS FOR {WHO} DONE"
    assert sentence.format(who="<Anna>") == "It waits for <Anna>"
    assert sentence == "It waits for {who}"
    assert spoken() is ENGLISH


def test_counting_and_dates_follow_the_language() -> None:
    day = date(2026, 11, 23)
    assert tn("{count} text", "{count} texts", 1) == "1 text"
    assert tn("{count} text", "{count} texts", 0) == "0 texts"
    assert (weekday(day), dated(day, "EEEE d MMMM")) == ("Monday", "Monday 23 November")
    with speaking(FRENCH):
        assert (weekday(day), dated(day, "EEEE d MMMM")) == ("lundi", "lundi 23 novembre")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("fr-CA,en;q=0.8", "fr"),
        ("de,en;q=0.5,fr;q=0.4", "en"),
        ("", "en"),
        ("fr;q=x, ,;", "en"),
        ("pl", "en"),
    ],
)
def test_a_browser_is_answered_in_the_language_it_asks_for(asked: str, answered: str) -> None:
    assert languages.preferred(asked) == answered
