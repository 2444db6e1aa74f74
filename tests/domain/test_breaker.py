"""Whose trouble refusals are. A letter of a story is a person: `a` was refused, `A` got the text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.breaker import LONGEST_REST, Suspicion, Try, is_networks, suspicion

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def judge(story: str, now: datetime | None = None) -> Suspicion | None:
    """What is held against a line after these tries, oldest first, the last one just now."""
    began = NOON - timedelta(seconds=10 * (len(story) - 1))
    tries = [
        Try(ord(one.lower()), one.lower(), one.isupper(), began + timedelta(seconds=10 * at))
        for at, one in enumerate(story)
    ]
    return suspicion(tries[::-1], now or NOON)


@pytest.mark.parametrize(
    ("story", "rest"),
    [
        ("", None),
        ("a", None),
        ("ab", None),
        ("aaaa", None),
        ("abab", None),
        ("abc", 60),
        ("aaabc", 60),
        ("abcd", 120),
        ("abca", 120),
        ("abcabc", 480),
        ("abcabcabc", 900),
        ("abcA", None),
        ("abcD", None),
        ("abcDe", None),
        ("abcDa", None),
        ("abcDabc", None),
        ("abcDabcefg", 60),
        ("abcDABCabc", 60),
        ("abDcef", 60),
        ("abDce", None),
    ],
)
def test_three_people_in_a_row_make_a_line_suspect(story: str, rest: int | None) -> None:
    against = judge(story)
    assert (against and against.until - NOON) == (None if rest is None else timedelta(seconds=rest))


def test_it_tells_since_when_and_whose_texts_were_refused() -> None:
    against = judge("Zabca")
    assert against is not None
    assert against.since == NOON - timedelta(seconds=30)
    assert sorted(against.refused) == [ord(one) for one in "abc"]


def test_a_clock_that_was_ahead_makes_no_rest_longer() -> None:
    earlier = NOON - timedelta(days=300)
    against = judge("abcdefghij", earlier)
    assert against is not None
    assert against.until == earlier + LONGEST_REST


@pytest.mark.parametrize(
    ("code", "network"),
    [
        *[(f"CMS {number}", True) for number in (1, 38, 50, 127, 128, 196, 207, 255)],
        *[(f"CMS {number}", False) for number in (0, 208, 213, 304, 331, 512)],
        *[(code, False) for code in ("CME 30", "BUSY", "ERROR", "timeout", "", None)],
    ],
)
def test_whose_word_a_refusal_is(code: str | None, network: bool) -> None:
    assert is_networks(code) is network
