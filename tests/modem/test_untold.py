"""What could not be stored is kept over the lives of a line, told again, and stands in nobody's way."""

from __future__ import annotations

from gateway.domain.line import LateResult, LineEvent, LineState, Received, Removed
from tests.fake_modem import Modem, World

from .conftest import CALM, Office, running, until
from .test_receiving import D5, quiet

OTHER = D5[:-2] + "3B"


async def test_a_direct_text_outlives_the_port(world: World, modem: Modem) -> None:
    """The device has no copy: it is told while the cable is out."""
    office = Office(refuses=lambda event: isinstance(event, Received))
    async with running(modem.path, office, rhythm=CALM) as line:
        await line.up()
        modem.place_raw(D5, direct=True)
        await until(lambda: office.refused)
        modem.vanish()
        await until(lambda: office.codes[-1] == "port_missing")
        office.refuses = lambda event: False
        await until(lambda: office.pdus)
    assert office.events == [Received(D5, None, modem.sim.iccid)]


async def test_a_late_result_outlives_the_port(world: World, modem: Modem) -> None:
    office = Office(refuses=lambda event: isinstance(event, LateResult), in_flight=7)
    async with running(modem.path, office, rhythm=CALM) as line:
        await line.up()
        modem.terminal.urc("+CMGS: 41")
        await until(lambda: office.refused)
        modem.vanish()
        await until(lambda: office.codes[-1] == "port_missing")
        office.refuses = lambda event: False
        await until(lambda: office.late)
    assert office.late == [LateResult(7, 41)]


async def test_what_is_always_refused_holds_up_nothing(world: World, modem: Modem) -> None:
    office = Office(refuses=lambda event: isinstance(event, Received) and event.pdu == OTHER)
    async with running(modem.path, office) as line:
        await line.up()
        await quiet(line, modem)
        modem.place_raw(OTHER, direct=True)
        await until(lambda: office.refused >= 2)
        modem.place_raw(D5, direct=True)
        modem.place_raw(D5)
        await until(lambda: len(office.pdus) == 2 and office.removed)
    assert office.pdus == [D5, D5]


async def test_a_slot_is_not_read_while_its_freeing_is_not_stored(world: World, modem: Modem) -> None:
    """The same bytes there would be taken for the text that lay there before, and be dropped."""
    office = Office(refuses=lambda event: isinstance(event, Removed))
    async with running(modem.path, office) as line:
        await line.up()
        modem.place_raw(D5)
        await until(lambda: office.refused)
        heard = office.pdus  # one, or two where it was read again before it could be deleted
        modem.place_raw(D5)
        listed = modem.commands["+CMGL"]
        await until(lambda: modem.commands["+CMGL"] >= listed + 4)
        assert office.pdus == heard
        office.refuses = lambda event: False
        await until(lambda: office.removed == 2)
    kinds = [type(event) for event in office.events]
    assert kinds == [Received] * len(heard) + [Removed, Received, Removed]


async def test_a_state_that_was_not_stored_is_told_again(world: World, modem: Modem) -> None:
    """By itself, and only the newest."""

    def full(event: LineEvent) -> bool:
        return isinstance(event, LineState) and office.refused < 3

    office = Office(refuses=full)
    async with running(modem.path, office, rhythm=CALM) as line:
        await line.up()
        await until(lambda: office.states)
        assert office.codes[-1] == "ready"
