"""Every family of devices is known, opened as it wants to be, and does what it can."""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields, replace

import pytest

from gateway.domain.line import Abilities
from gateway.modem.asking import Patience
from gateway.modem.line import ModemLine
from gateway.modem.profile import Profile
from gateway.modem.profiles import GENERIC, PROFILES, QUECTEL, profile_for
from tests.fake_modem import Modem, World
from tests.fake_modem.personality import PERSONALITIES

from .conftest import CALM, FAST, Running, part, running, until

TO = "+12025550123"
ALL = Abilities()
PROFILE_OF = {
    "generic-27005": "generic-27005",
    "huawei-e3131": "huawei",
    "huawei-e220-hang": "huawei",
    "zte-mf190": "zte",
    "quectel-ec25": "quectel",
    "sim800": "simcom-800",
    "sim7600": "simcom-7600",
    "telit-he910": "telit",
    "wavecom-q2403": "wavecom",
    "siemens-tc35": "siemens",
    "ublox-sara": "u-blox",
    "minimal-gsm": "generic-27005",
}
IN_TEXT_MODE = {"line-adapter-text", "text-gsm-ucs2"}
CANNOT = {"minimal-gsm": {"delivery_reports", "notifications", "ussd"}}
CNMI = {
    "huawei-e3131": "1,1,0,2,0",
    "zte-mf190": "1,1,0,1,0",
    "quectel-ec25": "2,1,0,1,0",
    "siemens-tc35": "2,1,0,2,1",
    "wavecom-q2403": "2,1,0,1,0",
    "minimal-gsm": "",
}
STORES = {
    "huawei-e3131": ("SM", "ME"),
    "quectel-ec25": ("ME", "SM", "SR"),
    "sim800": ("SM", "ME"),
    "wavecom-q2403": ("SM", "SR"),
    "telit-he910": ("ME", "SM"),
    "minimal-gsm": ("SM",),
}
SLOW = replace(FAST, patience=replace(FAST.patience, unknown_pace=Patience().unknown_pace))
"""Spoken to as a device is that nobody knows yet."""


def test_no_personality_is_left_out() -> None:
    assert set(PERSONALITIES) == PROFILE_OF.keys() | IN_TEXT_MODE


def wire_log(modem: Modem) -> str:
    """The wire log, with what was typed octet by octet joined."""
    return re.sub(
        r"^C: .*(?:\nC: .*)+",
        lambda typed: "C: " + typed[0].removeprefix("C: ").replace("\nC: ", ""),
        modem.wire_log(),
        flags=re.MULTILINE,
    )


def modem_line(line: Running) -> ModemLine:
    found = line.supervisor.line
    assert isinstance(found, ModemLine)
    return found


@pytest.mark.parametrize("name", PROFILE_OF)
async def test_every_personality_is_opened_and_used(name: str) -> None:
    async with World(seed=27005) as world:
        modem = await world.modem(personality=name)
        async with running(modem.path, rhythm=SLOW if name == "telit-he910" else FAST) as line:
            await line.send()
            facts, abilities = line.office.states[-1].facts, modem_line(line).abilities
            device = modem_line(line)._device  # nobody outside needs to know it
            world.phone(TO).text(modem.number, "hello")
            await until(lambda: line.office.removed)
            reports = name not in CANNOT
            await until(lambda: line.office.reports or not reports)
        assert world.phone(TO).texts() == ["Your table is ready."]
        assert facts["profile"] == PROFILE_OF[name]
        assert facts["imei"] == modem.imei
        assert facts["iccid"] == modem.sim.iccid
        assert lacking(abilities) == CANNOT.get(name, set())
        assert device.cnmi == CNMI.get(name, device.cnmi)
        assert device.stores == STORES.get(name, device.stores)
        assert modem.restarts == 0
        assert not world.complaints
        assert not modem.terminal.too_soon
        by_number = "AT+CRSM" in wire_log(modem)
        assert by_number == (name == "minimal-gsm"), "each family has a command for the ICCID"
        assert not re.search(r"C: AT(Z|&F|&W|\^U2DIAG)", wire_log(modem))


def lacking(abilities: Abilities) -> set[str]:
    return {one.name for one in fields(abilities) if getattr(abilities, one.name) != getattr(ALL, one.name)}


@pytest.mark.parametrize("name", sorted(PROFILE_OF.keys() - {"minimal-gsm", "generic-27005"}))
async def test_every_family_tells_the_tries_of_its_pin(name: str) -> None:
    async with World(seed=27005) as world:
        modem = await world.modem(personality=name, pin="1234")
        modem.sim.pin_tries = 2
        rhythm = SLOW if name == "telit-he910" else FAST
        async with running(modem.path, pin="9999", rhythm=rhythm) as line:
            await until(lambda: line.office.codes[-1:] == ["sim_pin_refused"])
            facts = line.office.states[-1].facts
            await asyncio.sleep(0.1)
        assert facts["pin_tries_left"] == "1"
        assert modem.pin_attempts == ["9999"]
        async with running(modem.path, pin="1234", rhythm=rhythm) as line:
            await until(lambda: line.office.codes[-1:] == ["sim_pin_last"])
        assert modem.pin_attempts == ["9999"]


