"""Passwords that are guessed first, and such as are not."""

from __future__ import annotations

import pytest

from gateway.domain.common_passwords import COMMON
from gateway.domain.passwords import is_common, is_simple

ABOUT = ("ruth", "Ruth Lindqvist", "Alderwick Dental")


@pytest.mark.parametrize("password", ["SonyEricsson", "michaeljackson", "1q2w3e4r5t6y"])
def test_what_stands_in_the_lists_is_known_however_it_is_written(password: str) -> None:
    assert is_common(password)


def test_the_list_holds_nothing_that_could_not_be_a_password_here() -> None:
    assert all(12 <= len(word) <= 128 and word == word.casefold() for word in COMMON)
    assert not any(is_simple(word, ()) for word in COMMON), "known by its form already"


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password123456",
        "Welcome-2024-!!",
        "aaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "987654321098",
        "abcdefghijkl",
        "qwertyuiop123",
        "qwertzuiopasdfgh",
        "azertyuiop12",
        "............",
    ],
)
def test_rows_of_the_keyboard_and_repeats_are_simple(password: str) -> None:
    assert is_simple(password, ())


@pytest.mark.parametrize(
    "password",
    [
        "ruthruthruth",
        "RuthLindqvist",
        "ruth.lindqvist1",
        "Alderwick Dental 2024",
        "alderwickdental!",
        "dental123456",
    ],
)
def test_names_that_everybody_knows_are_simple(password: str) -> None:
    assert is_simple(password, ABOUT)
    assert not is_simple("Lindqvist Alderwick 77", ())


@pytest.mark.parametrize(
    "password",
    [
        "a short sentence is good",
        "quite another sentence",
        "correct horse battery staple",
        "Ruth likes rowing on Sundays",
        "x7Gk29qpLm4v",
        "zaunkönig im garten",
        "パスワードは長い文がよいです",
    ],
)
def test_sentences_and_what_was_drawn_by_chance_are_not(password: str) -> None:
    assert not is_simple(password, ABOUT) and not is_common(password)
