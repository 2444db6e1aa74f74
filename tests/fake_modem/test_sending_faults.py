"""Each fault of sending, by its name, as a computer sees it on the wire."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.faults_unable import pdu_length
from tests.fake_modem.samples import SAMPLES
from tests.fake_modem.test_faults import gone

S1 = SAMPLES["S1"][1]
GUEST = "+447700900123"
CUSTOMER = "+12025550143"


async def to_prompt(dte: Dte, command: str = "AT+CMGS=42") -> None:
    await dte.write(f"{command}\r")
    await dte.until("> ")


# --- the prompt -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("std", b"\r\n> "), ("no-space", b"\r\n>"), ("bare", b"> "), ("short", b">\r\n"), ("never", b""),
        ("after-urc", b'\r\n+CMTI: "SM",3\r\n\r\n> '), ("twice", b"\r\n> \r\n> "),
    ],
)  # fmt: skip
async def test_prompt(dte: Dte, modem: Modem, world: World, form: str, seen: bytes) -> None:
    await dte.set_up()
    modem.inject("prompt", form=form)
    await dte.write("AT+CMGS=42\r")
    assert await dte.quiet(0.05) == seen
    await dte.write(S1 + "\x1a")
    await dte.until("OK\r\n")
    assert world.received() == 1


async def test_prompt_late(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("prompt", form="late", after=0.1)
    started = time.monotonic()
    await to_prompt(dte)
    assert time.monotonic() - started >= 0.1
    with pytest.raises(ValueError, match="no form"):
        modem.inject("prompt", form="round")


async def test_stuck_prompt_on_open(dte: Dte, modem: Modem, world: World) -> None:
    modem.inject("stuck-prompt-on-open")
    await dte.write("\x1b")
    assert await dte.until("OK\r\n") == "\r\nOK\r\n"
    assert world.received() == 0
    modem.inject("stuck-prompt-on-open", to=GUEST, typed="Your ta")
    await dte.write("\x1a")
    await dte.until("OK\r\n")
    assert world.phone(GUEST).texts() == ["Your ta"]


# --- the answer after Ctrl-Z ----------------------------------------------------------------------------


async def test_send_delay(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("send-delay", least=0.1, most=0.12)
    started = time.monotonic()
    await dte.send(S1)
    assert 0.1 <= time.monotonic() - started < 0.5


@pytest.mark.parametrize(
    ("result", "seen", "received"),
    [
        ("cms 38", "+CMS ERROR: 38", 0), ("cme 515", "+CME ERROR: 515", 0), ("error", "ERROR", 0),
        ("NO CARRIER", "NO CARRIER", 0), ("NO DIALTONE", "NO DIALTONE", 0), ("BUSY", "BUSY", 0),
    ],
)  # fmt: skip
async def test_send_result(
    dte: Dte, modem: Modem, world: World, result: str, seen: str, received: int
) -> None:
    await dte.set_up()
    modem.inject("send-result", result=result)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.until(f"{seen}\r\n") == f"\r\n{seen}\r\n"
    assert world.received() == received
    assert (await dte.send(S1)).endswith("OK")


async def test_send_result_of_one_recipient(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("send-result", result="cms 38", to=GUEST, count=None)
    assert (await dte.send(SAMPLES["S4"][1])).endswith("OK")
    assert [await dte.send(S1), await dte.send(S1)] == ["+CMS ERROR: 38"] * 2
    modem.inject("send-result", result="ok")
    with pytest.raises(ValueError, match="no result 'sms 38'"):
        modem.inject("send-result", result="sms 38")


@pytest.mark.parametrize("accepted", [True, False])
async def test_send_result_none(dte: Dte, modem: Modem, world: World, accepted: bool) -> None:
    await dte.set_up()
    modem.inject("send-result", result="none", accepted=accepted)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.quiet(0.05) == b""
    assert len(world.phone(GUEST).texts()) == int(accepted)
    assert await dte.ask("AT") == []


async def test_the_network_has_it_before_a_late_result(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    modem.inject("late-result", after=0.1)
    got = await dte.send(S1)
    assert got.startswith("+CDS: 25\r\n")
    assert got.endswith(f"+CMGS: {modem.reference}\r\n\r\nOK")


async def test_a_refusal_that_comes_late_is_still_one(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("send-result", result="cms 21", accepted=False)
    modem.inject("late-result", after=0.1)
    assert "+CMS ERROR: 21" in await dte.send(S1)
    assert world.texts() == {}


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
    modem.inject("sent-but-error", result="none")
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.quiet(0.05) == b""
    assert world.texts() == {GUEST: ["Your table is booked for 19:30."] * 3}
    assert world.duplicates() == {GUEST: {"Your table is booked for 19:30.": 3}}


async def test_error_but_not_sent(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("error-but-not-sent", cms=500, count=2)
    assert [await dte.send(S1), await dte.send(S1)] == ["+CMS ERROR: 500"] * 2
    assert world.received() == 0
    assert (await dte.send(S1)).startswith("+CMGS: ")


@pytest.mark.parametrize(("when", "typed"), [("at-prompt", ""), ("mid-body", S1[:30])])
async def test_reset_before_ctrlz(dte: Dte, modem: Modem, world: World, when: str, typed: str) -> None:
    await dte.set_up()
    modem.inject("reset-before-ctrlz", when=when)
    await to_prompt(dte)
    await dte.write(typed)
    assert await dte.until("RDY\r\n") == "\r\nRDY\r\n"
    assert (world.received(), modem.resets_per_hour) == (0, 1)
    assert await dte.ask("AT") == ["AT\r"]


@pytest.mark.parametrize("accepted", [True, False])
async def test_reset_after_ctrlz(dte: Dte, modem: Modem, world: World, accepted: bool) -> None:
    await dte.set_up()
    modem.inject("reset-after-ctrlz", accepted=accepted, banner=["RDY", "+CFUN: 1"])
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await dte.until("CFUN: 1\r\n") == "\r\nRDY\r\n\r\n+CFUN: 1\r\n"
    assert world.received() == int(accepted)


@pytest.mark.parametrize("accepted", [True, False])
async def test_vanish_after_ctrlz(dte: Dte, modem: Modem, world: World, accepted: bool) -> None:
    await dte.set_up()
    modem.inject("vanish-after-ctrlz", accepted=accepted)
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    assert await gone(dte)
    assert world.received() == int(accepted)


async def test_incoming_collision(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("incoming-collision", sender=CUSTOMER)
    assert (await dte.send(S1)).endswith("+CMS ERROR: 512")
    assert (world.received(), modem.sim.store.used) == (0, 1)
    assert (await dte.send(S1)).endswith("OK")


async def test_store_full_blocks_send(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("store-full-blocks-send")
    modem.fill_store(CUSTOMER, 1)
    assert await dte.send(S1) == "+CMS ERROR: 322"
    await dte.ask("AT+CMGD=1")
    assert (await dte.send(S1)).endswith("OK")
    assert world.received() == 1


# --- the reference --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("all", "+CMGS: 43"), ("constant", "+CMGS: 000"), ("missing", "+CMGS:"), ("non-numeric", "+CMGS: A7"),
        ("over-255", "+CMGS: 299"),
    ],
)  # fmt: skip
async def test_mr(dte: Dte, modem: Modem, how: str, told: str) -> None:
    await dte.set_up()
    modem.reference = 42
    modem.inject("mr", how=how)
    assert await dte.send(S1) == f"{told}\r\n\r\nOK"


async def test_mr_counts_good(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.reference = 42
    modem.inject("mr", how="good")
    modem.inject("error-but-not-sent")
    await dte.send(S1)
    assert (await dte.send(S1)).startswith("+CMGS: 43\r")


async def test_mr_resets_at_boot(dte: Dte, modem: Modem) -> None:
    modem.inject("mr", how="resets")
    modem.reboot(banner=())
    await asyncio.sleep(0.01)
    await dte.set_up()
    assert (await dte.send(S1)).startswith("+CMGS: 0\r")


async def test_cmgs_with_scts(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CSMS=1")
    modem.inject("cmgs-with-scts")
    await to_prompt(dte)
    await dte.write(S1 + "\x1a")
    await dte.match(r'\r\n\+CMGS: \d+,"0100[0-9A-F]{14}"\r\n\r\nOK\r\n')
    await dte.ask("AT+CMGF=1")
    await to_prompt(dte, f'AT+CMGS="{GUEST}"')
    await dte.write("Hello\x1a")
    await dte.match(r'\+CMGS: \d+,"\d\d/\d\d/\d\d,\d\d:\d\d:\d\d[+-]\d\d"\r\n')


# --- what a device cannot do ----------------------------------------------------------------------------


async def test_len_check(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("len-check", how="304", count=1)
    await to_prompt(dte, "AT+CMGS=41")
    await dte.write(S1 + "\x1a")
    await dte.until("+CMS ERROR: 304\r\n")
    assert world.received() == 0


async def test_len_check_waits_for_more(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("len-check", how="waits")
    await to_prompt(dte, "AT+CMGS=43")
    await dte.write(S1 + "\x1a")
    assert await dte.quiet(0.05) == b""
    await dte.write("\x1b")
    await dte.until("OK\r\n")
    assert world.received() == 0
    assert (await dte.send(S1)).endswith("OK")


async def test_len_check_truncates(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("len-check", how="truncates")
    await to_prompt(dte, "AT+CMGS=32")
    await dte.write(S1 + "\x1a")
    await dte.until("OK\r\n")
    (text,) = world.phone(GUEST).texts()
    assert "Your table is booked for 19:30.".startswith(text)
    assert 0 < len(text) < 31


async def test_long_pdu_hang(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("long-pdu-hang", over=100)
    assert (await dte.send(S1)).endswith("OK")
    long = SAMPLES["S2.1"][1]
    assert pdu_length(long.encode()) == 154
    await to_prompt(dte, "AT+CMGS=154")
    await dte.write(long + "\x1a")
    await dte.write("AT\r")
    assert await dte.quiet(0.05) == b""
    modem.reboot(banner=())
    await asyncio.sleep(0.01)
    assert await dte.ask("AT") == ["AT\r"]


async def test_long_pdu_hang_beyond_the_book(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("long-pdu-hang", deaf=False)
    await to_prompt(dte, "AT+CMGS=180")
    await dte.write("00" * 181 + "\x1a")
    assert await dte.quiet(0.05) == b""
    assert await dte.ask("AT") == []


@pytest.mark.parametrize(("characters", "seen"), [(134, b""), (151, b"\r\nRDY\r\n")])
async def test_text_ucs2_over_133_stuck(
    dte: Dte, modem: Modem, world: World, characters: int, seen: bytes
) -> None:
    await dte.set_up("AT+CMGF=1", 'AT+CSCS="UCS2"')
    modem.inject("text-ucs2-over-133-stuck")
    await to_prompt(dte, 'AT+CMGS="{}"'.format(GUEST.encode("utf-16-be").hex()))
    await dte.write("0041" * characters + "\x1a")
    assert await dte.quiet(0.05) == seen
    await dte.write("\x1b" if not seen else "AT\r")
    await dte.until("OK\r\n")
    assert world.received() == 0


async def test_text_ucs2_of_133_is_sent(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CMGF=1", 'AT+CSCS="UCS2"')
    modem.inject("text-ucs2-over-133-stuck")
    await to_prompt(dte, 'AT+CMGS="{}"'.format(GUEST.encode("utf-16-be").hex()))
    await dte.write("0041" * 133 + "\x1a")
    await dte.until("OK\r\n")
    assert world.phone(GUEST).texts() == ["A" * 133]


async def test_cmgw_unsupported(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cmgw-unsupported")
    assert await dte.refused("AT+CMGW=?") == "ERROR"
    assert await dte.refused("AT+CMGW=42") == "ERROR"


@pytest.mark.parametrize(("flips", "stat"), [(True, 3), (False, 2)])
async def test_cmss_flips_stat(dte: Dte, modem: Modem, world: World, flips: bool, stat: int) -> None:
    await dte.set_up()
    modem.inject("cmss-flips-stat", flips=flips)
    await to_prompt(dte, "AT+CMGW=42,2")
    await dte.write(S1 + "\x1a")
    await dte.until("OK\r\n")
    assert await dte.ask("AT+CMSS=1") == [f"+CMSS: {modem.reference}"]
    assert world.received() == 1
    assert (await dte.ask("AT+CMGR=1"))[0] == f"+CMGR: {stat},,42"


async def test_cmms_error(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("cmms-error")
    assert await dte.refused("AT+CMMS=1") == "ERROR"
