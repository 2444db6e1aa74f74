"""The opening dialogue with devices that refuse, hesitate, lie and spell as they like."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from gateway.domain.line import LineSetup
from gateway.modem.answers import Info
from gateway.modem.device import Device
from gateway.modem.driver import Driver
from gateway.modem.errors import DeviceSilent, LineDown
from gateway.modem.startup import StartUp
from gateway.modem.stores import offer_of
from tests.fake_modem import Modem, World
from tests.fake_modem.answers import READ, SET, TEST, Answer, Cme, Cms, Command, Fail, line, ok

from .conftest import FAST, Office

Handler = Callable[[Modem, Command], Answer]


@contextlib.asynccontextmanager
async def opened(
    modem: Modem,
    office: Office | None = None,
    *,
    pin: str | None = None,
    smsc: str = "",
    hung: set[str] | None = None,
) -> AsyncIterator[Device]:
    """The device after its dialogue, still open."""
    driver = Driver(lambda news: None, lambda error: None, FAST.timing)
    await driver.open(modem.path)
    setup = LineSetup(modem.path, smsc=smsc)
    try:
        async with driver.wire:
            await driver.resync()
            yield await StartUp(driver, office or Office(), lambda: pin, FAST.patience, setup, hung).run()
    finally:
        driver.close()


async def refused(modem: Modem, office: Office | None = None, *, pin: str | None = None) -> LineDown:
    with pytest.raises(LineDown) as raised:
        async with opened(modem, office, pin=pin):
            pass
    return raised.value


def behave(modem: Modem, **handlers: Handler) -> None:
    """Replace what the modem does on commands, named without their plus."""
    overrides = modem.personality.overrides | {f"+{name}": handler for name, handler in handlers.items()}
    modem.personality = replace(modem.personality, overrides=overrides)


def offer(modem: Modem, **answers: str) -> None:
    """What the modem answers to `=?`."""
    offers = modem.personality.offers | {f"+{name}": f"+{name}: {text}" for name, text in answers.items()}
    modem.personality = replace(modem.personality, offers=offers)


def asked(modem: Modem, start: str) -> list[str]:
    lines = modem.wire_log().splitlines()
    return [text[3:].removesuffix("\\r") for text in lines if text.startswith(f"C: {start}")]


@pytest.mark.parametrize(
    ("fault", "params"),
    [
        ("cpin-no-ok", {}),
        ("cpin-quoted", {}),
        ("cpin-quoted", {"space": False}),
        ("no-space-after-colon", {}),
        ("verbose-errors", {}),
        ("sim-busy", {"seconds": 0.1}),
        ("airplane", {}),
        ("error-storm", {"command": "+CMEE"}),
        ("error-storm", {"command": "E"}),
        ("error-storm", {"command": "+CFUN"}),
        ("error-storm", {"command": "+CPIN"}),
        ("error-storm", {"command": "+CMGF", "result": "+CME ERROR: 14", "count": 4}),
        ("error-storm", {"command": "+CMGF", "result": "+CMS ERROR: 314", "count": 4}),
        ("error-storm", {"command": "+CNMI", "result": "+CMS ERROR: 314", "count": 4}),
        ("error-storm", {"command": "+CPMS", "result": "+CMS ERROR: 314", "count": 4}),
        ("drop-ok", {"command": "+CPMS"}),
        ("echo-returns-after-reset", {}),
        ("echo-on", {}),
        ("echo-split", {}),
    ],
    ids=str,
)
async def test_opened_all_the_same(modem: Modem, fault: str, params: dict[str, object]) -> None:
    modem.inject(fault, **params)
    async with opened(modem) as device:
        assert device.receives_into == "ME"
        assert device.cnmi == "2,1,0,1,0"
        assert device.facts["smsc"] == modem.sim.smsc


# --- the SIM -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["PH-NET PIN", "PH-SP PIN", "PH-SIM PIN", "PH-NETSUB PUK"])
async def test_a_device_bound_to_another_network(modem: Modem, state: str) -> None:
    modem.inject("sim-locked-network", state=state)
    down = await refused(modem)
    assert (down.code, down.facts["detail"]) == ("sim_locked", state)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ("+CME ERROR: 10", "sim_missing"),
        ("+CMS ERROR: 310", "sim_missing"),
        ("+CME ERROR: SIM not inserted", "sim_missing"),
        ("+CME ERROR: 13", "sim_failure"),
        ("+CME ERROR: 15", "sim_failure"),
        ("+CME ERROR: 12", "sim_puk"),
        ("+CME ERROR: 5", "sim_locked"),
        ("+CME ERROR: 42", "sim_locked"),
        ("+CMS ERROR: 312", "sim_locked"),
        ("+CME ERROR: 14", "sim_failure"),
    ],
)
async def test_what_an_error_says_of_the_sim(modem: Modem, result: str, code: str) -> None:
    modem.inject("error-storm", command="+CPIN", result=result)
    assert (await refused(modem)).code == code


@pytest.mark.parametrize(
    ("state", "code"), [("NOT INSERTED", "sim_missing"), ("NOT READY", "sim_missing"), ("?", "sim_failure")]
)
async def test_what_a_state_says_of_the_sim(modem: Modem, state: str, code: str) -> None:
    behave(modem, CPIN=lambda modem, command: line(f"+CPIN: {state}"))
    assert (await refused(modem)).code == code


@pytest.mark.parametrize("state", ["SIM PIN2", "SIM PUK2"])
async def test_the_second_pin_does_not_stop_texts(modem: Modem, state: str) -> None:
    behave(modem, CPIN=lambda modem, command: line(f"+CPIN: {state}"))
    async with opened(modem) as device:
        assert device.cnmi


async def test_no_sim_in_a_device_that_knows_only_error(modem: Modem) -> None:
    modem.inject("sim-absent")
    modem.inject("error-storm", command="+CMEE")
    assert (await refused(modem)).code == "sim_failure"


async def test_a_pin_that_was_not_understood_is_not_written_another_way(world: World) -> None:
    """A counter that stands still proves nothing: some devices say ERROR to a wrong PIN and lie about it."""
    modem = await world.modem(pin="1234")

    def lies(modem: Modem, command: Command) -> Answer:
        if command.kind == READ:
            return line(f"+CPIN: {modem.sim.state}")
        modem.sim.enter_pin(command.args[0])
        raise Fail

    behave(modem, CPIN=lies, CPINR=lambda modem, command: line("+CPINR: SIM PIN,3,3"))
    assert (await refused(modem, pin="9999")).code == "sim_pin_refused"
    assert modem.pin_attempts == ["9999"]


@pytest.mark.parametrize("counts", [True, False])
async def test_a_wrong_pin_is_never_written_twice(world: World, counts: bool) -> None:
    """Not even where the device's counter is behind."""
    modem = await world.modem(pin="1234")
    if not counts:
        behave(modem, CPINR=lambda modem, command: line("+CPINR: SIM PIN,3,3"))
    assert (await refused(modem, pin="9999")).code == "sim_pin_refused"
    assert modem.pin_attempts == ["9999"]
    assert len(asked(modem, "AT+CPIN=")) == 1


