"""Opening, losing and finding again: what the line says of itself, and PINs that are never tried twice."""

from __future__ import annotations

import asyncio
import os

import pytest

from gateway.domain.line import LineSetup, LineStatus
from tests.fake_modem import Modem, World

from .conftest import CALM, Office, part, running, until

TO = "+12025550123"


async def test_what_is_learnt(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await until(lambda: line.office.states and "storage_used" in line.office.states[-1].facts)
        state = line.office.states[-1]
    assert (state.status, state.code) == (LineStatus.UP, "ready")
    assert state.facts == {
        "maker": "Generic",
        "model": "27.005",
        "firmware": "1.0",
        "device": modem.path,
        "clock_offset_s": state.facts["clock_offset_s"],
        "clock_read_at": state.facts["clock_read_at"],
        "imei": modem.imei,
        "iccid": modem.sim.iccid,
        "imsi": modem.sim.imsi,
        "smsc": modem.sim.smsc,
        "profile": "generic-27005",
        "operator": "Test Net",
        "signal_dbm": "-79",
        "registration": "home",
        "storage_used": "0",
        "storage_total": "23",
    }
    assert line.office.codes[0] == "opening"


async def test_a_stuck_prompt_is_left_without_sending(world: World, modem: Modem) -> None:
    modem.inject("stuck-prompt-on-open", to=TO, typed="Your table is bo")
    async with running(modem.path) as line:
        await line.send(part("whole"))
    assert world.phone(TO).texts() == ["whole"]


@pytest.mark.parametrize(
    ("fault", "params"),
    [
        ("echo-on", {}),
        ("garbage", {"n": 300}),
        ("double-ok", {"count": 6}),
        ("drop-ok", {"command": "+CSQ"}),
        ("drop-ok", {"command": "+CPIN"}),
        ("late-answer", {"after": 0.2, "count": 2}),
        ("truncate-answer", {"bytes": 4, "count": 1}),
        ("chunking", {"how": "byte"}),
        ("chunking", {"how": "random"}),
        ("error-storm", {"command": "+CSCA"}),
        ("error-storm", {"command": "+CNMI"}),
        ("error-storm", {"command": "+CREG"}),
        ("error-storm", {"command": "+CMMS"}),
        ("error-storm", {"command": "+CSMS"}),
        ("error-storm", {"command": "+CCID"}),
        ("error-storm", {"command": "+CMGF", "count": 3}),
        ("error-storm", {"command": "+CPMS", "count": 2}),
        ("error-storm", {"command": "+CPIN", "result": "+CME ERROR: 14", "count": 3}),
        ("error-storm", {"command": "+CSQ", "result": "+CME ERROR: SIM busy"}),
    ],
    ids=str,
)
async def test_awkward_devices_are_opened(
    world: World, modem: Modem, fault: str, params: dict[str, object]
) -> None:
    modem.inject(fault, **params)
    async with running(modem.path) as line:
        await line.send()
        world.phone(TO).text(modem.number, "hello")
        await until(lambda: line.office.removed)
    assert world.phone(TO).texts() == ["Your table is ready."]


async def test_in_step_only_when_one_ok_answers_one_at(world: World, modem: Modem) -> None:
    modem.inject("double-ok", count=2)
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
    assert modem.wire_log().count("C: AT\\r") == 3


# --- SIM and PIN -------------------------------------------------------------------------------------


async def test_the_pin_opens_the_sim(world: World) -> None:
    modem = await world.modem(pin="1234")
    office = Office()
    async with running(modem.path, office, pin="1234") as line:
        await line.send()
        modem.vanish(back_after=0.05)
        await until(lambda: "port_lost" in office.codes or "port_missing" in office.codes)
        await line.send()
    assert modem.pin_attempts == ["1234", "1234"]
    assert office.tried == set()


async def test_a_wrong_pin_is_tried_once_ever(world: World) -> None:
    modem = await world.modem(pin="1234")
    office = Office()
    async with running(modem.path, office, pin="9999"):
        await until(lambda: office.codes and office.codes[-1] == "sim_pin_refused")
        await asyncio.sleep(0.3)
    assert "2" in [state.facts.get("pin_tries_left") for state in office.states]
    async with running(modem.path, office, pin="9999"):
        await asyncio.sleep(0.2)
    assert modem.pin_attempts == ["9999"]
    async with running(modem.path, office, pin="1234") as line:
        await line.up()
    assert modem.pin_attempts == ["9999", "1234"]


@pytest.mark.parametrize("hidden_first", [True, False])
async def test_a_wrong_pin_is_tried_once_whatever_the_sim_is_known_by(
    world: World, hidden_first: bool
) -> None:
    """Its name cannot be read while it starts, and in the next life it can; or the other way round."""
    modem = await world.modem(pin="1234")
    iccid, office = modem.sim.iccid, Office()
    for hidden in (hidden_first, not hidden_first):
        modem.sim.iccid = "" if hidden else iccid
        office.states.clear()
        async with running(modem.path, office, pin="9999"):
            await until(lambda: office.codes and office.codes[-1] == "sim_pin_refused")
    assert modem.pin_attempts == ["9999"]


async def test_a_sim_that_is_busy_is_asked_again_for_its_name(world: World) -> None:
    modem = await world.modem(pin="1234")
    modem.inject("error-storm", command="+CCID", result="+CME ERROR: 14", count=2)
    async with running(modem.path, pin="9999") as line:
        await until(lambda: line.office.codes and line.office.codes[-1] == "sim_pin_refused")
    assert line.office.tried == {(modem.sim.iccid, "9999"), (modem.imei, "9999")}


async def test_the_pin_is_remembered_before_it_is_sent(world: World) -> None:
    modem = await world.modem(pin="1234")

    class Forgetful(Office):
        async def remember_pin_try(self, sim: str, pin: str) -> None:
            raise OSError("disk full")

    office = Forgetful()
    async with running(modem.path, office, pin="1234"):
        await until(lambda: "recovering" in office.codes)
    assert modem.pin_attempts == []


async def test_the_last_try_is_left_to_a_person(world: World) -> None:
    modem = await world.modem(pin="1234")
    modem.sim.pin_tries = 1
    office = Office()
    async with running(modem.path, office, pin="1234"):
        await until(lambda: office.codes and office.codes[-1] == "sim_pin_last")
    assert modem.pin_attempts == []
    assert office.states[-1].facts["pin_tries_left"] == "1"


@pytest.mark.parametrize("pin", [None, "12", 'a"\r', "123456789"])
async def test_no_usable_pin(world: World, pin: str | None) -> None:
    modem = await world.modem(pin="1234")
    async with running(modem.path, pin=pin) as line:
        await until(lambda: line.office.codes and line.office.codes[-1] == "sim_pin")
    assert modem.pin_attempts == []


async def test_never_a_puk(world: World) -> None:
    modem = await world.modem(pin="1234")
    modem.sim.pin_tries = 0
    async with running(modem.path, pin="1234") as line:
        await until(lambda: line.office.codes and line.office.codes[-1] == "sim_puk")
    assert modem.pin_attempts == []


async def test_no_sim_and_then_one(world: World, modem: Modem) -> None:
    modem.sim_present = False
    async with running(modem.path) as line:
        await until(lambda: line.office.codes and line.office.codes[-1] == "sim_missing")
        modem.sim_present = True
        await line.up()
        modem.sim_present = False
        modem.terminal.urc("+CPIN: NOT READY")
        await until(lambda: line.office.codes[-1] == "sim_missing")


async def test_another_sim_waits_for_a_person(world: World, modem: Modem) -> None:
    async with running(modem.path, setup=LineSetup(modem.path, iccid="8944000000000000000")) as line:
        await until(lambda: line.office.codes and line.office.codes[-1] == "other_sim")
        assert line.office.states[-1].facts["iccid"] == modem.sim.iccid
        assert line.supervisor.line is None


@pytest.mark.parametrize(
    ("stat", "code"), [(0, "not_registered"), (2, "not_registered"), (3, "denied"), (8, "not_registered")]
)
async def test_registration(world: World, modem: Modem, stat: int, code: str) -> None:
    modem.register(stat)
    async with running(modem.path) as line:
        await until(lambda: line.office.codes[-1:] == [code])
        modem.register(1)
        await line.up()
        await until(lambda: line.office.states[-1].facts.get("registration") == "home")


async def test_abroad_nothing_is_sent_unless_that_was_allowed(world: World, modem: Modem) -> None:
    modem.register(5)
    async with running(modem.path) as line:
        await until(lambda: line.office.codes[-1:] == ["roaming"])
        assert line.supervisor.line is None
    async with running(modem.path, setup=LineSetup(modem.path, roaming=True)) as line:
        await line.up()
        await until(lambda: line.office.states[-1].facts.get("registration") == "roaming")


async def test_a_blink_of_registration_is_not_told(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.register(2)
        await asyncio.sleep(0.03)
        modem.register(1)
        await line.send()
    assert "not_registered" not in line.office.codes


async def test_no_service_centre(world: World, modem: Modem) -> None:
    modem.sim.smsc = ""
    async with running(modem.path) as line:
        await until(lambda: line.office.codes[-1:] == ["no_smsc"])


# --- lost and found ----------------------------------------------------------------------------------


async def test_back_behind_the_same_link_under_another_name(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        before = os.readlink(modem.path)
        modem.vanish()
        await until(lambda: line.office.codes[-1] == "port_missing")
        assert line.supervisor.line is None
        keeper = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)  # takes the number that became free
        try:
            modem.come_back()
            assert os.readlink(modem.path) != before
            await line.send()
        finally:
            os.close(keeper)
    assert line.office.codes[:2] == ["opening", "ready"]


async def test_what_never_spoke_is_no_modem_and_is_not_restarted(world: World, modem: Modem) -> None:
    modem.inject("mute")
    async with running(modem.path) as line:
        await until(lambda: line.office.codes[-1:] == ["not_a_modem"])
        await until(lambda: modem.wire_log().count("C: AT") > 20)
        assert "CFUN" not in modem.wire_log()
        modem.clear()
        await line.send()


async def test_a_device_that_falls_silent(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.inject("mute")
        await until(lambda: line.office.codes[-1:] == ["no_answer"])
        modem.clear()
        await line.send()


async def test_a_device_that_restarts_is_set_up_again(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.reboot()
        await until(lambda: "recovering" in line.office.codes)
        await line.up()
        assert modem.settings.cnmi[:2] == (2, 1)
        assert not modem.settings.echo


async def test_a_state_that_cannot_be_stored_does_not_stop_the_line(world: World, modem: Modem) -> None:
    office = Office(refuses=lambda event: True)
    async with running(modem.path, office) as line:
        await line.send()


def test_the_librarys_modem_class_is_never_loaded() -> None:
    """Its package imports it; we load its exceptions alone."""
    import subprocess
    import sys

    code = (
        "import sys, gateway.modem.supervisor, gateway.modem.errors as e\n"
        "assert 'gsmmodem.modem' not in sys.modules\n"
        "import gsmmodem.exceptions as theirs\n"
        "assert issubclass(e.PortError, theirs.GsmModemException)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
