"""Each fault of the checklist in the middle of a day's work: texts both ways, then the invariants."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.desk import lines as desk_lines
from tests.fake_modem import Modem
from tests.faults.bench import ANNA, BEN, PIN, Bench, bench
from tests.faults.cases import CASES, Case
from tests.virtual_time import run

CARA = "+12025550145"
SHORT, LONG = "Your table is ready.", "A long text of several parts. " * 9
HELLO, LETTER = "Any chance to be seen today?", "It started on Monday, and then " * 8


async def give_pin(one: Bench, modem: Modem) -> None:
    await one.write(lambda tx: desk_lines.set_pin(tx, "front", PIN, "person:Sam", one.clock()))


async def unblock(one: Bench, modem: Modem) -> None:
    """In a phone, with the PUK the operator told."""
    modem.sim.pin, modem.sim.pin_tries, modem.sim.unlocked = None, 3, True


async def confirm(one: Bench, modem: Modem) -> None:
    await one.write(lambda tx: desk_lines.confirm(tx, "front", "person:Sam", one.clock()))


async def set_centre(one: Bench, modem: Modem) -> None:
    await one.set("front", "smsc", "+12025550190")


FIXES = {"pin": give_pin, "unblock": unblock, "confirm": confirm, "smsc": set_centre}


async def a_day(one: Bench, modem: Modem, name: str, case: Case) -> list[int]:
    """Texts both ways while the fault is in force, and after it; the texts we sent."""
    if not case.before:
        await one.up()
        modem.inject(name, **case.params)
    sent = [await one.post(BEN, SHORT), await one.post(BEN, LONG)]
    for text in (HELLO, LETTER):
        one.world.phone(ANNA).text(modem.number, text)
    if case.says:
        await one.down(case.says, seconds=9000.0)
    if case.lasts is not None:
        await asyncio.sleep(case.lasts)
        modem.clear(name)
    for cure in case.cure:
        modem.inject(cure)
    if case.fix:
        await FIXES[case.fix](one, modem)
    if case.replug:
        modem.vanish(back_after=10.0)
    await one.up(seconds=9000.0)
    sent.append(await one.post(CARA, SHORT))
    await one.settled(seconds=9000.0)
    return sent


async def everything_came(one: Bench) -> bool:
    here = await one.inbound()
    return HELLO in here and LETTER in here


def heard(one: Bench, number: str) -> list[str]:
    return one.world.phone(number).texts()


async def outcome_is_told_truly(one: Bench, sent: list[int], unclear: bool) -> None:
    """What is called sent arrived once; nobody is told a guess."""
    states = await one.states()
    arrived = heard(one, BEN) + heard(one, CARA)
    for message_id in sent:
        state, body = states[message_id], one.accepted[message_id]
        assert state in ("sent", "delivered") or (unclear and state == "unconfirmed"), (body[:20], state)
        if state in ("sent", "delivered"):
            assert arrived.count(body) == sum(one.accepted[other] == body for other in sent) or unclear, (
                arrived
            )


@pytest.mark.parametrize("name", CASES)
def test_fault(name: str, database_path: Path) -> None:
    case = CASES[name]

    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(**case.modem)
            if case.before:
                modem.inject(name, **case.params)
            await one.add_line("front", modem.path)
            sent = await a_day(one, modem, name, case)
            await one.until(lambda: everything_came(one), 9000.0, "both texts of Anna")
            await one.check(reports_lost=case.reports_lost)
            await outcome_is_told_truly(one, sent, case.unclear)
            assert modem.commands_after_ctrlz_before_result == 0

    run(story)
