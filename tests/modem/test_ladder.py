"""Which step of recovery comes next, and how seldom a device is restarted."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.line import Rung
from gateway.modem.ladder import (
    LONGEST_PAUSE_S,
    RESTART_EVERY_S,
    RESTARTS,
    RESTARTS_A_DAY,
    WELL_AFTER_S,
    Ladder,
    Step,
)

HOUR = 3600.0


def climb(ladder: Ladder, times: int, every: float = HOUR, start: float = 0.0) -> list[Step]:
    """The steps of so many failures, each of them taken."""
    steps = []
    for place in range(times):
        now = start + place * every
        steps.append(ladder.next(now))
        ladder.taken(steps[-1], now)
    return steps


def test_each_step_is_taken_once_then_a_person_is_asked() -> None:
    steps = climb(Ladder(), 8)
    assert [step.rung for step in steps] == [
        Rung.REOPEN,
        Rung.RADIO,
        Rung.RESET,
        Rung.USB,
        Rung.POWER,
        Rung.PERSON,
        Rung.PERSON,
        Rung.PERSON,
    ]
    assert [step.is_new for step in steps] == [True] * 6 + [False] * 2


def test_what_a_box_cannot_do_is_left_out() -> None:
    steps = climb(Ladder(able={Rung.RESET}), 4)
    assert [step.rung for step in steps] == [Rung.REOPEN, Rung.RESET, Rung.PERSON, Rung.PERSON]


def test_pauses_double_up_to_five_minutes() -> None:
    pauses = [step.pause_s for step in climb(Ladder(), 12)]
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_two_restarts_are_ten_minutes_apart() -> None:
    ladder = Ladder()
    rungs = [step.rung for step in climb(ladder, 40, every=30.0)]
    first, second = rungs.index(Rung.RESET), rungs.index(Rung.USB)
    assert (second - first) * 30.0 >= RESTART_EVERY_S - 300
    assert set(rungs[first + 1 : second]) == {Rung.REOPEN}


def test_a_restart_that_could_not_be_done_keeps_none_away() -> None:
    ladder = Ladder()
    climb(ladder, 3)
    assert ladder.next(4 * HOUR).rung is Rung.USB
    assert ladder.next(4 * HOUR).rung is Rung.POWER


def test_ten_minutes_of_work_begin_at_the_bottom_again() -> None:
    ladder = Ladder()
    climb(ladder, 3)
    ladder.works(4 * HOUR)
    assert ladder.next(4 * HOUR + WELL_AFTER_S).rung is Rung.REOPEN


def test_a_minute_of_work_does_not() -> None:
    ladder = Ladder()
    climb(ladder, 3)
    ladder.works(4 * HOUR)
    assert ladder.next(4 * HOUR + 60).rung is Rung.USB


def test_the_radio_stays_on_while_a_text_may_be_on_the_air() -> None:
    ladder = Ladder()
    assert ladder.next(0.0, no_restart_before=150.0).rung is Rung.REOPEN
    held = ladder.next(10.0, no_restart_before=150.0)
    assert (held.rung, held.is_new) == (Rung.REOPEN, False)
    assert ladder.next(200.0, no_restart_before=150.0).rung is Rung.RADIO


def test_no_restart_while_the_answer_to_a_text_may_come() -> None:
    ladder = Ladder()
    climb(ladder, 2, every=1.0)
    held = ladder.next(10.0, no_restart_before=150.0)
    assert (held.rung, held.is_new) == (Rung.REOPEN, False)
    assert ladder.next(200.0, no_restart_before=150.0).rung is Rung.RESET


@given(st.lists(st.tuples(st.floats(0.0, 4 * HOUR), st.booleans()), max_size=200))
def test_never_more_than_six_restarts_a_day_whatever_happens(waits: list[tuple[float, bool]]) -> None:
    ladder, now, restarts = Ladder(), 0.0, []
    for wait, worked in waits:
        if worked:
            ladder.works(now)
        now += wait
        step = ladder.next(now)
        ladder.taken(step, now)
        if step.rung in RESTARTS:
            restarts.append(now + step.pause_s)
        now += step.pause_s
    for at in restarts:
        assert sum(at <= other < at + 24 * HOUR for other in restarts) <= RESTARTS_A_DAY
    assert all(later - earlier >= RESTART_EVERY_S for earlier, later in itertools.pairwise(restarts))
