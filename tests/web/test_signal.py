"""The drawing of a line's signal, and the words that say the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gateway.web import signal
from gateway.web.present import Times

NOW = datetime(2025, 3, 3, 16, 40, tzinfo=UTC)
TIMES = Times(ZoneInfo("UTC"), NOW)
DAY_AGO = NOW - signal.SPAN


def _samples(*told: tuple[float, str, int | None]) -> list[Any]:
    """Samples at so many hours before now."""
    return [
        SimpleNamespace(at=NOW - timedelta(hours=hours), code=code, signal_dbm=dbm)
        for hours, code, dbm in told
    ]


def _ready(dbm: int, since: float, until: float = 0.0) -> Iterable[tuple[float, str, int]]:
    """A sample every five minutes, hours before now."""
    steps = round((since - until) * 12)
    return [(since - step / 12, "ready", dbm) for step in range(steps)]


def test_without_a_measured_signal_there_is_none() -> None:
    assert signal.graph([], TIMES) is None
    assert signal.graph(_samples((1, "ready", None), (0.5, "no_answer", None)), TIMES) is None


def test_a_day_of_good_signal_is_one_line_and_one_row() -> None:
    graph = signal.graph(_samples(*_ready(-77, 24)), TIMES)
    assert graph is not None and len(graph.paths) == 1 and graph.bars == () and graph.outages == ()
    assert graph.paths[0].startswith("M0 28 ") and graph.paths[0].endswith("L720 28")
    (row,) = graph.rows
    assert (row.hours, row.words, row.middle) == ("16:40 to now", "Good", "−77 dBm")
    assert graph.hours == ("16:40", "22:40", "04:40", "10:40", "now")


def test_an_outage_is_a_red_bar_and_a_sentence_under_its_first_name() -> None:
    down = [(12.0, "not_registered", None), (11.75, "recovering", None), (11.5, "opening", None)]
    graph = signal.graph(_samples(*_ready(-80, 24, 12), *down, *_ready(-92, 11.25)), TIMES)
    assert graph is not None and len(graph.paths) == 2
    (bar,) = graph.bars
    assert (bar.x, bar.width) == (360, 22)
    assert graph.outages == ("No network from 04:40 to 05:25.",)
    assert [(row.hours, row.words) for row in graph.rows] == [
        ("16:40 to 04:40", "Good"),
        ("04:40 to 05:25", "No network"),
        ("05:25 to now", "Fair"),
    ]
    assert "good" in graph.summary and "No network from 04:40 to 05:25." in graph.summary


def test_a_line_that_is_down_now_is_so_until_now() -> None:
    graph = signal.graph(_samples(*_ready(-80, 2, 1), (1.0, "no_answer", None)), TIMES)
    assert graph is not None
    assert graph.outages == ("The modem does not answer from 15:40 to now.",)
    assert graph.bars[0].x + graph.bars[0].width == signal.WIDTH


def test_while_nothing_was_told_it_is_not_known_how_the_line_was() -> None:
    graph = signal.graph(_samples(*_ready(-80, 10, 6), (2.0, "opening", None), *_ready(-80, 1.99)), TIMES)
    assert graph is not None and graph.bars == () and len(graph.paths) == 2
    assert [row.words for row in graph.rows] == ["Not known", "Good", "Not known", "Good"]


def test_a_short_outage_can_be_seen_and_many_are_counted() -> None:
    told = [each for n in range(5) for each in ((20 - n, "port_lost", None), (19.99 - n, "ready", -80))]
    graph = signal.graph(_samples(*told), TIMES)
    assert graph is not None and len(graph.bars) == 5
    assert all(bar.width >= 4 for bar in graph.bars)
    assert graph.outages[0] == "2 more before that." and len(graph.outages) == 4


@given(
    st.lists(
        st.tuples(
            st.floats(0, 24),
            st.sampled_from(["ready", "opening", "no_answer"]),
            st.integers(-140, -40) | st.none(),
        ),
        max_size=40,
    )
)
def test_whatever_was_told_stays_within_the_drawing(told: list[tuple[float, str, int | None]]) -> None:
    graph = signal.graph(_samples(*sorted(told, key=lambda one: -one[0])), TIMES)
    if graph is None:
        return
    for bar in graph.bars:
        assert bar.x >= 0 and bar.width > 0 and bar.x + bar.width <= signal.WIDTH
    for path in graph.paths:
        points = [tuple(map(int, point.split())) for point in path.lstrip("M").split(" L")]
        assert all(0 <= x <= signal.WIDTH + 1 and 0 <= y <= signal.HEIGHT for x, y in points)
        assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert graph.rows[-1].hours.endswith("to now")
