"""What comes in: read, told, and only then deleted; nothing lost, whatever happens between."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from gateway.domain.line import LineEvent, LineState, LineStatus, Received, Removed, Report, Slot
from gateway.modem import inbox
from tests.fake_modem import Modem, World, stores

from .conftest import CALM, FAST, Office, part, running, until

FROM = "+12025550177"
D5 = "0791447700099099040C914477000940650010520141909000400A417658DE06D1CB733A"
R0 = "0791447700099099064E0C91447700091032520141901200405201419012704000"
R1 = "0791447700099099064F0C91447700091032520141902200405201419022504030"


def write(world: World, modem: Modem, count: int = 1) -> None:
    phone = world.phone(FROM)
    for _ in range(count):
        phone.text(modem.number, f"Text {len(phone.sent)}")


def left(modem: Modem) -> int:
    return sum(store.used for store in modem.stores.values())


async def quiet(line: object, modem: Modem) -> None:
    """Until the first listing of the line was done."""
    await until(lambda: "storage_used" in line.office.states[-1].facts)  # type: ignore[attr-defined]


async def test_announced_read_told_deleted(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        write(world, modem)
        await until(lambda: line.office.removed)
        received, removed = line.office.events
    assert isinstance(received, Received)
    assert isinstance(removed, Removed)
    assert received.slot == removed.slot == Slot(modem.sim.iccid, "ME", 1)
    assert received.sim == modem.sim.iccid
    assert left(modem) == 0


async def test_what_waits_at_the_start(world: World, modem: Modem) -> None:
    """In either store, whether read before or not."""
    modem.place_raw(D5, stat=1, name="SM")
    modem.place_raw(D5, stat=0, name="ME")
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.removed == 2)
        stores = {
            event.slot.store for event in line.office.events if isinstance(event, Received) and event.slot
        }
    assert stores == {"SM", "ME"}
    assert left(modem) == 0


async def test_not_told_not_deleted(world: World, modem: Modem) -> None:
    """The store is full: the copy stays and is told at the next listing."""
    office = Office(refuses=lambda event: isinstance(event, Received))
    async with running(modem.path, office) as line:
        await line.up()
        write(world, modem, 3)
        await until(lambda: office.refused >= 6)
        assert left(modem) == 3
        office.refuses = lambda event: False
        await until(lambda: office.removed == 3)
    assert len(office.pdus) == 3


async def test_lost_notices_are_made_up_by_the_listing(world: World, modem: Modem) -> None:
    modem.inject("cmti-lost", count=None)
    async with running(modem.path) as line:
        await line.up()
        write(world, modem, 3)
        await until(lambda: line.office.removed == 3)


async def test_notices_switched_off_are_switched_on(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=replace(FAST, listing=60.0)) as line:
        await line.up()
        await quiet(line, modem)
        modem.inject("cnmi-silently-reset")
        write(world, modem)
        await until(lambda: line.office.removed)
        assert modem.settings.cnmi[:2] == (2, 1)


async def test_double_notices(world: World, modem: Modem) -> None:
    modem.inject("cmti-double", count=None)
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        write(world, modem, 3)
        await until(lambda: line.office.removed == 3)
        await asyncio.sleep(0.1)
    assert len(set(line.office.pdus)) == 3


async def test_announced_before_it_can_be_read(world: World, modem: Modem) -> None:
    modem.inject("cmti-before-readable", after=0.05)
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        write(world, modem)
        await until(lambda: line.office.removed)
    assert len(line.office.pdus) == 1


async def test_a_new_notice_cancels_the_delete(world: World, modem: Modem) -> None:
    """While a text is being stored the device replaces it (23.040 9.2.3.9) and says so."""
    store = modem.stores["ME"]
    newer = D5[:-2] + "3B"

    def replaces(event: LineEvent) -> bool:
        if isinstance(event, Received) and event.pdu == D5 and event.slot:
            slot = store.slots[event.slot.index]
            store.slots[event.slot.index] = replace(slot, pdu=newer)
            modem.notify(f'+CMTI: "ME",{event.slot.index}')
        return False

    office = Office(refuses=replaces, takes=0.05)
    async with running(modem.path, office, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        modem.place_raw(D5)
        await until(lambda: office.removed)
    assert newer in office.pdus
    assert not modem.lost_inbound(set(office.pdus))


async def test_a_slot_told_slowly_is_read_again_before_it_is_deleted(
    world: World, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database was locked the device replaced the text, and said nothing."""
    monkeypatch.setattr(inbox, "RECHECK_AFTER_S", 0.02)
    store = modem.stores["ME"]
    newer = D5[:-2] + "3B"

    def replaces(event: LineEvent) -> bool:
        if isinstance(event, Received) and event.pdu == D5 and event.slot:
            store.slots[event.slot.index] = replace(store.slots[event.slot.index], pdu=newer)
        return False

    office = Office(refuses=replaces, takes=0.05)
    async with running(modem.path, office, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        modem.place_raw(D5)
        await until(lambda: office.removed)
    assert newer in office.pdus
    assert not modem.lost_inbound(set(office.pdus))


@pytest.mark.parametrize("what", ["restart", "other SIM"])
async def test_nothing_is_deleted_on_an_old_belief(world: World, modem: Modem, what: str) -> None:
    """While a text is being stored the device restarts or its SIM is changed: the slot is another's."""
    other = D5[:-2] + "3B"
    modem.stores["SM"].put(_slot(other, length=28))

    def happens(event: LineEvent) -> bool:
        if isinstance(event, Received) and event.pdu == D5 and what == "restart":
            modem.reboot()
        elif isinstance(event, Received) and event.pdu == D5:
            modem.stores["ME"].slots[1] = replace(modem.stores["ME"].slots[1], pdu=other)
            modem.terminal.urc("+CPIN: NOT READY")
        return isinstance(event, Received) and event.pdu == other

    office = Office(refuses=happens, takes=0.05)
    modem.stores["ME"].put(_slot(D5, length=28))
    async with running(modem.path, office, rhythm=CALM):
        await until(lambda: "recovering" in office.codes or "sim_missing" in office.codes)
        await until(lambda: office.codes[-1] == "ready")
    assert not modem.lost_inbound(set(office.pdus))


async def test_direct_texts_are_held_until_they_are_stored(world: World, modem: Modem) -> None:
    """Flash texts come as +CMT; the device keeps no copy."""
    office = Office(refuses=lambda event: isinstance(event, Received))
    async with running(modem.path, office, rhythm=CALM) as line:
        await line.up()
        modem.place_raw(D5, direct=True)
        await until(lambda: office.refused >= 2)
        office.refuses = lambda event: False
        await until(lambda: office.pdus)
    assert office.events == [Received(D5, None, modem.sim.iccid)]


async def test_direct_and_stored_reports(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        modem.terminal.urc(f"+CDS: 25\r\n{R0}")
        modem.place_raw(R1)
        await until(lambda: line.office.removed)
        sim = modem.sim.iccid
    assert line.office.events[:2] == [Report(R0, None, sim), Report(R1, Slot(sim, "ME", 1), sim)]


async def test_reports_announced_in_another_store_than_they_lie_in(world: World) -> None:
    """The trap of some firmwares: stored in SR, announced in ME or SM."""
    modem = await world.modem(sr_slots=5)
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        modem.place_raw(R0, name="SR", stat=1)
        modem.stores["SR"].slots[1] = replace(modem.stores["SR"].slots[1], stat=0)
        modem.notify('+CDSI: "SM",1')
        await until(lambda: line.office.reports)
    assert line.office.reports == [R0]


@pytest.mark.parametrize(
    "pdu",
    [D5[:40], D5[:41], "00", "0C" + D5[2:], "07914477000990990", "FF" * 200, "zz!", D5.lower()],
    ids=["cut", "odd", "tiny", "long address", "odd address", "nonsense", "not hex", "lower case"],
)
async def test_damaged_texts_are_told_as_they_are(world: World, modem: Modem, pdu: str) -> None:
    """After the others: what has not the length it is said to have is read twice before it is believed."""
    modem.stores["ME"].put(_slot(pdu, length=28))
    modem.stores["ME"].put(_slot(D5, length=28))
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.removed == 2)
    assert sorted(line.office.pdus) == sorted([pdu, D5])


async def test_what_was_damaged_on_its_way_is_read_again(world: World, modem: Modem) -> None:
    modem.inject("garbage", hex="0D0A7A7A", at="header-to-body")
    modem.stores["ME"].put(_slot(D5, length=28))
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.removed == 1)
    assert line.office.pdus == [D5]


