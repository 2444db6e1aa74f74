"""What the modem says to a computer on a real pty, by the book of 27.005 and 27.007."""

from __future__ import annotations

import asyncio

import pytest

from tests.fake_modem import Modem, World
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
GUEST = "+447700900123"
CUSTOMER = "+12025550143"


async def test_opening(dte: Dte, modem: Modem) -> None:
    await dte.write("\x1bAT\r")
    assert await dte.until("OK\r\n") == "\x1bAT\r\r\nOK\r\n"
    await dte.write("ATE0\r")
    assert await dte.until("OK\r\n") == "ATE0\r\r\nOK\r\n"
    await dte.write("AT\r")
    assert await dte.until("OK\r\n") == "\r\nOK\r\n"
    assert modem.bytes_while_busy == 0


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CPIN?", ["+CPIN: READY"]),
        ("AT+CGSN", ["004999010600001"]),
        ("AT+CCID", ["+CCID: 8901260000000000001"]),
        ("AT+CIMI", ["001010000000001"]),
        ("AT+CPMS=?", ['+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")']),
        ('AT+CPMS="ME","ME","ME"', ["+CPMS: 0,23,0,23,0,23"]),
        ("AT+CNMI=?", ["+CNMI: (0,1,2,3),(0,1,2,3),(0,2),(0,1,2),(0,1)"]),
        ("AT+CSMS=1", ["+CSMS: 1,1,1"]),
        ("AT+CREG?", ["+CREG: 0,1"]),
        ("AT+COPS?", ['+COPS: 0,0,"Test Net",7']),
        ("AT+CSQ", ["+CSQ: 17,99"]),
        ("AT+CSCA?", ['+CSCA: "+12025550190",145']),
        ("AT+CSCS=?", ['+CSCS: ("GSM","IRA","UCS2")']),
        ("ATI;+CSQ", ["Generic", "27.005", "Revision: 1.0", "+CSQ: 17,99"]),
        ("AT+CMMS=1;+CMMS?", ["+CMMS: 1"]),
        ("AT&D0&C1E0V1Q0", []),
    ],
)
async def test_answers(dte: Dte, command: str, answer: list[str]) -> None:
    await dte.set_up()
    assert await dte.ask(command) == answer


