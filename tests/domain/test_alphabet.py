"""Characters: tables against a second source, costs, and what forces UCS-2."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.alphabet import (
    DEFAULT_TABLE,
    ESCAPE,
    EXTENSION_TABLE,
    Alphabet,
    NotInAlphabet,
    NotText,
    alphabet_for,
    code_units,
    decode_septets,
    decode_ucs2,
    encode_septets,
    encode_ucs2,
    fits_gsm7,
    plain_replacement,
    septets,
)
from gateway.domain.alphabet_national import PORTUGUESE, SPANISH, TURKISH
from tests.domain.oracles import BASIC, EXTENSION, GSM_CHARACTERS, septet_codes


def test_the_tables_are_those_of_a_second_source() -> None:
    assert DEFAULT_TABLE == BASIC
    assert dict(EXTENSION_TABLE) == EXTENSION


@pytest.mark.parametrize(
    ("text", "cost"),
    [("", 0), ("hello", 5), ("€", 2), ("^{}\\[~]|€\f", 20), ("§", 1), ("@", 1), ("à\r\n", 3)],
)
def test_septets_counts_an_extension_character_twice(text: str, cost: int) -> None:
    assert septets(text) == cost
    assert alphabet_for(text) is Alphabet.GSM7


@pytest.mark.parametrize("char", ["`", "ÿ", "ç", "á", "’", "\u00a0", "😀", "\x1b", "\0", "\t", "\x7f", "я"])
def test_what_is_not_in_the_table_forces_ucs2(char: str) -> None:
    text = f"a{char}b"
    assert septets(text) is None
    assert not fits_gsm7(text)
    assert alphabet_for(text) is Alphabet.UCS2


def test_code_units_counts_pairs() -> None:
    assert code_units("aя😀") == 4


@pytest.mark.parametrize(
    ("char", "plain"),
    [
        ("’", "'"), ("“", '"'), ("—", "-"), ("…", "..."), ("\u00a0", " "), ("\u202f", " "), ("`", "'"),
        ("\u200b", ""), ("\x1b", ""), ("\t", " "), ("\u2028", "\n"), ("•", "*"), ("™", "(TM)"),
    ],
)  # fmt: skip
def test_typography_has_a_plain_replacement(char: str, plain: str) -> None:
    assert plain_replacement(char) == plain


@pytest.mark.parametrize("char", ["é", "á", "ç", "ł", "я", "😀", "a", "€", "\u200d"])
def test_letters_and_pictures_have_none(char: str) -> None:
    assert plain_replacement(char) is None


def test_every_replacement_is_needed_and_helps() -> None:
    for code in range(0x10000):
        plain = plain_replacement(chr(code))
        assert plain is None or (fits_gsm7(plain) and not fits_gsm7(chr(code)))


@given(st.text(alphabet=GSM_CHARACTERS))
def test_septets_are_those_of_the_oracle_and_come_back(text: str) -> None:
    units = encode_septets(text)
    assert list(units) == septet_codes(text)
    assert len(units) == septets(text)
    assert decode_septets(units) == text


@given(st.text())
def test_ucs2_comes_back(text: str) -> None:
    assert decode_ucs2(encode_ucs2(text)) == text
    assert len(encode_ucs2(text)) == 2 * code_units(text)


def test_encoding_refuses_what_it_cannot_carry() -> None:
    with pytest.raises(NotInAlphabet) as refused:
        encode_septets("ab`")
    assert refused.value.character == "`"
    with pytest.raises(NotInAlphabet):
        encode_septets("a\x1be")  # never "a€"
    with pytest.raises(NotText):
        encode_ucs2("a\ud83d")


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (b"a\x1b", "a"),  # an escape at the very end
        (b"\x1ba", "a"),  # a code the extension lacks
        (b"a\x1b\x1bb", "a b"),  # an escape to a further table
        (b"\x1be", "€"),
    ],
)
def test_escapes_that_lead_nowhere_lose_no_text(units: bytes, text: str) -> None:
    assert decode_septets(units) == text


def test_ucs2_gives_no_lone_surrogates() -> None:
    assert decode_ucs2(bytes.fromhex("D83DDE00")) == "😀"
    assert decode_ucs2(bytes.fromhex("D83D0041")) == "\ufffdA"
    assert decode_ucs2(bytes.fromhex("DE000041D83D")) == "\ufffdA\ufffd"
    assert decode_ucs2(b"\0A\0") == "A\ufffd"


@pytest.mark.parametrize(
    ("language", "letters"),
    [(TURKISH, "ĞİŞçğış€"), (SPANISH, "çÁÍÓÚáíóú€"), (PORTUGUESE, "êçÔôÁáÊÀÍÓÚÃÕÂíóúãõâ€")],
)
def test_single_shift_tables_hold_their_letters_and_the_extension(language: int, letters: str) -> None:
    shifted = [decode_septets(bytes([ESCAPE, code]), single=language) for code in range(128)]
    basic = [" " if code == ESCAPE else char for code, char in enumerate(DEFAULT_TABLE)]
    added = {now for now, before in zip(shifted, basic, strict=True) if now != before}
    assert added == set(letters) | set(EXTENSION_TABLE.values())


@pytest.mark.parametrize(
    ("language", "changes"),
    [
        (TURKISH, {0x04: "€", 0x07: "ı", 0x0B: "Ğ", 0x0C: "ğ", 0x1C: "Ş", 0x1D: "ş", 0x40: "İ", 0x60: "ç"}),
        (
            PORTUGUESE,
            {
                0x04: "ê", 0x06: "ú", 0x07: "í", 0x08: "ó", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á",
                0x0F: "á", 0x12: "ª", 0x13: "Ç", 0x14: "À", 0x15: "∞", 0x16: "^", 0x17: "\\", 0x18: "€",
                0x19: "Ó", 0x1A: "|", 0x1C: "Â", 0x1D: "â", 0x1E: "Ê", 0x24: "º", 0x40: "Í", 0x5B: "Ã",
                0x5C: "Õ", 0x5D: "Ú", 0x60: "~", 0x7B: "ã", 0x7C: "õ", 0x7D: "`",
            },
        ),
    ],
)  # fmt: skip
def test_locking_shift_tables_change_their_letters_alone(language: int, changes: dict[int, str]) -> None:
    table = {code: decode_septets(bytes([code]), locking=language) for code in range(128) if code != ESCAPE}
    assert {code: char for code, char in table.items() if char != DEFAULT_TABLE[code]} == changes


def test_portuguese_reaches_the_greek_its_locking_table_lost_by_single_shift() -> None:
    greek = b"".join(bytes([ESCAPE, code]) for code in (0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19))
    assert decode_septets(greek, single=PORTUGUESE, locking=PORTUGUESE) == "ΦΓΩΠΨΣΘ"


@pytest.mark.parametrize("language", [0, 2, 14, 255])
def test_a_locking_shift_nobody_knows_reads_as_default(language: int) -> None:
    assert decode_septets(b"abc\x1be", locking=language, single=99) == "abc€"


def test_tables_hold_composed_characters() -> None:
    for table in (DEFAULT_TABLE, *(decode_septets(bytes(range(27)), locking=n) for n in (1, 3))):
        assert unicodedata.normalize("NFC", table) == table
