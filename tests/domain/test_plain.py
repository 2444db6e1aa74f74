"""Plain letters: what is replaced, what is offered, and what is left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.alphabet import fits_gsm7
from gateway.domain.plain import bare, guilty, name_of, plain
from gateway.domain.segments import segment

WRITTEN = st.text(
    st.one_of(
        st.sampled_from("‘’“”–—…«»\u00a0\u202f\u200b™©ﬁéèêëçœŒłÉñ😀👩‍👩‍👧🦷日本ая\u0301\u0302\n\tıß€["),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("it’s “so” – fine…", 'it\'s "so" - fine...'),
        ("à\u00a010\u202fh", "à 10 h"),
        ("zero\u200bwidth", "zerowidth"),
        ("cafe\u0301", "café"),
        ("Zoë, garçon, œuf", "Zoë, garçon, œuf"),
        ("🦷 it’s", "🦷 it's"),
        ("日本", "日本"),
    ],
)
def test_typography_becomes_plain_and_letters_stay(text: str, same: str) -> None:
    assert plain(text) == same


def test_accents_outside_the_alphabet_go_only_when_asked() -> None:
    assert bare("Zoë a fêté l’œuf à Noël") == "Zoe a feté l'oeuf à Noel"
    assert bare("Łódź, 日本, ая, 🦷") == "Lodz, 日本, ая, 🦷"


def test_each_guilty_character_is_told_once_with_what_may_stand_there() -> None:
    found = {one.character: (one.plain, one.bare) for one in guilty("it’s Zoë’s 🦷, 日, e\u0301")}
    assert found == {
        "’": ("'", None),
        "ë": (None, "e"),
        "🦷": (None, None),
        "日": (None, None),
        "e\u0301": ("é", None),
    }


def test_what_cannot_be_seen_is_named() -> None:
    assert [name_of(one) for one in ("’", "\u00a0", "\u2060", "👩‍👧")] == [
        "’",
        "no-break space",
        "U+2060",
        "👩‍👧",
    ]


def _letters(text: str) -> list[str]:
    return [one for one in unicodedata.normalize("NFKC", text) if one.isalnum()]


def _holds_in_order(long: list[str], short: list[str]) -> bool:
    rest = iter(long)
    return all(one in rest for one in short)


@given(WRITTEN)
def test_plain_letters_lose_no_letter(text: str) -> None:
    assert _holds_in_order(_letters(plain(text)), _letters(text))


@given(WRITTEN)
def test_plain_letters_are_plain_the_second_time(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert bare(bare(text)) == bare(text)


@given(WRITTEN)
def test_what_has_a_plain_writing_is_gone_and_the_rest_stays(text: str) -> None:
    found = guilty(text)
    if all(one.plain is not None for one in found):
        assert fits_gsm7(plain(text))
    if not found:
        assert plain(text) == bare(text) == text


@given(WRITTEN)
def test_without_accents_no_letter_is_lost_either(text: str) -> None:
    assert len(_letters(bare(text))) >= len(_letters(plain(text)))


def test_a_curly_apostrophe_costs_two_texts() -> None:
    """The acceptance of the counter: three parts, one after the click."""
    text = "It’s " + "a" * 145
    assert (len(text), len(segment(text).texts), len(segment(plain(text)).texts)) == (150, 3, 1)
