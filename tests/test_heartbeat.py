"""When the program says that it is alive, in virtual time, with the real lines, database and socket. That the
whole process falls silent when it hangs is told in tests/stories/test_service.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gateway.domain.line import Accepted
from gateway.heartbeat import Heartbeat
from gateway.modem.line import ModemLine
from gateway.queue.dispatcher import SEND_WITHIN_S
from gateway.queue.progress import Progress
from gateway.service_manager import ServiceManager
from gateway.store.database import DatabaseError, Locked, Tx
from tests.faults import bench as benches
from tests.faults.bench import ANNA, Bench, Counted, bench, front
from tests.listening import ALIVE, Manager, listening_in_loop
from tests.virtual_time import run

T = TypeVar("T")
WATCH_S, EVERY_S = 60.0, 15.0
A_WHILE = 400.0


@contextlib.asynccontextmanager
async def watched(one: Bench, rewriting: Progress | None = None) -> AsyncIterator[Manager]:
    """The heart of an office beats, and somebody listens."""
    with listening_in_loop() as heard:
        manager = ServiceManager(heard.address, WATCH_S)
        rewriting = rewriting or Progress()
        heart = Heartbeat(one.database, one.clock, manager, one.lines.overdue, rewriting)
        beating = asyncio.create_task(heart.run())
        try:
            yield heard
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)


def longest_silence(heard: Manager, since: float) -> float:
    """Seconds between two signs of life, from then until now."""
    times = [since, *(at for at in heard.times(ALIVE) if at > since), heard.clock()]
    return max(later - earlier for earlier, later in pairwise(times))


def tell(story: Callable[[Path], Coroutine[Any, Any, None]], path: Path) -> None:
    run(lambda: story(path))


def test_it_beats_while_texts_go_out_and_says_how_it_is(database_path: Path) -> None:
    async def story(path: Path) -> None:
        async with bench(path) as one, watched(one) as heard:
            began = heard.clock()
            await one.until(lambda: heard.status == "no line yet")
            await front(one)
            await one.until(lambda: heard.status == "ready")
            texts = [await one.post(ANNA, f"Text {number}") for number in range(20)]
            await one.until(lambda: heard.status.startswith("sending, "))
            assert heard.status.endswith(" queued")
            await one.reach("delivered", *texts)
            await one.until(lambda: heard.status == "ready")
            await asyncio.sleep(A_WHILE)
            assert longest_silence(heard, began) < 2 * EVERY_S

    tell(story, database_path)


def test_a_dead_modem_is_said_and_is_no_reason_to_begin_anew(database_path: Path) -> None:
    async def story(path: Path) -> None:
        async with bench(path) as one, watched(one) as heard:
            modem = await front(one)
            modem.vanish()
            await one.down("port_missing")
            await one.post(ANNA, "When you are back")
            began = heard.clock()
            await asyncio.sleep(A_WHILE)
            assert heard.status == "ready, 1 queued, 1 line down"
            assert longest_silence(heard, began) < 2 * EVERY_S

    tell(story, database_path)


def test_a_modem_that_never_answers_is_none_either(database_path: Path) -> None:
    async def story(path: Path) -> None:
        async with bench(path) as one, watched(one) as heard:
            modem = await front(one)
            modem.inject("mute")
            await one.post(ANNA, "Into the silence")
            began = heard.clock()
            await asyncio.sleep(A_WHILE)
            assert longest_silence(heard, began) < 2 * EVERY_S

    tell(story, database_path)


def test_a_lane_that_does_not_go_on_is(database_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no time-out of a device ends, because it is a mistake of ours: planted here."""

    async def never(*_: object) -> Accepted:
        await asyncio.Event().wait()
        raise AssertionError

    async def story(path: Path) -> None:
        async with bench(path) as one, watched(one) as heard:
            await front(one)
            monkeypatch.setattr(ModemLine, "send", never)
            try:
                began = heard.clock()
                await one.post(ANNA, "Hello?")
                await asyncio.sleep(SEND_WITHIN_S - EVERY_S)
                assert longest_silence(heard, began) < 2 * EVERY_S
                await one.until(lambda: "line front" in heard.status, what="it is noticed")
                noticed = heard.clock()
                assert noticed - began < SEND_WITHIN_S + 2 * EVERY_S
                await asyncio.sleep(A_WHILE)
                assert [at for at in heard.times(ALIVE) if at > noticed] == []
                assert heard.status == "hangs: no sign of life from line front; to be started anew"
            finally:
                one.lines._served[1].sending.cancel()  # or the office would wait for it

    tell(story, database_path)


class Troubled(Counted):
    """A database that refuses every write of the heartbeat with `trouble`, while there is one."""

    trouble: DatabaseError | None = None

    async def write(self, fn: Callable[[Tx], T], deadline: float | None = None) -> T:
        if self.trouble is not None:
            raise self.trouble
        return await super().write(fn, deadline)


@pytest.mark.parametrize(
    ("trouble", "is_silent"),
    [(DatabaseError("the disk is full"), False), (Locked("by another program"), True)],
)
def test_a_full_disk_is_an_answer_and_a_locked_database_is_none(
    database_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: DatabaseError, is_silent: bool
) -> None:
    monkeypatch.setattr(benches, "Counted", Troubled)

    async def story(path: Path) -> None:
        async with bench(path) as one, watched(one) as heard:
            await asyncio.sleep(EVERY_S)
            database = one.database
            assert isinstance(database, Troubled)
            database.trouble = trouble
            began = heard.clock()
            await asyncio.sleep(A_WHILE)
            assert (longest_silence(heard, began) > A_WHILE / 2) == is_silent
            said = "no sign of life from the database" if is_silent else "the disk takes nothing"
            assert said in heard.status
            database.trouble = None
            await one.until(lambda: heard.status == "no line yet")
            began = heard.clock()
            await asyncio.sleep(A_WHILE)
            assert longest_silence(heard, began) < 2 * EVERY_S

    tell(story, database_path)


def test_a_file_that_is_written_anew_is_waited_for_but_not_for_ever(
    database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "Counted", Troubled)
    five_minutes = 300.0

    async def story(path: Path) -> None:
        rewriting = Progress()
        async with bench(path) as one, watched(one, rewriting) as heard:
            await asyncio.sleep(EVERY_S)
            database = one.database
            assert isinstance(database, Troubled)
            database.trouble = Locked("by the one who writes it anew")
            began = heard.clock()
            rewriting.expect(five_minutes)
            await asyncio.sleep(five_minutes - 1)
            assert longest_silence(heard, began) < 2 * EVERY_S
            assert "writing the database anew" in heard.status
            await asyncio.sleep(A_WHILE)
            assert "no sign of life from the database" in heard.status
            rewriting.done()
            database.trouble = None
            await one.until(lambda: heard.status == "no line yet")

    tell(story, database_path)
