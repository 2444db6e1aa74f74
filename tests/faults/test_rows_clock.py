"""Rows 54 and 56 of the fault matrix: a clock that is set wrong, and a box that starts in the past."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.desk import clock as desk
from gateway.desk import lines as desk_lines
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.limits import Limit
from gateway.domain.message import Purpose
from gateway.domain.schedule import at_wall
from gateway.kernel_clock import Kernel
from gateway.queue.chores import scheduler
from gateway.store import lines
from gateway.store.database import Tx
from gateway.store.tables import parts
from tests.faults.bench import ANNA, BEN, START, Bench, bench, front
from tests.virtual_time import run

H, M = timedelta(hours=1), timedelta(minutes=1)
UNSURE = Kernel(synchronised=False, uptime_s=1e6, has_time_service=True, boot="one")


async def doubt(one: Bench) -> str | None:
    return await one.read(desk.doubt)


async def doubted(one: Bench) -> None:
    async def there() -> bool:
        return await doubt(one) is not None

    await one.until(there, 20.0, "the clock is in doubt")


async def schedule(one: Bench, to: str, body: str, after: timedelta, **more: object) -> int:
    """A text for a time that is `after` the start of the story by the right clock."""
    when = at_wall((START + after).replace(tzinfo=None), "UTC")
    return await one.post(to, body, when=when, **more)


async def answer(one: Bench, to: str, body: str) -> int:
    """What a person writes to somebody who just wrote."""

    def verb(tx: Tx) -> int:
        row = lines.by_name(tx, "front")
        assert row is not None
        draft = Draft(phone.parse(to), body, Purpose.CONVERSATIONAL, Author("person", 1, "Sam"))
        return accept(tx, row, draft, one.clock())

    message_id = await one.write(verb)
    one.accepted[message_id] = body
    return message_id


async def run_chores(one: Bench) -> None:
    """What the service does every minute and every night."""
    chores = scheduler(one.database, one.clock, one.doubt)
    for name in ("expire", "note-missing-reports", "forget-old"):
        await chores.get_job(name).func()


def right_now(one: Bench) -> timedelta:
    """Since the story began, by the right clock."""
    return one.wall() - one.wall.ahead - START


def to_year(year: int) -> timedelta:
    return START.replace(year=year) - START


@pytest.mark.parametrize(
    "step", [-H, H, to_year(1970), to_year(2099)], ids=["an hour back", "an hour ahead", "1970", "2099"]
)
def test_row_54_the_clock_is_set_wrong_and_right_again(step: timedelta, database_path: Path) -> None:
    """While it is wrong only an answer goes; then each text goes once, at its own time."""

    async def story() -> None:
        async with bench(database_path, kernel=UNSURE) as one:
            modem = await front(one)
            planned = await schedule(one, BEN, "See you at ten", 12 * M, send_by=START + 4 * H)
            before = await one.post(BEN, "Your table is ready")
            await one.reach("delivered", before)

            one.wall.ahead = step
            meanwhile = await one.post(BEN, "Your glasses are ready")
            one.world.phone(ANNA).text(modem.number, "Are you open?")
            await doubted(one)
            await one.until(one.inbound, 60.0, "Anna's text is here")
            reply = await answer(one, ANNA, "Until six")
            await one.reach("delivered", reply, seconds=60.0)
            while right_now(one) < 8 * M:
                await run_chores(one)
                await asyncio.sleep(120.0)
            assert await doubt(one) is not None
            assert (await one.message(planned)).state == "queued"
            held = await one.message(meanwhile)
            assert (held.state, held.waiting_for) == ("queued", "clock")

            one.wall.ahead = timedelta(0)
            await one.reach("delivered", meanwhile, seconds=120.0)
            assert await doubt(one) is None
            assert right_now(one) < 12 * M
            await run_chores(one)
            assert (await one.message(planned)).state == "queued"
            await one.reach("delivered", planned, seconds=600.0)
            assert timedelta(0) <= right_now(one) - 12 * M < M
            assert len(one.world.phone(BEN).texts()) == 3
            await one.check()

    run(story)


@pytest.mark.parametrize("step", [-H, H], ids=["an hour back", "an hour ahead"])
def test_row_54_a_step_that_a_time_service_made_holds_nothing(step: timedelta, database_path: Path) -> None:
    """The clock was wrong before, and now it is right: what waits goes by the new time at once."""

    async def story() -> None:
        async with bench(database_path, kernel=UNSURE, ahead=-step) as one:
            modem = await front(one)
            modem.inject("clock")  # it was never set
            planned = await schedule(one, BEN, "See you at ten", 5 * M)
            one.kernel = Kernel(synchronised=True, uptime_s=1e6, boot="one")
            one.wall.ahead = timedelta(0)
            await one.reach("delivered", planned, seconds=600.0)
            assert timedelta(0) <= right_now(one) - 5 * M < M
            assert await doubt(one) is None
            await one.check()

    run(story)


def test_row_54_a_refusal_at_a_wrong_time_gives_nothing_up(database_path: Path) -> None:
    """An answer that the network refuses for now is tried again, though by the clock years have passed."""

    async def story() -> None:
        async with bench(database_path, kernel=UNSURE) as one:
            modem = await front(one)
            one.world.phone(ANNA).text(modem.number, "Are you open?")
            await one.until(one.inbound, 60.0, "Anna's text is here")
            modem.inject("send-result", result="cms 42", accepted=False, count=1)
            reply = await answer(one, ANNA, "Until six")
            one.wall.ahead = to_year(2099)
            await asyncio.sleep(90.0)
            assert (await one.message(reply)).state == "queued"
            one.wall.ahead = timedelta(0)
            await one.reach("delivered", reply, seconds=300.0)
            await one.check()

    run(story)


def test_row_56_a_box_that_starts_in_the_past(database_path: Path) -> None:
    """Nothing goes by a clock that is hours behind; three minutes later a time service sets it, and what is
    overdue leaves at the pace of the line, oldest first."""

    async def story() -> None:
        async with bench(database_path, kernel=UNSURE) as one:
            await front(one)
            now = one.clock()
            limits = (Limit(6, "minute"),)
            await one.write(lambda tx: desk_lines.set_limits(tx, "front", limits, "command:bench", now))
            planned = [await schedule(one, BEN, f"Reminder {n}", 10 * M + n * M) for n in range(6)]
            useless = await schedule(one, BEN, "Now or never", 20 * M, send_by=START + 30 * M)
            await one.stop()
            await asyncio.sleep(3600.0)

            one.kernel = Kernel(False, 20.0, True, "two")
            one.wall.ahead = -3 * H
            await one.start_again()
            await one.up()
            assert await doubt(one) is not None
            later = await one.post(BEN, "Your glasses are ready")
            await asyncio.sleep(180.0)
            await run_chores(one)
            states = await one.states()
            assert {states[message_id] for message_id in (*planned, useless, later)} == {"queued"}
            assert one.world.phone(BEN).texts() == []

            one.kernel = Kernel(True, 200.0, True, "two")
            one.wall.ahead = timedelta(0)
            await one.reach("delivered", *planned, later, seconds=600.0)
            await run_chores(one)
            assert (await one.message(useless)).state == "expired"
            assert one.world.phone(BEN).texts()[:6] == [f"Reminder {n}" for n in range(6)]
            query = select(parts.c.submitted_at).where(parts.c.submitted_at.is_not(None))
            times = await one.read(lambda tx: sorted(tx.execute(query).scalars()))
            gaps = [after - before for before, after in pairwise(times)]
            assert min(gaps) >= timedelta(seconds=10)
            await one.check()

    run(story)


def test_row_56_nobody_sets_it_and_a_person_says_that_it_is_right(database_path: Path) -> None:
    """A box that has no time service, and whose records lie in the future since its clock was once ahead."""

    async def story() -> None:
        async with bench(database_path, kernel=UNSURE, ahead=24 * H) as one:
            modem = await front(one)
            await one.stop()
            one.wall.ahead = timedelta(0)
            modem.inject("clock")  # it was never set
            await one.start_again()
            assert await doubt(one) == "before_records"
            held = await one.post(BEN, "Your glasses are ready")
            await asyncio.sleep(60.0)
            assert (await one.message(held)).waiting_for == "clock"
            await one.write(lambda tx: desk.confirm(tx, "person:Sam", one.clock()))
            await one.reach("delivered", held, seconds=60.0)
            await one.check()

    run(story)
