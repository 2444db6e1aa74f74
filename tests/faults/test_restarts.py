"""A device is restarted seldom, however often the program itself begins anew."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.bench import bench, front
from tests.virtual_time import run


def test_restarts_of_before_are_remembered(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("mute")
            await one.until(lambda: restarts(modem.wire_log()), 3600.0)
            for _ in range(4):
                await one.restart()
                await asyncio.sleep(100)
            assert restarts(modem.wire_log()) == 1
            modem.clear()
            await one.up()
            await one.check()

    run(story)


def restarts(wire_log: str) -> int:
    return wire_log.count("AT+CFUN=1,1")
