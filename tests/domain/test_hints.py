"""Hints about tone: what is noticed, and above all what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.hint_lists import ANGRY
from gateway.domain.hints import Tone, Trouble, hints, troubles, words_of


def _found(text: str, language: str = "") -> dict[Tone, tuple[str, ...]]:
    return {hint.tone: hint.words for hint in hints(text, language)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gr8 c u l8r", {Tone.TEXT_SPEAK: ("gr8", "l8r", "u", "c u")}),
        ("Thx, see you at nine", {Tone.TEXT_SPEAK: ("Thx",)}),
        ("dsl on est fermé, c bon pour demain ?", {Tone.TEXT_SPEAK: ("dsl", "c bon")}),
        ("See you 🦷 then ❤️ 🦷", {Tone.EMOJI: ("🦷", "❤️")}),
        ("PLEASE CALL US NOW about it", {Tone.CAPITALS: ("PLEASE CALL US NOW",)}),
        ("MERCI DE NOUS RAPPELER", {Tone.CAPITALS: ("MERCI DE NOUS RAPPELER",)}),
        ("Yeah right, it was us", {Tone.SARCASM: ("Yeah right",)}),
        ("That was “great” of you /s", {Tone.SARCASM: ("“great”", "/s")}),
        ("Comme je l’ai déjà dit, c'est fermé", {Tone.SARCASM: ("Comme je l’ai déjà dit",)}),
    ],
)
def test_tone_is_noticed(text: str, found: dict[Tone, tuple[str, ...]]) -> None:
    got = _found(text)
    assert {tone: set(words) for tone, words in got.items()} == {
        tone: set(words) for tone, words in found.items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "Your order GR8-4411 L8R is ready",
        "order b4 is ready",
        "Order no. 4U and part W8 are here, plate B4 THX",
        "Ref 2DAY-77, model K2",
        "Commande 2M1, facture n° 4477",
        "RDV lundi à 10 h, SVP confirmez. OK ?",
        "The BBC and the NHS, or BMW",
        "Reply YES or STOP",
        "Your visit is on 3 June at 10:30, room U2.",
        "Vitamin K and plan B",
        "你好你好你好 朋友们朋友们 今天天气很好",
        "мы работаем сегодня до шести",
        "It costs 20 € ™ ©",
        "",
    ],
)
def test_numbers_and_ordinary_words_are_left_alone(text: str) -> None:
    assert _found(text) == {}


def test_only_words_of_the_language_are_looked_for_where_it_is_known() -> None:
    assert _found("ds la rue", "en") == {} and _found("ds la rue", "fr-FR") != {}
    assert _found("gonna come", "fr") == {} and _found("gonna come", "de") != {}


@given(st.text(max_size=300), st.sampled_from(["", "en", "fr", "xx"]))
def test_any_text_is_looked_at_and_what_is_named_stands_in_it(text: str, language: str) -> None:
    for hint in hints(text, language):
        assert hint.words and all(word in text for word in hint.words)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * 320, {Trouble.LONG}),
        ("When? Where? With whom?", {Trouble.QUESTIONS}),
        ("I am FURIOUS about this", {Trouble.ANGRY}),
        ("C’est inadmissible, je veux un remboursement", {Trouble.ANGRY}),
        ("WHY DID NOBODY CALL ME BACK", {Trouble.ANGRY}),
        ("I want my money   back", {Trouble.ANGRY}),
        ("Is Friday free? Or Monday?", set()),
        ("The Worsted mill is closed", set()),
    ],
)
def test_a_text_of_theirs_that_needs_more_than_a_text(text: str, why: set[Trouble]) -> None:
    assert set(troubles(text, words_of(ANGRY))) == why


def test_the_offices_own_words_count() -> None:
    assert troubles("The crown fell out", words_of("fell out, blood")) == (Trouble.ANGRY,)
    assert troubles("The crown fell out", ()) == ()
