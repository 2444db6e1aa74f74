"""What is particular about each device, played over a pty."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from serial import Serial

from tests.fake_modem import FakeModem, Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.personality import PERSONALITIES
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
GUEST = "+447700900123"
CUSTOMER = "+12025550143"

Meet = Callable[..., Awaitable[tuple[Modem, Dte]]]


@pytest.fixture
async def meet(world: World) -> AsyncIterator[Meet]:
    """Plug in a device and open its port: `await meet("sim800", training_lines=0)`."""
    opened: list[Dte] = []

    async def plugged(name: str, *, pin: str | None = None, **parameters: Any) -> tuple[Modem, Dte]:
        modem = await world.modem(personality=name, pin=pin, parameters=parameters)
        opened.append(Dte(modem.path))
        return modem, opened[-1]

    yield plugged
    for dte in opened:
        dte.close()


async def prompt(dte: Dte, text: str = "\r\n> ", length: int = 42) -> None:
    await dte.write(f"AT+CMGS={length}\r")
    assert await dte.until(text) == text


def test_all_are_there() -> None:
    assert set(PERSONALITIES) == {
        "huawei-e3131", "huawei-e220-hang", "zte-mf190", "quectel-ec25", "sim800", "sim7600", "telit-he910",
        "wavecom-q2403", "siemens-tc35", "ublox-sara", "line-adapter-text", "text-gsm-ucs2", "generic-27005",
        "minimal-gsm",
    }  # fmt: skip
    assert all(device.name == name for name, device in PERSONALITIES.items())


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("huawei-e3131", ["huawei", "E3131", "21.157.31.00.00"]),
        ("huawei-e220-hang", ["huawei", "E220", "11.117.09.04.00"]),
        ("zte-mf190", ["ZTE INCORPORATED", "MF190", "BD_MF190V1.0.0B03"]),
        ("quectel-ec25", ["Quectel", "EC25", "EC25EFAR06A03M4G"]),
        ("sim800", ["SIMCOM_Ltd", "SIMCOM_SIM800L", "Revision:1418B04SIM800L24"]),
        ("sim7600", ["SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "LE20B04SIM7600M22"]),
        ("telit-he910", ["Telit", "HE910", "12.00.004"]),
        ("wavecom-q2403", ["WAVECOM MODEM", "MULTIBAND 900E 1800", "440_09gm.Q2403 1264484 041002 18:30"]),
        ("siemens-tc35", ["SIEMENS", "TC35i", "REVISION 03.01"]),
        ("ublox-sara", ["u-blox", "SARA-U270", "23.41"]),
        ("line-adapter-text", ["INSYS", "Modem 56k SMS", "2.03"]),
        ("text-gsm-ucs2", ["Generic", "Text mode", "1.0"]),
        ("generic-27005", ["Generic", "27.005", "1.0"]),
        ("minimal-gsm", ["GSM", "Phase 2", "1.0"]),
    ],
)
async def test_identity(meet: Meet, name: str, identity: list[str]) -> None:
    _, dte = await meet(name, training_lines=0, rest=0.0)
    await dte.ask("ATE0")
    assert [(await dte.ask(command))[-1] for command in ("AT+CGMI", "AT+CGMM", "AT+CGMR")] == identity


@pytest.mark.parametrize(
    ("name", "command", "answer"),
    [
        ("huawei-e3131", "AT^CPIN?", "^CPIN: SIM PIN,2,10,2,10,3"),
        ("huawei-e220-hang", "AT^CPIN?", "^CPIN: SIM PIN,2,10,2,10,3"),
        ("zte-mf190", "AT+ZPINPUK=?", "+ZPINPUK: 2,10"),
        ("quectel-ec25", "AT+QPINC?", '+QPINC: "SC",2,10'),
        ("sim800", "AT+SPIC", "+SPIC: 2,10,3,10"),
        ("sim7600", "AT+SPIC", "+SPIC: 2,10,3,10"),
        ("telit-he910", "AT#PCT", "#PCT: 2"),
        ("wavecom-q2403", "AT+CPINR", "+CPINR: SIM PIN,2,3"),
        ("siemens-tc35", "AT^SPIC", "^SPIC: 2"),
        ("ublox-sara", "AT+UPINCNT", "+UPINCNT: 2,3,10,10"),
        ("generic-27005", "AT+CPINR", "+CPINR: SIM PIN,2,3"),
    ],
)
async def test_a_wrong_pin_lowers_the_makers_counter(
    meet: Meet, name: str, command: str, answer: str
) -> None:
    modem, dte = await meet(name, pin="1234", training_lines=0, rest=0.0)
    await dte.ask("ATE0")
    await dte.refused('AT+CPIN="0000"')
    assert answer in await dte.ask(command)
    others = {"AT^CPIN?", "AT+ZPINPUK=?", "AT+QPINC?", "AT+SPIC", "AT#PCT", "AT+UPINCNT", "AT_OERCN?"}
    for other in others - {command}:
        assert (await dte.refused(other)).endswith("ERROR")
    assert modem.pin_attempts == ["0000"]


@pytest.mark.parametrize(
    ("name", "command", "form"),
    [
        ("huawei-e3131", "AT^ICCID", "^ICCID: {}"),
        ("zte-mf190", "AT+ZGETICCID", "+ZGETICCID: {}"),
        ("quectel-ec25", "AT+QCCID", "+QCCID: {}"),
        ("sim800", "AT+CCID", "{}"),
        ("sim7600", "AT+CICCID", "+ICCID: {}"),
        ("telit-he910", "AT#CCID", "#CCID: {}"),
        ("wavecom-q2403", "AT+CCID", '+CCID: "{}"'),
        ("siemens-tc35", "AT^SCID", "^SCID: {}"),
        ("ublox-sara", "AT+CCID", "+CCID: {}"),
    ],
)
async def test_the_sim_is_named_by_the_makers_command(meet: Meet, name: str, command: str, form: str) -> None:
    modem, dte = await meet(name, training_lines=0, rest=0.0)
    await dte.ask("ATE0")
    assert (await dte.ask(command))[-1] == form.format(modem.sim.iccid)
    assert (await dte.ask("AT+CRSM=176,12258,0,0,10"))[-1] == '+CRSM: 144,0,"981062000000000000F1"'


# --- Huawei ---------------------------------------------------------------------------------------------


async def test_huawei_refuses_what_it_lists(meet: Meet, world: World) -> None:
    modem, dte = await meet("huawei-e3131")
    await dte.set_up("AT+CREG=2")
    assert await dte.ask("AT+CNMI=?") == ["+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)"]
    assert await dte.refused("AT+CNMI=2,1,0,1,0") == "+CMS ERROR: 303"
    assert await dte.refused("AT+CNMI=2,1,0,2,0") == "+CMS ERROR: 303"
    assert await dte.refused("AT+CNMI=1,1,0,1,0") == "+CMS ERROR: 303"
    await dte.ask("AT+CNMI=1,1,0,2,0")
    assert await dte.ask("AT+CREG?") == ["+CREG: 2,1,0A,3799B"]
    assert (await dte.refused("AT+CNMA")).endswith("ERROR")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.until("0\r\n") == '\r\n+CMTI: "SM",0\r\n'


async def test_huawei_chatters_until_it_is_told_not_to(meet: Meet) -> None:
    _, dte = await meet("huawei-e3131", chatter_every=0.01)
    await dte.until("\r\n^RSSI:17\r\n")
    await dte.ask("AT^CURC=0")
    await dte.quiet(0.02)
    assert await dte.quiet(0.05) == b""
    await dte.write("AT^CURC=1\r")
    await dte.until("\r\n^RSSI:17\r\n")


async def test_huawei_tells_that_a_store_is_full(meet: Meet, world: World) -> None:
    modem, dte = await meet("huawei-e3131")
    modem.sim.store.capacity = 1
    await dte.set_up("AT+CNMI=1,1,0,2,0")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert '\r\n^SMMEMFULL:"SM"\r\n' in await dte.match(r'\^SMMEM.*\r\n(.*\+CMTI: "SM",0\r\n)?')


async def test_huawei_ussd_is_packed(meet: Meet, world: World) -> None:
    _, dte = await meet("huawei-e3131")
    world.network.ussd["*100#"] = "Balance 4.20"
    await dte.write('AT+CUSD=1,"AA180C3602",15\r')
    assert "C2303BEC1E974134970C06" in await dte.match(r"\+CUSD: 0,.*\r\n")


async def test_huawei_leaves_the_bus_on_reset(meet: Meet, world: World) -> None:
    modem, dte = await meet("huawei-e3131")
    device = modem.wires[0].device  # type: ignore[attr-defined]
    await dte.ask("AT+CFUN=1,1")
    async with asyncio.timeout(3):
        while modem.restarts < 1 or not modem.plugged:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert modem.wires[0].device != device  # type: ignore[attr-defined]


async def test_e220_hangs_after_so_many_commands_until_replugged(meet: Meet) -> None:
    modem, dte = await meet("huawei-e220-hang", hang_after_commands=2, boot_every=0.02)
    await dte.ask("AT+CSQ")
    assert await dte.ask("AT+CPMS=?") == ["AT+CPMS=?\r", '+CPMS: "SM","ME"']
    await dte.write("AT+CSQ\r")
    await dte.until("\r\n^BOOT:91409020,0,0,0,6\r\n\r\n^BOOT:91409020,0,0,0,6\r\n")
    await dte.write("AT+CMGF=1\r")
    assert b"OK" not in await dte.quiet(0.1)
    assert "+CMGF" not in modem.commands
    modem.vanish()
    modem.come_back()
    again = Dte(modem.path)
    assert (await again.ask("AT+CSQ"))[-1] == "+CSQ: 17,99"
    again.close()


async def test_e220_hangs_after_a_while_and_knows_no_reset(meet: Meet) -> None:
    _, dte = await meet("huawei-e220-hang", hang_after=0.15, boot_every=0.02)
    await dte.ask("ATE0")
    assert await dte.refused("AT+CFUN=1,1") == "ERROR"
    await dte.until("\r\n^BOOT:91409020,0,0,0,6\r\n")


# --- ZTE ------------------------------------------------------------------------------------------------


async def test_zte_floods_until_asked_for_its_stores(meet: Meet) -> None:
    _, dte = await meet("zte-mf190", pin="1234", flood_every=0.01)
    await dte.until("+ZUSIMR:2\r\n\r\n+ZUSIMR:2\r\n")
    await dte.write("ATE0\r")
    await dte.until("OK\r\n")
    await dte.write("AT+CPMS?\r")
    await dte.until("ERROR\r\n")
    await dte.quiet(0.02)
    assert await dte.quiet(0.05) == b""
    await dte.ask('AT+CPIN="1234"')
    await dte.until("+ZUSIMR:2\r\n")
    await dte.write("AT+CPMS?\r")
    await dte.until('"SM",0,20\r\n\r\nOK\r\n')
    await dte.quiet(0.02)
    assert await dte.quiet(0.05) == b""


async def test_zte_crashes_of_its_own_flood(meet: Meet) -> None:
    modem, dte = await meet("zte-mf190", flood_every=0.005, flood_crash=3)
    await asyncio.sleep(0.05)
    await dte.quiet(0.05)
    await dte.write("AT\r")
    assert await dte.quiet(0.1) == b""
    modem.vanish()
    modem.come_back()
    again = Dte(modem.path)
    await again.write("AT\r")
    await again.until("OK\r\n")
    again.close()


async def test_zte_takes_mode_1_only_and_puts_a_comma_into_reports(meet: Meet) -> None:
    _, dte = await meet("zte-mf190")
    await dte.set_up()
    assert '( "SM"  , "ME" )' in (await dte.ask("AT+CPMS=?"))[0]
    assert await dte.refused("AT+CNMI=2,1,0,1,0") == "+CMS ERROR: 303"
    await dte.ask("AT+CNMI=1,1,0,1,0")
    await dte.send(S1)
    assert await dte.match(r"\+CDS: .*\r\n") == "\r\n+CDS: ,25\r\n"


# --- Quectel --------------------------------------------------------------------------------------------

QUECTEL_BANNER = ["RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"]


async def test_quectel_starts_when_its_sim_is_open(meet: Meet) -> None:
    _, dte = await meet("quectel-ec25", pin="1234")
    await dte.until("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: SIM PIN\r\n")
    await dte.ask("ATE0")
    assert await dte.ask("AT+QPINC?") == ['+QPINC: "SC",3,10', '+QPINC: "P2",3,10']
    await dte.ask('AT+CPIN="1234"')
    told = await dte.until("PB DONE\r\n")
    assert [line for line in told.split("\r\n") if line] == QUECTEL_BANNER[2:]


async def test_quectel_announces_reports_in_the_wrong_store(meet: Meet) -> None:
    _, dte = await meet("quectel-ec25")
    await dte.until("PB DONE\r\n")
    await dte.set_up("AT+CNMI=2,1,0,2,0")
    await dte.send(S1)
    assert await dte.until('"SM",0\r\n') == '\r\n+CDSI: "SM",0\r\n'
    await dte.ask('AT+CPMS="SM"')
    assert await dte.refused("AT+CMGR=0") == "+CMS ERROR: 321"
    assert await dte.ask('AT+CPMS="SR"') == ["+CPMS: 1,20,0,23,0,23"]
    assert (await dte.ask("AT+CMGR=0"))[0] == "+CMGR: 0,,25"


async def test_quectel_switched_off_stays_off(meet: Meet) -> None:
    modem, dte = await meet("quectel-ec25")
    await dte.ask("AT+QPOWD=1")
    async with asyncio.timeout(3):
        while not modem.restarts:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert not modem.plugged


async def test_quectel_notices_may_come_out_elsewhere(meet: Meet, world: World) -> None:
    modem, dte = await meet("quectel-ec25", notice_port="usbmodem")
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.quiet(0.05) == b""
    await dte.ask('AT+QURCCFG="urcport","usbat"')
    world.phone(CUSTOMER).text(modem.number, "Hello again")
    await dte.until('+CMTI: "ME",1\r\n')


# --- SIMCom ---------------------------------------------------------------------------------------------


async def test_sim800_trains_its_speed_and_is_slow_to_start(meet: Meet, world: World) -> None:
    world.boot_pace = 0.1
    _, dte = await meet("sim800")
    await dte.write("\x1bAT\r")
    assert b"AT" not in await dte.quiet(0.03)
    await dte.ask("ATE0")
    assert await dte.refused("AT+CMGF=0") == "ERROR"
    assert (await dte.until("SMS Ready\r\n")).replace("\r\n", "|") == "|+CPIN: READY||Call Ready||SMS Ready|"
    await dte.ask("AT+CMGF=0")
    assert await dte.refused("AT+CEREG=2") == "ERROR"


async def test_sim800_browns_out(meet: Meet, world: World) -> None:
    _, dte = await meet("sim800", training_lines=0, brown_out_every=1)
    await dte.until("SMS Ready\r\n")
    await dte.set_up()
    await prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.until("+CFUN: 1\r\n") == "\x00\x00\r\nRDY\r\n\r\n+CFUN: 1\r\n"
    assert len(world.phone(GUEST).texts()) == 1


async def test_sim800_gives_flash_and_voicemail_directly(meet: Meet, world: World) -> None:
    modem, dte = await meet("sim800", training_lines=0)
    await dte.until("SMS Ready\r\n")
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    for sample in ("D5", "D13"):
        world.phone(CUSTOMER).pdu(modem.number, bytes.fromhex(SAMPLES[sample][1])[8:])
    await dte.until('\r\n+CMT: "",28\r\n')
    await dte.until('\r\n+CMT: "",15\r\n')
    world.phone(CUSTOMER).text(modem.number, "Hello")
    await dte.until('+CMTI: "SM",1\r\n')
    assert (await dte.ask("AT+CMGL=4"))[0].startswith('+CMGL: 1,0,"",')


async def test_sim7600_counts_from_0_and_tells_more(meet: Meet, world: World) -> None:
    modem, dte = await meet("sim7600")
    await dte.until("\r\nSMS DONE\r\n\r\nPB DONE\r\n")
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    modem.sim.store.capacity = 1
    world.phone(CUSTOMER).text(modem.number, "Hello")
    told = await dte.until('+CMTI: "SM",0\r\n')
    assert "\r\n+SMS FULL\r\n" in told
    world.phone(CUSTOMER).call(modem.number, rings=1, gap=0.01)
    assert CUSTOMER in await dte.match(r"MISSED_CALL: \d\d:\d\d[AP]M \S+\r\n")


# --- Telit ----------------------------------------------------------------------------------------------


async def test_telit_drops_what_comes_too_soon(meet: Meet) -> None:
    modem, dte = await meet("telit-he910", rest=0.2)
    await dte.ask("AT")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet(0.25) == b""
    assert (await dte.ask("AT+CSQ"))[-1] == "+CSQ: 17,99"
    assert modem.commands["+CSQ"] == 1


async def test_telit_leaves_the_bus_by_its_own_command(meet: Meet) -> None:
    modem, dte = await meet("telit-he910", reset_seconds=1.0)
    await dte.ask("AT#REBOOT")
    async with asyncio.timeout(3):
        while not (modem.restarts and modem.plugged):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_telit_reports_only_where_csmp_says_so(meet: Meet, world: World) -> None:
    _, dte = await meet("telit-he910", rest=0.0)
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    await dte.send(S1)
    assert await dte.quiet(0.05) == b""
    await dte.ask("AT+CSMP=49,167,0,0")
    await dte.send(S1)
    await dte.until("+CDS: 25\r\n")
    assert len(world.phone(GUEST).texts()) == 2


async def test_telit_prompts_for_each_line(meet: Meet, world: World) -> None:
    _, dte = await meet("telit-he910", rest=0.0)
    await dte.set_up("AT+CMGF=1")
    await dte.write(f'AT+CMGS="{GUEST}"\r')
    await dte.until("\r\n> ")
    await dte.write("One\rTwo\r")
    await dte.until("\r\n> \r\n> ")
    await dte.write("Three\x1a")
    await dte.until("OK\r\n")
    assert world.phone(GUEST).texts() == ["One\nTwo\nThree"]


# --- Wavecom, Siemens, u-blox -----------------------------------------------------------------------------


async def test_wavecom(meet: Meet, world: World) -> None:
    world.boot_pace = 0.1
    _, dte = await meet("wavecom-q2403")
    await dte.until("\r\n+WIND: 1\r\n\r\n+WIND: 3\r\n")
    await dte.ask("AT+CMEE=1")
    await dte.write("AT+CPIN?\r")
    assert await dte.quiet(0.05) == b"\r\n+CPIN: READY\r\n"
    assert await dte.refused("AT+CMGF=0") == "+CME ERROR: 515"
    await dte.until("\r\n+WIND: 4\r\n")
    await dte.ask("AT+CMGF=0")
    assert await dte.ask("AT+CPMS=?") == ['+CPMS: (("SM","BM","SR"),("SM"))']
    assert await dte.ask('AT+CPMS="SM"') == ["+CPMS: 0,30,0,30"]
    assert await dte.refused('AT+CPMS="SM","SM","SM"') == "+CMS ERROR: 302"
    assert await dte.ask("AT+CPMS?") == ['+CPMS: "SM",0,30,"SM",0,30']
    await dte.ask("AT+CNMI=2,1,0,2,0")
    await prompt(dte, "\r\n>")
    await dte.write(S1 + "\x1a")
    assert (await dte.until("OK\r\n")).startswith(S1 + "\x1a\r\n+CMGS: ")
    await dte.until('+CDSI: "SR",1\r\n')


async def test_siemens(meet: Meet, world: World) -> None:
    modem, dte = await meet("siemens-tc35")
    await dte.until("\r\n^SYSSTART\r\n")
    await dte.set_up()
    assert (await dte.ask("AT+CNMI=?"))[0].endswith(",(1)")
    assert await dte.refused("AT+CNMI=2,1,0,0,0") == "+CMS ERROR: 303"
    assert await dte.refused("AT+CNMI=2,1,0,1,1") == "+CMS ERROR: 303"
    assert await dte.refused("AT+CNMI=2,2,0,0,1") == "+CMS ERROR: 303"
    await dte.ask("AT+CNMI=2,1,0,2,1")
    await dte.ask("AT+CSMS=1")
    await dte.ask("AT+CNMI=2,2,0,1,1")
    for text in ("One", "Two"):
        world.phone(CUSTOMER).text(modem.number, text)
    await dte.match(r"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    assert await dte.quiet(0.05) == b""
    await dte.write("AT+CNMA=0\r")
    await dte.match(r"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    await dte.quiet(0.03)
    assert await dte.ask("AT\\Q3") == []


async def test_ublox_sleeps_and_tells_of_voicemail(meet: Meet, world: World) -> None:
    modem, dte = await meet("ublox-sara", sleep_after=0.1)
    await dte.ask("ATE0")
    await asyncio.sleep(0.12)
    await dte.write("\x1bAT\r")
    assert await dte.quiet(0.05) == b""
    await dte.ask("AT")
    await dte.ask("AT+UPSV=0")
    await asyncio.sleep(0.12)
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    world.phone(CUSTOMER).pdu(modem.number, bytes.fromhex(SAMPLES["D12"][1])[8:])
    await dte.until("\r\n+UMWI: 1,1\r\n")
    await dte.until('+CMTI: "SM",305\r\n')
    await dte.ask("AT+UMWI=0")
    world.phone(CUSTOMER).pdu(modem.number, bytes.fromhex(SAMPLES["D13"][1])[8:])
    assert "+UMWI" not in await dte.until('"SM",306\r\n')


# --- devices of no maker ----------------------------------------------------------------------------------


async def test_line_adapter_is_full_of_dummies(meet: Meet, world: World) -> None:
    modem, dte = await meet("line-adapter-text")
    await dte.ask("ATE0")
    for command in ("AT+CMEE=1", "AT+CMGF=0", "AT+CSCS=?", "AT+CSMP=?", "AT+CNMI=?", "AT+CGSN", "AT+CSCA?"):
        assert await dte.refused(command) == "ERROR"
    await dte.ask("AT+CMGF=1")
    assert await dte.ask("AT+CSQ") == ["+CSQ: 20.99"]
    assert await dte.ask("AT+CREG?") == ["+CREG: 0,1"]
    world.phone("02079460456").text(modem.number, 'OK\r\nERROR in my bill\r\n+CMTI: "SM",1')
    assert await dte.ask("AT+CPMS?") == ['+CPMS: "MT",8,40,"MT",8,40,"MT",8,40']
    await dte.write('AT+CMGL="ALL"\r')
    listed = await dte.until('+CMTI: "SM",1\r\n\r\nOK\r\n')
    header, body = listed.removeprefix("\r\n").split("\r\n", 1)
    assert header.startswith('+CMGL: 1,"REC UNREAD","02079460456",,"')
    assert header[-6:-3].count(":") == 1 and header.count(":") == 2
    assert body.startswith("OK\r\nERROR in my bill\r\n")
    await dte.ask("AT+CMGD=1")
    assert await dte.quiet(0.03) == b""


async def test_line_adapter_calls_for_each_text(meet: Meet, world: World) -> None:
    modem, dte = await meet("line-adapter-text", call_seconds=(0.05, 0.06))
    await dte.ask("ATE0")

    async def send(to: str) -> str:
        await dte.write(f'AT+CMGS="{to}"\r')
        await dte.until("\r\n> ")
        await dte.write("Your table is booked for 19:30.\x1a")
        return (await dte.match(r"\r\n(OK|NO .*)\r\n")).replace("\r\n", "|")

    before = asyncio.get_running_loop().time()
    assert await send("07700900123") == "|+CMGS: 000||OK|"
    assert asyncio.get_running_loop().time() - before >= 0.05
    assert world.phone("07700900123").texts() == ["Your table is booked for 19:30."]
    world.network.refuse("07700900124", 38)
    assert await send("07700900124") == "|NO CARRIER|"
    modem.register(0)
    assert await send("07700900123") == "|NO DIALTONE|"
    assert await dte.refused('AT+CMGS="x"') == "ERROR"


async def test_line_adapter_tells_who_calls(meet: Meet, world: World) -> None:
    modem, dte = await meet("line-adapter-text")
    world.phone("02079460456").call(modem.number, rings=2, gap=0.01)
    got = await dte.until("NO CARRIER\r\n")
    assert got.replace("\r\n", "|") == "|RING||NMBR = 02079460456||RING||NO CARRIER|"


async def test_text_mode_in_ucs2(meet: Meet, world: World) -> None:
    modem, dte = await meet("text-gsm-ucs2")
    await dte.ask("ATE0")
    assert await dte.refused("AT+CMGF=0") == "ERROR"
    for command in ("AT+CMGF=1", 'AT+CSCS="UCS2"', "AT+CSMP=49,167,0,8", "AT+CSDH=1", "AT+CNMI=2,2,0,1,0"):
        await dte.ask(command)
    number = GUEST.encode("utf-16-be").hex().upper()
    await dte.write(f'AT+CMGS="{number}"\r')
    await dte.until("> ")
    await dte.write("0413043E0442043E0432043E\x1a")
    await dte.match(r"\+CMGS: \d+\r\n\r\nOK\r\n")
    assert world.phone(GUEST).texts() == ["Готово"]
    report = await dte.match(r"\+CDS: .*\r\n")
    assert report.startswith(f'\r\n+CDS: 6,{modem.reference},"{number}",145,"')
    assert report.endswith(",0\r\n")
    world.phone(CUSTOMER).text(modem.number, "Alarm test")
    got = await dte.until("0074\r\n")
    sender = CUSTOMER.encode("utf-16-be").hex().upper()
    assert got.startswith(f'\r\n+CMT: "{sender}","","')
    assert got.endswith(",145,10\r\n" + "Alarm test".encode("utf-16-be").hex().upper() + "\r\n")


async def test_minimal(meet: Meet, world: World) -> None:
    modem, dte = await meet("minimal-gsm", numeric=True)
    await dte.write("ATE0\r")
    await dte.until("\r0\r")
    await dte.write("AT+CNMI=?\r")
    assert await dte.until("4\r") == "4\r"
    await dte.ask("ATV1")
    for command in ("AT+CMEE=1", "AT+CSMS=1", "AT+CNMI=2,1", "AT+CNMA", "AT+CGREG?"):
        assert await dte.refused(command) == "ERROR"
    assert await dte.ask("AT+CSMS?") == ["+CSMS: 0,1,1,1"]
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.quiet(0.03) == b""
    assert len(await dte.ask("AT+CMGL=4")) == 2


# --- the program ------------------------------------------------------------------------------------------


def test_the_program_is_any_device() -> None:
    with FakeModem(
        "--personality", "sim800", "--parameter", "training_lines=0", "--boot-pace", "0.01"
    ) as fake:
        assert fake.control.state()["stores"]["SM"] == [0, 30]
        with Serial(fake.path, timeout=3) as port:
            port.write(b"AT+CGMM\r")
            assert b"SIMCOM_SIM800L" in port.read_until(b"OK\r\n")
