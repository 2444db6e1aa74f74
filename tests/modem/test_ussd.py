"""Service codes: every writing a device may use, sessions that end, and devices that do not play along."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.domain.line import NotAnswered, UssdAnswer
from gateway.modem.answers import Event, Info, Unsolicited
from gateway.modem.at import Engine
from gateway.modem.driver import Driver, News
from gateway.modem.lines import MAX_LINE
from gateway.modem.ussd import Ussd, decode_ussd, pack_hex
from tests.domain.oracles import GSM_CHARACTERS
from tests.fake_modem import World
from tests.modem.at_samples import OK, answer
from tests.modem.conftest import FAST, until

BALANCE = "Your balance is 4.20"
ALL = ("plain", "ucs2", "packed")

# --- the string of +CUSD -----------------------------------------------------------------------------

WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ", max_size=140).map(
    lambda text: f"Your {text.strip()} units"
)


@pytest.mark.parametrize(
    ("text", "dcs", "said"),
    [
        ("C2303BEC1E974134970C06", 15, "Balance 4.20"),
        ("c2303bec1e974134970c06", 15, "Balance 4.20"),
        (BALANCE, 15, BALANCE),
        ("Balance".encode("utf-16-be").hex(), 72, "Balance"),
        ("Баланс".encode("utf-16-be").hex(), 72, "Баланс"),
        ("Баланс".encode("utf-16-be").hex(), 15, "Баланс"),  # CSCS="UCS2" and no word of it
        ("رصيدك".encode("utf-16-be").hex(), 72, "رصيدك"),
        (b"Balance 4.20 EUR".hex(), 0, "Balance 4.20 EUR"),
        (b"Balance 4.20 EUR".hex(), None, "Balance 4.20 EUR"),
        ("4200", 15, "4200"),
        ("12345678", None, "12345678"),
        ("ABC", 15, "ABC"),  # no hex: an odd number of digits
        ("FEEDBEEF", 15, "FEEDBEEF"),
        ("1 Top up\r\n2 Tariffs\r\n", 15, "1 Top up\n2 Tariffs"),
        ("", 15, ""),
        ("00", 72, "00"),
        ("D83D", 72, "\ufffd"),
    ],
)
def test_strings(text: str, dcs: int | None, said: str) -> None:
    assert decode_ussd(text, dcs) == said


def test_the_service_code_of_the_field_guide() -> None:
    assert pack_hex("*100#") == "AA180C3602"


@given(st.text(GSM_CHARACTERS, min_size=1, max_size=160))
@example("1234567")
@example("1234567@")
def test_what_a_device_packs_is_read_back(text: str) -> None:
    """All but filling: a last '@' or CR on the octet's border, and what is at the ends and shows nothing."""
    said = decode_ussd(pack_hex(text), 15, packed=True)
    trimmed = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n ")
    if pack_hex(text)[:2] not in ("00", "04", "80", "84"):  # these may pass for UCS-2
        assert said in (trimmed, trimmed.removesuffix("@").rstrip("\n "))


@given(WORDS)
def test_words_are_read_in_every_writing(text: str) -> None:
    for written, dcs in (
        (text, 15),
        (pack_hex(text), 15),
        (text.encode("utf-16-be").hex(), 72),
        (text.encode("utf-16-be").hex(), 15),
        (text.encode().hex(), 0),
    ):
        assert decode_ussd(written, dcs) == text


@given(
    st.one_of(st.text(), st.text("0123456789ABCDEFabcdef")),
    st.one_of(st.none(), st.integers(0, 255)),
    st.booleans(),
)
def test_any_string_gives_text(text: str, dcs: int | None, packed: bool) -> None:
    decode_ussd(text, dcs, packed=packed).encode(errors="strict" if text.isascii() else "replace")


# --- the engine: texts over several lines ------------------------------------------------------------

MENU = '+CUSD: 1,"Your balance\n1 Top up\n2 Tariffs",15'


def _heard(written: str) -> list[Event]:
    return Engine().receive(written.encode())


def test_a_text_over_several_lines_is_one_piece_of_news() -> None:
    written = "\r\n" + MENU.replace("\n", "\r\n") + "\r\n"
    assert _heard(written) == [Unsolicited(MENU)]
    assert answer('AT+CUSD=1,"*100#",15', written + "\r\nOK\r\n") == [Info(MENU), OK]


def test_news_in_its_middle_is_not_part_of_it() -> None:
    written = '+CUSD: 1,"Your balance\r\n+CMTI: "SM",1\r\nRING\r\n2 Tariffs",15\r\n'
    assert _heard(written) == [
        Unsolicited('+CMTI: "SM",1'),
        Unsolicited("RING"),
        Unsolicited('+CUSD: 1,"Your balance\n2 Tariffs",15'),
    ]


