"""Whose public holidays are kept, and when they are computed anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.desk import holidays as desk
from gateway.desk import lines as desk_lines
from gateway.domain import phone
from gateway.store import contacts, holidays, settings
from tests.office import ANNA, CARA, Office

TODAY, UNTIL = date(2026, 11, 22), date(2028, 12, 31)
XMAS, BOXING = date(2026, 12, 25), date(2026, 12, 26)


def put(office: Office, region: str, *days: date, until: date = UNTIL, edition: str = "1") -> None:
    named = dict.fromkeys(days, "a holiday") if days else None
    office.write(lambda tx: holidays.put(tx, region, named, until, edition))


def know(office: Office, *numbers: str) -> None:
    for number in numbers:
        office.write(lambda tx, number=number: contacts.find_or_add(tx, phone.parse(number), office.clock()))


def look_at_numbers(office: Office) -> int:
    """Until none is left; returns how many transactions it took."""
    took = 0
    while office.read(desk.has_new_numbers):
        office.write(desk.look_at_numbers)
        took += 1
    return took


def test_the_days_of_several_regions_count_together(office: Office) -> None:
    put(office, "GB", XMAS)
    put(office, "DE", XMAS, BOXING)
    assert office.read(lambda tx: holidays.days(tx, ["GB"])) == {XMAS}
    assert office.read(lambda tx: holidays.days(tx, ["GB", "DE", "FR"])) == {XMAS, BOXING}
    assert office.read(lambda tx: holidays.days(tx, [])) == frozenset()


def test_what_is_computed_anew_takes_the_place_of_what_was(office: Office) -> None:
    put(office, "GB", XMAS, BOXING)
    put(office, "DE", XMAS)
    put(office, "GB", BOXING, until=UNTIL + timedelta(days=366), edition="2")
    assert office.read(lambda tx: holidays.days(tx, ["GB"])) == {BOXING}
    assert office.read(lambda tx: holidays.days(tx, ["DE"])) == {XMAS}
    known = office.read(holidays.regions)
    assert known["GB"] == holidays.Region(UNTIL + timedelta(days=366), "2", True)
    assert known["DE"] == holidays.Region(UNTIL, "1", True)


def test_regions_of_the_office_its_lines_and_its_customers_are_wanted(office: Office) -> None:
    assert office.read(desk.wanted) == set()
    office.write(lambda tx: settings.put(tx, "office.country", "FR"))
    office.write(lambda tx: settings.put(tx, "hours.holidays", "GB-ENG, US-FL"))
    office.add_line("abroad", country="DE")
    office.add_line("gone", country="IT")
    office.write(lambda tx: desk_lines.remove(tx, "gone", "command:test", office.clock()))
    assert office.read(desk.wanted) == {"FR", "GB-ENG", "US-FL", "DE"}
    know(office, ANNA, CARA, "60300")
    look_at_numbers(office)
    assert office.read(desk.wanted) == {"FR", "GB-ENG", "US-FL", "DE", "GB", "US"}


def test_a_number_is_looked_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST_NUMBERS", 2)
    know(office, ANNA, CARA, "+33612345678", "60300")
    assert look_at_numbers(office) == 2
    assert look_at_numbers(office) == 0
    know(office, "+4915112345678")
    assert look_at_numbers(office) == 1
    assert office.read(holidays.number_countries) == {"DE", "FR", "GB", "US"}


@pytest.mark.parametrize(
    ("sentence", "until", "edition", "is_missing"),
    [
        ("known for long", UNTIL, "1", False),
        ("known for a year from now", date(2027, 11, 23), "1", False),
        ("not for the whole of it", date(2027, 11, 22), "1", True),
        ("computed by an older library", UNTIL, "0", True),
    ],
)
@pytest.mark.parametrize("days", [(XMAS,), ()], ids=["known", "unknown to the library"])
def test_a_region_is_asked_for_when_a_year_of_it_is_missing(
    office: Office, sentence: str, until: date, edition: str, is_missing: bool, days: tuple[date, ...]
) -> None:
    office.write(lambda tx: settings.put(tx, "office.country", "GB"))
    assert office.read(lambda tx: desk.missing(tx, TODAY, "1")) == ["GB"]
    put(office, "GB", *days, until=until, edition=edition)
    assert office.read(lambda tx: desk.missing(tx, TODAY, "1")) == (["GB"] if is_missing else []), sentence


def test_a_region_without_holidays_of_its_own_is_named_while_it_counts(office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "hours.holidays", "GB, ZZ-9"))
    assert office.read(desk.unknown) == []
    put(office, "GB", XMAS)
    put(office, "ZZ-9")
    assert office.read(desk.unknown) == ["ZZ-9"]
    office.write(lambda tx: settings.put(tx, "hours.holidays", "GB"))
    assert office.read(desk.unknown) == []
