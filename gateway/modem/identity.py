"""Who a device says it is, and the forms such answers come in."""

from __future__ import annotations

import re

from .answers import Info
from .driver import Driver

_PREFIX = re.compile(r"\A[+^*%#$!&][A-Z0-9_]+: *", re.IGNORECASE)


async def read_identity(driver: Driver) -> dict[str, str]:
    """maker, model, firmware, imei, as far as the device tells (27.007 5.1 to 5.4)."""
    commands = {"maker": "AT+CGMI", "model": "AT+CGMM", "firmware": "AT+CGMR", "imei": "AT+CGSN"}
    facts = {name: value_of(await driver.try_command(command)) for name, command in commands.items()}
    if not facts["model"]:
        about = await driver.try_command("ATI") or []
        facts["model"] = " ".join(value_of([line]) for line in about)
    return {name: value for name, value in facts.items() if value}


def value_of(lines: list[Info] | None) -> str:
    """The first line's value: without prefix and quotes."""
    return _PREFIX.sub("", lines[0].text).strip().strip('"') if lines else ""


def iccid_of(lines: list[Info] | None) -> str:
    """18 to 20 digits; from +CRSM (27.007 8.18) they come with swapped halves."""
    for line in lines or ():
        match = re.search(r'\+CRSM: *144,\d+,"?([0-9A-F]{20})', line.text, re.IGNORECASE)
        if match:
            raw = match[1].upper()
            return "".join(raw[at + 1] + raw[at] for at in range(0, 20, 2)).rstrip("F")
        plain = re.search(r"(?<!\d)(\d{18,20})(?!\d)", line.text)
        if plain and "+CRSM" not in line.text:
            return plain[1]
    return ""
