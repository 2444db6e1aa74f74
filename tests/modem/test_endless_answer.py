"""A broken device whose answer has no end fills no memory: it is one that does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import AsyncIterator

import pytest

from gateway.modem.driver import Driver
from gateway.modem.errors import DeviceSilent
from tests.modem.conftest import FAST, until


class _Babbler:
    """A device on a pty that answers AT and its like; to `AT+CMGL=4` and to a text it writes on and on."""

    def __init__(self, line: bytes, most: int) -> None:
        self.written = 0
        self._line, self._most = line, most
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._master, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        heard = os.read(self._master, 4096)
        if b"AT+CMGL=4\r" in heard or b"\x1a" in heard:
            self._loop.add_writer(self._master, self._babble)
        elif b"AT+CMGS=" in heard:
            os.write(self._master, b"\r\n> ")
        elif b"AT\r" in heard:
            os.write(self._master, b"\r\nOK\r\n")
        elif b"\r" in heard:
            os.write(self._master, b"\r\nERROR\r\n")

    def _babble(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.written += os.write(self._master, self._line) // len(self._line)
        if self.written >= self._most:
            self._loop.remove_writer(self._master)


@contextlib.asynccontextmanager
async def babbler(line: bytes, most: int) -> AsyncIterator[tuple[Driver, _Babbler]]:
    device = _Babbler(line, most)
    driver = Driver(lambda news: None, lambda error: None, FAST.timing)
    await driver.open(device.path)
    try:
        yield driver, device
    finally:
        driver.close()
        device.close()


@pytest.mark.parametrize(
    "line", [b"+CMGL: 1,1,,1\r\n000000\r\n", b"+CMGL: " + b"1" * 4000 + b"\r\n"], ids=["lines", "octets"]
)
async def test_an_answer_without_end_is_given_up(line: bytes) -> None:
    async with babbler(line, most=20_000) as (driver, device):
        with pytest.raises(DeviceSilent, match="without end"):
            await driver.command("AT+CMGL=4", limit=60.0)
        assert device.written < 4000


async def test_a_text_whose_answer_has_no_end_is_unclear_and_not_lost() -> None:
    written = []
    async with babbler(b"+CMGS: 1\r\n", most=3000) as (driver, device):
        assert await driver.ask_prompt("AT+CMGS=18")
        answer = await driver.hand_over("00", lambda: written.append(1))
        assert answer.result is None and len(answer.lines) <= 2000 and written
        await until(lambda: device.written >= 3000)
