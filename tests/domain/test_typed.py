"""What people type into a field of one line."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.typed import BadTime, ended, one_line, shown, wall_clock


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u2060 \ufeff", "\u3164", "\u2800\u2800", "\u0301", "\t\n"]
)
def test_what_nobody_sees_is_empty(text: str) -> None:
    assert one_line(text) == ""


@pytest.mark.parametrize(
    ("text", "kept"), [(" a  leak\n", "a leak"), ("नमस्ते", "नमस्ते"), ("👩\u200d🔧", "👩\u200d🔧"), ("!", "!")]
)
def test_what_is_seen_stays(text: str, kept: str) -> None:
    assert one_line(text) == kept


@given(typed=st.text())
def test_what_is_repeated_is_one_short_line(typed: str) -> None:
    assert len(shown(typed)) < 1000
    assert len(shown(typed).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"), [("it must be so", "it must be so."), ("Done.", "Done."), ("GB?", "GB?")]
)
def test_a_sentence_ends_once(text: str, said: str) -> None:
    assert ended(text) == said


# --- a date and a time -------------------------------------------------------------------------------


@given(
    wall=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)), joint=st.sampled_from([" ", "T", "  "])
)
def test_a_date_with_a_time_is_read(wall: datetime, joint: str) -> None:
    assert wall_clock(f" {wall:%Y-%m-%d}{joint}{wall:%H:%M} ") == wall.replace(second=0, microsecond=0)
    assert wall_clock(f"{wall.year}-{wall.month}-{wall.day} {wall.hour}:{wall:%M}").day == wall.day


@given(typed=st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}", fullmatch=True))
def test_anything_typed_for_a_time_is_read_or_explained(typed: str) -> None:
    try:
        assert wall_clock(typed).tzinfo is None
    except BadTime as error:
        assert str(error).startswith(shown(typed))
        assert "08:00" in str(error) or "23:59" in str(error), "what can be typed instead"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "'' is not a date with a time"),
        ("tomorrow", "'tomorrow' is not a date with a time"),
        ("2026-03-04", "is not a date with a time"),
        ("15:00", "is not a date with a time"),
        ("04.03.2026 15:00", "is not a date with a time"),
        ("2026-03-04 3pm", "is not a date with a time"),
        ("2026-03-04 15:00Z", "is not a date with a time"),
        ("２０２６-03-04 10:00", "is not a date with a time"),
        ("2026-02-31 10:00", "there is no such day"),
        ("2026-13-01 10:00", "there is no such day"),
        ("0000-01-01 10:00", "there is no such day"),
        ("2026-03-04 25:00", "there is no such time of day. It goes from 00:00 to 23:59."),
        ("2026-03-04 10:60", "there is no such time of day"),
        ("0001-01-01 00:00", "the year 1 is out of reach"),
        ("9999-12-31 23:59", "the year 9999 is out of reach"),
    ],
)
def test_what_is_no_date_with_a_time_is_said(typed: str, said: str) -> None:
    with pytest.raises(BadTime) as error:
        wall_clock(typed)
    assert said in str(error.value)
    assert "%" not in str(error.value)
