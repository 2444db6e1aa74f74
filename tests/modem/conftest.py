"""A small world, a hearer and a memory of our own, and a rhythm that needs no waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.domain.line import (
    Accepted,
    Go,
    LateResult,
    LineEvent,
    LineSetup,
    LineState,
    Received,
    Removed,
    Report,
    Submission,
)
from gateway.domain.pdu import encode_message
from gateway.modem.asking import Patience
from gateway.modem.driver import Timing
from gateway.modem.ladder import Ladder
from gateway.modem.recovery import Means
from gateway.modem.rhythm import Rhythm
from gateway.modem.supervisor import Supervisor
from tests.fake_modem import Modem, World

FAST = Rhythm(
    listing=0.3,
    polling=0.1,
    health=0.2,
    notices=0.2,
    ping=0.5,
    soonest=0.02,
    while_unregistered=0.05,
    registration_blink=0.1,
    reread=(0.02, 0.05, 0.1),
    timing=Timing(
        limits={"AT": 0.3, "AT+CMGL": 1.0},
        other_command=0.5,
        prompt=0.3,
        result=0.6,
        result_end=0.1,
        after_escape=0.02,
        drain=0.2,
        after_ok=0.02,
        between_escapes=0.02,
        text_silence=0.02,
    ),
    patience=Patience(0.02, 0.3, 0.02, 0.5, 0.02, 5, ready=0.5, unknown_pace=0.0),
)


BRIEF = Means(radio_off=0.05, after_reset=0.05)

CALM = replace(FAST, listing=60.0, polling=60.0, health=60.0, notices=60.0, ping=60.0)
"""No chores of its own after the first ones."""

PATIENT = replace(CALM, timing=FAST.timing.scaled(4.0))
"""For wires that go over threads and processes of their own."""


@dataclass
class Office:
    """Hears a line and remembers for it, as the desk and the store do."""

    events: list[LineEvent] = field(default_factory=list)
    states: list[LineState] = field(default_factory=list)
    refuses: Callable[[LineEvent], bool] = lambda event: False
    refused: int = 0
    takes: float = 0.0  # seconds to store an event
    tried: set[tuple[str, str]] = field(default_factory=set)
    in_flight: int | None = None

    async def hear(self, event: LineEvent) -> None:
        refused = self.refuses(event)
        await asyncio.sleep(self.takes)
        if refused:
            self.refused += 1
            raise OSError("disk full")
        if isinstance(event, LineState):
            self.states.append(event)
        else:
            self.events.append(event)

    async def pin_was_tried(self, sim: str, pin: str) -> bool:
        return (sim, pin) in self.tried

    async def remember_pin_try(self, sim: str, pin: str) -> None:
        self.tried.add((sim, pin))

    async def forget_pin_try(self, sim: str, pin: str) -> None:
        self.tried.discard((sim, pin))

    async def restarts(self) -> list[float]:
        return []

    async def part_in_flight(self) -> int | None:
        return self.in_flight

    @property
    def pdus(self) -> list[str]:
        """Texts heard, in order, a text read twice as two."""
        return [event.pdu for event in self.events if isinstance(event, Received)]

    @property
    def reports(self) -> list[str]:
        return [event.pdu for event in self.events if isinstance(event, Report)]

    @property
    def removed(self) -> int:
        return sum(isinstance(event, Removed) for event in self.events)

    @property
    def late(self) -> list[LateResult]:
        return [event for event in self.events if isinstance(event, LateResult)]

    @property
    def codes(self) -> list[str]:
        return [state.code for state in self.states]


async def until(condition: Callable[[], object], limit: float = 10.0) -> None:
    """Let the loop run until `condition` holds."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
            await asyncio.sleep(0.005)


async def yes() -> bool:
    return True


def part(text: str = "Your table is ready.", to: str = "+12025550123", part_id: int = 1) -> Submission:
    """One part that asks for a report."""
    return Submission(part_id, encode_message(to, text, reference=0, report=True, validity=None)[0])


@dataclass
class Running:
    """A supervisor at work on a modem of the world."""

    supervisor: Supervisor
    office: Office
    task: asyncio.Task[None]

    async def up(self) -> None:
        async with asyncio.timeout(30):
            await self.supervisor.wait_up()

    async def send(self, submission: Submission | None = None, go: Go = yes) -> Accepted:
        await self.up()
        line = self.supervisor.line
        assert line is not None
        return await line.send(submission or part(), go)

    async def close(self) -> None:
        await self.supervisor.close()
        await self.task


@contextlib.asynccontextmanager
async def running(
    path: str,
    office: Office | None = None,
    *,
    pin: str | None = None,
    rhythm: Rhythm = FAST,
    setup: LineSetup | None = None,
    **more: Any,
) -> AsyncIterator[Running]:
    """A supervisor on the port `path`, or on what `setup` says; `more` as for `Supervisor`."""
    office = office or Office()
    supervisor = Supervisor(
        setup or LineSetup(path),
        office.hear,
        office,
        lambda: pin,
        rhythm=rhythm,
        means=BRIEF,
        ladder=more.pop("ladder", None) or Ladder(first_pause_s=0.05),
        search_every_s=0.05,
        back_off_s=(0.05, 0.1),
        missing_check_s=0.03,
        grace_s=2.0,
        hear_again_s=(0.05,),
        **more,
    )
    task = asyncio.create_task(supervisor.run())
    life = Running(supervisor, office, task)
    try:
        yield life
    finally:
        await life.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(seed=27005) as made:
        yield made


@pytest.fixture
async def modem(world: World) -> Modem:
    return await world.modem()
