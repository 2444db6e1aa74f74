"""What somebody types to search is words and filters; nothing of it is ever an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import languages
from gateway.domain.language import ENGLISH, speaking
from gateway.domain.search import LONGEST, ME, MOST_WORDS, parse, span

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking(ENGLISH):
        yield


def filters(typed: str) -> list[tuple[str, str]]:
    return [(one.name.value, one.value) for one in parse(typed, TODAY).filters]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('NEAR("broken tooth" OR *)', ("near", "broken", "tooth", "or")),
        ("l’été 10:30", ("l", "été", "10", "30")),
        ("see http://x.example/a", ("see", "http", "x", "example", "a")),
        ("twice Twice", ("twice",)),
        ('"', ()),
        ("🦷 --", ()),
    ],
)
def test_what_is_no_filter_is_words(typed: str, words: tuple[str, ...]) -> None:
    asked = parse(typed, TODAY)
    assert (asked.words, asked.filters, asked.troubles) == (words, (), ())


def test_filters_take_quoted_values_and_any_capitals() -> None:
    typed = 'crown FROM:Me tag:"two words" with:“Anna Lee” is:Failed has:note line:front'
    assert filters(typed) == [
        ("from", ME),
        ("tag", "two words"),
        ("with", "Anna Lee"),
        ("is", "failed"),
        ("has", "note"),
        ("line", "front"),
    ]
    assert parse(typed, TODAY).words == ("crown",)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2026", (2026, 1, 1), (2026, 12, 31)),
        ("2026-02", (2026, 2, 1), (2026, 2, 28)),
        ("2024-2", (2024, 2, 1), (2024, 2, 29)),
        ("2026-12", (2026, 12, 1), (2026, 12, 31)),
        ("2026-05-03", (2026, 5, 3), (2026, 5, 3)),
        ("today", (2026, 11, 23), (2026, 11, 23)),
        ("Yesterday", (2026, 11, 22), (2026, 11, 22)),
    ],
)
def test_a_day_a_month_and_a_year_are_spans(
    typed: str, first: tuple[int, ...], last: tuple[int, ...]
) -> None:
    assert span(typed, TODAY) == (date(*first), date(*last))


@pytest.mark.parametrize("typed", ["2026-13", "2026-02-30", "0000", "soon", "5/3/2026", "2026-05-03x"])
def test_what_is_no_day_is_left_out_and_told(typed: str) -> None:
    asked = parse(f"crown before:{typed}", TODAY)
    assert (asked.words, asked.filters) == (("crown",), ())
    assert [str(one) for one in asked.troubles] == [
        f"“before:{typed}” names no day and was left out. "
        "Write a day like 2026-05-03, a month like 2026-05, or 2026."
    ]


@pytest.mark.parametrize(
    ("typed", "said", "words"),
    [
        (
            "colour:red",
            "There is no filter “colour:”, so it was looked for as words. There are: from:",
            ("colour", "red"),
        ),
        ("is:odd", "“is:odd” was left out. There are: is:failed", ()),
        ("has:tooth", "“has:tooth” was left out. There are: has:note", ()),
        ("from:", "Nothing stands behind “from:”, so it was left out. Write it like from:me.", ()),
    ],
)
def test_what_is_not_understood_is_said_with_what_there_is(
    typed: str, said: str, words: tuple[str, ...]
) -> None:
    asked = parse(typed, TODAY)
    (trouble,) = asked.troubles
    assert str(trouble).startswith(said)
    assert (asked.words, asked.filters) == (words, ())


def test_filters_are_typed_in_french_as_well() -> None:
    with speaking(languages.of("fr")):
        assert filters("de:moi est:échoué avant:2026-05 contient:note") == [
            ("from", ME),
            ("is", "failed"),
            ("before", "2026-05"),
            ("has", "note"),
        ]
        assert filters("is:failed from:me") == [("is", "failed"), ("from", ME)]
        assert "de:" in str(parse("couleur:x", TODAY).troubles[0])
        assert parse("après:hier", TODAY).filters[0].first == date(2026, 11, 22)


@given(st.text(max_size=200))
def test_anything_can_be_typed(typed: str) -> None:
    asked = parse(typed, TODAY)
    assert all(word and not set(word) & set('"*():^-+ ') for word in asked.words)
    for trouble in asked.troubles:
        assert str(trouble)


def test_very_much_is_cut() -> None:
    asked = parse(" ".join(f"w{n}" for n in range(5000)), TODAY)
    assert len(asked.words) == MOST_WORDS
    assert parse("x" * 10_000, TODAY).words == ("x" * LONGEST,)