async def test_a_pin_that_is_not_answered_but_taken(world: World) -> None:
    modem = await world.modem(pin="1234")
    office = Office()

    def silent(modem: Modem, command: Command) -> Answer:
        if command.kind == SET:
            modem.sim.enter_pin(command.args[0])
            return Answer(result="")
        return line(f"+CPIN: {modem.sim.state}")

    behave(modem, CPIN=silent)
    async with opened(modem, office, pin="1234"):
        assert office.tried == set()


# --- stores ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "everywhere", "readable"),
    [
        ('("SM","ME"),("SM","ME"),("SM","ME")', ["ME", "SM"], ["ME", "SM"]),
        ('("ME","MT","SM","SR"),("ME","SM"),("SM")', ["SM"], ["ME", "SM", "SR"]),
        ('"ME","MT","SM"', ["ME", "SM"], ["ME", "SM"]),
        ("(),(),()", [], []),
        ('("ME","MT"),"ME",("SM")', ["ME", "SM"], ["ME"]),
        ('(("SM","BM","SR"),("SM"))', ["SM"], ["SM", "SR"]),
        ('    ( "SM"  , "ME" ), ( "SM" , "ME" ),   ( "SM" , "ME" )', ["ME", "SM"], ["ME", "SM"]),
        ("(SM,ME),(SM),(SM)", ["SM"], ["ME", "SM"]),
        ('("SM"),("SM"),("SM")', ["SM"], ["SM"]),
    ],
)
def test_how_stores_are_offered(text: str, everywhere: list[str], readable: list[str]) -> None:
    found = offer_of([Info(f"+CPMS: {text}")])
    assert (found.everywhere, found.readable) == (everywhere, readable)