def _slot(pdu: str, length: int) -> object:
    from tests.fake_modem.stores import Slot as StoredSlot

    return StoredSlot(pdu, length)


async def test_a_store_full_of_damaged_texts_is_one_line_of_the_log(
    world: World, modem: Modem, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        modem.stores["ME"].put(_slot(D5, length=30))
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.removed == 10)
    (said,) = [record for record in caplog.records if "read damaged" in record.message]
    assert vars(said)["count"] == 10


async def test_our_own_stored_texts_are_left_alone(world: World, modem: Modem) -> None:
    modem.fill_store(FROM, stat=2, name="ME", free=20)
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        await asyncio.sleep(0.05)
    assert line.office.events == []
    assert left(modem) == 3


async def test_a_full_store_is_emptied_and_the_network_goes_on(world: World, modem: Modem) -> None:
    modem.settings.memories = ("ME", "ME", "ME")
    modem.fill_store(FROM, stat=0)
    write(world, modem, 2)
    async with running(modem.path) as line:
        await until(lambda: line.office.removed == 25)
        assert line.supervisor.state is not None
        await until(lambda: line.supervisor.state.facts.get("storage_used") == "0")  # type: ignore[union-attr]
    assert line.office.states[-1].facts["storage_total"] == "23"


async def test_a_cable_pulled_at_any_moment_loses_nothing(world: World, modem: Modem) -> None:
    office = Office()
    async with running(modem.path, office) as line:
        await line.up()
        for number in range(8):
            write(world, modem, 2)
            await asyncio.sleep(number * 0.004)
            modem.vanish(back_after=0.02)
            await until(lambda: office.codes[-1] == "ready" and line.supervisor.line)
        await until(lambda: left(modem) == 0 and world.network.waiting(modem.number) == 0)
        await until(lambda: len(set(office.pdus)) == 16)
    assert not modem.lost_inbound({pdu.upper() for pdu in office.pdus})


