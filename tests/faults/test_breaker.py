"""A SIM that may not send: the line rests and says so, no text is lost, and all go once it may again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fake_modem import Modem
from tests.faults.bench import Bench, bench, front
from tests.virtual_time import run

PEOPLE = [f"+1202555{place:04}" for place in range(143, 151)]


def handed_over(modem: Modem) -> int:
    return modem.log.sent().count(b"\x1a")


async def waits(one: Bench) -> list[str]:
    return sorted(set((await one.states()).values()))


@pytest.mark.parametrize(
    "code", [1, 8, *(pytest.param(code, marks=pytest.mark.slow) for code in (21, 38, 50))]
)
def test_a_sim_that_may_not_send_loses_nobodys_text(code: int, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            for number in PEOPLE:
                one.world.network.refuse(number, code)
            ids = [await one.post(number, f"Text for {number[-4:]}") for number in PEOPLE]
            await one.down("refused_by_network", seconds=60.0)
            assert handed_over(modem) == 3, "the third in a row is the last one that goes at once"
            await asyncio.sleep(300)
            assert handed_over(modem) == 5, "after one minute and after two more"
            await one.crash()
            await asyncio.sleep(3600)
            assert 6 <= handed_over(modem) <= 5 + 2 + 4, "then after four and eight, and every fifteen"
            assert await waits(one) == ["queued"]
            assert (await one.line()).code == "refused_by_network"
            for number in PEOPLE:
                one.world.network.refuse(number, None)
            await one.reach("delivered", *ids, seconds=1000.0)
            await one.up()
            await one.check()

    run(story)


def test_one_wrong_number_fails_and_delays_nobody(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            await front(one)
            wrong, *right = PEOPLE
            one.world.network.refuse(wrong, 1)
            lost = await one.post(wrong, "Nobody will read this")
            ids = [await one.post(number, f"Text for {number[-4:]}") for number in right]
            await one.reach("sent", *ids[:2], seconds=15.0)
            await one.reach("failed", lost, seconds=100.0)
            assert (await one.message(lost)).reason == "CMS 1"
            await one.reach("delivered", *ids, seconds=100.0)
            assert (await one.line()).code == "ready"
            await one.check()

    run(story)