def test_a_text_without_an_end_does_not_swallow_what_follows() -> None:
    engine = Engine()
    assert engine.receive(b'+CUSD: 0,"Your bal\r\n') == []
    engine.command("AT")
    assert engine.receive(b"\r\nOK\r\n") == [Unsolicited('+CUSD: 0,"Your bal'), OK]
    assert _heard('+CUSD: 0,"Your\r\n+CUSD: 0,"bal",15\r\n') == [
        Unsolicited('+CUSD: 0,"Your'),
        Unsolicited('+CUSD: 0,"bal",15'),
    ]


@pytest.mark.parametrize("line", ['""""""""""x', '"x', 'say "hello" or "bye" now', '"' * 8000 + "x"])
def test_a_text_that_never_closes_its_quote_is_taken_at_its_longest(line: str) -> None:
    """It is looked at once: what reads it all again at each line takes minutes for these."""
    opening = '+CUSD: 0,"Your balance'
    lines = (MAX_LINE - len(opening)) // (len(line) + 1) + 1
    events = _heard("\r\n".join([opening, *[line] * lines]) + "\r\n+CREG: 1\r\n")
    assert events[0] == Unsolicited("\n".join([opening, *[line] * lines]))
    assert events[-1] == Unsolicited("+CREG: 1")


# --- the exchange ------------------------------------------------------------------------------------

Writes = str | None
Plays = Callable[[str], Writes]


class _Device:
    """A device on a pty that answers each command as `plays` says; None is silence."""

    def __init__(self, plays: Plays) -> None:
        self.heard: list[str] = []
        self._plays = plays
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave
        asyncio.get_running_loop().add_reader(self._master, self._read)
        self._buffer = b""

    def write(self, text: str) -> None:
        os.write(self._master, text.encode("latin-1"))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        self._buffer += os.read(self._master, 4096).replace(b"\x1b", b"")
        while b"\r" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\r")
            command = line.decode()
            written = "\r\nOK\r\n" if command == "AT" else self._plays(command)
            if command != "AT":
                self.heard.append(command)
            if written:
                self.write(written)


@contextlib.asynccontextmanager
async def asking(
    plays: Plays, encodings: tuple[str, ...] = ALL, limit_s: float = 2.0
) -> AsyncIterator[tuple[Ussd, _Device, Driver]]:
    device = _Device(plays)
    asked: list[Ussd] = []

    def on_news(news: News) -> None:
        if isinstance(news, Unsolicited):
            assert asked[0].news(news.text)

    driver = Driver(on_news, lambda _: None, FAST.timing)
    asked.append(Ussd(driver, encodings, limit_s=limit_s, end_limit_s=0.1))
    await driver.open(device.path)
    try:
        yield asked[0], device, driver
    finally:
        driver.close()
        device.close()


def _says(answers: dict[str, str], otherwise: str = "\r\nERROR\r\n") -> Plays:
    return lambda command: answers.get(command, otherwise)


PLAIN = 'AT+CUSD=1,"*100#",15'
PACKED = 'AT+CUSD=1,"AA180C3602",15'
WIDE = 'AT+CUSD=1,"002A0031003000300023",15'
SAID = f'\r\n+CUSD: 0, "{BALANCE}", 15\r\n'


@pytest.mark.parametrize("written", ["\r\nOK\r\n" + SAID, SAID + "\r\nOK\r\n"])
async def test_an_answer_after_and_before_ok(written: str) -> None:
    async with asking(_says({PLAIN: written})) as (ussd, device, _):
        assert await ussd.ask("*100#") == UssdAnswer(BALANCE)
        assert device.heard == [PLAIN]


async def test_a_menu_is_ended_and_told_as_one_that_wanted_a_reply() -> None:
    menu = "\r\nOK\r\n\r\n" + MENU + "\r\n"
    async with asking(_says({PLAIN: menu, "AT+CUSD=2": "\r\nOK\r\n"})) as (ussd, device, _):
        assert await ussd.ask("*100#") == UssdAnswer("Your balance\n1 Top up\n2 Tariffs", wanted_reply=True)
        assert device.heard == [PLAIN, "AT+CUSD=2"]


async def test_a_device_that_hangs_on_the_end_costs_no_answer_and_is_not_asked_again() -> None:
    silent = "AT+CUSD=2"
    plays = {PLAIN: "\r\nOK\r\n\r\n" + MENU + "\r\n", silent: ""}
    async with asking(_says(plays)) as (ussd, device, driver):
        for _ in range(2):
            assert (await ussd.ask("*100#")).wanted_reply
        assert device.heard.count(silent) == 1
        async with driver.wire:
            await driver.command("AT")


