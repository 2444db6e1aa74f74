"""Windows as people write them, and on the real clock: over changes of the clocks, in odd zones, in several
places at once."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import languages
from gateway.domain import hours
from gateway.domain.hours import BadHours, Opening, Spans, Windows, parse, parse_days, resolve
from gateway.domain.language import Language, speaking
from gateway.domain.presets import PRESETS

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MARKETING = "Mon-Fri 10:00-18:00; Sat 10:00-17:00; holidays none"
OFFICE = "Mon-Fri 09:00-17:00; holidays none"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opening(writing: str | tuple[str, ...], zones: str, holidays: str = "", closed: str = "") -> Opening:
    writings = (writing,) if isinstance(writing, str) else writing
    return Opening(
        tuple(map(parse, writings)),
        tuple(ZoneInfo(name) for name in zones.split()),
        parse_days(holidays),
        parse_days(closed),
    )


# --- what people write -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("daily 08:00-20:00", "daily 08:00-20:00"),
        ("DAILY  8-20", "daily 08:00-20:00"),
        ("daily 0:00 - 24:00", "daily 00:00-24:00"),
        ("Mon-Fri 10:00-18:00; Sat 10:00-17:00; holidays none", MARKETING),
        ("sat 10-17;mon-fri 10-18 ; Holidays None;", MARKETING),
        ("monday - friday 10.00–18.00\nSaturday 10:00 – 17:00\nholidays closed", MARKETING),
        ("Mon-Fri 08:30-12:30 13:30-18:00", "Mon-Fri 08:30-12:30 13:30-18:00"),
        ("Mon-Fri 13:30-18:00, 08:30-12:30", "Mon-Fri 08:30-12:30 13:30-18:00"),
        ("Mon 08:00-12:00 12:00-14:00 13:00-15:00", "Mon 08:00-15:00"),
        ("daily 08:00-20:00; Sun none", "Mon-Sat 08:00-20:00"),
        ("Sun none; daily 08:00-20:00", "Mon-Sat 08:00-20:00"),
        ("Mon-Fri 9-17; Wed none", "Mon-Tue 09:00-17:00; Thu-Fri 09:00-17:00"),
        ("Wed none; Mon-Fri 9-17", "Mon-Tue 09:00-17:00; Thu-Fri 09:00-17:00"),
        (
            "daily 8-20; Mon-Fri 9-17; Wed-Thu none",
            "Mon-Tue 09:00-17:00; Fri 09:00-17:00; Sat-Sun 08:00-20:00",
        ),
        ("Mon, Wed-Thu,Sun 9-12", "Mon 09:00-12:00; Wed-Thu 09:00-12:00; Sun 09:00-12:00"),
        ("Sat-Mon 9-12", "Mon 09:00-12:00; Sat-Sun 09:00-12:00"),
        ("Tues 9-12; thurs 9-12", "Tue 09:00-12:00; Thu 09:00-12:00"),
        ("daily 9-17; holidays 10-12", "daily 09:00-17:00; holidays 10:00-12:00"),
        ("Wed 09:00-12:30; Thu 09:00-17:00", "Wed 09:00-12:30; Thu 09:00-17:00"),  # a half-day
    ],
)
def test_hours_are_understood(written: str, canonical: str) -> None:
    assert str(parse(written)) == canonical
    assert parse(canonical) == parse(written)


FRENCH = languages.of("fr")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("lun-ven 10-18; sam 10-17; jours fériés fermé", MARKETING),
        ("Lundi – vendredi 10:00-18:00; SAMEDI 10-17\nferies ferme", MARKETING),
        ("lun. mar. 9-12", "Mon-Tue 09:00-12:00"),
        ("tous les jours 8-20; dimanche aucun", "Mon-Sat 08:00-20:00"),
        ("chaque jour 8-20; jours fériés 10-12", "daily 08:00-20:00; holidays 10:00-12:00"),
    ],
)
def test_hours_are_typed_in_the_language_one_reads_and_kept_in_one_form(written: str, canonical: str) -> None:
    with speaking(FRENCH):
        assert str(parse(written)) == canonical
        assert parse(canonical) == parse(written) == parse(parse(written).told())
    with pytest.raises(BadHours):
        parse(written)


@pytest.mark.parametrize("code", ["fr", "el", "ru", "fi"])
def test_hours_are_told_in_words_that_are_understood(code: str) -> None:
    language = Language(code, code, Locale(code), FRENCH.sentences)
    for preset in PRESETS.values():
        with speaking(language):
            told = parse(preset.hours).told()
            assert str(parse(told)) == str(parse(preset.hours)) == preset.hours
            assert not re.search("Mon|Sat|daily|holidays|none", told)


def test_what_is_no_day_is_answered_with_the_days_of_the_language() -> None:
    with speaking(FRENCH), pytest.raises(BadHours, match="lun, mar, mer, jeu, ven, sam, dim, tous les jours"):
        parse("lu-ve 9-12")
    with speaking(FRENCH), pytest.raises(BadHours, match=r"^mer "):
        parse("mer 9-12; mercredi 13-17")


def test_the_examples_of_the_docs_are_understood() -> None:
    page = (Path(__file__).parents[2] / "docs" / "hours.md").read_text(encoding="utf-8")
    table = page.partition("| written | means |")[2].partition("\n\n")[0]
    examples = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    assert len(examples) >= 5
    for written in examples:
        assert parse(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "never be open"),
        ("daily none", "never be open"),
        ("Sun none", "never be open"),
        ("holidays 10-12", "never be open"),
        ("Mon-Fri", "no hours for them"),
        ("10:00-18:00", "names no days"),
        ("Mon-Fri 10:00", "go by 24"),
        ("Mon-Fri 9am-5pm", "go by 24"),
        ("Mon-Fri 10:00-25:00", "beyond the day"),
        ("Mon-Fri 10:60-18:00", "beyond the day"),
        ("Mon-Fri 10:00-24:01", "beyond the day"),
        ("Mon-Fri 18:00-10:00", "Fri 20:00-24:00; Sat 00:00-02:00"),
        ("Mon-Fri 10:00-10:00", "must end after it begins"),
        ("Mon-Wed-Fri 10:00-18:00", "are no days"),
        ("Mo-Fr 10:00-18:00", "'mo' is no day"),
        ("weekdays 10:00-18:00", "there are Mon, Tue"),
        ("Mon 9-12; Mon 13-17", "Mon stands there twice"),
        ("Mon-Wed 9-12; Wed 9-12", "Wed stands there twice"),
        ("Mon-Fri none; Wed 9-12; Sat 9-12", "Wed stands there twice"),
        ("Mon-Fri 9-12; Mon-Fri none", "stands there twice"),
        ("Mon-Wed 9-12; Wed-Fri none", "Wed stands there twice"),
        ("Mon-Wed,Tue 9-12", "Tue stands there twice"),
        ("daily 9-12; daily 13-17", "daily stands there twice"),
        ("Mon 9-12; holidays none; holidays none", "holidays stands there twice"),
        ("daily and Mon 9-12", "is no day"),
    ],
)
def test_what_are_no_hours_is_explained(written: str, said: str) -> None:
    with pytest.raises(BadHours) as error:
        parse(written)
    assert said in str(error.value)
    assert any(example in str(error.value) for example in ("Mon-Fri 10:00-18:00", "Fri 20:00-24:00"))


@given(st.text(alphabet="monfrisatdaily holidsnc0189:-;,.–", max_size=40))
def test_whatever_is_typed_is_hours_or_explained(typed: str) -> None:
    try:
        windows = parse(typed)
    except BadHours as error:
        assert len(str(error)) > 20
    else:
        assert parse(str(windows)) == windows


def spans(step: int = 5) -> st.SearchStrategy[Spans]:
    edges = st.lists(st.integers(0, 1440 // step), unique=True, max_size=6).map(sorted)
    return edges.map(lambda e: tuple((a * step, b * step) for a, b in zip(e[::2], e[1::2], strict=False)))


def weeks(step: int = 5) -> st.SearchStrategy[Windows]:
    week = st.tuples(*[spans(step)] * 7).filter(any)
    few = st.builds(lambda work, rest: (work,) * 5 + (rest,) * 2, spans(step), spans(step)).filter(any)
    return st.builds(Windows, week | few, st.none() | spans(step))


@given(weeks(step=1))
def test_what_is_written_is_read_back(windows: Windows) -> None:
    assert parse(str(windows)) == windows


@pytest.mark.parametrize(
    ("written", "canonical", "count"),
    [
        ("", "", 0),
        ("2026-12-24", "2026-12-24", 1),
        ("2026-12-24..2027-01-02, 2027-05-14", "2026-12-24..2027-01-02, 2027-05-14", 11),
        (" 2027-05-14 ;2026-12-24 .. 2026-12-25,", "2026-12-24..2026-12-25, 2027-05-14", 3),
        ("2026-12-24, 2026-12-25, 2026-12-26", "2026-12-24..2026-12-26", 3),
    ],
)
def test_days_are_understood(written: str, canonical: str, count: int) -> None:
    days = parse_days(written)
    assert len(days) == count
    assert hours.days_written(days) == canonical
    assert parse_days(canonical) == days


@pytest.mark.parametrize(
    "written",
    [
        "24.12.2026",
        "2026-02-29",
        "2027-01-02..2026-12-24",
        "2026-01-01..2028-01-01",
        "2026-12-24..",
        "..",
        "a",
    ],
)
def test_what_are_no_days_is_explained(written: str) -> None:
    with pytest.raises(BadHours, match=r"Write them like 2026-12-24\.\.2027-01-02"):
        parse_days(written)


# --- the clocks change -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/London", "2026-03-29 00:59", "2026-03-29 00:59"),
        ("Europe/London", "2026-03-29 01:00", "2026-03-29 01:00"),
        ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:00"),
        ("Europe/London", "2026-03-29 01:59:59.5", "2026-03-29 01:00"),
        ("Europe/London", "2026-03-29 02:00", "2026-03-29 01:00"),
        ("Europe/London", "2026-03-29 02:01", "2026-03-29 01:01"),
        ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30"),
        ("Europe/London", "2026-10-25 02:00", "2026-10-25 02:00"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Asia/Kathmandu", "2026-06-01 08:00", "2026-06-01 02:15"),
        ("Pacific/Chatham", "2026-06-15 08:00", "2026-06-14 19:15"),
        ("Pacific/Chatham", "2026-09-27 03:00", "2026-09-26 14:00"),
        ("Pacific/Chatham", "2026-04-05 03:00", "2026-04-04 13:15"),
        ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59"),
        ("Pacific/Apia", "2011-12-30 00:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-30 17:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00"),
        ("America/Havana", "2026-11-01 00:30", "2026-11-01 04:30"),
        ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:00"),  # midnight itself is skipped
        ("Africa/Cairo", "2026-10-29 23:30", "2026-10-29 20:30"),
        ("Africa/Cairo", "2026-10-30 00:00", "2026-10-29 22:00"),
    ],
)
def test_a_wall_clock_is_the_first_such_instant(zone: str, wall: str, instant: str) -> None:
    found = resolve(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert found == utc(instant)
    assert found.tzinfo is UTC


MIDNIGHT_BACK = "Mon-Fri 00:00-24:00"


@pytest.mark.parametrize(
    ("sentence", "windows", "zones", "at", "opens", "closes"),
    [
        (
            "open: at once",
            "daily 08:00-20:00",
            "Europe/London",
            "2026-01-05 12:00",
            "same",
            "2026-01-05 20:00",
        ),
        (
            "the first minute is in",
            "daily 08:00-20:00",
            "Europe/London",
            "2026-01-05 08:00",
            "same",
            "2026-01-05 20:00",
        ),
        (
            "the last is out",
            "daily 08:00-20:00",
            "Europe/London",
            "2026-01-05 20:00",
            "2026-01-06 08:00",
            "2026-01-06 20:00",
        ),
        (
            "22:10 in New York waits for 08:00 there",
            "daily 08:00-20:00",
            "America/New_York",
            "2026-11-24 03:10",
            "2026-11-24 13:00",
            "2026-11-25 01:00",
        ),
        (
            "08:00 after the clocks went forward is an hour earlier",
            "daily 08:00-20:00",
            "Europe/London",
            "2026-03-28 21:00",
            "2026-03-29 07:00",
            "2026-03-29 19:00",
        ),
        (
            "08:00 after they went back is an hour later",
            "daily 08:00-20:00",
            "Europe/London",
            "2026-10-24 20:00",
            "2026-10-25 08:00",
            "2026-10-25 20:00",
        ),
        (
            "a night's window loses its skipped hour",
            "Sun 00:30-02:30",
            "Europe/London",
            "2026-03-28 12:00",
            "2026-03-29 00:30",
            "2026-03-29 01:30",
        ),
        (
            "a window wholly skipped is none",
            "Sun 01:10-01:50",
            "Europe/London",
            "2026-03-28 12:00",
            "2026-04-05 00:10",
            "2026-04-05 00:50",
        ),
        (
            "a window that begins where clocks skip begins after",
            "Sun 02:30-04:00",
            "America/New_York",
            "2026-03-08 00:00",
            "2026-03-08 07:00",
            "2026-03-08 08:00",
        ),
        (
            "an hour that comes twice is in once more",
            "Sun 01:30-03:00",
            "America/New_York",
            "2026-11-01 00:00",
            "2026-11-01 05:30",
            "2026-11-01 08:00",
        ),
        (
            "a window that ends in it ends the first time",
            "Sun 00:00-01:30",
            "America/New_York",
            "2026-11-01 00:00",
            "2026-11-01 04:00",
            "2026-11-01 05:30",
        ),
        (
            "half an hour's change",
            "daily 08:00-20:00",
            "Australia/Lord_Howe",
            "2026-10-03 12:00",
            "2026-10-03 21:00",
            "2026-10-04 09:00",
        ),
        (
            "and back",
            "daily 08:00-20:00",
            "Australia/Lord_Howe",
            "2026-04-04 12:00",
            "2026-04-04 21:30",
            "2026-04-05 09:30",
        ),
        (
            "three quarters of an hour",
            "daily 08:00-20:00",
            "Asia/Kathmandu",
            "2026-11-22 00:00",
            "2026-11-22 02:15",
            "2026-11-22 14:15",
        ),
        (
            "on Chatham",
            "daily 08:00-20:00",
            "Pacific/Chatham",
            "2026-11-22 12:00",
            "2026-11-22 18:15",
            "2026-11-23 06:15",
        ),
        (
            "a Friday that Samoa left out",
            "Fri 08:00-20:00",
            "Pacific/Apia",
            "2011-12-30 07:00",
            "2012-01-05 18:00",
            "2012-01-06 06:00",
        ),
        (
            "the day after it",
            "daily 08:00-20:00",
            "Pacific/Apia",
            "2011-12-30 07:00",
            "2011-12-30 18:00",
            "2011-12-31 06:00",
        ),
        (
            "an hour that goes back over midnight",
            MIDNIGHT_BACK,
            "Africa/Cairo",
            "2026-10-29 21:30",
            "same",
            "2026-10-30 22:00",
        ),
        (
            "an hour that shows Saturday again is of the Sunday that had begun",
            "Sun 00:00-24:00",
            "America/St_Johns",
            "2010-11-07 03:15",
            "same",
            "2010-11-08 03:30",
        ),
        (
            "seven hours of both coasts but three",
            "Mon-Fri 10:00-17:00",
            "America/New_York America/Los_Angeles",
            "2026-11-24 15:00",
            "2026-11-24 18:00",
            "2026-11-24 22:00",
        ),
        (
            "briefly open in both",
            "daily 09:00-12:10",
            "America/New_York America/Los_Angeles",
            "2026-11-24 15:00",
            "2026-11-24 17:00",
            "2026-11-24 17:10",
        ),
        (
            "at the end of one and the beginning of the other: never",
            "daily 09:00-12:00",
            "America/New_York America/Los_Angeles",
            "2026-11-24 15:00",
            None,
            None,
        ),
        (
            "once a year, while only one of two has changed its clocks",
            "daily 09:00-09:30",
            "America/New_York America/Havana",
            "2026-11-01 05:15",
            "2026-11-01 14:00",
            "2026-11-01 14:30",
        ),
        ("always", "daily 00:00-24:00", "Europe/London Asia/Kathmandu", "2026-01-05 12:00", "same", None),
        (
            "whole days follow each other without a gap",
            "Mon-Tue 00:00-24:00",
            "Europe/London",
            "2026-01-05 12:00",
            "same",
            "2026-01-07 00:00",
        ),
        (
            "lunch",
            "Mon-Fri 08:30-12:30 13:30-18:00",
            "Europe/London",
            "2026-01-05 12:45",
            "2026-01-05 13:30",
            "2026-01-05 18:00",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and ":" not in value[:14] else "",
)
def test_openings(
    sentence: str, windows: str, zones: str, at: str, opens: str | None, closes: str | None
) -> None:
    hours = opening(windows, zones)
    expected = utc(at) if opens == "same" else utc(opens) if opens else None
    assert hours.next_open(utc(at)) == expected
    assert hours.is_open(utc(at)) == (opens == "same")
    if expected is not None:
        assert hours.closes_at(expected) == (utc(closes) if closes else None)
    if opens != "same":
        assert hours.closes_at(utc(at)) is None


XMAS, YEARS = "2026-12-25", "2026-06-01..2027-05-31, 2027-06-01..2027-12-31"
LONDON_HOLIDAYS = "2026-05-25, 2026-12-25"


@pytest.mark.parametrize(
    ("sentence", "windows", "closed", "at", "opens"),
    [
        ("Friday 17:30, Monday a holiday", OFFICE, "", "2026-05-22 16:30", "2026-05-26 08:00"),
        ("07:30 on a working day", OFFICE, "", "2026-05-26 06:30", "2026-05-26 08:00"),
        ("a closed week", OFFICE, "2026-12-24..2027-01-01", "2026-12-23 18:00", "2027-01-04 09:00"),
        ("a closed day", "daily 9-17", XMAS, "2026-12-24 18:00", "2026-12-26 09:00"),
        ("closed, not short", "Fri 9-17; holidays 10-12", XMAS, "2026-12-25 10:30", "2027-01-01 09:00"),
        ("short on a holiday", "daily 9-17; holidays 10-12", "", "2026-12-24 18:00", "2026-12-25 10:00"),
        ("over at noon then", "daily 9-17; holidays 10-12", "", "2026-12-25 12:00", "2026-12-26 09:00"),
        ("hours that name no holidays", "daily 9-17", "", "2026-12-24 18:00", "2026-12-25 09:00"),
        ("no marketing on a Sunday", MARKETING, "", "2026-11-21 17:00", "2026-11-23 10:00"),
        ("closed for a year", OFFICE, YEARS[:22], "2026-06-01 12:00", "2027-06-01 08:00"),
        ("closed for longer", OFFICE, YEARS, "2026-06-01 12:00", None),
    ],
)
def test_holidays_and_closed_days(
    sentence: str, windows: str, closed: str, at: str, opens: str | None
) -> None:
    hours = opening(windows, "Europe/London", LONDON_HOLIDAYS, closed)
    assert hours.next_open(utc(at)) == (utc(opens) if opens else None), sentence


def test_more_windows_only_narrow() -> None:
    own = opening("daily 08:00-18:00", "Europe/London")
    both = opening(("daily 08:00-18:00", "daily 08:00-21:00"), "Europe/London")
    at = utc("2026-01-05 17:30")
    assert both.closes_at(at) == own.closes_at(at) == utc("2026-01-05 18:00")
    mixed = opening(("Mon 08:00-12:00 14:00-18:00", "daily 11:00-15:00"), "Europe/London")
    assert mixed.next_open(utc("2026-01-05 12:00")) == utc("2026-01-05 14:00")
    assert mixed.closes_at(utc("2026-01-05 14:00")) == utc("2026-01-05 15:00")


def test_hours_without_a_place_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Opening((parse("daily 8-20"),), ())


# --- whatever the hours ------------------------------------------------------------------------------

CHANGES = {  # an instant near which something odd happens there
    "Europe/London": ("2026-03-29 01:00", "2026-10-25 01:00"),
    "America/New_York": ("2026-03-08 07:00", "2026-11-01 06:00"),
    "America/Chicago": ("2026-03-08 07:00",),
    "Australia/Lord_Howe": ("2026-10-03 15:30", "2026-04-04 15:00"),
    "Asia/Kathmandu": ("2026-06-01 00:00",),
    "Pacific/Chatham": ("2026-09-26 14:00", "2026-04-04 14:00"),
    "Pacific/Apia": ("2011-12-30 10:00",),
    "Africa/Cairo": ("2026-04-23 22:00", "2026-10-29 21:00"),
    "America/Havana": ("2026-11-01 05:00",),
}
INSTANTS = sorted({utc(instant) for instants in CHANGES.values() for instant in instants})
near_changes = st.builds(
    lambda instant, minutes: instant + minutes * MINUTE, st.sampled_from(INSTANTS), st.integers(-2000, 2000)
)
HOLIDAYS = frozenset(instant.date() + step * DAY for instant in INSTANTS for step in (0, 2))
openings = st.builds(
    Opening,
    st.tuples(weeks(15)) | st.tuples(weeks(15), weeks(60)),
    st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=2, unique=True).map(
        lambda names: tuple(map(ZoneInfo, names))
    ),
    st.sampled_from([frozenset(), HOLIDAYS]),
)


@cache
def shows(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks there show `wall` or later; all of them change at quarters of UTC."""
    instant = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    for step in (15 * MINUTE, MINUTE):
        while instant.astimezone(zone).replace(tzinfo=None) < wall:
            instant += step
        instant -= step
    return instant + MINUTE


