"""Everything at once: texts both ways while the device fails in every way the fake one knows."""

from __future__ import annotations

import asyncio
import random

import pytest

from gateway.domain.line import CannotTell, NotNow, Received
from gateway.modem.inbox import is_report
from tests.fake_modem import Modem, World

from .conftest import Office, Running, part, running, until

TO, FROM = "+12025550123", "+12025550177"
SENT, WRITTEN, FAULTS = 40, 30, 25
PLACES = ["before-echo", "before-answer", "between-list-items", "header-to-body", "with-prompt", "before-ok"]
NEWS = ["^RSSI:3", "RING", "+CREG: 1", '+CMTI: "ME",3']
COMMANDS = ["+CMGL", "+CMGR", "+CSQ", "+CMGD"]


async def send_all(line: Running, outcomes: dict[int, str]) -> None:
    """As a queue: again only what is proven not sent."""
    for number in range(SENT):
        while number not in outcomes:
            try:
                await line.send(part(f"out {number}", to=TO, part_id=number))
                outcomes[number] = "sent"
            except NotNow:
                await asyncio.sleep(0.01)
            except CannotTell:
                outcomes[number] = "cannot tell"


async def write_all(world: World, modem: Modem, chooser: random.Random) -> None:
    for number in range(WRITTEN):
        world.phone(FROM).text(modem.number, f"in {number}")
        await asyncio.sleep(chooser.random() * 0.05)


async def fail(modem: Modem, chooser: random.Random) -> None:
    """One fault after the other."""
    soon = chooser.random
    faults = [
        lambda: modem.plugged and modem.vanish(back_after=soon() * 0.1),
        lambda: modem.plugged and modem.reboot(),
        lambda: modem.inject("urc-in-answer", text=chooser.choice(NEWS), at=chooser.choice(PLACES)),
        lambda: modem.inject("garbage", n=30),
        lambda: modem.inject("echo-on"),
        lambda: modem.inject("late-answer", after=soon() * 0.5, command=chooser.choice(COMMANDS)),
        lambda: modem.inject("drop-ok", command=chooser.choice([*COMMANDS, "+CMGS"])),
        lambda: modem.inject("send-result", result="none", accepted=soon() < 0.5),
        lambda: modem.inject("sent-but-error", cms=chooser.choice([332, 500])),
        lambda: modem.inject("cmti-lost"),
        lambda: modem.inject("cnmi-silently-reset"),
        lambda: modem.inject("error-storm", command="+CMGD", count=2),
        lambda: modem.inject("vanish", when=chooser.choice(["at-prompt", "mid-body"]), back_after=0.03),
        lambda: modem.inject("vanish-after-ctrlz", accepted=soon() < 0.5, back_after=0.03),
    ]
    for _ in range(FAULTS):
        await asyncio.sleep(soon() * 0.1)
        chooser.choice(faults)()


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 40))]
)
async def test_nothing_is_lost_and_nothing_sent_twice(seed: int) -> None:
    chooser = random.Random(seed)
    office = Office()
    outcomes: dict[int, str] = {}
    async with World(seed=seed, air_time=(0.0, 0.03), latency=0.001) as world:
        modem = await world.modem(slots=10)
        async with running(modem.path, office) as line:
            await asyncio.gather(
                send_all(line, outcomes), write_all(world, modem, chooser), fail(modem, chooser)
            )
            modem.clear()
            if not modem.plugged:
                modem.come_back()
            await until(lambda: not world.network.waiting(modem.number), 20)
            await until(lambda: not any(store.used for store in modem.stores.values()), 20)
        lost = [pdu for pdu in modem.lost_inbound(set(office.pdus)) if not is_report(pdu)]
        assert lost == []
        assert len({event.pdu for event in office.events if isinstance(event, Received)}) == WRITTEN
        assert world.phone(TO).twice() == {}
        assert {f"out {number}" for number, how in outcomes.items() if how == "sent"} <= set(
            world.phone(TO).texts()
        )
        assert world.complaints == []