def test_no_offer() -> None:
    assert offer_of(None).everywhere == offer_of([]).readable == []


@pytest.mark.parametrize(
    ("text", "chosen"),
    [('"ME","MT","SM"', "ME"), ('("ME","MT"),"ME",("SM")', "ME"), ('("SM"),("SM"),("SM")', "SM")],
)
async def test_the_store_that_is_used(modem: Modem, text: str, chosen: str) -> None:
    offer(modem, CPMS=text)
    async with opened(modem) as device:
        assert device.receives_into == device.stores[0] == chosen
        assert modem.settings.memories == (chosen,) * 3


async def test_the_sim_where_it_holds_more(world: World) -> None:
    modem = await world.modem(slots=50)
    async with opened(modem) as device:
        assert device.stores == ("SM", "ME")
        assert modem.settings.memories == ("SM", "SM", "SM")


async def test_what_the_device_uses_by_itself(modem: Modem) -> None:
    def fixed(modem: Modem, command: Command) -> Answer:
        if command.kind == SET:
            raise Cms(302)
        return line('+CPMS: "SM",1,20,"SM",1,20,"ME",0,23' if command.kind == READ else "+CPMS: (),(),()")

    behave(modem, CPMS=fixed)
    async with opened(modem) as device:
        assert (device.receives_into, device.stores) == ("SM", ("SM", "ME"))


async def test_two_pairs_answer_a_selection(modem: Modem) -> None:
    def pairs(modem: Modem, command: Command) -> Answer:
        if command.kind == TEST:
            return line('+CPMS: ("SM"),("SM")')
        if command.kind == SET and len(command.args) > 1:
            raise Cms(302)
        return line('+CPMS: "SM",3,20,"SM",3,20' if command.kind == READ else "+CPMS: 3,20,3,20")

    behave(modem, CPMS=pairs)
    async with opened(modem) as device:
        assert device.stores == ("SM",)
    assert 'AT+CPMS="SM"' in asked(modem, "AT+CPMS=")


async def test_no_store_at_all(modem: Modem) -> None:
    def none(modem: Modem, command: Command) -> Answer:
        if command.kind == SET:
            raise Cms(302)
        return line('+CPMS: "",0,0,"",0,0,"",0,0' if command.kind == READ else "+CPMS: (),(),()")

    behave(modem, CPMS=none)
    async with opened(modem) as device:
        assert device.stores == ()
        assert device.cnmi == "2,2,0,1,0"
        assert device.abilities.receives


async def test_a_device_that_tells_nothing_of_stores(modem: Modem) -> None:
    modem.inject("error-storm", command="+CPMS")
    assert (await refused(modem)).code == "unsupported"


# --- the service centre ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "configured", "known"),
    [
        (False, "", "+12025550199"),
        (False, "+447700900999", "+12025550199"),
        (True, "", ""),
        (True, "+447700900999", "+447700900999"),
        (True, "447700900999", ""),
    ],
)
async def test_the_service_centre(modem: Modem, lost: bool, configured: str, known: str) -> None:
    modem.sim.smsc = "" if lost else "+12025550199"
    async with opened(modem, smsc=configured) as device:
        assert device.facts["smsc"] == modem.sim.smsc == known


