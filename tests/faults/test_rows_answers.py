"""Rows 39 to 46 of the fault matrix: errors, references, reports and slots that are not as they should be."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.modem.codes import PROVEN_NOT_SENT, Remedy, meaning
from gateway.store.tables import delivery_reports, parts
from tests.fake_modem import Modem, tpdu
from tests.faults.bench import ANNA, BEN, Bench, bench, front
from tests.virtual_time import run

TEXT, HELLO = "Your table is ready.", "Any chance to be seen today?"
CARA = "+12025550145"


async def reports_of(one: Bench) -> list[Any]:
    return await one.read(
        lambda tx: list(tx.execute(select(delivery_reports).order_by(delivery_reports.c.id)))
    )


async def part_of(one: Bench, message_id: int) -> Any:
    query = select(parts).where(parts.c.message_id == message_id)
    return (await one.read(lambda tx: list(tx.execute(query))))[0]


async def received(one: Bench, *bodies: str, seconds: float = 600.0) -> None:
    """Wait until all of these were received."""

    async def here() -> bool:
        return set(bodies) <= set(await one.inbound())

    await one.until(here, seconds, f"{bodies} were received")


def slots_used(modem: Modem) -> int:
    return sum(store.used for store in modem.stores.values())


# --- 39: error numbers --------------------------------------------------------------------------------

SAMPLE = random.Random(39).sample([f"{kind} {n}" for kind in ("cms", "cme") for n in range(601)], 10)
"""All 1,202 are judged in tests/modem/test_codes.py; here some go all the way."""


@pytest.mark.parametrize("error", [*SAMPLE, "cms 38", "cms 1", "cms 330", "cme 14", "cms 197"])
def test_row_39_an_error_after_ctrl_z(error: str, database_path: Path) -> None:
    """Said once, all that is proven not to have gone goes the second time."""
    code = error.upper()
    remedy = meaning(code).remedy

    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("send-result", result=error, accepted=False)
            sent = await one.post(BEN, TEXT)
            await one.settled()
            state = (await one.message(sent)).state
            if remedy is Remedy.GONE:
                assert (state, modem.submissions) == ("sent", 1)
            elif code not in PROVEN_NOT_SENT:
                assert (state, modem.submissions) == ("unconfirmed", 1)
            else:
                assert (state, modem.submissions) == ("sent", 2)
            await one.check()

    run(story)


@pytest.mark.parametrize("error", ["cms 1", "cms 69", "cms 304"])
def test_row_39_a_refusal_for_good_is_believed_the_second_time(error: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("send-result", result=error, accepted=False, count=2)
            sent = await one.post(BEN, TEXT)
            await one.settled()
            assert ((await one.message(sent)).state, modem.submissions) == ("failed", 2)
            await one.check()

    run(story)


@pytest.mark.parametrize("error", ["+CMS ERROR: 38", "+CMS ERROR: 500", "+CME ERROR: 515", "ERROR"])
def test_row_39_an_error_before_ctrl_z(error: str, database_path: Path) -> None:
    """Nothing left, whatever the number: the text is tried again."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("error-storm", result=error, command="+CMGS", count=1)
            sent = await one.post(BEN, TEXT)
            await one.reach("delivered", sent)
            assert modem.submissions == 1
            await one.check()

    run(story)


# --- 40 to 42: references and reports -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "non-numeric", "over-255", "constant"])
def test_row_40_without_a_reference_the_report_is_matched_by_recipient_and_time(
    how: str, database_path: Path
) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=20.0) as one:
            modem = await front(one)
            modem.inject("mr", how=how)
            first, second = await one.post(BEN, TEXT), await one.post(ANNA, TEXT)
            await one.reach("sent", first, second)
            assert (await part_of(one, first)).reference is None
            await one.reach("delivered", first, second)
            await one.check()

    run(story)


