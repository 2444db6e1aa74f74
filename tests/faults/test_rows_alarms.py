"""Rows 43 and 50 of the fault matrix as an owner meets them: the trouble itself, its alarm, and the text
about it on another line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.alarm_post import Post
from gateway.alarm_watch import Watch
from gateway.domain import alarm_words
from gateway.domain.alarms import Kind
from gateway.store import alarms, settings
from tests.faults.bench import BEN, Bench, bench, front
from tests.virtual_time import run

OWNER = "+12025550188"
PEOPLE = [f"+1202555{place:04}" for place in range(150, 158)]


@contextlib.asynccontextmanager
async def watched(one: Bench) -> AsyncIterator[None]:
    """An office that is looked at, with a second line and an owner to text."""
    second = await one.world.modem()
    await one.add_line("back", second.path)
    await one.up("back")
    await one.write(lambda tx: settings.put(tx, "alarms.numbers", OWNER))
    await asyncio.to_thread(one.database.lay_ballast)
    watch = Watch(one.database, one.path.parent, one.clock, one.doubt)
    tasks = [asyncio.create_task(watch.run()), asyncio.create_task(Post(one.database, one.clock).run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def is_open(one: Bench, kind: Kind) -> bool:
    return kind in [row.kind for row in await one.read(alarms.every_open)]


async def raised(one: Bench, kind: Kind, seconds: float = 900.0) -> None:
    await one.until(lambda: is_open(one, kind), seconds, f"alarm {kind}")


async def over(one: Bench, kind: Kind, seconds: float = 2400.0) -> None:
    async def closed() -> bool:
        return not await is_open(one, kind)

    await one.until(closed, seconds, f"the end of alarm {kind}")


def told(one: Bench, words: str) -> list[str]:
    """What the owner got that begins like this."""
    return [text for text in one.world.phone(OWNER).texts() if text.startswith(words)]


def test_row_50_a_balance_that_is_used_up(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            await front(one)
            async with watched(one):
                for number in PEOPLE:
                    one.world.network.refuse(number, 38)
                ids = [await one.post(number, f"Text for {number[-4:]}") for number in PEOPLE]
                await raised(one, Kind.BALANCE)
                await one.until(lambda: told(one, "Balance? "), 120.0, "the owner is told")
                (row,) = [row for row in await one.read(alarms.every_open) if row.kind == Kind.BALANCE]
                assert row.subject == "front"
                assert "CMS 38" in alarm_words.happened(Kind.BALANCE, row.detail)
                assert set((await one.states()).values()) == {"queued"}, "the breaker keeps them all"
                for number in PEOPLE:
                    one.world.network.refuse(number, None)
                await one.reach("delivered", *ids, seconds=2000.0)
                await over(one, Kind.BALANCE)
                await one.until(lambda: told(one, "The network takes"), 120.0, "its end is told")
                assert len(told(one, "Balance? ")) == 1
                await one.check()

    run(story)


def test_a_line_that_is_down_is_told_by_the_other_and_its_end_too(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            async with watched(one):
                modem.vanish()
                await one.down("port_missing")
                await asyncio.sleep(200.0)
                assert not await is_open(one, Kind.LINE_DOWN)
                await raised(one, Kind.LINE_DOWN, 200.0)
                await one.until(lambda: told(one, "Line front has not worked"), 120.0, "the owner is told")
                modem.come_back()
                await one.up()
                await over(one, Kind.LINE_DOWN)
                await one.until(lambda: told(one, "Line front works again."), 120.0, "its end is told")
                assert len(one.world.phone(OWNER).texts()) == 2
                await one.check()

    run(story)


def test_a_sim_that_cannot_be_emptied_is_told_at_eighty_percent(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            async with watched(one):
                modem.inject("cmgd-fails", count=None)
                modem.fill_store(BEN, 0, free=1)
                await raised(one, Kind.SIM_FULL)
                await one.until(lambda: told(one, "Line front: "), 120.0, "the owner is told")
                modem.clear("cmgd-fails")
                await over(one, Kind.SIM_FULL, 7200.0)
                assert modem.stores["SM"].used == 0
                await one.check()

    run(story)


def test_notices_that_were_lost_are_an_alarm_without_a_text(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            async with watched(one):
                modem.inject("cnmi-silently-reset")
                await raised(one, Kind.NOTICES, 240.0)
                await asyncio.sleep(300.0)
                assert one.world.phone(OWNER).texts() == []
                await one.check()

    run(story)
