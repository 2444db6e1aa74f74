"""Where texts are cut, and how parts are joined."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.alphabet import Alphabet, CodedText, NotText
from gateway.domain.segments import TooLong, grapheme_clusters, join, numbered, segment
from tests.domain.oracles import GSM_CHARACTERS, septet_codes

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
RAINBOW = "🏳\ufe0f\u200d🌈"
FLAG = "🇳🇱"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
THUMB = "👍🏽"
KEYCAP = "1\ufe0f\u20e3"
ACCENTED = "e\u0301\u0323"
HANGUL = "\u1112\u1161\u11ab"
CLUSTERS = [FAMILY, RAINBOW, FLAG, SCOTLAND, THUMB, KEYCAP, ACCENTED, HANGUL, "नि", "😀", "\r\n"]


@dataclass(frozen=True)
class Part:
    user_data: CodedText


@pytest.mark.parametrize(
    ("text", "alphabet", "parts", "used", "left"),
    [
        ("", Alphabet.GSM7, 1, 0, 160),
        ("a" * 160, Alphabet.GSM7, 1, 160, 0),
        ("a" * 161, Alphabet.GSM7, 2, 8, 145),
        ("a" * 306, Alphabet.GSM7, 2, 153, 0),
        ("a" * 307, Alphabet.GSM7, 3, 1, 152),
        ("€" * 80, Alphabet.GSM7, 1, 160, 0),
        ("€" * 81, Alphabet.GSM7, 2, 10, 143),
        ("я" * 70, Alphabet.UCS2, 1, 70, 0),
        ("я" * 71, Alphabet.UCS2, 2, 4, 63),
        ("😀" * 35, Alphabet.UCS2, 1, 70, 0),
        ("😀" * 36, Alphabet.UCS2, 2, 6, 61),
    ],
)
def test_capacities(text: str, alphabet: Alphabet, parts: int, used: int, left: int) -> None:
    cut = segment(text)
    assert (cut.alphabet, len(cut.texts), cut.units_used_in_last, cut.units_left) == (
        alphabet,
        parts,
        used,
        left,
    )
    assert "".join(cut.texts) == text


@pytest.mark.parametrize(("char", "capacity"), [("a", 152), ("я", 66)])
def test_a_wide_reference_takes_one_unit_more(char: str, capacity: int) -> None:
    cut = segment(char * 200, wide_reference=True)
    assert len(cut.texts[0]) == capacity
    assert len(segment(char * 70, wide_reference=True).texts) == 1


def test_an_escape_pair_opens_the_next_part() -> None:
    cut = segment("a" * 152 + "{b}" + "c" * 20)
    assert cut.texts == ("a" * 152, "{b}" + "c" * 20)


def test_a_curly_apostrophe_triples_the_price() -> None:
    assert len(segment("a" * 149 + "'").texts) == 1
    assert len(segment("a" * 149 + "’").texts) == 3


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("before", range(55, 68))
def test_clusters_are_kept_whole_at_every_border(cluster: str, before: int) -> None:
    cut = segment("я" * before + cluster + "я" * 70)
    assert sum(cluster in part for part in cut.texts) == 1
    assert "".join(cut.texts) == "я" * before + cluster + "я" * 70


def test_grapheme_clusters() -> None:
    assert list(grapheme_clusters("".join(CLUSTERS))) == CLUSTERS
    assert list(grapheme_clusters("🇳🇱🇩🇪🇫")) == ["🇳🇱", "🇩🇪", "🇫"]
    assert list(grapheme_clusters("a🇳🇱b🇩🇪")) == ["a", "🇳🇱", "b", "🇩🇪"]
    assert list(grapheme_clusters("\n\nab")) == ["\n", "\n", "a", "b"]
    assert list(grapheme_clusters("")) == []


def test_a_cluster_longer_than_a_part_is_cut_between_characters() -> None:
    text = "e" + "\u0301" * 200
    cut = segment(text)
    assert [len(part) for part in cut.texts] == [67, 67, 67]
    giant = segment("👩\u200d" * 60)
    assert "".join(giant.texts) == "👩\u200d" * 60


def test_255_parts_fit_and_256_do_not() -> None:
    assert len(segment("a" * 153 * 255).texts) == 255
    with pytest.raises(TooLong) as refused:
        segment("a" * (153 * 255 + 1))
    assert refused.value.count == 256
    assert "256" in str(refused.value)


def test_lone_surrogates_are_not_text() -> None:
    with pytest.raises(NotText, match="character 3"):
        segment("ab\ud83d")


def test_escape_goes_as_ucs2_and_stays_itself() -> None:
    assert segment("a\x1be").alphabet is Alphabet.UCS2


@given(st.one_of(st.text(alphabet=GSM_CHARACTERS, max_size=500), st.text(max_size=400)), st.booleans())
def test_parts_give_the_text_and_fit(text: str, wide: bool) -> None:
    cut = segment(text, wide_reference=wide)
    assert "".join(cut.texts) == text
    for part in cut.texts:
        part.encode()
        assert _octets(part, cut.alphabet) <= (140 if len(cut.texts) == 1 else 133 if wide else 134)
    assert len(cut.texts) == 1 or all(cut.texts)


def _octets(part: str, alphabet: Alphabet) -> float:
    return len(septet_codes(part)) * 7 / 8 if alphabet is Alphabet.GSM7 else len(part.encode("utf-16-be"))


# --- numbered singles --------------------------------------------------------------------------------


def test_what_fits_one_text_is_not_numbered() -> None:
    assert numbered("a" * 160) == ["a" * 160]
    assert numbered("") == [""]


def test_numbered_texts_end_at_words() -> None:
    text = "See you at the harbour, Łukasz.\n" * 5
    texts = numbered(text)
    assert [piece[:4] for piece in texts] == ["1/3 ", "2/3 ", "3/3 "]
    assert " ".join(piece[4:] for piece in texts).split() == text.split()
    assert all(len(piece) <= 70 for piece in texts)
    assert "harbour, Łukasz.\nSee you" in texts[0]


def test_white_space_needs_no_text_of_its_own() -> None:
    assert numbered("a" + " " * 200) == ["a"]
    assert numbered(" " * 200) == [""]


def test_a_word_longer_than_a_text_is_cut() -> None:
    texts = numbered("x " + "a" * 400 + " " + FAMILY)
    assert "".join(piece.partition(" ")[2].replace(" ", "") for piece in texts) == "x" + "a" * 400 + FAMILY


def test_ten_texts_need_longer_numbers() -> None:
    assert len(numbered("a" * 156 * 9)) == 9
    texts = numbered("a" * (156 * 9 + 1))
    assert [texts[0][:5], texts[9][:6]] == ["1/10 ", "10/10 "]
    assert sum(len(piece.partition(" ")[2]) for piece in texts) == 156 * 9 + 1


def test_more_than_can_be_numbered() -> None:
    with pytest.raises(TooLong):
        numbered("a" * 160 * 300)
    assert len(numbered("a" * 152 * 254)) <= 255


@given(st.one_of(st.text(alphabet=GSM_CHARACTERS, max_size=900), st.text(max_size=500)))
def test_numbered_texts_lose_no_word_and_fit(text: str) -> None:
    texts = numbered(text)
    alphabet = segment(text).alphabet
    assert all(_octets(piece, alphabet) <= 140 for piece in texts)
    if len(texts) == 1:
        assert texts[0] in (text, text.strip(" \t\r\n"))
        return
    for at, piece in enumerate(texts, start=1):
        assert piece.startswith(f"{at}/{len(texts)} ")
    spaces = str.maketrans("", "", " \t\r\n")
    said = "".join(piece.partition(" ")[2] for piece in texts)
    assert said.translate(spaces) == text.translate(spaces)


# --- joining -----------------------------------------------------------------------------------------


def _ucs2(octets: str) -> Part:
    return Part(CodedText(Alphabet.UCS2, bytes.fromhex(octets)))


def _gsm7(units: bytes, single: int = 0, locking: int = 0) -> Part:
    return Part(CodedText(Alphabet.GSM7, units, single, locking))


def test_a_surrogate_pair_cut_between_parts_is_healed() -> None:
    assert join([_ucs2("0041D83D"), _ucs2("DE000042")]) == "A😀B"
    assert _ucs2("0041D83D").user_data.text == "A\ufffd"


def test_an_escape_cut_between_parts_is_healed() -> None:
    assert join([_gsm7(b"a\x1b"), _gsm7(b"eb")]) == "a€b"
    assert _gsm7(b"a\x1b").user_data.text == "a"


def test_parts_of_different_alphabets_are_decoded_run_by_run() -> None:
    assert join([_gsm7(b"a\x1b"), _ucs2("0065D83D"), _ucs2("DE00"), _gsm7(b"z")]) == "ae😀z"


def test_parts_of_different_national_tables_are_decoded_run_by_run() -> None:
    assert join([_gsm7(b"\x1bs", single=1), _gsm7(b"\x40", locking=1), _gsm7(b"\x40")]) == "şİ¡"


def test_data_and_nothing_join_to_nothing() -> None:
    assert join([Part(CodedText(Alphabet.DATA, b"abc"))]) == ""
    assert join([]) == ""