def test_row_40_two_that_a_report_could_mean_are_not_guessed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=60.0) as one:
            modem = await front(one)
            modem.inject("mr", how="missing")
            one.world.phone(BEN).reports(0x46, 0x00)
            first, second = await one.post(BEN, TEXT), await one.post(BEN, f"{TEXT} Really.")
            await one.reach("sent", first, second)
            await one.until(lambda: reports_of(one))
            await asyncio.sleep(60.0)
            assert await one.states() == {first: "sent", second: "sent"}
            assert [report.part_id for report in await reports_of(one)] == [None, None]
            await one.check()

    run(story)


def test_row_41_references_wrap_and_one_is_alive_twice(database_path: Path) -> None:
    """Two texts under one reference to two people, and the report of the older comes last."""

    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            older = await one.post(BEN, TEXT)
            await one.reach("sent", older)
            modem.reference = (modem.reference - 1) % 256
            newer = await one.post(ANNA, TEXT)
            await one.reach("sent", newer)
            references = [(await part_of(one, each)).reference for each in (older, newer)]
            assert references[0] == references[1]
            give_report(one, modem, references[0], BEN, 0x46)
            await one.reach("undelivered", older)
            assert (await one.states())[newer] == "sent"
            give_report(one, modem, references[0], ANNA, 0x00)
            await one.reach("delivered", newer)
            await one.check()

    run(story)


@pytest.mark.parametrize("count", [60, pytest.param(600, marks=pytest.mark.slow)])
def test_row_41_many_texts_with_wrapping_references(count: int, database_path: Path) -> None:
    """Reports in any order; each text ends as its own recipient's phone reported. With 600 every reference
    is used more than twice."""

    async def story() -> None:
        async with bench(database_path, air_time=0.0, report_delay=5.0) as one:
            modem = await front(one)
            modem.reference = 250
            modem.inject("report", reverse=True, count=None)
            numbers = [f"+1202555{2000 + place:04d}" for place in range(min(count, 200))]
            wanted = [0x46 if number % 3 else 0x00 for number in range(count)]
            for place, to in enumerate(numbers):
                one.world.phone(to).reports(*wanted[place :: len(numbers)])
            expected = {}
            for number, status in enumerate(wanted):
                message_id = await one.post(numbers[number % len(numbers)], f"{TEXT} {number}")
                expected[message_id] = "undelivered" if status else "delivered"

            async def as_reported() -> bool:
                return await one.states() == expected

            await one.until(as_reported, 3600.0)
            await one.check()

    run(story)


def give_report(one: Bench, modem: Modem, reference: int, recipient: str, status: int) -> None:
    """A delivery report comes from the network."""
    stamp = tpdu.encode_time(one.clock())
    octets = tpdu.encode_report(tpdu.StatusReport(reference, recipient, stamp, stamp, status))
    one.world.network.to_line(modem.number, octets)


@pytest.mark.parametrize("fault", [{"before_cmgs": True}, {"duplicate": True}, {"reverse": True}])
def test_row_42_reports_too_early_twice_or_in_another_order(
    fault: dict[str, Any], database_path: Path
) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("report", count=None, **fault)
            sent = [await one.post(to, TEXT) for to in (BEN, ANNA, CARA)]
            await one.reach("delivered", *sent)
            await asyncio.sleep(30.0)
            assert set((await one.states()).values()) == {"delivered"}
            await one.check()

    run(story)


def test_row_42_reports_of_anothers_reference_and_of_nothing(database_path: Path) -> None:
    """Kept, applied to nothing, and never shown as a text."""

    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            sent = await one.post(BEN, TEXT)
            await one.reach("sent", sent)
            reference = (await part_of(one, sent)).reference
            give_report(one, modem, reference, CARA, 0x46)
            give_report(one, modem, (reference + 7) % 256, CARA, 0x46)
            give_report(one, modem, reference, BEN, 0x30)  # the centre is still trying
            await one.until(lambda: _count(one, 3))
            assert (await one.states())[sent] == "sent"
            assert await one.inbound() == []
            give_report(one, modem, reference, BEN, 0x00)
            await one.reach("delivered", sent)
            give_report(one, modem, reference, BEN, 0x46)
            await one.until(lambda: _count(one, 5))
            assert (await one.states())[sent] == "delivered", "a second final report is only kept"
            await one.check()

    run(story)


