"""What one kind of device is like, as data, and what it is set to.

The devices are in `devices`, one file a family; importing it fills `PERSONALITIES`. Behaviour that is
not data goes into `overrides`, handlers that replace those of the book by command name, and into `habits`,
faults of the device that are always in force.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Settings:
    """What a restart resets (defaults of 27.005 and 27.007)."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    cmee: int = 0
    cmgf: int = 0
    csms: int = 0
    cnmi: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    memories: tuple[str, str, str] = ("SM", "SM", "SM")
    cscs: str = "GSM"
    csmp: tuple[int, int, int, int] = (17, 167, 0, 0)
    reports: dict[str, int] = field(default_factory=lambda: {"+CREG": 0, "+CGREG": 0, "+CEREG": 0})
    switches: dict[str, int] = field(default_factory=dict)  # +CMMS, +CLIP, +CRC, +CVHU, +CSDH
    extras: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the maker's own settings
    cops_format: int = 0


Range = tuple[int, ...]
Ranges = tuple[Range, Range, Range, Range, Range]
RESTART, REPLUG, IGNORE, REFUSE = "restart", "replug", "ignore", "refuse"


@dataclass(frozen=True)
class Boot:
    """A line said by itself `after` seconds of the device's time; `sim`: not before the SIM is open."""

    after: float
    text: str
    sim: bool = False


@dataclass(frozen=True)
class Personality:
    """Identity, stores, ranges, power-on settings and habits of a device."""

    name: str
    maker: str = "Generic"
    model: str = "27.005"
    firmware: str = "1.0"
    stores: dict[str, int] = field(default_factory=lambda: {"SM": 20, "ME": 23})
    index_base: int = 1
    # AT+CNMI: what each of mode, mt, bm, ds, bfr may be as listed, and, where that is a lie, as taken
    cnmi: Ranges = ((0, 1, 2, 3), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1))
    cnmi_taken: Ranges | None = None
    charsets: tuple[str, ...] = ("GSM", "IRA", "UCS2")
    offers: dict[str, str] = field(default_factory=dict)  # answers to "=?" that are not as the book's
    ack_seconds: float = 30.0  # an unacknowledged +CMT or +CDS ends routing after this (24.011 TRAM)
    boot: tuple[Boot, ...] = ()
    ready_at: str = ""  # the line of `boot` from which on texts can be handled
    on_reset: str = RESTART  # what AT+CFUN=1,1 does
    settings: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)  # delays and counts of the habits
    overrides: dict[str, Callable[..., Any]] = field(default_factory=dict)
    habits: tuple[Callable[..., Any], ...] = ()
    refuses: frozenset[str] = frozenset()  # commands this device answers with ERROR
    extras: frozenset[str] = frozenset()  # the maker's own commands, answered OK
    iccid: dict[str, str] = field(
        default_factory=lambda: {name: f"{name}: {{}}" for name in ("+CCID", "+ICCID", "^ICCID")}
    )
    retry_counter: str = "+CPINR"  # the command that tells how many tries a PIN has left
    location: str = '"00C3","0000A1B2",7'  # area, cell, technology as +CREG tells them at level 2
    sim_out: str = "+CPIN: NOT INSERTED"  # said when the SIM is pulled
    sim_open: str = "+CPIN: READY"  # said when the PIN was right; "" where nothing is
    full_sign: str = ""  # said when a store has become full; {store} is its name
    missed_call: str = ""  # said when a call was not answered; {time}, {number}


PERSONALITIES: dict[str, Personality] = {}


def register(*devices: Personality) -> None:
    """Enter devices under their names."""
    PERSONALITIES.update({device.name: device for device in devices})
