"""Rows 47 to 49 and 51 to 53 of the fault matrix: network, PIN, service centre, parts, ports, time stamps."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.desk import lines as desk_lines
from gateway.store.tables import messages
from tests.fake_modem import tpdu
from tests.faults.bench import ANNA, BEN, PIN, START, Bench, bench, front
from tests.virtual_time import run

TEXT, HELLO = "Your table is ready.", "Any chance to be seen today?"
LETTER = "I wanted to ask whether Tuesday would do, since the children are at school. " * 5


async def inbound_is(one: Bench, *bodies: str, seconds: float = 600.0) -> None:
    """Wait until these are the texts received, in this order."""

    async def here() -> bool:
        return await one.inbound() == list(bodies)

    await one.until(here, seconds, f"{[body[:20] for body in bodies]} were received")


async def shown(one: Bench) -> list[Any]:
    """Inbound messages, whole or not, oldest first."""
    query = select(messages).where(messages.c.direction == "inbound").order_by(messages.c.id)
    return await one.read(lambda tx: list(tx.execute(query)))


# --- 47: the network ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("stat", "code"), [(0, "not_registered"), (2, "not_registered"), (3, "denied")])
def test_row_47_without_a_network_texts_are_held(stat: int, code: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.register(stat)
            await one.down(code, seconds=300.0)  # the alarm of five minutes
            held = await one.post(BEN, TEXT)
            await asyncio.sleep(60.0)
            assert (await one.states())[held] == "queued"
            assert modem.submissions == 0
            modem.register(1)
            await one.reach("delivered", held)
            await one.check()

    run(story)


def test_row_47_abroad_only_if_allowed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.register(5)
            await one.down("roaming")
            held = await one.post(BEN, TEXT)
            one.world.phone(ANNA).text(modem.number, HELLO)
            await inbound_is(one, HELLO)  # receiving costs nothing
            await asyncio.sleep(60.0)
            assert modem.submissions == 0
            await one.set("front", "roaming", "yes")
            await one.reach("delivered", held)
            await one.check()

    run(story)


# --- 48: the PIN --------------------------------------------------------------------------------------


def test_row_48_a_wrong_pin_is_tried_once_over_twenty_restarts(database_path: Path) -> None:
    """A wrong PIN in the settings, restarted 20 times: the SIM saw one attempt."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(pin="1234")
            await one.add_line("front", modem.path, pin=PIN)
            await one.down("sim_pin_refused")
            for _ in range(20):
                await one.restart()
                await one.down("sim_pin_refused")
            assert modem.pin_attempts == [PIN]
            assert modem.sim.pin_tries == 2
            waiting = await one.post(BEN, TEXT)
            await one.write(lambda tx: desk_lines.set_pin(tx, "front", "1234", "command:bench", one.clock()))
            await one.restart()
            await one.reach("delivered", waiting)
            assert modem.pin_attempts == [PIN, "1234"]
            await one.check()

    run(story)


