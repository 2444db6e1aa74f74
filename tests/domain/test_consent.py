"""The carriers' words, and nothing guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.consent import START_WORDS, STOP_WORDS, Wish, wish

around = st.text(st.sampled_from(" \t\n.,!?\"'()*-\u200b…"), max_size=5)


def test_the_words_are_the_carriers() -> None:
    assert {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"} == STOP_WORDS
    assert {"start", "unstop"} == START_WORDS


@given(st.sampled_from(sorted(STOP_WORDS | START_WORDS)), st.data(), around, around)
def test_letter_case_and_punctuation_around_do_not_matter(
    word: str, data: st.DataObject, before: str, after: str
) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(word), max_size=len(word)))
    mixed = "".join(char.upper() if up else char for char, up in zip(word, upper, strict=True))
    assert wish(before + mixed + after) is (Wish.STOP if word in STOP_WORDS else Wish.START)


@given(
    st.sampled_from(sorted(STOP_WORDS)), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5)
)
def test_a_word_with_more_letters_is_another_word(word: str, more: str) -> None:
    for text in (word + more, more + word):
        assert wish(text) is None or text.casefold() in STOP_WORDS | START_WORDS


@pytest.mark.parametrize(
    "body",
    ["", " ", "stop it", "don't stop", "ЅТОР", "S T O P", "ST0P", "arrêt", "halt", "Stop\nplease", "🛑"],
)
def test_ordinary_texts(body: str) -> None:
    assert wish(body) is None


@given(st.text())
def test_any_text_is_read_without_complaint(body: str) -> None:
    assert wish(body) in (None, Wish.STOP, Wish.START)
