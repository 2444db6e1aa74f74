"""Fixtures: a world, a modem on a pty, and a computer that talks to it through pyserial."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator

import pytest
import serial

from tests.fake_modem import Modem, World

LIMIT = 3.0  # seconds any single answer may take


class Dte:
    """The computer's end: real pyserial, in a thread so that the modem's loop goes on."""

    def __init__(self, path: str) -> None:
        self.port = serial.serial_for_url(path, timeout=0.02)
        self._unread: bytes = b""

    def _take(self, pattern: bytes) -> bytes:
        end = time.monotonic() + LIMIT
        while not (found := re.search(pattern, self._unread)) and time.monotonic() < end:
            self._unread += bytes(self.port.read(max(1, self.port.in_waiting)))
        assert found, f"{pattern!r} did not come, only {self._unread!r}"
        taken, self._unread = self._unread[: found.end()], self._unread[found.end() :]
        return taken

    async def match(self, pattern: str) -> str:
        """Read up to the end of the first match of a regular expression. Fails where none comes."""
        return (await asyncio.to_thread(self._take, pattern.encode("latin-1"))).decode("latin-1")

    async def until(self, end: str) -> str:
        """Read up to and with `end`."""
        return await self.match(re.escape(end))

    async def quiet(self, seconds: float = 0.15) -> bytes:
        """What comes within `seconds`."""
        await asyncio.sleep(seconds)
        waiting = await asyncio.to_thread(self.port.read, max(1, self.port.in_waiting))
        got, self._unread = self._unread + waiting, b""
        return got

    async def write(self, text: str | bytes) -> None:
        data = text.encode("latin-1") if isinstance(text, str) else text
        await asyncio.to_thread(self.port.write, data)

    async def ask(self, command: str, end: str = "\r\nOK\r\n") -> list[str]:
        """Write a command line; the lines of its answer without empty ones and the final result."""
        await self.write(command + "\r")
        return [line for line in (await self.until(end)).split("\r\n") if line][:-1]

    async def refused(self, command: str) -> str:
        """Write a command line that is not answered OK; the final result."""
        await self.write(command + "\r")
        return (await self.match(r"ERROR.*\r\n")).strip()

    async def set_up(self, *commands: str) -> None:
        """The usual opening: no echo, numeric errors, PDU mode, then `commands`."""
        for command in ("ATE0", "AT+CMEE=1", "AT+CMGF=0", *commands):
            await self.ask(command)

    async def send(self, pdu: str) -> str:
        """Send a PDU without service centre (00...); the answer up to its final result."""
        await self.write(f"AT+CMGS={len(pdu) // 2 - 1}\r")
        await self.until("\r\n> ")
        await self.write(pdu + "\x1a")
        return (await self.match(r"\r\n(OK|.*ERROR.*)\r\n")).strip()

    def close(self) -> None:
        self.port.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(seed=7) as made:
        yield made


@pytest.fixture
async def modem(world: World) -> Modem:
    return await world.modem(number="+12025550161")


@pytest.fixture
async def dte(modem: Modem) -> AsyncIterator[Dte]:
    made = Dte(modem.path)
    yield made
    made.close()