async def test_what_is_read_again_comes_from_the_same_slot(world: World, modem: Modem) -> None:
    """The desk knows a text that is read twice by slot and bytes, until it is told that the slot is free."""
    office = Office()
    modem.inject("error-storm", command="+CMGD", count=1)
    async with running(modem.path, office) as line:
        await line.up()
        write(world, modem)
        await until(lambda: office.removed)
    received = [event for event in office.events if isinstance(event, Received)]
    assert len(received) >= 2
    assert len(set(received)) == 1


@pytest.mark.parametrize(
    "at", ["before-echo", "before-answer", "between-list-items", "header-to-body", "before-ok"]
)
async def test_notices_inside_answers(world: World, modem: Modem, at: str) -> None:
    modem.place_raw(D5)
    modem.place_raw(D5)
    async with running(modem.path) as line:
        await line.up()
        for number in range(4):
            modem.inject("urc-in-answer", text="^RSSI:17", at=at)
            write(world, modem)
            await until(lambda number=number: line.office.removed == 3 + number)


async def test_texts_come_in_while_there_is_no_registration(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.register(2)
        await until(lambda: line.office.codes[-1] == "not_registered")
        assert line.supervisor.line is None
        modem.place_raw(D5)
        await until(lambda: line.office.removed)
        modem.register(1)
        await line.send(part())


async def test_states_are_told_once(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        await until(lambda: modem.commands.get("+CSQ", 0) > 3)
        states = line.office.states
    assert all(one != other for one, other in itertools.pairwise(states))
    assert len(states) <= 4
    first: LineState = states[0]
    assert (first.status, first.code) == (LineStatus.STARTING, "opening")


async def test_a_device_that_only_says_it_deletes_tells_each_text_once(world: World, modem: Modem) -> None:
    modem.inject("error-storm", result="OK", command="+CMGD")
    modem.settings.memories = ("ME", "ME", "ME")
    modem.fill_store(FROM, stat=0, free=18)
    async with running(modem.path) as line:
        await line.up()
        await until(lambda: line.supervisor.line and not line.supervisor.line.abilities.deletes)
        listings = modem.commands["+CMGL"]
        await until(lambda: modem.commands["+CMGL"] > listings + 2)
    assert len(line.office.pdus) == len(set(line.office.pdus)) == 5


async def test_repeats_of_the_network_are_told_and_no_lie_of_the_device(world: World, modem: Modem) -> None:
    """Its acknowledgement was lost: the same octets come again, into the slot just freed."""
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await quiet(line, modem)
        for count in range(1, 6):
            modem.place_raw(D5)
            await until(lambda count=count: line.office.removed == count)
        assert line.supervisor.line is not None
        assert line.supervisor.line.abilities.deletes
    assert line.office.pdus == [D5] * 5
    assert left(modem) == 0


async def test_lies_count_only_in_a_row(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=replace(CALM, listing=0.02)) as line:
        await line.up()
        await quiet(line, modem)
        for count in range(1, 5):
            modem.inject("error-storm", result="OK", command="+CMGD", count=1)
            modem.stores["SM"].put(stores.Slot(D5[:-2] + f"{count:02X}", len(D5) // 2 - 8, 0))  # unannounced
            await until(lambda count=count: len(line.office.pdus) == count and not left(modem))
        assert line.supervisor.line is not None
        assert line.supervisor.line.abilities.deletes
