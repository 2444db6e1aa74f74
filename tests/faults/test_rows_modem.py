"""Rows 27 to 38 of the fault matrix: the modem goes, falls silent, forgets, talks over itself, or refuses."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from gateway.desk import lines as desk_lines
from gateway.lines import Box
from gateway.modem.recovery import Means
from gateway.store.tables import line_log, parts
from tests.fake_modem import Modem
from tests.fake_modem.faults import Fault
from tests.fake_modem.terminal import Piece
from tests.faults.bench import ANNA, BEN, Bench, bench, front
from tests.virtual_time import run

TEXT, HELLO = "Your table is ready.", "Any chance to be seen today?"
RESUMES_WITHIN_S = 10.0
CODES = ("reopen", "radio", "reset", "usb", "power", "person")


async def arrived(one: Bench, body: str = HELLO, seconds: float = 600.0) -> None:
    """Wait until a text of that body was received whole."""

    async def here() -> bool:
        return body in await one.inbound()

    await one.until(here, seconds, f"{body!r} was received")


async def log_of(one: Bench, kind: str) -> list[tuple[datetime, str]]:
    """What was noted of the lines, oldest first: when, and the code."""
    query = select(line_log).where(line_log.c.kind == kind).order_by(line_log.c.id)
    return [(row.at, row.code) for row in await one.read(lambda tx: list(tx.execute(query)))]


async def has_taken(one: Bench, rung: str) -> bool:
    return rung in await one.recoveries()


async def part_of(one: Bench, message_id: int) -> Any:
    query = select(parts).where(parts.c.message_id == message_id)
    return (await one.read(lambda tx: list(tx.execute(query))))[0]


def heard(one: Bench, number: str = BEN) -> list[str]:
    return one.world.phone(number).texts()


async def comes_back(one: Bench, modem: Modem) -> None:
    """Plug in again under another name; the line has to be there again soon."""
    modem.come_back()
    await one.up(seconds=RESUMES_WITHIN_S)


# --- 27 and 28: the cable -----------------------------------------------------------------------------


def test_row_27_unplugged_while_idle(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.vanish()
            await one.down("port_missing")
            held = await one.post(BEN, TEXT)
            await asyncio.sleep(60.0)
            assert (await one.states())[held] == "queued"
            await comes_back(one, modem)
            await one.reach("delivered", held)
            await one.check()
            assert heard(one) == [TEXT]

    run(story)


@pytest.mark.parametrize("when", ["at-prompt", "mid-body"])
def test_row_27_unplugged_before_ctrl_z(when: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("vanish", when=when)
            requeued = await one.post(BEN, TEXT)
            await one.down("port_missing")
            await asyncio.sleep(60.0)
            assert modem.submissions == 0
            await comes_back(one, modem)
            if when == "mid-body":
                # the text left us whole, Ctrl-Z and all, before the cable was out: nobody here can know
                # how much of it the device read
                await one.reach("unconfirmed", requeued)
            else:
                await one.reach("delivered", requeued)
                assert heard(one) == [TEXT]
            await one.check()

    run(story)


def test_row_27_unplugged_after_ctrl_z(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("vanish-after-ctrlz", accepted=True)
            unknown = await one.post(BEN, TEXT)
            await one.reach("unconfirmed", unknown)
            await one.down("port_missing")
            await comes_back(one, modem)
            after = await one.post(ANNA, TEXT)
            await one.reach("sent", after)
            assert (await one.states())[unknown] == "unconfirmed"
            await one.check()
            assert heard(one) == [TEXT]

    run(story)


def test_row_28_comes_back_under_another_port_name(database_path: Path, tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, Box(serial_ports=(str(tmp_path / "ttyUSB*"),))) as one:
            modem = await one.world.modem(link=tmp_path / "ttyUSB0")
            await one.world.modem(link=tmp_path / "ttyUSB1")  # another stick, which is not to be taken
            await one.add_line("front", modem.path)
            await one.up()
            imei = (await one.line()).bound_imei
            modem.inject("vanish-and-return", after=5.0, as_name=str(tmp_path / "ttyUSB7"))
            waiting = await one.post(BEN, TEXT)
            await one.down("port_missing")
            await one.up(seconds=5.0 + RESUMES_WITHIN_S)
            await one.reach("delivered", waiting)
            await one.check()
            row = await one.line()
            assert row.facts["device"] == str(tmp_path / "ttyUSB7")
            assert row.facts["imei"] == imei == modem.imei
            assert [part.sender for part in one.world.phone(BEN).parts] == [modem.number]

    run(story)


# --- 29: the SIM --------------------------------------------------------------------------------------


def test_row_29_another_sim_stops_the_line_until_confirmed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.vanish()
            await one.down("port_missing")
            pending = await one.post(BEN, TEXT)
            modem.inject("sim-other", iccid="89012609999999999999")
            modem.come_back()
            await one.down("other_sim")
            await asyncio.sleep(120.0)
            assert (await one.line()).code == "other_sim"
            assert modem.submissions == 0
            assert (await one.states())[pending] == "queued"
            await one.write(lambda tx: desk_lines.confirm(tx, "front", "command:bench", one.clock()))
            await one.reach("delivered", pending)
            await one.check()
            assert (await one.line()).bound_iccid == "89012609999999999999"

    run(story)


# --- 30 to 32: silence --------------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["reset", pytest.param("person", marks=pytest.mark.slow)])
def test_row_30_a_mute_device_is_healed_one_step_at_a_time(last: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("mute")
            await one.down("no_answer")
            waiting = await one.post(BEN, TEXT)
            await one.until(lambda: has_taken(one, last), 3600.0)
            taken = await log_of(one, "recovery")
            order = [CODES.index(code) for _, code in taken]
            assert [code for _, code in taken] == ["reopen", "radio", "reset", "person"][: len(taken)]
            assert order == sorted(order)
            pauses = [(later - earlier).total_seconds() for (earlier, _), (later, _) in pairwise(taken)]
            assert pauses == sorted(pauses), "each step is given more time than the one before"
            assert modem.submissions == 0
            modem.clear("mute")
            await one.up(seconds=360.0)
            await one.reach("delivered", waiting)
            await one.check()

    run(story)


def test_row_30_a_device_is_restarted_at_most_once_in_ten_minutes(database_path: Path) -> None:
    """The next harder restart is at hand, and waits its time."""

    async def story() -> None:
        async with bench(database_path, Box(means=Means(power_command=("false",)))) as one:
            modem = await front(one)
            modem.inject("mute")
            await one.until(lambda: has_taken(one, "reset"))
            await asyncio.sleep(120.0)
            assert await one.recoveries() == ["reopen", "radio", "reset"]
            assert "the power command failed" not in "".join(one.log.lines)
            modem.clear("mute")
            await one.up(seconds=400.0)
            await one.check()

    run(story)


def test_row_30_a_device_that_answers_nothing_but_at_is_healed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("half-mute")
            waiting = await one.post(BEN, TEXT)
            await one.down("no_answer")
            await one.until(lambda: has_taken(one, "radio"))
            modem.clear("half-mute")
            await one.reach("delivered", waiting)
            await one.check()

    run(story)


def test_row_31_a_result_40_seconds_late_is_attributed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("late-result", after=40.0, busy=True, accepted=True)
            late = await one.post(BEN, TEXT)
            following = await one.post(ANNA, HELLO)
            await one.reach("delivered", late, following)
            await one.check()
            assert modem.submissions == 2
            assert modem.commands_after_ctrlz_before_result == 0
            assert (await part_of(one, late)).reference == one.world.phone(BEN).parts[0].reference

    run(story)


def test_row_31_a_result_later_than_our_patience_is_attributed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("late-result", after=200.0, busy=False, accepted=True)
            late = await one.post(BEN, TEXT)
            await one.reach("unconfirmed", late)
            await one.reach("sent", late)
            await one.check()
            assert modem.submissions == 1
            assert (await part_of(one, late)).evidence == "late_result"

    run(story)


def test_row_32_without_a_result_the_report_settles_it(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=300.0) as one:
            modem = await front(one)
            modem.inject("send-result", result="none", accepted=True)
            open_one = await one.post(BEN, TEXT)
            await one.reach("unconfirmed", open_one)
            await one.reach("delivered", open_one)
            await one.check()
            assert modem.submissions == 1
            assert (await part_of(one, open_one)).evidence == "report"

    run(story)


def test_row_32_without_any_evidence_it_stays_unconfirmed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("send-result", result="none", accepted=False)
            open_one = await one.post(BEN, TEXT)
            await one.reach("unconfirmed", open_one)
            await asyncio.sleep(600.0)
            assert (await one.states())[open_one] == "unconfirmed"
            assert modem.submissions == 1
            await one.check()
            assert await one.recoveries() == []

    run(story)


# --- 33 and 34: settings lost -------------------------------------------------------------------------


def test_row_33_a_device_that_restarts_is_set_up_again(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            before = (modem.settings.cmgf, modem.settings.cnmi, modem.settings.cmee, modem.settings.memories)
            modem.reboot(after=3.0)
            assert modem.settings.cnmi != before[1]
            one.world.phone(ANNA).text(modem.number, HELLO)
            sent = await one.post(BEN, TEXT)
            await one.reach("delivered", sent)
            await arrived(one)
            after = (modem.settings.cmgf, modem.settings.cnmi, modem.settings.cmee, modem.settings.memories)
            assert after == before
            await one.check()

    run(story)


def test_row_34_notices_switched_off_silently_are_found_within_a_minute(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            wanted = modem.settings.cnmi
            modem.inject("cnmi-silently-reset")
            one.world.phone(ANNA).text(modem.number, HELLO)
            await arrived(one, seconds=65.0)
            await one.until(lambda: modem.settings.cnmi == wanted, 65.0)
            await one.check()
            assert modem.stores["SM"].used == 0

    run(story)


# --- 35 to 37: bytes that do not belong there ---------------------------------------------------------

NEWS = ('+CMTI: "SM",77', "RING", "^RSSI:17", "+CREG: 1")
PLACES = ("before-echo", "before-answer", "header-to-body", "between-list-items", "with-prompt", "before-ok")
STRAY = b"\r\n^RSSI:9,+CMTI\r\n"


class NewsAtOctet(Fault):
    """News once, after the octet number `at` of what the device says from now on."""

    name = "news-at-octet"
    params: ClassVar = {"at": 0}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        shaped: list[Piece] = []
        for piece in pieces:
            here, self.at = self.at, self.at - len(piece.data)
            if 0 <= here < len(piece.data):
                self.use()
                piece = Piece(piece.kind, piece.data[:here] + STRAY + piece.data[here:], piece.delay)
            shaped.append(piece)
        return shaped


async def a_text_each_way(one: Bench, modem: Modem) -> None:
    one.world.phone(ANNA).text(modem.number, HELLO)
    sent = await one.post(BEN, TEXT)
    await one.reach("delivered", sent)
    await arrived(one)
    await one.check()
    assert heard(one) == [TEXT]
    assert await one.inbound() == [HELLO]
    assert one.world.complaints == []


@pytest.mark.parametrize("place", PLACES)
def test_row_35_news_inside_any_answer(place: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            for text in NEWS:
                modem.inject("urc-in-answer", text=text, at=place, count=2)
            await a_text_each_way(one, modem)

    run(story)


def test_row_35_a_notice_between_prompt_and_body(database_path: Path) -> None:
    """Read while we stand at the prompt: the body stays whole, and the text it announces is found."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("prompt", form="after-urc", urc='+CMTI: "SM",1')
            sent = await one.post(BEN, TEXT)
            await one.until(lambda: modem.commands.get("+CMGS"))
            one.world.phone(ANNA).text(modem.number, HELLO)
            await one.reach("delivered", sent)
            await arrived(one)
            await one.check()
            assert heard(one) == [TEXT]
            assert one.world.complaints == []

    run(story)


