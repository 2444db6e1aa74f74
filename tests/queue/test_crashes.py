"""Crashes between Ctrl-Z and the result: what is said of a text is true, or left to a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crashes import AFTER, KILLED, NEVER, PORT_LOST, STOPPED, plan, siege
from tests.virtual_time import run


def test_a_plan_has_every_kind_of_trouble() -> None:
    rounds = plan(200, 1)
    assert {it.how for it in rounds} == {KILLED, PORT_LOST, STOPPED}
    assert len({(it.how, it.sent, it.answer, it.report) for it in rounds}) == 3 * (3 * 3 + 4)
    assert rounds == plan(200, 1) != plan(200, 2)
    assert {it.report for it in rounds if it.sent} > {AFTER, NEVER}


def test_a_few_crashes(database_path: Path) -> None:
    counts = run(lambda: siege(database_path, 6, 1643))
    print("\n".join(counts.told()))
    assert counts.wrong == []
    assert sum(counts.by.values()) == 6
    assert len(counts.by) >= 4, "answer, late answer, report and proof each decided"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_200_crashes(database_path: Path) -> None:
    counts = run(lambda: siege(database_path, 200, 1))
    print("\n".join(counts.told()))
    assert counts.wrong == []
    assert sum(counts.by.values()) == 200