async def test_writings_are_tried_in_order_and_the_one_that_worked_is_kept() -> None:
    packed_answer = '\r\nOK\r\n\r\n+CUSD: 0,"C2303BEC1E974134970C06",15\r\n'
    async with asking(_says({PACKED: packed_answer})) as (ussd, device, _):
        assert await ussd.ask("*100#") == UssdAnswer("Balance 4.20")
        assert device.heard == [PLAIN, WIDE, PACKED]
        await ussd.ask("*100#")
        assert device.heard[3:] == [PACKED]


async def test_a_network_that_does_not_understand_is_asked_in_the_next_writing() -> None:
    plays = {PLAIN: "\r\nOK\r\n\r\n+CUSD: 4\r\n", WIDE: "\r\nOK\r\n" + SAID}
    async with asking(_says(plays)) as (ussd, device, _):
        assert (await ussd.ask("*100#")).text == BALANCE
        assert device.heard == [PLAIN, WIDE]


@pytest.mark.parametrize(
    ("written", "code", "detail"),
    [
        ("\r\nERROR\r\n", "unsupported", "ERROR"),
        ("\r\n+CME ERROR: 4\r\n", "unsupported", "CME 4"),
        ("\r\n+CME ERROR: 30\r\n", "refused", "CME 30"),
        ("\r\nOK\r\n\r\n+CUSD: 4\r\n", "unknown_code", ""),
        ("\r\nOK\r\n\r\n+CUSD: 2\r\n", "refused", ""),
        ("\r\nOK\r\n\r\n+CUSD: 5\r\n", "timeout", ""),
        ("\r\nOK\r\n\r\n+CUSD: nonsense\r\n", "refused", ""),
    ],
)
async def test_refusals(written: str, code: str, detail: str) -> None:
    async with asking(_says({}, written)) as (ussd, _, driver):
        with pytest.raises(NotAnswered) as refused:
            await ussd.ask("*100#")
        assert (refused.value.code, refused.value.detail) == (code, detail)
        assert not driver.wire.locked()


async def test_where_one_code_was_answered_an_error_is_about_the_other() -> None:
    async with asking(_says({PLAIN: "\r\nOK\r\n" + SAID}, "\r\nERROR\r\n")) as (ussd, _, _):
        await ussd.ask("*100#")
        with pytest.raises(NotAnswered) as refused:
            await ussd.ask("*999#")
        assert refused.value.code == "unknown_code"


async def test_no_answer_in_time_and_the_late_one_disturbs_nobody() -> None:
    plays = {PLAIN: "\r\nOK\r\n", "AT+CUSD=2": "\r\nOK\r\n"}
    async with asking(_says(plays), limit_s=0.1) as (ussd, device, driver):
        with pytest.raises(NotAnswered, match="timeout"):
            await ussd.ask("*100#")
        assert device.heard == [PLAIN, "AT+CUSD=2"]
        device.write(SAID)
        async with driver.wire:
            await driver.command("AT")
        plays[PLAIN] = '\r\nOK\r\n\r\n+CUSD: 0,"Now",15\r\n'
        assert (await ussd.ask("*100#")).text == "Now"


async def test_who_waits_is_told_when_the_line_goes() -> None:
    async with asking(_says({PLAIN: "\r\nOK\r\n"})) as (ussd, device, _):
        asked = asyncio.create_task(ussd.ask("*100#"))
        await until(lambda: device.heard)
        await asyncio.sleep(0)
        ussd.stop()
        with pytest.raises(NotAnswered, match="port_lost"):
            await asked


@pytest.mark.parametrize("code", ["", '*100#",15\r', "100 ", "hello"])
async def test_what_is_no_service_code_is_not_written(code: str) -> None:
    async with asking(_says({})) as (ussd, device, _):
        with pytest.raises(ValueError, match="no service code"):
            await ussd.ask(code)
        assert not device.heard


async def test_a_modem_of_the_world(world: World) -> None:
    modem = await world.modem()
    world.network.ussd["*100#"] = BALANCE
    news: list[News] = []
    driver = Driver(news.append, lambda _: None, FAST.timing)
    ussd = Ussd(driver, ALL, limit_s=2.0)
    await driver.open(modem.path)
    asked = asyncio.create_task(ussd.ask("*100#"))
    await until(lambda: any(isinstance(told, Unsolicited) and ussd.news(told.text) for told in news))
    assert (await asked).text == BALANCE
    driver.close()
