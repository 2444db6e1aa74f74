"""A clock that notices when it is stepped."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import JUMPED, WatchedClock, since_boot, utc_now
from tests.office import Clock

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Box:
    """A wall clock and the time since boot, stepped apart."""

    def __init__(self) -> None:
        self.wall = Clock(START)
        self.elapsed = 100.0
        self.watched = WatchedClock(self.wall, lambda: self.elapsed)

    def let_pass(self, seconds: float) -> None:
        self.wall.step(seconds=seconds)
        self.elapsed += seconds


def test_time_that_passes_is_no_jump() -> None:
    box = Box()
    for seconds in (0, 1, 5, 3600, 86400 * 400):
        box.let_pass(seconds)
        assert box.watched() == box.wall.now
    assert (box.watched.doubt, box.watched.jumps) == (None, 0)


@pytest.mark.parametrize("step", [5.5, -5.5, 3600, -3600, -56 * 365 * 86400, 73 * 365 * 86400])
def test_a_step_is_noticed_by_the_call_that_sees_it(step: float) -> None:
    box = Box()
    box.let_pass(2.5)
    box.wall.step(seconds=step)
    assert box.watched() == box.wall.now
    assert (box.watched.doubt, box.watched.jumps) == (JUMPED, 1)
    assert box.watched.stepped_s == pytest.approx(step)
    box.let_pass(60)
    box.watched()
    assert box.watched.jumps == 1


@pytest.mark.parametrize("step", [4.5, -4.5])
def test_a_small_step_is_none(step: float) -> None:
    box = Box()
    box.wall.step(seconds=step)
    box.watched()
    assert box.watched.doubt is None


def test_a_verdict_on_an_earlier_time_does_not_count() -> None:
    box = Box()
    box.wall.step(hours=1)
    box.watched()
    assert not box.watched.judge(None, 0)
    assert box.watched.doubt == JUMPED
    assert box.watched.judge(None, 1)
    assert box.watched.doubt is None


def test_being_held_up_between_the_two_looks_is_no_jump() -> None:
    elapsed = iter([0.0, 0.0, 10.0, 30.0, 30.0, 30.1])
    wall = iter([START, START + timedelta(seconds=10), START + timedelta(seconds=30)])
    watched = WatchedClock(lambda: next(wall), lambda: next(elapsed))
    watched()
    assert watched.jumps == 0


def test_many_threads_and_the_real_clocks() -> None:
    watched = WatchedClock()

    def call() -> None:
        for _ in range(300):
            watched()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watched.doubt is None
    assert since_boot() > 0
    assert abs(watched() - utc_now()) < timedelta(seconds=5)
