"""Who is mentioned in a note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.mentions import Colleague, mentioned

ANNA, OTHER_ANNA = Colleague(1, "areid", "Anna Reid"), Colleague(2, "anna.b", "Anna  Bell")
TOM, LEA = Colleague(3, "tom", "Tom Baker"), Colleague(4, "lea", "Léa Dubois")
OFFICE = (ANNA, OTHER_ANNA, TOM, LEA)


@pytest.mark.parametrize(
    ("body", "who"),
    [
        ("@tom please", {3}),
        ("ask @Tom Baker, or @areid", {1, 3}),
        ("@TOM.", {3}),
        ("(@léa)", {4}),
        ("@anna reid knows", {1}),
        ("@Anna which?", {1, 2}),
        ("@anna.b and nobody else", {2}),
        ("@Anna\nReid", {1, 2}),
        ("@tomorrow", set()),
        ("mail tom@tom.example", set()),
        ("@@tom", set()),
        ("tom", set()),
        ("@", set()),
        ("", set()),
    ],
)
def test_a_name_after_an_at_speaks_to_somebody(body: str, who: set[int]) -> None:
    assert mentioned(body, OFFICE) == who


def test_nobody_is_mentioned_where_nobody_works() -> None:
    assert mentioned("@tom", ()) == frozenset()


@given(st.text(max_size=200))
def test_any_words_can_be_read(body: str) -> None:
    assert mentioned(body, OFFICE) <= {1, 2, 3, 4}


@given(st.text(max_size=40), st.sampled_from(OFFICE))
def test_a_username_is_found_wherever_it_stands_alone(before: str, who: Colleague) -> None:
    assert who.id in mentioned(f"{before}\n@{who.username}\n", OFFICE)
