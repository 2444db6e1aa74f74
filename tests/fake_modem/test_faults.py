"""Each fault does what its name says, and nothing after it is spent or cleared."""

from __future__ import annotations

import asyncio
import os
import time

import pytest
import serial

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
D1 = SAMPLES["D1"][1]
GUEST = "+447700900123"
CUSTOMER = "+12025550143"


async def to_prompt(dte: Dte) -> None:
    await dte.write("AT+CMGS=42\r")
    await dte.until("> ")


def test_unknown_names_are_refused(modem: Modem) -> None:
    with pytest.raises(ValueError, match="no fault 'mut'"):
        modem.inject("mut")
    with pytest.raises(ValueError, match="late-result has no parameter seconds_late"):
        modem.inject("late-result", seconds_late=3)
    with pytest.raises(ValueError, match="urc-in-answer has no place"):
        modem.inject("urc-in-answer", at="somewhere")


# --- silence and noise ----------------------------------------------------------------------------------


async def test_mute_and_cleared(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("mute")
    await dte.write("AT\r")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.quiet() == b""
    modem.clear("mute")
    assert await dte.ask("AT") == []


async def test_mute_for_a_while(dte: Dte, modem: Modem) -> None:
    modem.inject("mute", seconds=0.1)
    await dte.write("AT\r")
    assert await dte.quiet(0.12) == b""
    assert await dte.ask("AT+CSQ") == ["AT+CSQ\r", "+CSQ: 17,99"]


async def test_half_mute(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("half-mute")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet() == b""
    assert await dte.ask("AT") == []


async def test_error_storm(dte: Dte, modem: Modem) -> None:
    modem.inject("error-storm", count=2, command="+CSQ", result="+CME ERROR: 14")
    assert await dte.refused("AT+CSQ")
    assert await dte.ask("ATE0") == ["ATE0\r"]
    assert await dte.refused("AT+CSQ") == "+CME ERROR: 14"
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]


async def test_echo_on(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("echo-on")
    assert await dte.ask("AT") == ["AT\r"]


async def test_garbage(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("garbage", hex="FF00C328")
    modem.inject("garbage", hex="00FF", at="before-ok")
    await dte.write("AT\r")
    assert await dte.quiet() == b"\xff\x00\xc3\x28\x00\xff\r\nOK\r\n"


# --- answers bent ---------------------------------------------------------------------------------------

URC = "\r\n^RSSI:17\r\n"


@pytest.mark.parametrize(
    ("place", "command", "answer"),
    [
        ("before-answer", "AT", f"{URC}\r\nOK\r\n"),
        ("before-ok", "AT+CREG?", f"\r\n+CREG: 0,1\r\n{URC}\r\nOK\r\n"),
        ("with-prompt", "AT+CMGS=42", f"{URC}\r\n> "),
        ("header-to-body", "AT+CMGR=1", f"\r\n+CMGR: 0,,46\r\n{URC}{D1}\r\n\r\nOK\r\n"),
        (
            "between-list-items", "AT+CMGL=4",
            f"\r\n+CMGL: 1,0,,46\r\n{D1}\r\n{URC}+CMGL: 2,0,,46\r\n{D1}\r\n\r\nOK\r\n",
        ),
    ],
)  # fmt: skip
async def test_urc_anywhere(dte: Dte, modem: Modem, place: str, command: str, answer: str) -> None:
    await dte.set_up()
    modem.inject("deliver", pdu=D1)
    modem.inject("deliver", pdu=D1)
    modem.inject("urc-in-answer", at=place, text="^RSSI:17")
    await dte.write(command + "\r")
    assert (await dte.quiet()).decode() == answer


async def test_urc_before_echo(dte: Dte, modem: Modem) -> None:
    modem.inject("urc-in-answer", at="before-echo")
    await dte.write("AT\r")
    assert (await dte.quiet()).decode() == f"{URC}AT\r\r\nOK\r\n"


async def test_urc_between_pdu_and_result(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("urc-in-answer", at="before-answer", command="+CMGS")
    assert (await dte.send(S1)).startswith("^RSSI:17\r\n\r\n+CMGS: ")


async def test_truncated(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("truncate-answer", bytes=8, command="+CSQ")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet() == b"\r\n+CSQ: "
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]


async def test_ok_dropped_and_doubled(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("drop-ok")
    await dte.write("AT+CSQ\r")
    assert await dte.quiet() == b"\r\n+CSQ: 17,99\r\n"
    modem.inject("double-ok")
    await dte.write("AT\r")
    assert await dte.quiet() == b"\r\nOK\r\n\r\nOK\r\n"


async def test_late_answer(dte: Dte, modem: Modem) -> None:
    await dte.ask("ATE0")
    modem.inject("late-answer", after=0.1)
    started = time.monotonic()
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize("how", ["byte", "random", "blob"])
async def test_chunking(dte: Dte, modem: Modem, how: str) -> None:
    modem.inject("chunking", how=how, gap=0.0002)
    await dte.set_up()
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]
    sizes = {len(chunk.data) for chunk in modem.log.chunks if chunk.who == "M"}
    assert sizes == {1} if how == "byte" else max(sizes) > 1


# --- sending --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepted", [True, False])
async def test_result_dropped(dte: Dte, modem: Modem, world: World, accepted: bool) -> None:
    await dte.set_up()
    modem.inject("drop-result", accepted=accepted)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.quiet() == b""
    assert len(world.phone(GUEST).texts()) == int(accepted)
    assert await dte.ask("AT") == []


async def test_the_network_has_it_before_a_late_result(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    modem.inject("late-result", after=0.1)
    got = await dte.send(S1)
    assert got.startswith("+CDS: 25\r\n")
    assert got.endswith(f"+CMGS: {modem.reference}\r\n\r\nOK")


async def test_late_result_while_busy(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("late-result", after=0.1)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    await asyncio.sleep(0.03)
    await dte.write("\x1bAT\r")
    assert await dte.until("OK\r\n") == f"\r\n+CMGS: {modem.reference}\r\n\r\nOK\r\n"
    assert modem.commands_after_ctrlz_before_result == 1
    assert await dte.until("OK\r\n") == "\r\nOK\r\n"


async def test_late_result_into_another_answer(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("late-result", after=0.1, busy=False)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.ask("AT+CSQ") == ["+CSQ: 17,99"]
    assert await dte.until("OK\r\n") == f"\r\n+CMGS: {modem.reference}\r\n\r\nOK\r\n"


async def test_sent_but_error(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("sent-but-error", cms=332)
    assert await dte.send(S1) == "+CMS ERROR: 332"
    assert len(world.phone(GUEST).texts()) == 1
    modem.inject("sent-but-error", result="ERROR")
    assert await dte.send(S1) == "ERROR"
    assert len(world.phone(GUEST).texts()) == 2


async def test_error_but_not_sent(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("error-but-not-sent", cms=500, count=2)
    assert [await dte.send(S1), await dte.send(S1)] == ["+CMS ERROR: 500"] * 2
    assert world.received() == 0
    assert (await dte.send(S1)).startswith("+CMGS: ")


async def test_stuck_prompt(dte: Dte, modem: Modem, world: World) -> None:
    modem.inject("stuck-prompt")
    await dte.write("\x1b")
    assert await dte.until("OK\r\n") == "\r\nOK\r\n"
    assert world.received() == 0


# --- being there ----------------------------------------------------------------------------------------


async def gone(dte: Dte) -> bool:
    """Whether the port is hung up within two seconds."""
    for _ in range(200):
        await asyncio.sleep(0.01)
        try:
            dte.port.in_waiting  # noqa: B018  (asks the kernel)
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    ("when", "typed", "received"),
    [("now", None, 0), ("at-prompt", "", 0), ("mid-body", S1[:30], 0), ("after-ctrlz", S1 + "\x1a", 1)],
)
async def test_vanish(
    dte: Dte, modem: Modem, world: World, when: str, typed: str | None, received: int
) -> None:
    await dte.set_up()
    modem.inject("vanish", when=when)
    if typed is not None:
        await dte.write("AT+CMGS=42\r")
    if typed:
        await dte.until("> ")
        await dte.write(typed)
    assert await gone(dte)
    with pytest.raises(FileNotFoundError):
        os.readlink(modem.path)
    assert world.received() == received


async def test_vanish_after_ctrl_z_not_accepted(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("vanish", when="after-ctrlz", accepted=False)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await gone(dte)
    assert world.received() == 0


async def test_return_under_another_name(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    before = os.readlink(modem.path)
    modem.inject("vanish", back_after=0.05)
    world.phone(CUSTOMER).text(modem.number, "While you were out")
    dte.close()
    assert world.network.waiting(modem.number) == 1
    await asyncio.sleep(0.1)
    assert os.readlink(modem.path) != before
    again = Dte(modem.path)
    assert await again.ask("AT+CNMI?") == ["AT+CNMI?\r", "+CNMI: 0,0,0,0,0"]
    assert len(await again.ask("AT+CMGL=4")) == 3
    again.close()


async def test_reboot(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("reboot", banner=["RDY", "+CPIN: READY"])
    assert await dte.until("READY\r\n") == "\r\nRDY\r\n\r\n+CPIN: READY\r\n"
    assert await dte.ask("AT+CNMI?") == ["AT+CNMI?\r", "+CNMI: 0,0,0,0,0"]


@pytest.mark.parametrize("accepted", [True, False])
async def test_reboot_after_ctrl_z(dte: Dte, modem: Modem, world: World, accepted: bool) -> None:
    await dte.set_up()
    modem.inject("reboot", when="after-ctrlz", accepted=accepted)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.until("RDY\r\n") == "\r\nRDY\r\n"
    assert world.received() == int(accepted)


async def test_reset_by_command(dte: Dte) -> None:
    await dte.set_up()
    await dte.ask("AT+CFUN=1,1")
    await asyncio.sleep(0.02)
    assert await dte.ask("AT") == ["AT\r"]


async def test_cnmi_reset(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    modem.inject("cnmi-reset")
    assert await dte.ask("AT+CNMI?") == ["+CNMI: 0,0,0,0,0"]


# --- receiving ------------------------------------------------------------------------------------------


async def test_sim_full(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("sim-full", free=1)
    for text in ("fits", "waits"):
        world.phone(CUSTOMER).text(modem.number, text)
    assert (modem.sim.store.used, world.network.waiting(modem.number)) == (20, 1)
    await dte.ask("AT+CMGD=1,4")
    await asyncio.sleep(0.02)
    assert (modem.sim.store.used, world.network.waiting(modem.number)) == (1, 0)


async def test_foreign_entries(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("sim-full", stat=3, free=18)
    assert [line.split(",")[1] for line in await dte.ask("AT+CMGL=4") if line.startswith("+")] == ["3", "3"]
    await dte.ask("AT+CMGD=1")
    assert modem.lost_inbound(set()) == []


@pytest.mark.parametrize("pdu", [D1[:41], D1.lower(), " ".join(D1), "not hex at all", ""])
async def test_damaged_pdu_is_given_as_it_is(dte: Dte, modem: Modem, pdu: str) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("deliver", pdu=pdu, length=46)
    await dte.until('+CMTI: "SM",1\r\n')
    await dte.write("AT+CMGR=1\r")
    assert await dte.until("OK\r\n") == f"\r\n+CMGR: 0,,46\r\n{pdu}\r\n\r\nOK\r\n"


async def test_deliver_directly(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("deliver", pdu=SAMPLES["D5"][1], direct=True)
    assert await dte.match(r"\+CMT: ,28\r\n[0-9A-F]+\r\n")


async def test_notices_lost_doubled_early(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    phone = world.phone(CUSTOMER)
    modem.inject("cmti-lost")
    phone.text(modem.number, "lost")
    assert await dte.quiet(0.05) == b""
    modem.inject("cmti-double")
    phone.text(modem.number, "double")
    assert (await dte.quiet()).count(b'+CMTI: "SM",2') == 2
    modem.inject("cmti-before-readable", after=0.1)
    phone.text(modem.number, "early")
    await dte.until('+CMTI: "SM",3\r\n')
    assert await dte.refused("AT+CMGR=3") == "+CMS ERROR: 321"
    await asyncio.sleep(0.12)
    assert (await dte.ask("AT+CMGR=3"))[0].startswith("+CMGR: 0")


async def test_a_port_that_is_not_there_cannot_be_opened(modem: Modem) -> None:
    modem.vanish()
    with pytest.raises(serial.SerialException):
        Dte(modem.path)
