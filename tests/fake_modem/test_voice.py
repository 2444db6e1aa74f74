"""Calls and USSD by the book, and each fault of them by its name."""

from __future__ import annotations

import asyncio

import pytest
import serial

from tests.fake_modem import Modem, World, ussd
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
CALLER = "+447700900456"
RING = b"\r\nRING\r\n"
CLIP = f'\r\n+CLIP: "{CALLER}",145,,,,0\r\n'.encode()
END = b"\r\nNO CARRIER\r\n"


# --- calls ----------------------------------------------------------------------------------------------


async def test_a_call_by_the_book(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up("AT+CLIP=1")
    assert world.phone(CALLER).call(modem.number, gap=0.02)
    assert not world.phone("+12025550150").call(modem.number)
    assert await dte.quiet(0.08) == (RING + CLIP) * 2 + END
    await dte.ask("AT+CRC=1")
    world.phone(CALLER).call(modem.number, rings=1, gap=0.02, withheld=True)
    assert await dte.quiet(0.05) == b'\r\n+CRING: VOICE\r\n\r\n+CLIP: "",128,,,,1\r\n' + END
    assert [one.number for one in modem.calls.log] == [CALLER, ""]
    modem.register(2)
    assert not world.phone(CALLER).call(modem.number)


@pytest.mark.parametrize("command", ["AT+CHUP", "ATH"])
async def test_hanging_up(dte: Dte, modem: Modem, world: World, command: str) -> None:
    await dte.set_up()
    world.phone(CALLER).call(modem.number, gap=0.03)
    await dte.until("RING\r\n")
    await dte.ask(command)
    assert await dte.quiet(0.08) == b""
    assert modem.calls.log[0].ended == "rejected"
    await dte.ask(command)


@pytest.mark.parametrize(
    ("params", "seen"),
    [
        ({}, RING + CLIP + END),
        ({"clip": False}, RING + END),
        ({"withheld": True}, RING + b'\r\n+CLIP: "",128,,,,1\r\n' + END),
        ({"crc": True}, b"\r\n+CRING: VOICE\r\n" + CLIP + END),
        ({"ends": "silence"}, RING + CLIP),
        ({"ends": "elsewhere"}, RING + CLIP),
    ],
)
async def test_ring(dte: Dte, modem: Modem, params: dict[str, object], seen: bytes) -> None:
    await dte.set_up("AT+CLIP=1")
    modem.inject("ring", rings=1, gap=0.02, **params)
    assert await dte.quiet(0.06) == seen
    assert modem.calls.log[0].ended == params.get("ends", "NO CARRIER")


async def test_ring_during_send(dte: Dte, modem: Modem, world: World) -> None:
    await dte.set_up()
    modem.inject("ring", rings=1, gap=0.05, during_send=True, cms=512)
    assert await dte.quiet(0.03) == b""
    got = await dte.send(S1)
    assert (got.startswith("RING"), got.endswith("+CMS ERROR: 512")) == (True, True)
    await dte.until("NO CARRIER\r\n")
    assert (await dte.send(S1)).endswith("OK")
    assert world.received() == 1


async def test_ring_other_port(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CLIP=1")
    modem.inject("ring-other-port")
    with serial.Serial(modem.notice_port().path, timeout=1) as other:
        modem.inject("ring", rings=1, gap=0.02)
        assert await asyncio.to_thread(other.read_until, b"NO CARRIER\r\n") == RING + CLIP + END
    assert await dte.quiet(0.03) == b""


@pytest.mark.parametrize(
    ("by", "command", "ended"),
    [("CHUP", "ATH", False), ("CHUP", "AT+CHUP", True), ("ATH", "AT+CHUP", False), ("ATH", "ATH", True),
     ("none", "ATH", False)],
)  # fmt: skip
async def test_hangup_honoured(dte: Dte, modem: Modem, by: str, command: str, ended: bool) -> None:
    await dte.set_up()
    modem.inject("hangup-honoured", by=by)
    modem.inject("ring", rings=3, gap=0.03)
    await dte.until("RING\r\n")
    await dte.ask(command)
    assert (modem.calls.now is None) == ended
    assert (await dte.quiet(0.05) == b"") == ended


async def test_clip_hangs_device(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("clip-hangs-device")
    await dte.ask("AT+CLIP=0")
    await dte.write("AT+CLIP=1\r")
    await dte.write("AT\r")
    assert await dte.quiet(0.05) == b""
    modem.reboot(banner=())
    await asyncio.sleep(0.01)
    assert await dte.ask("AT") == ["AT\r"]


# --- USSD -----------------------------------------------------------------------------------------------


def test_packed_strings() -> None:
    assert ussd.packed("*100#") == "AA180C3602"
    assert ussd.unpacked("C2303BEC1E974134970C06") == "Balance 4.20"
    assert ussd.unpacked(ussd.packed("seven c")) == "seven c"


async def test_ussd_by_the_book(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    await dte.write('AT+CUSD=1,"*100#",15\r')
    assert await dte.quiet(0.05) == b'\r\nOK\r\n\r\n+CUSD: 0,"Your balance is 4.20",15\r\n'
    await dte.write('AT+CUSD=1,"*999#",15\r')
    assert await dte.quiet(0.05) == b"\r\nOK\r\n\r\n+CUSD: 4\r\n"
    assert await dte.ask("AT+CUSD?") == ["+CUSD: 1"]
    await dte.ask("AT+CUSD=2")
    modem.register(0)
    assert await dte.refused('AT+CUSD=1,"*100#",15') == "+CME ERROR: 30"


TEXT = "Your balance is 4.20"


@pytest.mark.parametrize(
    ("params", "typed", "seen"),
    [
        ({"form": "plain"}, "*100#", f'\r\nOK\r\n\r\n+CUSD: 0,"{TEXT}",15\r\n'),
        ({"form": "packed", "text": "Balance 4.20"}, "AA180C3602",
         '\r\nOK\r\n\r\n+CUSD: 0,"C2303BEC1E974134970C06",15\r\n'),
        ({"form": "ucs2", "text": "4 €"}, "002A0031003000300023",
         '\r\nOK\r\n\r\n+CUSD: 0,"0034002020AC",72\r\n'),
        ({"form": "8-bit", "text": "4.20"}, "*100#", '\r\nOK\r\n\r\n+CUSD: 0,"342E3230",0\r\n'),
        ({"form": "multi-line"}, "*100#",
         f'\r\nOK\r\n\r\n+CUSD: 0,"{TEXT}\r\n1 Top up\r\n2 Tariffs",15\r\n'),
        ({"before_ok": True}, "*100#", f'\r\n+CUSD: 0,"{TEXT}",15\r\n\r\nOK\r\n'),
        ({"error": 4}, "*100#", "\r\nOK\r\n\r\n+CUSD: 4\r\n"),
        ({"never": True}, "*100#", "\r\nOK\r\n"),
        ({"form": "packed"}, "*100#", "\r\n+CME ERROR: 50\r\n"),
    ],
)  # fmt: skip
async def test_ussd(dte: Dte, modem: Modem, params: dict[str, object], typed: str, seen: str) -> None:
    await dte.set_up()
    modem.inject("ussd", **params)
    await dte.write(f'AT+CUSD=1,"{typed}",15\r')
    assert (await dte.quiet(0.05)).decode("latin-1") == seen


async def test_ussd_asks_reply(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    modem.inject("ussd", asks_reply=True)
    await dte.ask('AT+CUSD=1,"*100#",15')
    assert await dte.until("15\r\n") == f'\r\n+CUSD: 1,"{TEXT}",15\r\n'
    await dte.ask('AT+CUSD=1,"2",15')
    assert await dte.until("15\r\n") == '\r\n+CUSD: 0,"You chose 2",15\r\n'
    await dte.ask('AT+CUSD=1,"*100#",15')
    await dte.until("15\r\n")
    assert modem.ussd_open
    await dte.ask("AT+CUSD=2")
    assert not modem.ussd_open


@pytest.mark.parametrize("deaf", [True, False])
async def test_cusd_2_hangs(dte: Dte, modem: Modem, deaf: bool) -> None:
    await dte.set_up()
    modem.inject("cusd-2-hangs", deaf=deaf)
    await dte.write("AT+CUSD=2\r")
    assert await dte.quiet(0.03) == b""
    await dte.write("AT\r")
    assert await dte.quiet(0.03) == (b"" if deaf else b"\r\nOK\r\n")
