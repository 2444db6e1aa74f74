"""The service centre's number on the SIM (27.005 3.3.1 +CSCA), and what is done where it is missing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from .answers import Info
from .lines import fields

Ask = Callable[[str], Awaitable[list[Info] | None]]
"""Sends a command; None where the device refuses it."""


async def find_service_centre(ask: Ask, configured: str, write: Callable[[str], str] = str) -> str | None:
    """The SIM's own number; else `configured` (E.164), written to the SIM. Empty where there is none, which
    is a trouble of the line; None where the device does not tell. `write` puts a number in the character
    set of the device. The caller holds the wire.

    Raises:
        DeviceSilent, PortError: as the driver.
    """
    lines = await ask("AT+CSCA?")
    if lines and not _number_in(lines) and re.fullmatch(r"\+[0-9]{3,20}", configured):
        await ask(f'AT+CSCA="{write(configured)}",145')
        lines = await ask("AT+CSCA?")
    return _number_in(lines) if lines else None


def _number_in(lines: list[Info]) -> str:
    """The number of `+CSCA?`, decoded where it comes as hex of UCS-2 (27.007 5.5)."""
    number = fields(lines[0].text)[0]
    if re.fullmatch("(?:00[0-9A-F]{2})+", number, re.IGNORECASE):
        return bytes.fromhex(number).decode("utf-16-be")
    return number