@pytest.mark.parametrize("seed", range(3))
def test_row_35_news_at_any_octet(seed: int, database_path: Path) -> None:
    """Even inside a line, which no standard allows: nothing is lost, sent twice or called sent untruly.
    Without reports: those come directly, and the device keeps no copy of one that was cut in two."""

    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            chance = random.Random(seed)
            for number in range(6):
                octets = NewsAtOctet(modem, at=chance.randrange(200))
                modem.faults.active.append(octets)
                one.world.phone(ANNA).text(modem.number, f"{HELLO} {number}")
                await one.post(BEN, f"{TEXT} {number}")
                await one.settled()
                await arrived(one, f"{HELLO} {number}")
            await one.check()
            assert one.world.complaints == []
            states = list((await one.states()).values())
            assert set(states) <= {"sent", "unconfirmed"}
            assert states.count("unconfirmed") <= 2

    run(story)


NOISES = {
    "nul": b"\0" * 5000,
    "ff": b"\xff" * 5000,
    "no-cr": b"AT+CMGS=1 +CMTI: " * 300,
    "a-megabyte": b"A" * 1_000_000 + b"\r\n",
    "a-megabyte-of-lines": b"OK\r\nERROR\r\n> " * 80_000,
    "half-a-line": b"\r\n+CMGL: 1,0,,2",
}