async def test_a_service_centre_in_hex(modem: Modem) -> None:
    modem.inject("csca-ucs2")
    async with opened(modem) as device:
        assert device.facts["smsc"] == modem.sim.smsc


# --- notices -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "setting"),
    [
        (((2,), (1,), (0,), (1,), (0,)), "2,1,0,1,0"),
        (((0, 1), (0, 1), (0,), (0, 2), (0, 1)), "1,1,0,2,0"),
        (((0, 3), (0, 1), (0,), (0,), (0,)), "3,1,0,0,0"),
        (((0,), (0,), (0,), (0,), (0,)), ""),
    ],
    ids=str,
)
async def test_the_best_notice_that_is_really_taken(
    modem: Modem, taken: tuple[tuple[int, ...], ...], setting: str
) -> None:
    modem.personality = replace(modem.personality, cnmi_taken=taken)
    async with opened(modem) as device:
        assert device.cnmi == setting
        assert device.abilities.notifications == bool(setting)
        assert device.abilities.delivery_reports == (setting[6:7] in ("1", "2"))
        assert device.abilities.receives


async def test_nothing_is_asked_for_that_owes_an_acknowledgement(modem: Modem) -> None:
    """A device that stays in service 1 (27.005 3.2.1) wants +CNMA for each report it hands over."""

    def stubborn(modem: Modem, command: Command) -> Answer:
        modem.settings.csms = 1
        return line("+CSMS: 1,1,1,1" if command.kind == READ else "+CSMS: 1,1,1")

    behave(modem, CSMS=stubborn)
    async with opened(modem) as device:
        assert device.cnmi == "2,1,0,2,0"


# --- the rest ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "ability"),
    [("+CSQ", "signal"), ("+CUSD", "ussd"), ("+CLIP", "calls"), ("+CNMI", "notifications")],
)
async def test_what_is_refused_cannot_be_done(modem: Modem, command: str, ability: str) -> None:
    modem.inject("error-storm", command=command)
    async with opened(modem) as device:
        assert not getattr(device.abilities, ability)
        assert device.abilities.receives


async def test_a_device_that_hangs_on_caller_numbers_is_not_asked_again(modem: Modem) -> None:
    def hangs(modem: Modem, command: Command) -> Answer:
        modem.inject("mute")
        return ok()

    behave(modem, CLIP=hangs)
    hung: set[str] = set()
    with pytest.raises(DeviceSilent):
        async with opened(modem, hung=hung):
            pass
    modem.clear()
    async with opened(modem, hung=hung) as device:
        assert not device.abilities.calls
        assert device.cnmi
    assert len(asked(modem, "AT+CLIP")) == 1


@pytest.mark.parametrize(("most", "link"), [("(0-2)", 2), ("(0,1)", 0), ("(0-1)", 0)])
async def test_the_link_is_kept_only_where_it_stays_open(modem: Modem, most: str, link: int) -> None:
    offer(modem, CMMS=most)
    async with opened(modem):
        assert modem.settings.switches.get("+CMMS", 0) == link


async def test_strings_come_as_letters_again(modem: Modem) -> None:
    """A device left in UCS2 understands hex alone."""
    modem.settings.cscs = "UCS2"
    plain = modem.personality

    def only_hex(modem: Modem, command: Command) -> Answer:
        if command.kind == SET and command.args[0] == "GSM" and modem.settings.cscs == "UCS2":
            raise Cme(50)
        if command.kind == SET:
            modem.settings.cscs = "GSM"
        return ok()

    assert "+CSCS" not in plain.overrides
    behave(modem, CSCS=only_hex)
    async with opened(modem):
        assert modem.settings.cscs == "GSM"
    assert asked(modem, "AT+CSCS=") == ['AT+CSCS="GSM"', 'AT+CSCS="00470053004D"']
