"""Words found whatever their accents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.folding import folded, holds, places


def test_accents_and_case_do_not_matter() -> None:
    assert folded("RÉPARATION d'Œuvre") == "reparation d'oeuvre"
    assert holds("La Réparation est prête", ["reparat", "pret"])
    assert not holds("La Réparation", ["reparat", "demain"])


def test_places_are_those_of_the_text_as_it_stands() -> None:
    text = "Œuf, oeuf, ŒUF"
    assert [text[begin:end] for begin, end in places(text, ["oeuf"])] == ["Œuf", "oeuf", "ŒUF"]
    assert places("aaaa", ["aa", "a"]) == [(0, 4)]
    assert places("abc", ["", "x"]) == []


@given(st.text(max_size=80), st.lists(st.text(max_size=4), max_size=4))
def test_places_lie_apart_and_inside(text: str, words: list[str]) -> None:
    spans = places(text, [folded(word) for word in words])
    ends = [0, *(bound for span in spans for bound in span), len(text)]
    assert ends == sorted(ends) and all(begin < end for begin, end in spans)


@given(st.text(min_size=1, max_size=20))
def test_a_text_holds_itself(text: str) -> None:
    assert holds(text, folded(text).split())