@given(near_changes, st.sampled_from(sorted(CHANGES)))
@settings(deadline=None)
def test_a_wall_clock_is_resolved_as_clocks_show_it(near: datetime, name: str) -> None:
    wall = near.replace(tzinfo=None)
    assert resolve(wall, ZoneInfo(name)) == shows(wall, ZoneInfo(name))


def expect_open(hours: Opening, at: datetime) -> bool:
    """Asked of each window, zone and day alone, with every edge looked up on the clock."""

    def is_within(windows: Windows, zone: ZoneInfo) -> bool:
        today = at.astimezone(zone).date()
        for day in (today - DAY, today, today + DAY):
            midnight = datetime(day.year, day.month, day.day)
            for start, end in windows.spans(day, day in hours.holidays):
                if shows(midnight + start * MINUTE, zone) <= at < shows(midnight + end * MINUTE, zone):
                    return True
        return False

    return all(is_within(windows, zone) for windows in hours.windows for zone in hours.zones)


@given(openings, near_changes)
@settings(deadline=None, max_examples=150)
def test_it_is_open_when_every_window_is_in_every_zone(hours: Opening, at: datetime) -> None:
    assert hours.is_open(at) == expect_open(hours, at)


@given(openings, near_changes)
@settings(deadline=None, max_examples=60)
def test_the_next_opening_is_the_first_open_instant(hours: Opening, at: datetime) -> None:
    found = hours.next_open(at)
    if found is None:
        assert not any(hours.is_open(at + step * timedelta(hours=1)) for step in range(60 * 24))
        return
    assert found >= at
    assert hours.is_open(found)
    assert hours.next_open(found) == found
    assert found == at or not hours.is_open(found - timedelta(microseconds=1))
    look = max(at, found - DAY)
    while look < found:
        assert not hours.is_open(look)
        look += MINUTE


