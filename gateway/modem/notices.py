"""Asking a device to tell of new texts by itself (+CNMI, 27.005 3.4.1), in either mode."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from .answers import Info

Ask = Callable[[str], Awaitable[list[Info] | None]]
"""Sends a command; None where the device refuses it."""

Modes = tuple[tuple[int, int], ...]

ANY_MODE: Modes = tuple((mode, reports) for mode in (2, 1, 3) for reports in (1, 2, 0))
"""<mode> and <ds>, best first: buffered before discarded, a report told before a report stored."""


async def choose_notices(ask: Ask, modes: Modes = ANY_MODE, buffer: str = "", target: int = 1) -> str:
    """The first +CNMI setting the device takes, empty when it takes none and its store must be polled.

    Tried, not believed: firmwares list modes they refuse. An empty `buffer` (<bfr>) is what the device
    offers; `target` (<mt>) is 1 for texts that are stored and told, 2 for texts that are handed over. The
    caller holds the wire.

    Raises:
        DeviceSilent, PortError: as the driver.
    """
    buffer = buffer or _buffer_choice(await ask("AT+CNMI=?"))
    for mode, reports in modes:
        setting = f"{mode},{target},0,{reports},{buffer}"
        if await ask(f"AT+CNMI={setting}") is not None:
            return setting
    return ""


def tells_reports(setting: str) -> bool:
    """Whether a setting has delivery reports told (<ds> is not 0)."""
    values = setting.split(",")
    return len(values) > 3 and values[3] != "0"


def _buffer_choice(lines: list[Info] | None) -> str:
    """<bfr> of +CNMI: 0 where it is offered, else 1."""
    values = re.findall(r"\(([^)]*)\)", lines[0].text) if lines else []
    return "1" if len(values) >= 5 and "0" not in spread(values[4]) else "0"


def spread(values: str) -> set[str]:
    """The digits of `0-2` or `0,1,3`."""
    found = set(re.findall(r"\d", values))
    for low, high in re.findall(r"(\d)-(\d)", values):
        found.update(str(value) for value in range(int(low), int(high) + 1))
    return found
