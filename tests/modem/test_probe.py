"""Looking for the modem: what is said of each port."""

from __future__ import annotations

import os
import pty

from gateway.modem.probe import ProbeResult, probe
from tests.fake_modem import Modem, World

from .conftest import FAST, running


async def test_a_modem_answers(world: World, modem: Modem) -> None:
    found = await probe(modem.path, FAST.timing)
    assert found == ProbeResult(
        modem.path,
        "ready",
        {
            "maker": "Generic",
            "model": "27.005",
            "firmware": "1.0",
            "imei": modem.imei,
            "operator": "Test Net",
            "signal_dbm": "-79",
        },
    )


async def test_no_pin_is_tried(world: World) -> None:
    modem = await world.modem(pin="1234")
    assert (await probe(modem.path, FAST.timing)).code == "sim_pin"
    modem.sim_present = False
    assert (await probe(modem.path, FAST.timing)).code == "sim_missing"
    assert modem.pin_attempts == []


async def test_a_modem_in_use_is_left_alone(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        assert (await probe(modem.path, FAST.timing)).code == "port_busy"


async def test_what_is_no_modem() -> None:
    master, slave = pty.openpty()
    assert (await probe(os.ttyname(slave), FAST.timing)).code == "not_a_modem"
    os.close(slave)
    os.close(master)
    assert (await probe("/dev/null", FAST.timing)).code == "not_a_modem"
    assert (await probe("/dev/nothing-here", FAST.timing)).code == "port_missing"