@pytest.mark.parametrize("noise", NOISES)
def test_row_36_bytes_that_mean_nothing(noise: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.terminal.raw(NOISES[noise])
            await asyncio.sleep(20.0)  # a pause in the middle of the line
            await a_text_each_way(one, modem)

    run(story)


@pytest.mark.parametrize("seed", range(4))
def test_row_36_any_bytes_at_any_time(seed: int, database_path: Path) -> None:
    """The engine alone is fed 100,000 such pieces in tests/modem/test_at_fuzz.py."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            chance = random.Random(seed)
            sent = [await one.post(BEN, f"{TEXT} {number}") for number in range(3)]
            one.world.phone(ANNA).text(modem.number, HELLO)
            for _ in range(20):
                modem.terminal.raw(chance.randbytes(chance.randrange(1, 200)))
                await asyncio.sleep(chance.uniform(0.0, 2.0))
            await one.settled()
            await one.up()
            await arrived(one)
            await one.check()
            states = await one.states()
            assert all(states[each] in ("delivered", "sent", "unconfirmed") for each in sent)

    run(story)


@pytest.mark.parametrize("stuck", [False, True])
def test_row_36_echo_on(stuck: bool, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("echo-on", stuck=stuck)
            await a_text_each_way(one, modem)

    run(story)


def test_row_37_the_pdu_comes_back_as_an_echo(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("pdu-echo", count=9)
            await a_text_each_way(one, modem)

    run(story)


def test_row_37_a_prompt_inside_an_answer_is_no_prompt(database_path: Path) -> None:
    """ "> " in an operator's name and in a listing must not let a text out."""

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.operator = "> "
            modem.inject("urc-in-answer", text="> ", at="before-ok", count=8)
            await asyncio.sleep(70.0)
            await a_text_each_way(one, modem)

    run(story)


def test_row_37_without_a_prompt_nothing_is_typed(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("prompt", form="never")
            waiting = await one.post(BEN, TEXT)
            await asyncio.sleep(60.0)
            assert modem.submissions == 0
            assert modem.terminal.prompts_closed_by_ctrlz == 0
            assert modem.terminal.prompts_closed_by_esc > 0
            modem.clear("prompt")
            await one.reach("delivered", waiting)
            await one.check()
            assert heard(one) == [TEXT]

    run(story)


# --- 38: refused for ever -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", [515, 512])
def test_row_38_unknown_refusals_for_ever_are_no_resends(code: int, database_path: Path) -> None:
    """A maker's own number after Ctrl-Z proves nothing: one try for each text, then a person decides."""

    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("send-result", result=f"cms {code}", count=None)
            sent = [await one.post(BEN, f"{TEXT} {number}") for number in range(3)]
            await one.reach("unconfirmed", *sent)
            await asyncio.sleep(300.0)
            assert modem.submissions == 3
            await one.check()

    run(story)


def test_row_38_a_failing_device_is_brought_back(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, report_delay=None) as one:
            modem = await front(one)
            modem.inject("send-result", result="cms 500", count=None)
            sent = [await one.post(BEN, f"{TEXT} {number}") for number in range(4)]
            await one.reach("unconfirmed", *sent)
            assert modem.submissions == 4
            assert await one.recoveries() != []
            modem.clear("send-result")
            await one.up()
            last = await one.post(ANNA, TEXT)
            await one.reach("sent", last)
            await one.check()

    run(story)


def test_row_38_busy_at_the_prompt_for_ever_is_tried_with_pauses(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("busy-storm", code=515, command="+CMGS", count=None)
            waiting = await one.post(BEN, TEXT)
            await asyncio.sleep(600.0)
            assert modem.submissions == 0
            assert modem.commands["+CMGS"] < 45, "tried again and again without pauses"
            assert (await one.states())[waiting] == "queued"
            modem.clear("busy-storm")
            await one.reach("delivered", waiting)
            await one.check()

    run(story)
