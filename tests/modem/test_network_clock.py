"""The device's clock against ours: zones, clocks nobody set, and answers that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem.network_clock import read_offset

NOW = datetime(2025, 10, 14, 9, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "offset"),
    [
        ('+CCLK: "25/10/14,10:20:00+04"', 0.0),
        ('+CCLK: "25/10/14,09:20:00+00"', 0.0),
        ('+CCLK: "25/10/14,09:20:07-0"', 7.0),
        ('+CCLK: "25/10/14,05:19:30-16"', -30.0),
        ('+CCLK: "25/10/14,15:05:00+23"', 0.0),  # quarters of an hour: +5:45
        ('+CCLK: "25/10/13,23:20:00-40"', 0.0),
        ("+CCLK: 25/10/14,10:20:00+04", 0.0),
        ('+CCLK:"25/10/14, 10:20:00 +04"', 0.0),
        ('+CCLK: "25/10/14,11:20:00+04"', 3600.0),
        ('+CCLK: "25/10/14,10:20:00"', None),  # a local time of nobody knows where
        ('+CCLK: "04/01/01,00:00:12+00"', None),
        ('+CCLK: "80/01/06,00:00:12+00"', None),
        ('+CCLK: "70/01/01,00:00:12+00"', None),
        ('+CCLK: "24/12/31,23:59:59+00"', None),
        ('+CCLK: "25/10/14,09:20:07+04"', 7.0),  # UTC beside the zone
        ('+CCLK: "25/10/14,09:10:00-16"', -600.0),
        ('+CCLK: "00/00/00,00:00:00+00"', None),
        ('+CCLK: "25/13/14,10:20:00+04"', None),
        ('+CCLK: "25/10/14,10:20:00+99"', None),
        ('+CCLK: "2025/10/14,10:20:00+04"', None),
        ("+CCLK: ", None),
        ("", None),
    ],
)
def test_offsets(line: str, offset: float | None) -> None:
    assert read_offset([line], NOW) == offset


def test_the_answer_is_found_among_other_lines() -> None:
    assert read_offset(["^RSSI:17", '+CCLK: "25/10/14,10:20:02+04"'], NOW) == 2.0
    assert read_offset([], NOW) is None


@given(
    st.datetimes(datetime(2025, 1, 3), datetime(2034, 1, 1)),
    st.integers(-48, 56),
    st.integers(-86400, 86400),
)
def test_every_zone_is_read_whichever_way_is_nearer(when: datetime, quarters: int, offset: int) -> None:
    now = when.replace(microsecond=0, tzinfo=UTC)
    there = (now + timedelta(seconds=offset)).astimezone(timezone(timedelta(minutes=15 * quarters)))
    found = read_offset([f'+CCLK: "{there:%y/%m/%d,%H:%M:%S}{quarters:+03d}"'], now)
    assert found == min(offset, offset + 900 * quarters, key=abs)


@given(st.text(max_size=40).map(lambda text: "+CCLK: " + text), st.datetimes(timezones=st.just(UTC)))
def test_anything_a_device_writes_is_read_or_left(line: str, now: datetime) -> None:
    assert isinstance(read_offset([line], now), float | None)
