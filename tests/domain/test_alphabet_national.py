"""The national tables: every character stands where 23.038 annex A puts it, as far as can be told without it.

The letters of an Asian table come in the order of their Unicode block, so a slip of the pen shows.
"""

from __future__ import annotations

import unicodedata

import pytest

from gateway.domain.alphabet import decode_septets
from gateway.domain.alphabet_national import (
    BENGALI,
    GUJARATI,
    HINDI,
    KANNADA,
    LOCKING_SHIFTS,
    MALAYALAM,
    ORIYA,
    PORTUGUESE,
    PUNJABI,
    SINGLE_SHIFTS,
    SPANISH,
    TAMIL,
    TELUGU,
    TURKISH,
    URDU,
)

BLOCKS = {
    BENGALI: ("BENGALI", 0x0980),
    GUJARATI: ("GUJARATI", 0x0A80),
    HINDI: ("DEVANAGARI", 0x0900),
    KANNADA: ("KANNADA", 0x0C80),
    MALAYALAM: ("MALAYALAM", 0x0D00),
    ORIYA: ("ORIYA", 0x0B00),
    PUNJABI: ("GURMUKHI", 0x0A00),
    TAMIL: ("TAMIL", 0x0B80),
    TELUGU: ("TELUGU", 0x0C00),
}
DANDAS = "\u0964\u0965"  # shared by the scripts of India


def test_every_language_of_the_annex_is_here() -> None:
    assert set(SINGLE_SHIFTS) == set(range(1, 14))
    assert set(LOCKING_SHIFTS) == set(range(1, 14)) - {SPANISH}


@pytest.mark.parametrize("language", LOCKING_SHIFTS)
def test_a_locking_table_has_128_places_and_what_every_text_needs(language: int) -> None:
    table = LOCKING_SHIFTS[language]
    assert len(table) == 128
    assert (table[0x0A], table[0x0D], table[0x1B], table[0x20]) == ("\n", "\r", "\x1b", " ")
    assert table[0x30:0x3A] == "0123456789"
    assert table[0x61:0x7B] == "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("language", BLOCKS)
def test_the_letters_of_an_indian_table_are_its_script_in_order(language: int) -> None:
    script, first = BLOCKS[language]
    letters = [char for char in LOCKING_SHIFTS[language] if char > "\x7f"]
    assert letters == sorted(set(letters))
    assert all(first <= ord(char) < first + 0x80 for char in letters)
    assert all(script in unicodedata.name(char) for char in letters)
    added = [char for char in SINGLE_SHIFTS[language].values() if ord(char) > 0x900 and char != "€"]
    assert all(char in DANDAS or first <= ord(char) < first + 0x80 for char in added)
    assert not set(added) & set(letters)
    assert len(set(added)) == len(added)


@pytest.mark.parametrize("language", BLOCKS)
def test_the_digits_of_an_indian_script_follow_each_other(language: int) -> None:
    added = SINGLE_SHIFTS[language]
    places = range(0x1C, 0x26) if language != BENGALI else [0x19, 0x1A, *range(0x1C, 0x24)]
    assert [unicodedata.decimal(added[place]) for place in places] == list(range(10))


@pytest.mark.parametrize("language", [*BLOCKS, URDU])
def test_an_asian_single_shift_brings_the_capitals_and_the_marks(language: int) -> None:
    added = SINGLE_SHIFTS[language]
    assert "".join(added[code] for code in range(0x41, 0x5B)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert added[0x00] + added[0x04] + added[0x0F] + added[0x18] == "@¿/*"


def test_urdu_is_arabic_script() -> None:
    letters = [char for char in LOCKING_SHIFTS[URDU] if char > "\x7f"]
    assert all("ARABIC" in unicodedata.name(char) for char in letters)
    assert len(set(letters)) == len(letters)
    digits = [SINGLE_SHIFTS[URDU][place] for place in range(0x1C, 0x26)]
    assert [unicodedata.decimal(digit) for digit in digits] == list(range(10))


@pytest.mark.parametrize(
    ("units", "single", "locking", "text"),
    [
        ([0x2F, 0x42, 0x4C, 0x5F, 0x27, 0x59], 0, HINDI, "नमस्ते"),
        ([0x1B, 0x65, 0x1B, 0x53], TURKISH, TURKISH, "€Ş"),
        ([0x45, 0x1B, 0x41, 0x1B, 0x05], PORTUGUESE, 0, "EÀê"),
        ([0x1B, 0x1D], TAMIL, 0, "\u0be7"),
        ([0x00, 0x01, 0x1B, 0x41], URDU, URDU, "\u0627\u0622A"),
        ([0x1B, 0x7E], HINDI, 0, "ü"),  # a code without a character shows the basic one
    ],
)
def test_tables_are_used(units: list[int], single: int, locking: int, text: str) -> None:
    assert decode_septets(bytes(units), single=single, locking=locking) == text
