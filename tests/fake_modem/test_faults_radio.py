"""Each fault of the SIM and of the network does what its name says, and nothing after it is cleared."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.fake_modem import Modem, World
from tests.fake_modem.commands_general import read_stamp, stamp
from tests.fake_modem.conftest import Dte
from tests.fake_modem.faults import FAULTS
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
GUEST = "+447700900123"


def test_all_are_there() -> None:
    assert set(FAULTS) >= {
        "sim-absent", "sim-pin", "sim-puk", "sim-busy", "sim-pulled", "sim-returned", "sim-other",
        "sim-locked-network", "cpin-no-ok", "cpin-quoted", "retry-counter", "reg", "reg-blink-after-send",
        "csq", "csq-99", "csq-dot", "no-csca", "csca-lost-after", "csca-ucs2", "airplane", "cfun-reset",
        "cfun-reset-ignored", "cfun-reset-other-usb-mode", "balance-exhausted", "clock",
    }  # fmt: skip


async def until(modem: Modem, condition: str) -> None:
    """Let the loop run until an attribute of the modem is true."""
    async with asyncio.timeout(3):
        while not getattr(modem, condition):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


# --- the SIM ------------------------------------------------------------------------------------------


async def test_sim_absent(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-absent")
    assert await dte.refused("AT+CPIN?") == "+CME ERROR: 10"
    assert await dte.refused("AT+CCID") == "+CME ERROR: 10"
    assert await dte.refused("AT+CMGL=4") == "+CMS ERROR: 310"
    assert await dte.ask("AT+CREG?") == ["+CREG: 0,0"]
    modem.clear("sim-absent")
    assert await dte.ask("AT+CPIN?") == ["+CPIN: READY"]


async def test_sim_pin_counts_tries(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-pin", pin="4711", tries=2)
    assert await dte.ask("AT+CPIN?") == ["+CPIN: SIM PIN"]
    assert await dte.refused('AT+CPIN="0000"') == "+CME ERROR: 16"
    assert (await dte.ask("AT+CPINR"))[0] == "+CPINR: SIM PIN,1,3"
    await dte.ask('AT+CPIN="4711"')
    await dte.until("+CPIN: READY\r\n")


async def test_sim_puk(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-puk", puk="87654321", tries=9)
    assert await dte.ask("AT+CPIN?") == ["+CPIN: SIM PUK"]
    assert await dte.refused("AT+CMGL=4") == "+CMS ERROR: 316"
    assert await dte.ask("AT+CPINR") == ["+CPINR: SIM PIN,0,3", "+CPINR: SIM PUK,9,10"]
    assert await dte.refused('AT+CPIN="11111111","1234"') == "+CME ERROR: 12"
    await dte.ask('AT+CPIN="87654321","1234"')
    await dte.until("+CPIN: READY\r\n")


async def test_sim_busy(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-busy", seconds=0.2)
    assert await dte.refused("AT+CPIN?") == "+CME ERROR: 14"
    assert await dte.refused("AT+CPMS?") == "+CMS ERROR: 314"
    assert await dte.refused("AT+CCID") == "+CME ERROR: 14"
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]
    await asyncio.sleep(0.2)
    assert await dte.ask("AT+CPIN?") == ["+CPIN: READY"]


async def test_sim_pulled_and_returned(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.sim.pin = "1234"
    modem.inject("sim-pulled")
    assert await dte.until("\r\n+CPIN: NOT INSERTED\r\n") == "\r\n+CPIN: NOT INSERTED\r\n"
    assert await dte.refused("AT+CPIN?") == "+CME ERROR: 10"
    world.phone("+12025550143").text(modem.number, "Hello")
    modem.inject("sim-returned")
    assert await dte.ask("AT+CPIN?") == ["+CPIN: SIM PIN"]
    await dte.ask('AT+CPIN="1234"')
    assert "+CPIN: READY" in await dte.until('+CMTI: "SM",1\r\n')


async def test_sim_pulled_in_silence(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-pulled", sign=False)
    assert await dte.quiet(0.03) == b""
    modem.inject("sim-returned")
    await dte.until("+CPIN: READY\r\n")


async def test_sim_other(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    before = [await dte.ask("AT+CCID"), await dte.ask("AT+CIMI")]
    modem.fill_store("+12025550199", 1)
    modem.inject("sim-pulled", sign=False)
    modem.inject("sim-other")
    await dte.until("+CPIN: READY\r\n")
    after = [await dte.ask("AT+CCID"), await dte.ask("AT+CIMI")]
    assert before[0] != after[0] and before[1] != after[1]
    assert len(after[0][0]) == len(before[0][0]) and len(after[1][0]) == len(before[1][0])
    assert await dte.ask("AT+CMGL=4") == []
    modem.inject("sim-other", iccid="8944000000000000017", imsi="001010000000042", pin="1111")
    assert await dte.ask("AT+CCID") == ["+CCID: 8944000000000000017"]
    assert await dte.ask("AT+CPIN?") == ["+CPIN: SIM PIN"]


async def test_sim_locked_network(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-locked-network")
    assert await dte.ask("AT+CPIN?") == ["+CPIN: PH-NET PIN"]
    assert await dte.refused("AT+CIMI") == "+CME ERROR: 40"
    assert await dte.refused("AT+CMGL=4") == "+CMS ERROR: 302"
    assert await dte.refused('AT+CPIN="1234"') == "+CME ERROR: 3"
    modem.clear()
    assert await dte.ask("AT+CPIN?") == ["+CPIN: READY"]


async def test_cpin_no_ok(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cpin-no-ok")
    await dte.write("AT+CPIN?\r")
    assert await dte.quiet(0.05) == b"\r\n+CPIN: READY\r\n"
    modem.clear()
    assert await dte.ask("AT+CPIN?") == ["+CPIN: READY"]


async def test_cpin_quoted(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cpin-quoted")
    assert await dte.ask("AT+CPIN?") == ['+CPIN: "READY"']
    modem.clear()
    modem.inject("cpin-quoted", space=False)
    assert await dte.ask("AT+CPIN?") == ['+CPIN:"READY"']


@pytest.mark.parametrize(
    ("command", "asked", "answer"),
    [
        ("^CPIN", "AT^CPIN?", ["^CPIN: READY,,10,3,10,3"]),
        ("+ZPINPUK", "AT+ZPINPUK=?", ["+ZPINPUK: 3,10"]),
        ("_OERCN", "AT_OERCN?", ["_OERCN: 3,10"]),
        ("*EPIN", "AT*EPIN?", ["*EPIN: 3,10,3,10"]),
        ("%PINNUM", "AT%PINNUM?", ["%PINNUM: 3,10,3,10"]),
        ("+QPINC", "AT+QPINC?", ['+QPINC: "SC",3,10', '+QPINC: "P2",3,10']),
    ],
)
async def test_retry_counter(dte: Dte, modem: Modem, command: str, asked: str, answer: list[str]) -> None:
    await dte.set_up()
    modem.inject("retry-counter", command=command)
    assert await dte.ask(asked) == answer
    assert await dte.refused("AT+CPINR") == "ERROR"
    modem.clear()
    assert await dte.refused(asked) == "ERROR"
    assert len(await dte.ask("AT+CPINR")) == 2


async def test_no_retry_counter(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("retry-counter", command=None)
    assert await dte.refused("AT+CPINR") == "ERROR"
    with pytest.raises(ValueError, match="knows no command"):
        modem.inject("retry-counter", command="+NONE")


# --- registration and signal ----------------------------------------------------------------------------


async def test_reg_goes_through_its_states(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CREG=1")
    modem.inject("reg", states=[0, 2, 3, 8, 5], every=0.01)
    told = await dte.until("+CREG: 5\r\n")
    assert [line[-1] for line in told.split("\r\n") if line] == list("02385")
    assert await dte.ask("AT+CEREG?") == ["+CEREG: 0,5"]


async def test_reg_of_one_command_alone(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CEREG=2")
    modem.register(2)
    await dte.quiet(0.02)
    modem.inject("reg", states=[1], command="+CEREG", quoted=False)
    assert (await dte.ask("AT+CEREG?"))[-1] == "+CEREG: 2,1,00C3,0000A1B2,7"
    assert await dte.ask("AT+CREG?") == ["+CREG: 0,2"]
    assert (await dte.send(S1)).endswith("OK")
    modem.clear("reg")
    assert (await dte.ask("AT+CEREG?"))[-1] == "+CEREG: 2,2"
    assert "331" in await dte.send(S1)


async def test_reg_blinks_after_a_text(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CREG=1")
    modem.inject("reg-blink-after-send", stat=2, blink=0.1)
    await dte.send(S1)
    await dte.until("+CREG: 2\r\n")
    assert await dte.ask("AT+CREG?") == ["+CREG: 1,2"]
    assert (await dte.send(S1)).endswith("OK")
    await dte.until("+CREG: 1\r\n")
    assert len(world.phone(GUEST).texts()) == 2


async def test_csq(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("csq", values=[31, 7, 2], ber=0)
    answers = [(await dte.ask("AT+CSQ"))[0] for _ in range(4)]
    assert answers == ["+CSQ: 31,0", "+CSQ: 7,0", "+CSQ: 2,0", "+CSQ: 2,0"]


async def test_csq_99_and_dot(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("csq-99")
    assert await dte.ask("AT+CSQ") == ["+CSQ: 99,99"]
    modem.clear()
    modem.inject("csq-dot")
    assert await dte.ask("AT+CSQ") == ["+CSQ: 20.99"]
    modem.clear()
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]


# --- service centre -------------------------------------------------------------------------------------


async def test_no_csca(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("no-csca")
    assert await dte.ask("AT+CSCA?") == ['+CSCA: "",129']
    assert await dte.send(S1) == "+CMS ERROR: 330"
    await dte.ask('AT+CSCA="+12025550190",145')
    assert (await dte.send(S1)).endswith("OK")
    modem.inject("no-csca", forgets=True)
    await dte.ask('AT+CSCA="+12025550190",145')
    assert await dte.send(S1) == "+CMS ERROR: 330"


async def test_csca_lost_after(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("csca-lost-after", after=0.05)
    assert await dte.ask("AT+CSCA?") == ['+CSCA: "+12025550190",145']
    await asyncio.sleep(0.06)
    assert await dte.ask("AT+CSCA?") == ['+CSCA: "",129']


async def test_csca_ucs2(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("csca-ucs2")
    number = "+12025550190".encode("utf-16-be").hex().upper()
    assert await dte.ask("AT+CSCA?") == [f'+CSCA: "{number}",145']


# --- the radio and its restart --------------------------------------------------------------------------


async def test_airplane(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CREG=1")
    modem.inject("airplane")
    await dte.until("+CREG: 0\r\n")
    assert await dte.ask("AT+CFUN?") == ["+CFUN: 4"]
    assert await dte.ask("AT+CSQ") == ["+CSQ: 99,99"]
    assert await dte.send(S1) == "+CMS ERROR: 331"
    await dte.ask("AT+CFUN=1")
    assert (await dte.send(S1)).endswith("OK")
    modem.clear()
    modem.inject("airplane", level=0)
    assert (await dte.ask("AT+CFUN?"))[-1] == "+CFUN: 0"
    modem.clear()
    assert (await dte.ask("AT+CFUN?"))[-1] == "+CFUN: 1"


async def test_cfun_reset_leaves_the_bus(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cfun-reset", after=0.05)
    await dte.ask("AT+CFUN=1,1")
    await until(modem, "restarts")
    assert not modem.plugged
    await until(modem, "plugged")
    again = Dte(modem.path)
    assert (await again.ask("AT+CSQ"))[-1] == "+CSQ: 17,99"
    again.close()


async def test_cfun_reset_ignored(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cfun-reset-ignored")
    await dte.ask("AT+CFUN=1,1")
    modem.clear()
    modem.inject("cfun-reset-ignored", refused=True)
    assert await dte.refused("AT+CFUN=1,1") == "ERROR"
    assert modem.restarts == 0
    assert await dte.ask("AT+CFUN=1") == []


async def test_cfun_reset_other_usb_mode(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cfun-reset-other-usb-mode")
    await dte.ask("AT+CFUN=1,1")
    await until(modem, "restarts")
    await asyncio.sleep(0.05)
    assert not modem.plugged
    modem.clear()
    assert modem.plugged


# --- the account and the clock --------------------------------------------------------------------------


@pytest.mark.parametrize("cms", [38, 50])
async def test_balance_exhausted(dte: Dte, modem: Modem, world: World, cms: int) -> None:
    await dte.set_up()
    modem.inject("balance-exhausted", cms=cms)
    assert [await dte.send(S1) for _ in range(2)] == [f"+CMS ERROR: {cms}"] * 2
    assert world.phone(GUEST).parts == []
    modem.clear()
    assert (await dte.send(S1)).endswith("OK")


async def test_clock(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CTZU=1")
    (told,) = await dte.ask("AT+CCLK?")
    assert abs(read_stamp(told.split('"')[1]) - datetime.now().astimezone()) < timedelta(seconds=3)
    modem.inject("clock", time="04/01/01,00:00:10+00")
    assert (await dte.ask("AT+CCLK?"))[0].startswith('+CCLK: "04/01/01,00:00:1')
    await dte.ask('AT+CCLK="25/10/14,09:05:00+04"')
    (told,) = await dte.ask("AT+CCLK?")
    assert abs(read_stamp(told.split('"')[1]) - read_stamp("25/10/14,09:05:00+04")) < timedelta(seconds=3)
    assert await dte.refused('AT+CCLK="soon"') == "+CME ERROR: 50"
    assert await dte.ask("AT+CTZU?") == ["+CTZU: 1"]


@pytest.mark.parametrize("text", ["25/10/14,09:05:00+04", "80/01/06,00:00:00+00", "25/10/14,09:05:00-18"])
def test_stamps(text: str) -> None:
    assert stamp(read_stamp(text)) == text