@given(openings, near_changes)
@settings(deadline=None, max_examples=60)
def test_it_closes_at_the_first_closed_instant(hours: Opening, at: datetime) -> None:
    if not hours.is_open(at):
        assert hours.closes_at(at) is None
        at = hours.next_open(at) or at
    found = hours.closes_at(at)
    if found is None:
        assert len({hours.is_open(at + step * timedelta(hours=1)) for step in range(60 * 24)}) == 1
        return
    assert hours.is_open(found - timedelta(microseconds=1))
    assert not hours.is_open(found)
    look = max(at, found - DAY)
    while look < found:
        assert hours.is_open(look)
        look += MINUTE


@given(openings, near_changes, st.integers(0, 5000))
@settings(deadline=None, max_examples=60)
def test_who_comes_later_does_not_leave_earlier(hours: Opening, at: datetime, later: int) -> None:
    first, second = hours.next_open(at), hours.next_open(at + later * MINUTE)
    if first is not None and second is not None:
        assert first <= second


@given(openings, openings, near_changes)
@settings(deadline=None, max_examples=60)
def test_together_means_both(one: Opening, other: Opening, at: datetime) -> None:
    other = Opening(other.windows, one.zones, one.holidays)
    both = Opening(one.windows + other.windows, one.zones, one.holidays)
    assert both.is_open(at) == (one.is_open(at) and other.is_open(at))


def test_it_is_fast_enough_to_ask_for_each_text() -> None:
    hours = opening((MARKETING, "daily 08:00-20:00"), "America/New_York America/Chicago America/Denver")
    at = utc("2026-11-24 18:00")

    def took(count: int = 2000) -> float:
        start = time.perf_counter()
        for _ in range(count):
            hours.is_open(at)
        return (time.perf_counter() - start) / count

    hours.is_open(at)
    assert min(took() for _ in range(3)) < 50e-6
