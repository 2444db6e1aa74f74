"""Whose time counts: the contact's, else the number's, else the line's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from gateway.domain import zones
from gateway.domain.zones import ONE_DAY_FOR_ALL, SPLIT, WIDEST, Source, Zones, of_recipient

WINTER, SUMMER = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
LINE_ZONE = "Europe/Paris"


def of(number: str, contact: str | None = None, country: str | None = "FR", at: datetime = WINTER) -> Zones:
    return of_recipient(number, contact, LINE_ZONE, country, at)


NUMBERS = [
    ("a number with one zone", "+12025550123", ("America/New_York",)),
    ("a mobile of a country with one zone", "+4915112345678", ("Europe/Berlin",)),
    ("a zone of three quarters of an hour, under its name of today", "+9779841234567", ("Asia/Kathmandu",)),
    ("four zones that keep the same time are one", "+447400123456", ("Europe/London",)),
    ("of the best known name", "+4740612345", ("Europe/Oslo",)),
    ("a range not given out yet is still of its country", "+447700900123", ("Europe/London",)),
    ("two zones an hour apart", "+34612345678", ("Atlantic/Canary", "Europe/Madrid")),
    ("an island three quarters of an hour away", "+64211234567", ("Pacific/Auckland", "Pacific/Chatham")),
    ("an area code of two zones", "+12705550123", ("America/New_York", "America/Chicago")),
    ("another", "+18125550123", ("America/New_York", "America/Chicago")),
    ("one whose exchanges are known", "+18503200123", ("America/New_York", "America/Chicago")),
    ("one that is known wrongly", "+13645550123", ("America/New_York", "America/Chicago")),
    ("a town where two zones meet", "+13065550123", ("America/Regina", "America/Edmonton")),
]


@pytest.mark.parametrize(("sentence", "number", "names"), NUMBERS)
def test_the_zones_of_a_number(sentence: str, number: str, names: tuple[str, ...]) -> None:
    assert of(number) == Zones(names, Source.NUMBER), sentence


@pytest.mark.parametrize("number", ["60300", "BANK", "+88213000000", "+999123456", "", "+"])
def test_a_number_without_a_zone_is_judged_by_the_line(number: str) -> None:
    assert of(number) == Zones((LINE_ZONE,), Source.LINE)


@pytest.mark.parametrize(
    ("sentence", "number", "country", "unsure"),
    [
        ("a mobile of our own wide country", "+61412345678", "AU", False),
        ("a toll-free number of a line in its country", "+18005550123", "US", False),
        ("of one in another country of that code: no hour suits all", "+18005550123", "CA", True),
    ],
)
def test_what_is_spread_too_wide_is_judged_by_the_line(
    sentence: str, number: str, country: str | None, unsure: bool
) -> None:
    assert of(number, country=country) == Zones((LINE_ZONE,), Source.LINE, unsure), sentence


@pytest.mark.parametrize(
    ("sentence", "number", "country", "some"),
    [
        ("a mobile of another wide country", "+61412345678", "FR", {"Australia/Perth", "Australia/Sydney"}),
        ("and for a line that has no country", "+61412345678", None, {"Australia/Perth", "Australia/Sydney"}),
        ("eleven zones", "+79161234567", "FR", {"Europe/Moscow", "Asia/Vladivostok"}),
    ],
)
def test_what_may_be_anywhere_in_a_wide_country_has_all_its_zones(
    sentence: str, number: str, country: str | None, some: set[str]
) -> None:
    found = of(number, country=country)
    assert (found.source, found.unsure) == (Source.NUMBER, True), sentence
    assert some <= set(found.names), sentence


@pytest.mark.parametrize("number", ["+12025550123", "+61412345678", "+18125550123", "60300"])
def test_a_contacts_own_zone_wins(number: str) -> None:
    assert of(number, "Asia/Tokyo") == Zones(("Asia/Tokyo",), Source.CONTACT)


@pytest.mark.parametrize("gone", ["Mars/Olympus", "", "Europe", "../etc/passwd", "\0"])
def test_a_zone_that_is_no_more_is_passed_over(gone: str) -> None:
    assert of("+12025550123", gone) == Zones(("America/New_York",), Source.NUMBER)


def test_zones_are_one_only_while_they_stay_so() -> None:
    """Phoenix and Denver show the same in winter; who waits until March is not told so."""
    for at in (WINTER, SUMMER):
        assert of("+19285550123", at=at).names == ("America/Phoenix", "America/Denver")


def test_of_equal_zones_the_lines_own_is_named() -> None:
    found = of_recipient("+447400123456", None, "Europe/Jersey", "GB", WINTER)
    assert found == Zones(("Europe/Jersey",), Source.NUMBER)


def test_where_zones_change_their_clocks_an_hour_apart_they_are_two() -> None:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    assert zones._rules("Europe/London", first) == zones._rules("Europe/Guernsey", first)
    assert zones._rules("America/New_York", first) != zones._rules("America/Havana", first)
    (_, _, (autumn, offset), *_) = zones._rules("Europe/London", first)
    assert (autumn, offset) == (datetime(2026, 10, 25, 1, tzinfo=UTC), timedelta())


@pytest.mark.parametrize("area", SPLIT)
def test_each_split_area_code_says_more_than_the_library(area: str) -> None:
    names = SPLIT[area]
    assert len(set(names)) >= 2
    assert all(zones.find(name) for name in names)
    by_exchange = [value for key, value in TIMEZONE_DATA.items() if key.startswith(f"1{area}")]
    assert any(len(value) == 1 for value in by_exchange) or not set(names) <= set(by_exchange[0])
    for at in (WINTER, SUMMER):
        offsets = [at.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in names]
        assert timedelta() <= max(offsets) - min(offsets) <= WIDEST
    found = of(f"+1{area}5550123", country="US")
    assert found.source is Source.NUMBER


def test_every_zone_of_the_library_is_one_of_ours() -> None:
    named = {zones._RENAMED.get(name, name) for names in TIMEZONE_DATA.values() for name in names}
    assert [name for name in sorted(named) if zones.find(name) is None] == []


digits = st.text("0123456789", max_size=14)


@given(st.sampled_from(["+", "+1", "+44", "+61", "+7", ""]), digits, st.sampled_from([WINTER, SUMMER]))
def test_whatever_the_number_it_has_zones_close_to_each_other(prefix: str, rest: str, at: datetime) -> None:
    found = of(prefix + rest, at=at)
    offsets = [at.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in found.names]
    assert max(offsets) - min(offsets) <= (ONE_DAY_FOR_ALL if found.unsure else WIDEST)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+447400123456", "GB"),
        ("+447700900123", "GB"),
        ("+12025550123", "US"),
        ("+14165550123", "CA"),
        ("+17875550123", "PR"),
        ("+88213000000", None),
        ("60300", None),
        ("BANK", None),
        ("", None),
    ],
)
def test_the_country_of_a_number(number: str, country: str | None) -> None:
    assert zones.country(number) == country


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("Europe/London", "London"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("America/St_Johns", "St Johns"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_a_place_for_people(zone: str, place: str) -> None:
    assert zones.label(zone) == place


# --- what people type for a zone ---------------------------------------------------------------------


def test_a_zone_is_taken_by_its_name() -> None:
    assert zones.named(" Europe/Berlin ") == "Europe/Berlin"
    assert zones.named("UTC") == "UTC"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("Sidney", "Australia/Sydney"),
    ],
)
def test_the_zone_that_was_meant_is_named(typed: str, meant: str) -> None:
    with pytest.raises(zones.UnknownZone) as error:
        zones.named(typed)
    assert str(error.value) == f"There is no time zone {typed!r}. Did you mean {meant}?"


@pytest.mark.parametrize(
    "typed", ["", "Mars", "GMT+1", "+01:00", "../etc/passwd", "Лондон", "x" * 5000, "\0"]
)
def test_where_nothing_is_like_it_an_example_is_given(typed: str) -> None:
    with pytest.raises(zones.UnknownZone) as error:
        zones.named(typed)
    assert str(error.value).endswith("Give one such as Europe/London.")
    assert len(str(error.value)) < 200


@given(typed=st.text(max_size=50))
def test_no_zone_is_named_that_is_none(typed: str) -> None:
    try:
        assert zones.named(typed) in zones.names()
    except zones.UnknownZone as error:
        near = error.remedy.partition("Did you mean ")[2].removesuffix("?")
        assert not near or near in zones.names()
