"""The whole queue against a simple model: with the device played in the test, and with the real lanes on the
fake modem. `python -m tests.queue.machine` and `tests.queue.bench_machine` take more steps, from any seed."""

from __future__ import annotations

import pytest

from tests.queue.bench_machine import BenchMachine
from tests.queue.machine import Machine, run

SEED = 2026
"""The same steps each time, so that what lands was seen to hold; those at length draw others."""


def test_whatever_happens_in_whatever_order() -> None:
    run(Machine, examples=8, steps=35, seed=SEED)


def test_whatever_happens_to_the_real_lanes() -> None:
    run(BenchMachine, examples=4, steps=15, seed=SEED)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_whatever_happens_in_whatever_order_for_long() -> None:
    run(Machine, examples=250, steps=100)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_whatever_happens_to_the_real_lanes_for_long() -> None:
    run(BenchMachine, examples=60, steps=40)
