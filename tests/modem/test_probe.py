"""Looking for the modem: what is said of each port."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem.probe import NO_PLACE_FOR_TEXTS, ProbeResult, _Noise, probe
from tests.fake_modem import Modem, World

from .conftest import FAST, running

LOCK = "import fcntl, os, sys; fd = os.open(sys.argv[1], 2); fcntl.flock(fd, 2); print(flush=True); input()"


@contextmanager
def locked_by_another(path: str) -> Iterator[int]:
    """Another process that has the device locked; its PID."""
    words = [sys.executable, "-c", LOCK, path]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


@pytest.fixture
def cable() -> Iterator[str]:
    """A pty at whose other end nobody answers."""
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


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
            "iccid": modem.sim.iccid,
            "operator": "Test Net",
            "signal_dbm": "-79",
        },
        notices=True,
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


async def test_briefly_nothing_is_asked_of_the_network(world: World, modem: Modem) -> None:
    found = await probe(modem.path, FAST.timing, briefly=True)
    assert (found.code, found.takes_texts) == ("ready", True)
    assert not {"operator", "signal_dbm"} & set(found.facts)
    assert "+COPS" not in modem.commands


@pytest.mark.parametrize(
    ("role", "code"),
    [("binary", "diag_port"), ("nmea", "gnss_port"), ("data", "data_port"), ("silent", "not_a_modem")],
)
async def test_the_other_ports_of_a_modem_are_told_apart(world: World, role: str, code: str) -> None:
    modem = await world.modem(ports=(role, "at"))
    other, right = (wire.path for wire in modem.ports.wires)
    found = await probe(other, FAST.timing, silent_s=0.5)
    assert (found.code, found.takes_texts) == (code, False)
    assert code in NO_PLACE_FOR_TEXTS
    assert (await probe(right, FAST.timing)).code == "ready"


async def test_a_port_that_waits_for_its_sim_takes_texts(world: World) -> None:
    modem = await world.modem(pin="1234", ports=("at", "data"))
    found = await probe(modem.path, FAST.timing)
    assert (found.code, found.takes_texts, found.facts["imei"]) == ("sim_pin", True, modem.imei)


async def test_a_silent_port_is_given_up_in_time(cable: str) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await probe(cable, silent_s=0.2)).code == "not_a_modem"
    assert loop.time() - began < 1


async def test_what_a_program_holds_is_said(cable: str) -> None:
    with locked_by_another(cable) as pid:
        found = await probe(cable, FAST.timing)
    assert found.code == "port_busy"
    assert found.facts["holder"].endswith(f"(process {pid})")


@given(st.binary(max_size=200))
def test_text_is_never_taken_for_noise(text: bytes) -> None:
    """What a modem writes is ASCII, and does not begin a line with $ and a talker's name."""

    async def listen() -> str:
        noise = _Noise()
        noise.hear("M", bytes(octet & 0x7F for octet in text).replace(b"$", b"+"))
        known = asyncio.create_task(noise.recognised())
        await asyncio.sleep(0)
        done = known.done()
        known.cancel()
        return "noise" if done else "text"

    assert asyncio.run(listen()) == "text"