@pytest.mark.parametrize("name", ["sim800", "sim7600", "quectel-ec25", "wavecom-q2403"])
async def test_after_a_restart_the_device_says_when_it_is_ready(name: str) -> None:
    async with World(seed=27005) as world:
        world.boot_pace = 0.05
        modem = await world.modem(personality=name, pin="1234")
        async with running(modem.path, pin="1234") as line:
            await line.send()
            modem.reboot()
            await until(lambda: line.office.codes[-1:] == ["recovering"])
            await line.send(part("again"))
        assert world.phone(TO).texts() == ["Your table is ready.", "again"]
        said = wire_log(modem)
        ready = max(said.rfind(notice) for notice in ("SMS Ready", "SMS DONE", "+WIND: 4"))
        assert ready > 0
        assert said.rfind("AT+CMGS=") > said.rfind("AT+CNMI=") > ready


async def test_a_device_that_refuses_texts_while_it_starts(world: World) -> None:
    """Its first words are lost to the speed that is not set yet: only refusals tell that it is starting."""
    world.boot_pace = 0.16
    modem = await world.modem(personality="sim800")
    async with running(modem.path) as line:
        await line.send()
        assert line.office.codes[:2] == ["opening", "ready"]
    assert wire_log(modem).count("C: AT+CMGF=0") > FAST.patience.retries


@pytest.mark.parametrize("name", sorted(PROFILE_OF.keys() - {"minimal-gsm", "telit-he910"}))
async def test_a_sim_that_is_pulled_is_noticed_at_once(name: str) -> None:
    async with World(seed=27005) as world:
        modem = await world.modem(personality=name)
        async with running(modem.path, rhythm=CALM) as line:
            await line.up()
            modem.inject("sim-pulled")
            await until(lambda: line.office.codes[-1:] == ["sim_missing"])
            modem.inject("sim-returned")
            await line.send()


async def test_a_zte_stick_is_calmed_before_anything_else(world: World) -> None:
    modem = await world.modem(personality="zte-mf190", pin="1234", parameters={"flood_every": 0.002})
    async with running(modem.path, pin="1234") as line:
        await line.send()
    asked = re.findall(r"^C: (.*)\\r$", wire_log(modem), re.MULTILINE)
    assert asked.index("AT+CPMS?") < asked.index("AT+CPIN?") < asked.index('AT+CPIN="1234"')
    assert "AT+CPMS?" in asked[asked.index('AT+CPIN="1234"') :][:3]
    assert modem.wire_log().count("ZUSIMR") < 200


# --- the table ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (("huawei", "E173", ""), "huawei"),
        (("ZTE CORPORATION", "MF667", ""), "zte"),
        (("Quectel", "EG25", ""), "quectel"),
        (("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", ""), "simcom-7600"),
        (("SIMCOM INCORPORATED", "A7670E-FASE", ""), "simcom-7600"),
        (("SIMCOM_Ltd", "SIMCOM_SIM800L", ""), "simcom-800"),
        (("SIMCOM_Ltd", "SIMCOM_SIM900", ""), "simcom-800"),
        (("", "SIM900", ""), "simcom-800"),
        (("Telit", "HE910", ""), "telit"),
        (("WAVECOM MODEM", "MULTIBAND  900E  1800", ""), "wavecom"),
        (("Sierra Wireless", "SL6087", ""), "wavecom"),
        (("Sierra Wireless, Incorporated", "MC7304", ""), "sierra"),
        (("SIEMENS", "TC35i", ""), "siemens"),
        (("Cinterion", "EHS6", ""), "siemens"),
        (("u-blox", "SARA-U270", ""), "u-blox"),
        (("NEOWAY", "M590E", ""), "neoway"),
        (("Ericsson", "F5521gw", ""), "generic-27005"),
        (("", "", ""), "generic-27005"),
    ],
    ids=" ".join,
)
def test_who_is_who(identity: tuple[str, str, str], name: str) -> None:
    assert profile_for(*identity).name == name


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_profiles_ask_nothing_dangerous(profile: Profile) -> None:
    asked = (*profile.calming, *profile.setup, *profile.iccid_commands, profile.reset_command)
    asked += tuple(counter.command for counter in profile.pin_counter_commands)
    for command in asked:
        assert re.match(r"AT[+^#!]", command)
        assert not re.search("U2DIAG|&F|&W|ATZ|QPOWD", command)
    assert set(profile.ussd) == {"packed", "plain", "ucs2"}
    assert all(mode in range(4) and reports in range(3) for mode, reports in profile.notices)
    assert all(number >= 512 for number in (*profile.cms, *profile.cme))


def test_reports_of_a_quectel_are_never_stored_where_they_are_not_announced() -> None:
    assert all(reports != 2 for _, reports in QUECTEL.notices)
    assert GENERIC is PROFILES[-1]


async def test_a_device_that_sleeps_is_told_not_to(world: World) -> None:
    modem: Modem = await world.modem(personality="ublox-sara")
    async with running(modem.path) as line:
        await line.up()
        assert modem.settings.extras["+UPSV"] == ("0",)
