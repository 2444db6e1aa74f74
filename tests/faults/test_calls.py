"""Missed calls from the ring to the history."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from gateway.store.tables import calls
from tests.faults.bench import Bench, bench, front
from tests.virtual_time import run

CALLER = "+12025550155"


async def missed(one: Bench) -> list[str]:
    """Numbers of the calls that were missed."""
    return await one.read(lambda tx: list(tx.execute(select(calls.c.number)).scalars()))


def test_a_call_that_rings_over_a_reopened_port_is_one_call(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("ring", number=CALLER, rings=10, gap=4.0)
            await one.until(lambda: modem.calls.log)
            modem.inject("hangup")
            await one.up()
            await one.until(lambda: missed(one))
            await one.until(lambda: modem.calls.now is None)
            await one.check()
            assert await missed(one) == [CALLER]

    run(story)


def test_a_caller_is_hung_up_on_where_the_office_wants_that(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            await one.set("front", "calls", "hang_up")
            await one.down("opening")
            await one.up()
            modem.inject("ring", number=CALLER, rings=10)
            await one.until(lambda: missed(one))
            assert modem.calls.now is None
            assert await missed(one) == [CALLER]
            await one.check()

    run(story)
