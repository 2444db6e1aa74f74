"""What one kind of device is like, as data, and what it is set to.

A new device is a new `Personality` in `PERSONALITIES`.
Behaviour that is not data goes into `overrides`: handlers that replace those of the book by command name.
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
    cops_format: int = 0


Range = tuple[int, ...]


@dataclass(frozen=True)
class Personality:
    """Identity, stores, ranges and power-on settings of a device."""

    name: str
    maker: str = "Generic"
    model: str = "27.005"
    firmware: str = "1.0"
    stores: dict[str, int] = field(default_factory=lambda: {"SM": 20, "ME": 23})
    index_base: int = 1
    # AT+CNMI: what each of mode, mt, bm, ds, bfr may be (27.005 3.4.1)
    cnmi: tuple[Range, Range, Range, Range, Range] = ((0, 1, 2, 3), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1))
    charsets: tuple[str, ...] = ("GSM", "IRA", "UCS2")
    ack_seconds: float = 30.0  # an unacknowledged +CMT or +CDS ends routing after this (24.011 TRAM)
    boot_banner: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Callable[..., Any]] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()  # commands this device answers with ERROR


PERSONALITIES = {one.name: one for one in (Personality("generic-27005"),)}