async def test_registration_is_told(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CREG=1", "AT+CEREG=2")
    modem.register(2)
    modem.register(1)
    got = await dte.until("7\r\n")
    assert got == '\r\n+CREG: 2\r\n\r\n+CEREG: 2\r\n\r\n+CREG: 1\r\n\r\n+CEREG: 1,"00C3","0000A1B2",7\r\n'
    assert await dte.ask("AT+CEREG?") == ['+CEREG: 2,1,"00C3","0000A1B2",7']


async def test_error_forms(dte: Dte) -> None:
    await dte.ask("ATE0")
    assert await dte.refused("AT+CMGR=9") == "ERROR"
    await dte.ask("AT+CMEE=1")
    assert await dte.refused("AT+CMGR=9") == "+CMS ERROR: 321"
    assert await dte.refused("AT+CFUN=9") == "+CME ERROR: 50"
    await dte.ask("AT+CMEE=2")
    assert await dte.refused("AT+CMGR=9") == "+CMS ERROR: invalid memory index"
    assert await dte.refused("AT^CURC=0") == "ERROR"


async def test_numeric_results(dte: Dte) -> None:
    await dte.ask("ATE0")
    await dte.write("ATV0\r")
    assert await dte.until("0\r") == "0\r"
    await dte.write("AT+NONE\r")
    assert await dte.until("4\r") == "4\r"


async def test_pin(world: World) -> None:
    modem = await world.modem(pin="1234")
    dte = Dte(modem.path)
    await dte.ask("ATE0")
    await dte.ask("AT+CMEE=1")
    assert await dte.ask("AT+CPIN?") == ["+CPIN: SIM PIN"]
    assert await dte.refused("AT+CMGL=4") == "+CMS ERROR: 311"
    assert await dte.refused('AT+CPIN="0000"') == "+CME ERROR: 16"
    assert await dte.ask("AT+CPINR") == ["+CPINR: SIM PIN,2,3", "+CPINR: SIM PUK,10,10"]
    await dte.ask('AT+CPIN="1234"')
    assert await dte.until("READY\r\n") == "\r\n+CPIN: READY\r\n"
    assert await dte.refused('AT+CPIN="1234"') == "+CME ERROR: 3"
    assert modem.pin_attempts == ["0000", "1234"]
    dte.close()


async def test_three_wrong_pins_block(world: World) -> None:
    modem = await world.modem(pin="1234")
    dte = Dte(modem.path)
    await dte.ask("ATE0")
    await dte.ask("AT+CMEE=1")
    refusals = [await dte.refused('AT+CPIN="0000"') for _ in range(3)]
    assert refusals == ["+CME ERROR: 16", "+CME ERROR: 16", "+CME ERROR: 12"]
    assert await dte.ask("AT+CPIN?") == ["+CPIN: SIM PUK"]
    await dte.ask('AT+CPIN="12345678","4321"')
    await dte.until("READY\r\n")
    assert await dte.ask("AT+CPIN?") == ["+CPIN: READY"]
    dte.close()


# --- sending --------------------------------------------------------------------------------------------


async def test_send(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    before = modem.reference
    assert await dte.send(S1) == f"+CMGS: {(before + 1) % 256}\r\n\r\nOK"
    phone = world.phone(GUEST)
    assert phone.texts() == ["Your table is booked for 19:30."]
    assert phone.parts[0].reference == (before + 1) % 256
    assert phone.parts[0].sender == modem.number
    assert world.complaints == []


async def test_parts_are_joined_and_counted(dte: Dte, world: World) -> None:
    await dte.set_up()
    await dte.send(SAMPLES["S2.2"][1])
    phone = world.phone(GUEST)
    assert (phone.texts(), len(phone.incomplete())) == ([], 1)
    await dte.send(SAMPLES["S2.1"][1])
    assert len(phone.parts) == 2
    assert phone.texts()[0].endswith("{ref H7}")
    for name in ("S2.1", "S2.2"):
        await dte.send(SAMPLES[name][1])
    assert phone.twice() == {phone.texts()[0]: 2}
    assert phone.parts_twice() == 2


async def test_reference_wraps(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.reference = 254
    answers = [(await dte.send(S1)).split("\r\n")[0] for _ in range(3)]
    assert answers == ["+CMGS: 255", "+CMGS: 0", "+CMGS: 1"]


async def test_wrong_length(dte: Dte, world: World) -> None:
    await dte.set_up()
    await dte.write("AT+CMGS=41\r")
    await dte.until("> ")
    await dte.write(S1 + "\x1a")
    assert await dte.until("304\r\n") == "\r\n+CMS ERROR: 304\r\n"
    assert world.phone(GUEST).parts == []
    assert "announced length" in world.complaints[0].words


async def test_escape_discards(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    await dte.write("AT+CMGS=42\r")
    await dte.until("> ")
    await dte.write(S1 + "\x1b")
    assert await dte.until("OK\r\n") == "\r\nOK\r\n"
    assert world.received() == 0
    assert (modem.terminal.prompts_closed_by_esc, modem.terminal.prompts_closed_by_ctrlz) == (1, 0)


async def test_ctrl_z_sends_whatever_is_there(dte: Dte, modem: Modem, world: World) -> None:
    modem.inject("stuck-prompt-on-open", to=GUEST, typed="Your ta")
    await dte.write("AT+CSQ\r\x1a")
    await dte.until("OK\r\n")
    assert world.phone(GUEST).texts() == ["Your taAT+CSQ\n"]


async def test_recipient_that_is_always_refused(dte: Dte, world: World) -> None:
    await dte.set_up()
    world.network.refuse(GUEST, 38)
    assert await dte.send(S1) == "+CMS ERROR: 38"
    assert world.phone(GUEST).parts == []
    assert world.network.refused == [(GUEST, 38)]


async def test_report(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    world.phone(GUEST).reports(0x46)
    await dte.send(S1)
    got = await dte.until("46\r\n")
    assert got.startswith("\r\n+CDS: 25\r\n07912120550591F006")
    assert f"06{modem.reference:02X}0C91447700091032" in got


async def test_report_is_stored(dte: Dte) -> None:
    await dte.set_up("AT+CNMI=2,1,0,2,0")
    await dte.send(S1)
    assert await dte.until("1\r\n") == '\r\n+CDSI: "SM",1\r\n'
    assert (await dte.ask("AT+CMGR=1"))[0] == "+CMGR: 0,,25"


async def test_report_before_the_result(dte: Dte, world: World) -> None:
    world.network.reports_first = True
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    got = await dte.send(S1)
    assert got.index("+CDS: 25") < got.index("+CMGS: ")


async def test_time_on_air_and_haste(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    world.network.air_time = 0.05
    await dte.write("AT+CMGS=42\r")
    await dte.until("> ")
    await dte.write(S1 + "\x1a")
    await asyncio.sleep(0.02)
    await dte.write("AT+CSQ\r")
    await dte.until("99\r\n\r\nOK\r\n")
    assert modem.commands_after_ctrlz_before_result == 1
    assert modem.bytes_while_busy == 7


async def test_haste_within_one_write_is_seen(dte: Dte, modem: Modem) -> None:
    await dte.write("AT\rAT\r")
    await dte.until("OK\r\n")
    await dte.quiet(0.05)
    assert modem.bytes_while_busy == 3


async def test_cmss(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    await dte.write("AT+CMGW=42,2\r")
    await dte.until("> ")
    await dte.write(S1 + "\x1a")
    assert "+CMGW: 1\r\n" in await dte.until("OK\r\n")
    assert await dte.ask("AT+CMSS=1") == [f"+CMSS: {modem.reference}"]
    assert (await dte.ask("AT+CMGR=1"))[0] == "+CMGR: 3,,42"
    assert len(world.phone(GUEST).texts()) == 1


# --- receiving ------------------------------------------------------------------------------------------


async def test_receive_read_delete(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    (tpdu,) = world.phone(CUSTOMER).text(modem.number, "Done 👍 merci")
    assert await dte.until("1\r\n") == '\r\n+CMTI: "SM",1\r\n'
    header, pdu = await dte.ask("AT+CMGR=1")
    assert (header, pdu) == (f"+CMGR: 0,,{len(tpdu) // 2}", "07912120550591F0" + tpdu)
    assert (await dte.ask("AT+CMGL=4"))[0].startswith("+CMGL: 1,1,,")
    assert modem.lost_inbound(set()) == []
    await dte.ask("AT+CMGD=1")
    assert await dte.ask("AT+CMGL=4") == []
    assert modem.lost_inbound(set()) == [pdu]
    assert modem.lost_inbound({pdu}) == []


async def test_multipart_out_of_order(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    sent = world.phone(CUSTOMER).text(modem.number, "long " * 80, ref_bits=16, order=[3, 1, 1])
    lines = await dte.ask("AT+CMGL=4")
    assert [line[16:] for line in lines[1::2]] == sent
    assert len(sent) == 3


async def test_full_store_waits_at_the_network(dte: Dte, modem: Modem, world: World) -> None:
    modem.sim.store.capacity = 2
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    for number in range(4):
        world.phone(CUSTOMER).text(modem.number, f"Text {number}")
    await dte.until('"SM",2\r\n')
    assert await dte.ask("AT+CPMS?") == ['+CPMS: "SM",2,2,"SM",2,2,"SM",2,2']
    assert world.network.waiting(modem.number) == 2
    await dte.ask("AT+CMGD=2")
    assert await dte.until('"SM",2\r\n') == '\r\n+CMTI: "SM",2\r\n'
    assert world.network.waiting(modem.number) == 1


async def test_messages_wait_for_registration(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    modem.register(2)
    world.phone(CUSTOMER).text(modem.number, "Are you there?")
    assert await dte.quiet(0.05) == b""
    assert await dte.send(S1) == "+CMS ERROR: 331"
    modem.register(5)
    await dte.until('+CMTI: "SM",1\r\n')


async def test_mode_0_keeps_notices(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=0,1,0,0,0")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.quiet(0.05) == b""
    await dte.write("AT+CNMI=2,1,0,0,0\r")
    assert '+CMTI: "SM",1' in await dte.until("OK\r\n")


async def test_notice_waits_for_the_prompt_to_close(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    await dte.write("AT+CMGS=42\r")
    await dte.until("> ")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert await dte.quiet(0.05) == b""
    await dte.write(S1 + "\x1a")
    got = await dte.until('+CMTI: "SM",1\r\n')
    assert got.index("OK") < got.index("+CMTI")


async def test_mode_1_rejects_direct_delivery_while_a_text_is_typed(
    dte: Dte, modem: Modem, world: World
) -> None:
    await dte.set_up("AT+CNMI=1,2,0,0,0")
    await dte.write("AT+CMGS=19\r")
    await dte.until("> ")
    world.phone(CUSTOMER).text(modem.number, "Hello")
    assert (world.network.waiting(modem.number), modem.arrivals) == (1, [])
    await dte.write("\x1b")
    await dte.match(r"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    assert world.network.waiting(modem.number) == 0


async def test_direct_delivery_owes_an_acknowledgement(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CSMS=1", "AT+CNMI=2,2,0,1,0")
    for text in ("One", "Two"):
        world.phone(CUSTOMER).text(modem.number, text)
    assert (await dte.until("\r\n")) == "\r\n"
    assert "+CMT: ,2" in await dte.until("\r\n")
    await dte.quiet(0.05)
    assert world.network.waiting(modem.number) == 1
    await dte.ask("AT+CNMA=0")
    await dte.quiet(0.05)
    assert world.network.waiting(modem.number) == 0
    assert [one.how for one in modem.arrivals] == ["offered", "direct", "offered"]
    assert len(modem.lost_inbound(set())) == 1


async def test_what_is_not_acknowledged_comes_again(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CSMS=1", "AT+CNMI=2,2,0,0,0")
    world.phone(CUSTOMER).text(modem.number, "One")
    await dte.match(r"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    modem.reboot(banner=())
    await asyncio.sleep(0.02)
    await dte.set_up()
    assert len(await dte.ask("AT+CMGL=4")) == 2


async def test_class_2_is_stored_even_when_delivery_is_direct(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,2,0,1,0")
    world.phone(CUSTOMER).text(modem.number, "For the SIM", message_class=2)
    await dte.until('+CMTI: "SM",1\r\n')
    world.phone(CUSTOMER).text(modem.number, "Flash", message_class=0)
    assert "+CMT: ,2" in (await dte.until("\r\n")) + (await dte.until("\r\n"))


async def test_automatic_answer(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    phone = world.phone(GUEST)
    phone.on_text(lambda text: "STOP")
    await dte.send(S1)
    assert "+CMTI" in await dte.until('"SM",1\r\n')
    assert [one.body for one in phone.sent] == ["STOP"]


async def test_to_oneself(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CMGF=1")
    await dte.write(f'AT+CMGS="{modem.number}"\r')
    await dte.until("> ")
    await dte.write("Loop\x1a")
    await dte.until("OK\r\n")
    assert (await dte.ask('AT+CMGL="ALL"'))[1] == "Loop"


# --- text mode ------------------------------------------------------------------------------------------


async def test_text_mode_bodies_that_look_like_protocol(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CMGF=1")
    world.phone(CUSTOMER).text(modem.number, "OK see you at 5\r\nERROR in my bill")
    await dte.write('AT+CMGL="ALL"\r')
    got = await dte.until("bill\r\n\r\nOK\r\n")
    assert got.startswith(f'\r\n+CMGL: 1,"REC UNREAD","{CUSTOMER}",,"')
    assert "\r\nOK see you at 5\r\nERROR in my bill\r\n" in got


async def test_text_mode_ucs2(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CMGF=1", 'AT+CSCS="UCS2"', "AT+CSMP=49,167,0,8")
    await dte.write('AT+CMGS="{}"\r'.format("+447700900123".encode("utf-16-be").hex().upper()))
    await dte.until("> ")
    await dte.write("0413043E0442043E0432043E\x1a")
    await dte.until("OK\r\n")
    assert world.phone(GUEST).texts() == ["Готово"]
    await dte.ask('AT+CSCS="00470053004D"')
    assert await dte.ask("AT+CSCS?") == ['+CSCS: "GSM"']