def test_row_48_the_right_pin_is_entered_after_each_power_cut(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(pin=PIN)
            await one.add_line("front", modem.path, pin=PIN)
            await one.up()
            modem.vanish(back_after=5.0)
            await one.down("port_missing")
            await one.up()
            assert modem.pin_attempts == [PIN, PIN]
            await one.check()

    run(story)


def test_row_48_a_pin_that_nobody_gave_is_asked_for(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(pin="1234")
            await one.add_line("front", modem.path)
            await one.down("sim_pin")
            await asyncio.sleep(60.0)
            assert modem.pin_attempts == []
            await one.check()

    run(story)


def test_row_48_the_last_try_is_left_to_a_person(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(pin="1234")
            modem.sim.pin_tries = 1
            await one.add_line("front", modem.path, pin=PIN)
            await one.down("sim_pin_last")
            await asyncio.sleep(60.0)
            assert modem.pin_attempts == []
            await one.check()

    run(story)


def test_row_48_a_puk_is_never_tried(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(pin="1234")
            modem.inject("sim-puk")
            await one.add_line("front", modem.path, pin=PIN)
            await one.down("sim_puk")
            await asyncio.sleep(60.0)
            await one.restart()
            await one.down("sim_puk")
            assert modem.pin_attempts == []
            await one.check()

    run(story)


# --- 49: the service centre ---------------------------------------------------------------------------


def test_row_49_a_lost_service_centre_stops_the_line_and_is_told(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("no-csca")
            modem.inject("error-storm", result="+CMS ERROR: 330", command="+CMGS", count=None)
            held = await one.post(BEN, TEXT)
            await one.down("no_smsc")
            asked = modem.commands["+CMGS"]
            await asyncio.sleep(120.0)
            assert modem.commands["+CMGS"] == asked, "nothing more is tried"
            assert (await one.states())[held] == "queued"
            modem.sim.smsc = "+12025550190"
            modem.clear("error-storm")
            await one.reach("delivered", held)
            await one.check()

    run(story)


def test_row_49_with_the_number_in_the_settings_it_heals_itself(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            await one.set("front", "smsc", "+12025550190")
            await asyncio.sleep(5.0)
            await one.up()
            modem.inject("no-csca")
            modem.inject("error-storm", result="+CMS ERROR: 330", command="+CMGS", count=1)
            sent = await one.post(BEN, TEXT)
            await one.reach("delivered", sent)
            assert modem.sim.smsc == "+12025550190"
            await one.check()

    run(story)


# --- 51: parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ["order", "gap", "duplicate", "same-ref-reuse", "16-bit", "seq-invalid", "mixed-dcs"]
)
def test_row_51_parts_as_they_come(how: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            fault: Any = modem.inject("multipart", how=how, gap=40.0 if how == "gap" else 0.0)

            async def all_here() -> bool:
                return sorted(await one.inbound()) == sorted(fault.texts)

            await one.until(all_here, 900.0, "what a phone would show")
            await one.check()

    run(story)


def test_row_51_a_missing_part_is_shown_and_completes_the_text_in_place(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            anna = one.world.phone(ANNA)
            anna.text(modem.number, LETTER, ref=7, order=[3, 1])

            async def seen() -> bool:
                return [row.body.count("[part 2 of 3 not arrived]") for row in await shown(one)] == [1]

            await one.until(seen)
            await one.restart()
            await asyncio.sleep(120.0)
            assert await one.inbound() == []
            anna.text(modem.number, LETTER, ref=7, order=[2])
            await inbound_is(one, LETTER)
            assert len(await shown(one)) == 1
            await one.check()

    run(story)


def test_row_51_colliding_references_of_two_people(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            other = LETTER.replace("Tuesday", "Friday")
            first = tpdu.deliver_parts(ANNA, LETTER, one.clock(), ref=7)
            second = tpdu.deliver_parts(BEN, other, one.clock(), ref=7)
            for octets in (octets for pair in zip(first, second, strict=True) for octets in pair):
                one.world.network.to_line(modem.number, octets)
            await inbound_is(one, LETTER, other)
            await one.check()

    run(story)


# --- 52: another program ------------------------------------------------------------------------------

HOLD = "import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)\n"
HOLD += "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"


@contextmanager
def held_by_another_program(path: str) -> Iterator[int]:
    """A process that has the port open and locked; its id."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield other.pid
        finally:
            other.stdin.close()


def test_row_52_a_port_that_another_program_holds(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem()
            with held_by_another_program(modem.path) as pid:
                await one.add_line("front", modem.path)
                await one.down("port_busy")
                assert str(pid) in (await one.line()).facts["holder"]
                assert modem.commands == {}, "nothing was said to a device that is not ours"
            await one.up(seconds=30.0)
            await one.check()

    run(story)


def test_row_52_while_a_line_has_its_port_no_other_program_can_lock_it(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            other = os.open(
                modem.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK
            )  # root is let in all the same
            try:
                with pytest.raises(BlockingIOError):
                    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                assert fcntl.ioctl(other, getattr(termios, "TIOCGEXCL", 0x80045440), b"\0" * 4) != b"\0" * 4
            finally:
                os.close(other)
            await one.check()

    run(story)


# --- 53: time stamps ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [{"name": "far-scts", "years": 73}, {"name": "far-scts", "years": -26}, {"name": "bad-scts"}]
)
def test_row_53_an_absurd_time_stamp_is_kept_and_our_time_is_the_order(
    fault: dict[str, Any], database_path: Path
) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            anna = one.world.phone(ANNA)
            anna.text(modem.number, "First")
            await inbound_is(one, "First")
            modem.inject(**fault, sender=ANNA)

            async def two() -> bool:
                return len(await shown(one)) == 2

            await one.until(two)
            anna.text(modem.number, "Third")

            async def third() -> bool:
                return len(await shown(one)) == 3

            await one.until(third)
            every = await shown(one)
            assert [every[0].body, every[2].body] == ["First", "Third"]
            assert len({row.conversation_id for row in every}) == 1
            times = [row.created_at for row in every]
            assert times == sorted(times)
            assert all(START <= at <= START + timedelta(hours=1) for at in times)
            await one.check()

    run(story)
