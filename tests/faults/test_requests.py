"""What people ask of a line, when the device or the disk is in no mood for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from gateway.desk import line_requests as desk_requests
from gateway.desk import lines as desk_lines
from gateway.domain.line_requests import Kind
from gateway.store import line_requests
from gateway.store.database import DatabaseError
from tests.faults.bench import BEN, PIN, Bench, bench, front
from tests.virtual_time import run


async def ask(one: Bench, kind: Kind) -> int:
    return await one.write(lambda tx: desk_requests.ask(tx, "front", kind, "", "person:Sam", one.clock()))


async def request(one: Bench, request_id: int) -> Row[Any]:
    row = await one.read(lambda tx: line_requests.get(tx, request_id))
    assert row is not None
    return row


async def answered(one: Bench, request_id: int) -> bool:
    return bool((await request(one, request_id)).state != "asked")


def test_a_restart_is_asked_of_a_device_that_restarts_by_itself(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, air_time=30.0) as one:
            modem = await front(one)
            await one.reach("sending", await one.post(BEN, "Your table is ready."))
            await asyncio.sleep(5)
            asked = await ask(one, Kind.RESTART)
            await asyncio.sleep(3)
            modem.reboot()
            await one.until(lambda: answered(one, asked))
            await one.up()
            await one.reach("delivered", await one.post("+12025550145", "Still here."))
            await one.check()

    run(story)


def test_an_answer_waits_for_a_full_disk(database_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            await front(one)
            asked = await ask(one, Kind.TRACE)
            write = one.database.write

            async def full(*_: Any) -> Any:
                raise DatabaseError("the disk is full")

            monkeypatch.setattr(one.database, "write", full)
            await asyncio.sleep(20)
            monkeypatch.setattr(one.database, "write", write)
            await one.until(lambda: answered(one, asked))
            assert (await request(one, asked)).answer.startswith("# masked")
            await one.check()

    run(story)


def test_a_request_of_before_the_lines_were_served_is_answered(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            await front(one)
            await one.restart()
            asked = await ask(one, Kind.TRACE)
            await one.until(lambda: answered(one, asked))
            await one.up()
            await one.check()

    run(story)


def test_the_same_wrong_pin_given_again_is_said_to_be_refused(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(pin="1234")
            await one.add_line("front", modem.path, pin=PIN)
            await one.down("sim_pin_refused")
            await one.write(lambda tx: desk_lines.set_pin(tx, "front", PIN, "person:Sam", one.clock()))
            await one.down("opening")
            await one.down("sim_pin_refused")
            assert modem.pin_attempts == [PIN]
            await one.write(lambda tx: desk_lines.set_pin(tx, "front", "1234", "person:Sam", one.clock()))
            await one.up(seconds=30.0)
            assert modem.pin_attempts == [PIN, "1234"]
            await one.check()

    run(story)
