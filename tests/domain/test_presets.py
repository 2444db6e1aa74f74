"""Presets: every row can be read, and none can widen what an office allows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.domain import presets
from gateway.domain.hours import Opening, Spans, Windows, parse
from gateway.domain.presets import PRESETS, Preset, UnknownPreset, narrowing
from gateway.domain.settings import SETTINGS

MONDAY = date(2026, 11, 23)
WEEK = [date(2026, 11, day) for day in range(23, 30)]
every = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


def within(inner: Spans, outer: Spans) -> bool:
    return all(any(a <= start and end <= b for a, b in outer) for start, end in inner)


def days(windows: Windows) -> list[Spans]:
    return [windows.spans(day, is_holiday) for day in WEEK for is_holiday in (False, True)]


@every
def test_each_row_is_complete(preset: Preset) -> None:
    assert PRESETS[preset.code] is preset
    assert preset.name
    assert preset.source
    assert preset.checked_on == date(2026, 11, 22)
    assert str(parse(preset.hours)) == preset.hours


@every
def test_what_works_everywhere_works_here(preset: Preset) -> None:
    (everywhere,) = narrowing(["everywhere"])
    (here,) = narrowing([preset.code])
    assert all(within(inner, outer) for inner, outer in zip(days(everywhere), days(here), strict=True))


def test_what_works_everywhere_is_the_default() -> None:
    assert PRESETS["everywhere"].hours == SETTINGS["hours.marketing"].default


@pytest.mark.parametrize(
    ("code", "day", "is_holiday", "written"),
    [
        ("us", 0, False, "08:00-21:00"),
        ("us", 6, True, "08:00-21:00"),
        ("us-fl", 6, False, "08:00-20:00"),
        ("us-ct", 0, False, "09:00-20:00"),
        ("us-tx", 5, False, "09:00-21:00"),
        ("us-tx", 6, False, "12:00-21:00"),
        ("us-al", 5, False, "08:00-20:00"),
        ("us-al", 6, False, "none"),
        ("us-la", 0, True, "none"),
        ("us-ms", 6, False, "none"),
        ("us-ms", 0, True, "08:00-20:00"),
        ("us-ky", 6, False, "10:00-21:00"),
        ("us-ri", 0, False, "09:00-18:00"),
        ("us-ri", 5, False, "10:00-17:00"),
        ("us-ri", 6, False, "10:00-17:00"),
        ("fr", 5, False, "08:30-20:00"),
        ("fr", 6, False, "none"),
        ("fr", 0, True, "none"),
        ("uk-eu-ca", 5, False, "09:00-20:00"),
        ("uk-eu-ca", 6, False, "none"),
        ("everywhere", 5, False, "10:00-17:00"),
    ],
)
def test_rows(code: str, day: int, is_holiday: bool, written: str) -> None:
    (windows,) = narrowing([code])
    expected = () if written == "none" else parse(f"Mon {written}").week[0]
    assert windows.spans(WEEK[day], is_holiday) == expected


@every
def test_no_preset_widens_what_the_office_narrowed(preset: Preset) -> None:
    own = parse("Mon-Fri 12:00-14:00")
    zone = (ZoneInfo("America/New_York"),)
    alone, narrowed = Opening((own,), zone), Opening((own, *narrowing([preset.code])), zone)
    for hour in range(24 * 7):
        at = datetime(2026, 11, 23 + hour // 24, hour % 24, 30, tzinfo=UTC)
        assert alone.is_open(at) or not narrowed.is_open(at)


def test_several_presets_all_have_to_be_open() -> None:
    windows = narrowing(presets.codes("us-tx, us-ms"))
    zone = (ZoneInfo("UTC"),)
    hours = Opening((parse("daily 00:00-24:00"), *windows), zone)
    assert hours.next_open(datetime(2026, 11, 22, 0, 0, tzinfo=UTC)) == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert hours.closes_at(datetime(2026, 11, 23, 9, tzinfo=UTC)) == datetime(2026, 11, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [("", ()), ("us-fl, fr", ("us-fl", "fr")), (" FR,,us  fr ", ("fr", "us"))],
)
def test_codes_are_read(typed: str, codes: tuple[str, ...]) -> None:
    assert presets.codes(typed) == codes


@pytest.mark.parametrize(
    ("typed", "near"),
    [("us-fla", "us-fl"), ("frr", "fr"), ("uk", "uk-eu-ca"), ("florida", "us-fl"), ("texs", "us-tx")],
)
def test_an_unknown_code_is_answered_with_the_nearest(typed: str, near: str) -> None:
    with pytest.raises(UnknownPreset, match=f"Did you mean '{near}'"):
        presets.codes(typed)
