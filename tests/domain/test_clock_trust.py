"""Whether the clock is believed: a table of evidence and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import clock
from gateway.domain.clock_trust import MADE, Doubt, Evidence, doubt, offset

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

TABLE: list[tuple[str, Evidence, Doubt | None]] = [
    ("nothing is known", Evidence(NOW), None),
    ("records a moment ahead", Evidence(NOW, newest=NOW + 60 * S), None),
    ("records further ahead", Evidence(NOW, newest=NOW + 61 * S), Doubt.BEFORE_RECORDS),
    ("records behind", Evidence(NOW, newest=NOW - H), None),
    ("1970", Evidence(datetime(1970, 1, 1, tzinfo=UTC), newest=NOW), Doubt.BEFORE_BUILD),
    ("just before it was made", Evidence(MADE - S), Doubt.BEFORE_BUILD),
    ("just after it was made", Evidence(MADE), None),
    ("stepped", Evidence(NOW, pending=Doubt.JUMPED), Doubt.JUMPED),
    ("stepped by a time service", Evidence(NOW, pending=Doubt.JUMPED, synchronised=True), None),
    ("stepped, and the network shows that", Evidence(NOW, pending=Doubt.JUMPED, offsets=(119 * S,)), None),
    ("it runs on and passes the records", Evidence(NOW, pending=Doubt.BEFORE_RECORDS), Doubt.BEFORE_RECORDS),
    (
        "the line that disagreed went away",
        Evidence(NOW, pending=Doubt.NETWORK_DISAGREES),
        Doubt.NETWORK_DISAGREES,
    ),
    ("no time service came", Evidence(NOW, pending=Doubt.NOT_SYNCHRONISED), None),
    ("the network differs a little", Evidence(NOW, offsets=(2 * M,)), None),
    ("the network differs", Evidence(NOW, offsets=(2 * M + S,)), Doubt.NETWORK_DISAGREES),
    ("the network is behind", Evidence(NOW, offsets=(-3 * M,)), Doubt.NETWORK_DISAGREES),
    ("networks differ, one agrees", Evidence(NOW, offsets=(H, S)), None),
    ("networks differ, none agrees", Evidence(NOW, offsets=(H, -H)), Doubt.NETWORK_DISAGREES),
    ("time services know better", Evidence(NOW, offsets=(H,), synchronised=True), None),
    ("a person knows better", Evidence(NOW, offsets=(H,), confirmed=True), None),
    ("a drift after it was right", Evidence(NOW, offsets=(H,), was_right=True), Doubt.NETWORK_DISAGREES),
    ("records of a clock that was ahead", Evidence(NOW, newest=NOW + H, was_right=True), None),
    ("the network vouches for it", Evidence(NOW, newest=NOW + H, offsets=(S,)), None),
    ("booting", Evidence(NOW, None, (), False, 60, True), Doubt.NOT_SYNCHRONISED),
    ("booting, synchronised", Evidence(NOW, None, (), True, 60, True), None),
    ("booting, nobody can say", Evidence(NOW, None, (), None, 60, True), None),
    ("booting without a time service", Evidence(NOW, None, (), False, 60, False), None),
    ("ten minutes after boot", Evidence(NOW, None, (), False, 600, True), None),
    ("booting, right already", Evidence(NOW, None, (), False, 60, True, was_right=True), None),
]


@pytest.mark.parametrize(("found", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(found: Evidence, expected: Doubt | None) -> None:
    assert doubt(found) is expected


@given(
    st.builds(
        Evidence,
        now=st.datetimes(timezones=st.just(UTC)),
        newest=st.none() | st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),
        offsets=st.lists(st.timedeltas(), max_size=3),
        synchronised=st.none() | st.booleans(),
        uptime_s=st.floats(0, 1e9),
        has_time_service=st.booleans(),
        pending=st.none() | st.sampled_from(Doubt),
        was_right=st.booleans(),
    )
)
def test_a_person_and_a_time_service_end_every_doubt(found: Evidence) -> None:
    assert doubt(replace(found, confirmed=True)) is None
    assert doubt(replace(found, synchronised=True)) is None


def test_the_watched_clock_uses_the_same_word() -> None:
    assert Doubt.JUMPED.value == clock.JUMPED


FACTS = {"clock_offset_s": "-90", "clock_read_at": (NOW - 5 * M).isoformat()}


@pytest.mark.parametrize(
    ("facts", "now", "since", "expected"),
    [
        (FACTS, NOW, None, -90 * S),
        (FACTS, NOW, NOW - 6 * M, -90 * S),
        (FACTS, NOW, NOW - 4 * M, None),  # read before the clock was set
        (FACTS, NOW - 6 * M, None, None),  # read at a time to come: the clock was set back
        (FACTS, NOW + 26 * M, None, None),  # long ago
        ({**FACTS, "clock_read_at": "soon"}, NOW, None, None),
        ({**FACTS, "clock_offset_s": "inf"}, NOW, None, None),
        ({"clock_offset_s": "-90"}, NOW, None, None),
        ({}, NOW, None, None),
    ],
)
def test_what_a_line_told_of_the_networks_time(
    facts: dict[str, str], now: datetime, since: datetime | None, expected: timedelta | None
) -> None:
    assert offset(facts, now, since) == expected
