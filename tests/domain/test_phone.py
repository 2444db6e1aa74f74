"""Numbers as people type them and as networks give them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import phone
from gateway.domain.pdu import encode_message
from gateway.domain.phone import Kind, NotANumber, Number

COUNTRIES = st.sampled_from([None, "GB", "US", "DK", "NO", "SG", "IT", "DE", "BR"])


@pytest.mark.parametrize(
    ("text", "country", "canonical"),
    [
        ("+447700900123", None, "+447700900123"),
        (" +44 7700 900123 ", None, "+447700900123"),
        ("+44 (0)7700 900123", None, "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("0044 7700 900123", "GB", "+447700900123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("011 44 7700 900123", "US", "+447700900123"),
        ("+12025550123", "GB", "+12025550123"),
        ("347 1234567", "IT", "+393471234567"),
        ("20 12 34 56", "DK", "+4520123456"),
        ("20123456", "DK", "+4520123456"),
        ("91234567", "SG", "+6591234567"),
        ("+٤٤٧٧٠٠٩٠٠١٢٣", None, "+447700900123"),
    ],
)
def test_numbers_of_people(text: str, country: str | None, canonical: str) -> None:
    assert phone.parse(text, country) == Number(canonical, Kind.E164)


@pytest.mark.parametrize(
    ("text", "country"),
    [("60777", None), ("60777", "GB"), ("123", "US"), ("5551234", "US"), ("1919", "DK"), ("12345678", "GB")],
)
def test_short_codes(text: str, country: str | None) -> None:
    assert phone.parse(text, country) == Number(text, Kind.SHORT_CODE)


@pytest.mark.parametrize(
    ("text", "country", "says"),
    [
        ("", None, "No number"),
        ("   ", "GB", "No number"),
        ("hello", None, "hello is not a phone number"),
        ("07700900123", None, "no country code"),
        ("+999123456789", None, "country code that exists"),
        ("+4477", None, "digits are missing"),
        ("+4477009", None, "area code is missing"),
        ("+4477009001234567", None, "too many digits"),
        ("12", "GB", "not a complete phone number"),
        ("٦٠٧٧٧", None, "no country code"),
        ("+", None, "not a phone number"),
        ("a" * 300, "GB", "not a phone number"),
        ("+1 202 555 0123 ext. 5", None, "letters"),
        ("1-800-FLOWERS", "US", "letters"),
        ("tel:+12025550123;ext=7", None, "letters"),
        ("+12025550123x5", None, "letters"),
        ("+12025550123p5", None, "letters"),
        ("+1202555０１２３ доб 5", None, "letters"),
        ("+12025550123#5", None, "extension"),
        ("+12025550123,5", None, "extension"),
        ("+12025550123;5", None, "extension"),
    ],
)
def test_what_is_no_number_is_explained(text: str, country: str | None, says: str) -> None:
    with pytest.raises(NotANumber, match=says):
        phone.parse(text, country)


@given(st.text(max_size=30) | st.from_regex(r"[+0-9() .-]{0,20}", fullmatch=True), COUNTRIES)
def test_what_can_be_parsed_can_be_sent_to(text: str, country: str | None) -> None:
    try:
        number = phone.parse(text, country)
    except NotANumber:
        return
    assert number.can_be_texted
    assert phone.parse(number.text, country) == number, "canonical writing stays as it is"
    typed = "".join(str(int(char)) for char in text if char.isdecimal())
    assert number.text[-3:] == typed[-3:], "no digit at its end was dropped or made up"
    assert encode_message(number.text, "hi", reference=0, report=True, validity=timedelta(days=1))


@pytest.mark.parametrize("test_range", ["+447700900000", "+12025550100", "+61491570006"])
def test_numbers_reserved_for_tests_can_be_sent_to(test_range: str) -> None:
    assert phone.parse(test_range).can_be_texted


@pytest.mark.parametrize(
    ("address", "is_name", "country", "number"),
    [
        ("+447700900123", False, None, Number("+447700900123", Kind.E164)),
        ("07700900123", False, "GB", Number("+447700900123", Kind.E164)),
        ("07700900123", False, None, Number("07700900123", Kind.UNKNOWN)),
        ("20123456", False, "DK", Number("+4520123456", Kind.E164)),
        ("60777", False, "GB", Number("60777", Kind.SHORT_CODE)),
        ("MyBank", True, "GB", Number("MyBank", Kind.NAME)),
        ("60777", True, "GB", Number("60777 (name)", Kind.NAME)),
        ("+4520123456", True, "DK", Number("+4520123456 (name)", Kind.NAME)),
        ("3M", True, "GB", Number("3M", Kind.NAME)),
        ("", False, "GB", Number("", Kind.WITHHELD)),
        ("*#", False, "GB", Number("*#", Kind.UNKNOWN)),
    ],
)
def test_senders(address: str, is_name: bool, country: str | None, number: Number) -> None:
    assert phone.from_network(address, is_name=is_name, country=country) == number


@given(st.text(max_size=25), st.booleans(), COUNTRIES)
def test_any_sender_is_something(address: str, is_name: bool, country: str | None) -> None:
    number = phone.from_network(address, is_name=is_name, country=country)
    assert phone.pretty(number.text) or not number.text
    assert isinstance(phone.is_valid(number), bool)


@pytest.mark.parametrize(
    ("number", "says"),
    [("+447700900123", "+44 7700 900123"), ("60777", "60777"), ("MyBank", "MyBank"), ("+", "+"), ("", "")],
)
def test_numbers_for_people(number: str, says: str) -> None:
    assert phone.pretty(number) == says


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+447700900123", "07700900123", True),
        ("+447700900123", "447700900123", True),
        ("+447700900123", "+447700900124", False),
        ("60777", "60777", True),
        ("60777", "160777", False),
        ("+447700900123", "900123", False),
        ("", "", True),
    ],
)
def test_one_subscriber_in_two_writings(one: str, other: str, same: bool) -> None:
    assert phone.same_subscriber(one, other) is phone.same_subscriber(other, one) is same


def test_a_country_is_one_that_has_numbers() -> None:
    assert phone.region(" gb ") == "GB"
    for typed, said in (("UK", "Did you mean GB?"), ("ZZ", "Give them as in GB or US"), ("", "''")):
        with pytest.raises(phone.UnknownRegion, match=re.escape(said)):
            phone.region(typed)


def test_a_very_long_number_is_not_repeated_whole() -> None:
    with pytest.raises(NotANumber) as error:
        phone.parse("9" * 4000)
    assert len(str(error.value)) < 200
