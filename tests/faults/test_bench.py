"""The bench itself: stories without any fault, in virtual time."""

from __future__ import annotations

from pathlib import Path

from tests.faults.bench import ANNA, BEN, bench, front
from tests.virtual_time import run

LONG = "A long text. " * 20


def test_a_story_without_a_fault(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            one.world.phone(ANNA).text(modem.number, "Any chance to be seen today?")
            short, long = await one.post(BEN, "Your table is ready."), await one.post(BEN, LONG)
            await one.reach("delivered", short, long)
            await one.until(one.inbound)
            await one.check()
            assert await one.inbound() == ["Any chance to be seen today?"]
            assert one.world.phone(BEN).texts() == ["Your table is ready.", LONG]
            assert await one.recoveries() == []

    run(story)
