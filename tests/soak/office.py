"""The office of the long run: several lines on the bench. It reads in place, so that no thread is awaited."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gateway.lines import Box
from gateway.store import schema
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from tests import any_hour
from tests.fake_modem import Modem, World
from tests.faults.bench import START, Bench, Counted
from tests.virtual_time import wall_clock

T = TypeVar("T")

KINDS: tuple[tuple[str, str], ...] = (
    ("generic-27005", "pty"),
    ("huawei-e3131", "pty"),
    ("quectel-ec25", "tcp"),
    ("sim800", "pty"),
    ("wavecom-q2403", "tcp"),
    ("siemens-tc35", "pty"),
    ("sim7600", "pty"),
    ("telit-he910", "tcp"),
    ("zte-mf190", "pty"),
)
"""Personalities in the order lines take them, and how each is reached."""
AIR_TIME = (0.5, 1.5)


class _InPlace(Counted):
    """Reads on the loop's thread: a hop to another one costs more than the query."""

    async def aread(self, fn: Callable[[Tx], T]) -> T:
        return self.read(fn)


class Office(Bench):
    """A bench whose database is read in place."""

    def _opened(self) -> Database:
        return _InPlace(self.path, Keys(self.path.parent), self.fatal.append)


@dataclass(frozen=True)
class SoakedLine:
    """One line of the office, and its device."""

    name: str
    modem: Modem
    transport: str


@contextlib.asynccontextmanager
async def office(folder: Path, seed: int) -> AsyncIterator[Office]:
    """An office over a new database in `folder`, serving; ends as a service does."""
    path = folder / "gateway.db"
    schema.prepare(path)
    clock = wall_clock(START)
    async with World(seed=seed, air_time=AIR_TIME, report_delay=4.0, now=clock) as world:
        one = Office(world, path, Box(), clock)
        root = logging.getLogger("gateway")
        root.addHandler(one.log)
        root.setLevel(logging.INFO)
        root.propagate = False
        try:
            await one.database.write(any_hour.lift)
            await one.start()
            yield one
        finally:
            root.removeHandler(one.log)
            root.propagate = True
            await one.stop()


async def furnish(one: Office, count: int, first: int) -> list[SoakedLine]:
    """So many lines, on the personalities from place `first` on; returns once all work."""
    lines = []
    for place in range(count):
        personality, transport = KINDS[(first + place) % len(KINDS)]
        how: dict[str, Any] = {"tcp": 0} if transport == "tcp" else {}
        modem = await one.world.modem(personality=personality, **how)
        name = f"{personality}-{place + 1}"
        await one.add_line(name, modem.path)
        lines.append(SoakedLine(name, modem, transport))
    for line in lines:
        await one.up(line.name)
    return lines