async def _count(one: Bench, wanted: int) -> bool:
    return len(await reports_of(one)) == wanted


# --- 43 to 46: slots ----------------------------------------------------------------------------------


@pytest.mark.parametrize("slots", [10, 20, 50])
def test_row_43_a_full_sim_is_drained_oldest_first(slots: int, database_path: Path) -> None:
    """What came while the program was away: more than the SIM holds, the rest waits in the network."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(personality="minimal-gsm", slots=slots)
            bodies = [f"{HELLO} {number}" for number in range(slots + 5)]
            for body in bodies:
                one.world.phone(ANNA).text(modem.number, body)
            assert modem.stores["SM"].full
            await one.add_line("front", modem.path)
            await received(one, *bodies)
            assert await one.inbound() == bodies
            await one.until(lambda: modem.stores["SM"].used == 0)
            await one.check()

    run(story)


@pytest.mark.parametrize("filled", [8, 7])
def test_row_43_a_person_sees_that_the_store_is_nearly_full(filled: int, database_path: Path) -> None:
    """Texts somebody stored there are not ours to delete: the line tells how full it is."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(personality="minimal-gsm", slots=10)
            modem.fill_store(CARA, stat=3, name="SM", free=10 - filled)
            await one.add_line("front", modem.path)
            await one.up()

            async def counted() -> bool:
                facts = (await one.line()).facts
                return (facts.get("storage_used"), facts.get("storage_total")) == (str(filled), "10")

            await one.until(counted, 120.0, "the line tells how full its store is")
            await one.check()

    run(story)


def test_row_44_a_crash_between_commit_and_delete(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.latencies = {"+CMGD": 5.0}
            one.world.phone(ANNA).text(modem.number, HELLO)
            await received(one, HELLO)
            modem.inject("mute")  # the delete is not carried out
            await one.crash()
            modem.clear("mute")
            modem.latencies = {}
            assert slots_used(modem) == 1
            await one.until(lambda: slots_used(modem) == 0)
            await one.up()
            assert await one.inbound() == [HELLO]
            await one.check()
            one.world.phone(ANNA).text(modem.number, HELLO)  # the same words again are another text

            async def twice() -> bool:
                return await one.inbound() == [HELLO, HELLO]

            await one.until(twice)
            await one.check()

    run(story)


@pytest.mark.parametrize("deletes", [False, True])
def test_row_45_a_delete_that_fails_is_tried_again(deletes: bool, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("cmgd-fails", count=2, deletes=deletes)
            one.world.phone(ANNA).text(modem.number, HELLO)
            await received(one, HELLO)
            await one.until(lambda: slots_used(modem) == 0, 300.0)
            await one.check()
            assert await one.inbound() == [HELLO]

    run(story)


def test_row_45_a_delete_that_takes_the_neighbour_loses_nothing_that_was_read(database_path: Path) -> None:
    """A listing is told whole before the first of it is deleted, so a neighbour that goes too was stored."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem()
            modem.inject("cmgd-deletes-neighbour", count=None)
            bodies = [f"{HELLO} {number}" for number in range(4)]
            for body in bodies:
                one.world.phone(ANNA).text(modem.number, body)
            await one.add_line("front", modem.path)
            await received(one, *bodies)
            await one.until(lambda: slots_used(modem) == 0)
            await one.check()

    run(story)


def test_row_46_a_new_text_in_a_slot_that_was_read_is_kept(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("slot-reused", text="I am in the same place now.")
            one.world.phone(ANNA).text(modem.number, HELLO)
            await received(one, HELLO, "I am in the same place now.")
            await one.until(lambda: slots_used(modem) == 0)
            await one.check()

    run(story)
