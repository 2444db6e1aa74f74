"""Each fault of receiving, by its name, as a computer sees it on the wire."""

from __future__ import annotations

import asyncio

import pytest
import serial

from tests.fake_modem import Modem, World, tpdu
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

CUSTOMER = "+12025550143"
S1, D1 = SAMPLES["S1"][1], SAMPLES["D1"][1]
ANNOUNCED = "AT+CNMI=2,1,0,1,0"


def write(world: World, modem: Modem, text: str = "Hello") -> str:
    """A customer writes; the TPDU in hex."""
    return world.phone(CUSTOMER).text(modem.number, text)[0]


async def slots(dte: Dte) -> list[str]:
    """Index and stat of what AT+CMGL=4 lists."""
    return [one[7:].partition(",,")[0] for one in await dte.ask("AT+CMGL=4") if one.startswith("+CMGL")]


# --- notices --------------------------------------------------------------------------------------------


async def test_cmti_lost(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmti-lost")
    write(world, modem)
    assert await dte.quiet(0.05) == b""
    assert await slots(dte) == ["1,0"]


async def test_cmti_double(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmti-double")
    write(world, modem)
    assert await dte.quiet(0.05) == b'\r\n+CMTI: "SM",1\r\n' * 2


async def test_cmti_before_readable(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmti-before-readable", after=0.1)
    write(world, modem)
    await dte.until('+CMTI: "SM",1\r\n')
    assert await dte.refused("AT+CMGR=1") == "+CMS ERROR: 321"
    await asyncio.sleep(0.12)
    assert (await dte.ask("AT+CMGR=1"))[0].startswith("+CMGR: 0")


@pytest.mark.parametrize(("lies", "used"), [(False, (0, 1)), (True, (1, 0))])
async def test_cmti_other_store(
    dte: Dte, modem: Modem, world: World, lies: bool, used: tuple[int, int]
) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmti-other-store", lies=lies)
    write(world, modem)
    await dte.until('+CMTI: "ME",1\r\n')
    assert (modem.stores["SM"].used, modem.stores["ME"].used) == used


async def test_cmti_other_port(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmti-other-port")
    with serial.Serial(modem.notice_port().path, timeout=1) as other:
        write(world, modem)
        assert await asyncio.to_thread(other.read_until, b",1\r\n") == b'\r\n+CMTI: "SM",1\r\n'
    assert await dte.quiet(0.05) == b""


# --- routing --------------------------------------------------------------------------------------------


async def test_cmti_only(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CNMI=2,2,0,1,0")
    modem.inject("cmti-only")
    write(world, modem)
    assert await dte.until("1\r\n") == '\r\n+CMTI: "SM",1\r\n'


async def test_cmt_direct(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmt-direct")
    sent = write(world, modem)
    await dte.until(f"+CMT: ,{len(sent) // 2}\r\n07912120550591F0{sent}\r\n")
    assert modem.sim.store.used == 0
    assert len(modem.lost_inbound(set())) == 1


async def test_cmt_needs_ack(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cmt-needs-ack", after=0.1)
    write(world, modem)
    await dte.until("+CMT: ,")
    await dte.until("\r\n")
    await dte.ask("AT+CNMA=0")
    write(world, modem, "Another")
    await dte.until("+CMT: ,")
    await dte.quiet(0.15)
    assert await dte.ask("AT+CNMI?") == ["+CNMI: 2,0,0,0,0"]
    assert await dte.quiet(0.3) == b""
    assert len(await slots(dte)) == 1, "the network tries again by itself"
    write(world, modem, "Unheard")
    assert await dte.quiet(0.05) == b""
    assert len(await slots(dte)) == 2


async def test_cnmi_silently_reset(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("cnmi-silently-reset")
    assert await dte.ask("AT+CNMI?") == ["+CNMI: 0,0,0,0,0"]
    await dte.ask(ANNOUNCED)
    modem.inject("cnmi-silently-reset", after=0.03)
    assert await dte.ask("AT+CNMI?") == ["+CNMI: 2,1,0,1,0"]
    assert await dte.quiet(0.05) == b""
    assert await dte.ask("AT+CNMI?") == ["+CNMI: 0,0,0,0,0"]


# --- commands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deaf", [False, True])
async def test_cmgl_hang(dte: Dte, modem: Modem, deaf: bool) -> None:
    await dte.set_up()
    modem.inject("cmgl-hang", deaf=deaf)
    await dte.write("AT+CMGL=4\r")
    assert await dte.quiet(0.05) == b""
    await dte.write("AT\r")
    assert await dte.quiet(0.05) == (b"" if deaf else b"\r\nOK\r\n")


async def test_cmgl_partial(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    for text in ("One", "Two", "Three"):
        write(world, modem, text)
    modem.inject("cmgl-partial", items=2)
    assert await slots(dte) == ["1,0", "2,0"]
    await dte.ask("AT+CMGD=1")
    assert await slots(dte) == ["2,1", "3,0"]


async def test_cmgl_first_part_only(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("multipart")
    await asyncio.sleep(0.02)
    write(world, modem)
    assert modem.sim.store.used == 4
    modem.inject("cmgl-first-part-only")
    assert await slots(dte) == ["3,0", "4,0"]
    assert modem.lost_inbound(set()) == []


@pytest.mark.parametrize(
    ("how", "seen"),
    [("ok", b"\r\nOK\r\n"), ("zero", b"\r\n+CMGR: 0,,0\r\n\r\n\r\nOK\r\n"), ("error", b"\r\nERROR\r\n")],
)
async def test_cmgr_empty_ok(dte: Dte, modem: Modem, world: World, how: str, seen: bytes) -> None:
    await dte.set_up()
    modem.inject("cmgr-empty-ok", how=how)
    await dte.write("AT+CMGR=1\r")
    assert await dte.quiet(0.05) == seen
    write(world, modem)
    assert (await dte.ask("AT+CMGR=1"))[0].startswith("+CMGR: 0,,")


async def test_cmgr_321(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    write(world, modem)
    modem.inject("cmgr-321")
    assert await dte.refused("AT+CMGR=1") == "+CMS ERROR: 321"
    assert (await dte.ask("AT+CMGR=1"))[0].startswith("+CMGR: 0,,")


async def test_cmgd_slow(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    write(world, modem)
    modem.inject("cmgd-slow", after=0.1)
    await dte.write("AT+CMGD=1\r")
    assert await dte.quiet(0.05) == b""
    assert modem.sim.store.used == 0
    await dte.until("OK\r\n")


@pytest.mark.parametrize("deletes", [False, True])
async def test_cmgd_fails(dte: Dte, modem: Modem, world: World, deletes: bool) -> None:
    await dte.set_up()
    write(world, modem)
    modem.inject("cmgd-fails", deletes=deletes)
    assert await dte.refused("AT+CMGD=1") == "+CMS ERROR: 500"
    assert modem.sim.store.used == int(not deletes)


async def test_cmgd_deletes_neighbour(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    sent = [write(world, modem, text) for text in ("One", "Two", "Three", "Four")]
    modem.inject("cmgd-deletes-neighbour", count=2)
    await dte.ask("AT+CMGD=2")
    assert await slots(dte) == ["1,0", "4,0"]
    await dte.ask("AT+CMGD=4")
    assert await slots(dte) == []
    assert {pdu[16:] for pdu in modem.lost_inbound(set())} == set(sent)


async def test_slot_reused(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    write(world, modem, "First")
    await dte.until(",1\r\n")
    modem.inject("slot-reused", text="Second")
    first = (await dte.ask("AT+CMGL=4"))[1]
    assert await dte.until('\r\n+CMTI: "SM",1\r\n') == '\r\n+CMTI: "SM",1\r\n'
    second = (await dte.ask("AT+CMGR=1"))[1]
    assert tpdu.decode_deliver(bytes.fromhex(first)[8:]).text == "First"
    assert tpdu.decode_deliver(bytes.fromhex(second)[8:]).text == "Second"


@pytest.mark.parametrize(("how", "first", "second"), [("at-once", "1,1", "1,1"), ("never", "1,0", "1,0")])
async def test_stat_read_flip(
    dte: Dte, modem: Modem, world: World, how: str, first: str, second: str
) -> None:
    await dte.set_up()
    modem.inject("stat-read-flip", how=how)
    write(world, modem)
    assert [await slots(dte), await slots(dte)] == [[first], [second]]


# --- stores ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1, 301])
async def test_index_base(dte: Dte, modem: Modem, world: World, first: int) -> None:
    await dte.set_up(ANNOUNCED)
    write(world, modem)
    await dte.until('"SM",1\r\n')
    modem.inject("index-base", first=first)
    write(world, modem)
    await dte.until(f'+CMTI: "SM",{first + 1}\r\n')
    assert await slots(dte) == [f"{first},0", f"{first + 1},0"]
    await dte.ask(f"AT+CMGD={first}")
    assert modem.sim.store.used == 1


@pytest.mark.parametrize("stat", [2, 3])
async def test_foreign_entries(dte: Dte, modem: Modem, stat: int) -> None:
    await dte.set_up()
    modem.inject("foreign-entries", stat=stat)
    assert await slots(dte) == [f"1,{stat}", f"2,{stat}"]
    await dte.ask("AT+CMGD=1")
    assert modem.lost_inbound(set()) == []


async def test_store_full(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("store-full", free=1)
    for text in ("fits", "waits"):
        write(world, modem, text)
    assert (modem.sim.store.used, world.network.waiting(modem.number)) == (20, 1)
    await dte.ask("AT+CMGD=1,4")
    await asyncio.sleep(0.02)
    assert (modem.sim.store.used, world.network.waiting(modem.number)) == (1, 0)


@pytest.mark.parametrize(
    ("sign", "seen"), [("huawei", '^SMMEMFULL:"SM"'), ("simcom", "+SMS FULL"), ("^FULL {store}", "^FULL SM")]
)
async def test_store_full_sign(dte: Dte, modem: Modem, world: World, sign: str, seen: str) -> None:
    await dte.set_up()
    modem.inject("store-full", sign=sign, free=1)
    assert await dte.quiet(0.03) == b""
    for _ in range(2):
        write(world, modem)
        await dte.until(f"\r\n{seen}\r\n")


# --- many at once ---------------------------------------------------------------------------------------


async def test_deliver_burst(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("deliver-burst", n=5, over=0.05, sender=CUSTOMER)
    await dte.until('"SM",5\r\n')
    assert [one.body for one in world.phone(CUSTOMER).sent] == [f"Text {n}" for n in range(1, 6)]


@pytest.mark.parametrize("until", ["registration", "space"])
async def test_deliver_while_offline(dte: Dte, modem: Modem, world: World, until: str) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("deliver-while-offline", until=until, after=0.05, n=2)
    assert world.network.waiting(modem.number) == 2
    if until == "space":
        await dte.ask("AT+CMGD=1,4")
    await dte.until('"SM",2\r\n')
    assert world.network.waiting(modem.number) == 0


# --- reports --------------------------------------------------------------------------------------------


async def reports(dte: Dte, seconds: float = 0.05) -> list[tpdu.StatusReport]:
    """The reports that come directly within `seconds`."""
    lines = (await dte.quiet(seconds)).decode().split("\r\n")
    return [tpdu.decode_report(bytes.fromhex(one[16:])) for one in lines if one.startswith("0791212055")]


async def send_long(dte: Dte) -> None:
    for name in ("S2.1", "S2.2"):
        await dte.send(SAMPLES[name][1])


async def test_report(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", delay=0.1)
    await dte.send(S1)
    assert await reports(dte) == []
    (one,) = await reports(dte, 0.1)
    assert (one.reference, one.recipient, one.status) == (modem.reference, "+447700900123", 0)


async def test_report_before_cmgs(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", before_cmgs=True)
    got = await dte.send(S1)
    assert got.index("+CDS: 25") < got.index("+CMGS: ")


async def test_report_out_of_order(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", reverse=2)
    modem.reference = 42
    await send_long(dte)
    assert [one.reference for one in await reports(dte)] == [44, 43]


async def test_report_of_the_last_part_only(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", per="last")
    modem.reference = 42
    await send_long(dte)
    assert [one.reference for one in await reports(dte)] == [44]


async def test_report_never(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", never=True)
    await dte.send(S1)
    assert await reports(dte) == []


async def test_report_bent(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", duplicate=True, national="0", wrong_mr=1)
    modem.reference = 255
    await dte.send(S1)
    assert [(one.reference, one.recipient) for one in await reports(dte)] == [(1, "07700900123")] * 2


async def test_report_of_every_status(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", status=[0x00, 0x30, 0x46])
    for _ in range(3):
        await dte.send(S1)
    modem.clear("report")
    modem.inject("report", status=0x63)
    await dte.send(S1)
    await reports(dte)
    told = [tpdu.decode_report(bytes.fromhex(one.pdu)[8:]).status for one in modem.arrivals]
    assert told == [0x00, 0x30, 0x46, 0x63]


async def test_report_in_sr_announced_in_sm(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,2,0")
    modem.inject("report", in_sr=True)
    await dte.send(S1)
    assert await dte.until("0\r\n") == '\r\n+CDSI: "SM",0\r\n'
    assert await dte.refused("AT+CMGR=0") == "+CMS ERROR: 321"
    await dte.ask('AT+CPMS="SR"')
    assert (await dte.ask("AT+CMGR=1"))[0] == "+CMGR: 0,,25"


async def test_report_in_text_form(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", text_form=True)
    await dte.send(S1)
    await dte.match(rf'\r\n\+CDS: 6,{modem.reference},"\+447700900123",145,"[^"]+","[^"]+",0\r\n')


async def test_report_with_a_stray_comma(dte: Dte, modem: Modem) -> None:
    await dte.set_up(ANNOUNCED)
    modem.inject("report", comma=True)
    await dte.send(S1)
    await dte.match(r"\r\n\+CDS: ,25\r\n[0-9A-F]{66}\r\n")


async def test_the_notice_port_goes_with_the_device(dte: Dte, modem: Modem) -> None:
    modem.inject("cmti-other-port")
    assert modem.notice_port() is modem.notice_port()
    modem.vanish()
    with pytest.raises(serial.SerialException):
        serial.Serial(modem.notice_port().path)
    modem.come_back()
    serial.Serial(modem.notice_port().path).close()
