"""Quirks of devices as data, matched on maker, model and firmware. No behaviour lives here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.domain.line import Abilities

from .codes import PROVEN_NOT_SENT


@dataclass(frozen=True, slots=True)
class Profile:
    """What is particular about a family of devices.

    `matches` is a regular expression searched in "maker model firmware". Commands are tried in order
    until one is answered. `restart_notices` are starts of lines that say the device forgot its settings.
    """

    name: str
    matches: str
    abilities: Abilities
    proven_not_sent: frozenset[str] = PROVEN_NOT_SENT
    iccid_commands: tuple[str, ...] = ("AT+CCID", "AT+ICCID", "AT+CRSM=176,12258,0,0,10")
    pin_counter_commands: tuple[str, ...] = ("AT+CPINR",)
    restart_notices: tuple[str, ...] = (
        "RDY",
        "^BOOT",
        "^SYSSTART",
        "SYSSTART",
        "+WIND: 3",
        "+WIND:3",
        "+CFUN: 1",
    )
    store_full_notices: tuple[str, ...] = ("^SMMEMFULL", "+SMS FULL", '+QIND: "smsfull"')


GENERIC = Profile(
    name="generic-27005",
    matches="",
    # calls are not listened for by this driver
    abilities=Abilities(calls=False),
)

PROFILES: tuple[Profile, ...] = (GENERIC,)
"""First match wins; the last one matches everything."""


def profile_for(maker: str, model: str, firmware: str) -> Profile:
    """The profile of a device by what it says of itself."""
    identity = f"{maker} {model} {firmware}"
    return next((p for p in PROFILES if re.search(p.matches, identity, re.IGNORECASE)), GENERIC)
