"""Links that begin a text and address cards, read back as phones and address books do."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import known, vcards

NUMBER = "+33612345678"
_CHARACTERS = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
WORDS = st.text(_CHARACTERS, min_size=1, max_size=known.LONGEST_WORDS)


def _fields(uri: str) -> dict[str, str]:
    """As iPhones (from an `&` on) and everybody else (RFC 5724: from the `?` on, between `&`) read it."""
    pairs = [field.partition("=") for field in urlsplit(uri).query.split("&")]
    return {name: unquote(value, errors="strict") for name, _, value in pairs if name}


@given(WORDS)
def test_a_link_opens_a_text_to_the_line_with_the_words_in_it(words: str) -> None:
    uri = known.sms_uri(NUMBER, words)
    assert uri.isascii() and (urlsplit(uri).scheme, urlsplit(uri).path) == ("sms", NUMBER)
    assert _fields(uri) == {"body": words}
    assert uri.partition("&body=")[2] == uri.partition("?&body=")[2]


def test_a_link_without_words_is_the_number_alone() -> None:
    assert known.sms_uri(NUMBER) == "sms:+33612345678"
    assert known.sms_uri(NUMBER, "RDV & merci ?") == "sms:+33612345678?&body=RDV%20%26%20merci%20%3F"


@given(WORDS, WORDS)
def test_an_address_card_is_read_back_as_it_was_meant(name: str, company: str) -> None:
    card = known.vcard(name, NUMBER, company)
    assert all(len(line.encode()) <= 75 for line in card.split("\r\n"))
    _, row = vcards.table(card.encode(), "utf-8").rows
    told = dict(zip(vcards.HEADERS, row.cells, strict=True))
    assert (told["Name"], told["Company"]) == (" ".join(name.split()), " ".join(company.split()))
    assert NUMBER in row.cells


@pytest.mark.parametrize("company", ["", " "])
def test_an_office_without_a_name_has_a_card_all_the_same(company: str) -> None:
    assert "ORG" not in known.vcard("front", NUMBER, company)
