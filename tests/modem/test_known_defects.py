"""The ways in which other drivers lose texts or send garbage, each once, against a modem on a pty.

G1 to G7 and the numbered ones were measured on python-gsmmodem-new 0.13.0; what they do to text mode is
in `test_at` too, since this line speaks PDU mode only.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.domain.line import CannotTell, LateResult, NotNow, Received, Report, Submission
from gateway.domain.pdu import encode_message
from gateway.modem.answers import Final, Info
from gateway.modem.at import Engine
from tests.fake_modem import Modem, World
from tests.fake_modem.stores import Slot as StoredSlot

from .conftest import CALM, Office, part, running, until

TO = "+12025550123"
ZEROS = "0791447700099099040C914477000940650000000000000000000AFAB2FC0D1AB3DFE335"
D5 = "0791447700099099040C914477000940650010520141909000400A417658DE06D1CB733A"
R0 = "0791447700099099064E0C91447700091032520141901200405201419012704000"


@pytest.mark.parametrize("body", ["OK see you at 5\r\nsecond line", "ERROR in invoice"])
def test_g1_g2_a_body_that_begins_like_a_result(body: str) -> None:
    engine = Engine()
    engine.text_mode = True
    engine.command("AT+CMGR=1")
    header = f'+CMGR: "REC UNREAD","+447700900456",,"25/10/14,09:05:12+04",145,4,0,0,"+4477",145,{len(body)}'
    events = engine.receive(f"\r\n{header}\r\n{body}\r\n\r\nOK\r\n".encode())
    assert events[0] == Info(header, body.replace("\r\n", "\n"))
    assert isinstance(events[1], Final)


async def test_g3_one_byte_that_is_no_text(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.inject("garbage", hex="FFFE0D0A80")
        world.phone(TO).text(modem.number, "still there?")
        await until(lambda: line.office.removed)
        await line.send()


async def test_g4_nobody_speaks_between_prompt_and_text(world: World, modem: Modem) -> None:
    async def slow() -> bool:
        modem.register(1)  # a notice that makes the line want to ask
        world.phone(TO).text(modem.number, "and a text to read")
        await asyncio.sleep(0.3)  # several health checks are due meanwhile
        return True

    async with running(modem.path) as line:
        await line.send(go=slow)
    assert world.phone(TO).texts() == ["Your table is ready."]
    assert modem.bytes_while_busy == 0
    assert not world.complaints


async def test_g5_every_part_has_its_reference(world: World, modem: Modem) -> None:
    parts = encode_message(TO, "A long story. " * 28, reference=1, report=True, validity=None)
    assert len(parts) == 3
    async with running(modem.path) as line:
        first, second = [(await line.send(Submission(n, tpdu))).reference for n, tpdu in enumerate(parts[:2])]
        world.network.refuse(TO, 38)
        with pytest.raises(NotNow):
            await line.send(Submission(2, parts[2]))
    assert first is not None
    assert second == (first + 1) % 256


async def test_g6_a_late_result_is_not_the_next_answer(world: World, modem: Modem) -> None:
    modem.inject("late-result", after=1.0, busy=False)
    async with running(modem.path) as line:
        with pytest.raises(CannotTell):
            await line.send(part(part_id=5))
        await until(lambda: line.office.late == [LateResult(5, modem.reference)])
        assert (await line.send(part("next", to="+12025550124"))).reference == modem.reference


async def test_g7_a_report_that_could_not_be_stored_stays(world: World, modem: Modem) -> None:
    office = Office(refuses=lambda event: isinstance(event, Report))
    modem.place_raw(R0, name="ME")
    async with running(modem.path, office) as line:
        await until(lambda: office.refused >= 2)
        assert modem.stores["ME"].used == 1
        office.refuses = lambda event: False
        await until(lambda: office.removed)
        assert line.office.reports == [R0]


async def test_1_three_notices_in_one_burst(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.states and "storage_used" in line.office.states[-1].facts)
        indices = [modem.stores["ME"].put(StoredSlot(D5, 28)) for _ in range(3)]
        modem.terminal.raw("".join(f'\r\n+CMTI: "ME",{index}\r\n' for index in indices).encode())
        await until(lambda: line.office.removed == 3)


async def test_4_a_late_answer_is_not_the_next_ones(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        for _ in range(3):
            modem.inject("late-answer", command="+CSQ", after=0.4)
            await asyncio.sleep(0.1)
        await line.send()
        await until(lambda: line.office.states[-1].facts.get("operator") == "Test Net")
    assert world.phone(TO).texts() == ["Your table is ready."]


async def test_6_errors_in_words_end_the_command(world: World, modem: Modem) -> None:
    modem.inject("error-but-not-sent", result="+CMS ERROR: network timeout")
    async with running(modem.path) as line:
        await line.up()
        began = time.monotonic()
        with pytest.raises(CannotTell) as raised:
            await line.send()
        assert raised.value.code == "CMS 332"
        assert time.monotonic() - began < 0.3


async def test_8_9_an_undecodable_text_among_others(world: World, modem: Modem) -> None:
    """Each index belongs to its own PDU; the one that cannot be read is kept as it is."""
    for pdu in (D5, ZEROS, "07914477", D5[:-2] + "3B"):
        modem.stores["ME"].put(StoredSlot(pdu, 28))
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.removed == 4)
    found = {
        event.slot.index: event.pdu
        for event in line.office.events
        if isinstance(event, Received) and event.slot
    }
    assert found == {1: D5, 2: ZEROS, 3: "07914477", 4: D5[:-2] + "3B"}
    assert "AT+CMGD=1,4" not in modem.wire_log()


async def test_10_11_told_before_deleted(world: World, modem: Modem) -> None:
    present: list[int] = []
    office = Office(
        refuses=lambda event: bool(isinstance(event, Received) and present.append(modem.stores["ME"].used))
    )
    modem.stores["ME"].put(StoredSlot(D5, 28))
    async with running(modem.path, office):
        await until(lambda: office.removed)
    assert present == [1]


async def test_14_a_busy_device_is_not_asked_in_a_loop(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.inject("error-storm", command="+CMGS", result="+CME ERROR: 14")
        with pytest.raises(NotNow) as raised:
            await line.send()
        assert raised.value.scope == "busy"
        assert modem.commands["+CMGS"] == 1


async def test_17_a_hang_up_ends_the_command_at_once(world: World, modem: Modem) -> None:
    world.network.air_time = 5.0
    async with running(modem.path) as line:
        await line.up()
        sending = asyncio.create_task(line.send())
        await until(lambda: modem.sending)
        began = time.monotonic()
        modem.vanish()
        with pytest.raises(CannotTell):
            await sending
        assert time.monotonic() - began < 0.2


async def test_19_the_same_index_in_two_stores(world: World, modem: Modem) -> None:
    """Selecting, reading and deleting are one unit: the other store's text is never hit."""
    texts = {"ME": D5, "SM": D5[:-2] + "3B"}
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.states and "storage_used" in line.office.states[-1].facts)
        for _ in range(5):
            for name, pdu in texts.items():
                modem.place_raw(pdu, name=name)
        await until(lambda: line.office.removed == 10)
    for event in line.office.events:
        if isinstance(event, Received) and event.slot:
            assert event.pdu == texts[event.slot.store]
    assert not modem.lost_inbound(set(line.office.pdus))
