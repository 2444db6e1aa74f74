"""Texts that wait for the morning in five zones, on a line with a limit; see `tests.eight_o_clock`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eight_o_clock import BURST, PER_MINUTE, ZONES, Figures, morning
from tests.virtual_time import run


def held(figures: Figures, texts: int, fresh: int) -> None:
    print("\n".join(figures.told()))
    assert figures.wrong() == []
    assert len(figures.left) == texts + fresh + BURST
    assert figures.highest() == PER_MINUTE, "the limit is used as well as kept"
    for zone in ZONES:
        first = figures.when(figures.of_zone(zone)[0])
        assert (first.hour, first.minute) == (8, 0), zone


def test_a_few_wait_for_eight_in_five_zones(database_path: Path) -> None:
    held(run(lambda: morning(database_path, 30, 2, calm=True)), 30, 2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_600_wait_for_eight_in_five_zones(database_path: Path) -> None:
    held(run(lambda: morning(database_path, 600, 10)), 600, 10)
