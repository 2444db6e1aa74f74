"""A device with several ports: which wire takes commands, which gets unsolicited lines, what the others do.

Owns: the roles of ports and the noise of those that are no AT port. One port of a device is "at"; beside it
silent: takes all, says nothing; binary: frames between 0x7E, unasked, as a diagnostic port; nmea: positions,
unasked, as a GNSS port; data: answers AT and settings of one letter, ERROR to all else; urc: says the
unsolicited lines, which the AT port then does not, and takes nothing.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from .wire import Wire
from .wirelog import WireLog, escape

ROLES = ("silent", "binary", "nmea", "data", "at", "urc")
EVERY = 0.05  # seconds between the words of a port that speaks unasked
_NMEA = ("GPGSV,1,1,00", "GPGGA,,,,,,0,,,,,,,,", "GPRMC,,V,,,,,,,,,,N")


def binary_frame(chance: random.Random) -> bytes:
    """One packet of a diagnostic port: 0x7E, octets with 0x7E and 0x7D escaped, 0x7E."""
    octets = chance.randbytes(chance.randint(8, 40))
    return b"\x7e" + octets.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e") + b"\x7e"


def nmea_sentence(chance: random.Random) -> bytes:
    """One sentence of a receiver without a fix, with its check sum (NMEA 0183)."""
    words = chance.choice(_NMEA)
    return f"${words}*{reduce(xor, words.encode()):02X}\r\n".encode()


UNASKED: dict[str, Callable[[random.Random], bytes]] = {"binary": binary_frame, "nmea": nmea_sentence}


@dataclass
class Ports:
    """The wires of one device. Every one is plugged and unplugged with it."""

    log: WireLog
    wires: list[Wire] = field(default_factory=list)
    at: list[Wire] = field(default_factory=list)
    roles: tuple[str, ...] = ()
    _speaking: list[Speaker] = field(default_factory=list)

    @property
    def main(self) -> Wire:
        """The wire a program opens to send commands."""
        return self.at[0]

    @property
    def apart(self) -> Wire | None:
        """The wire of unsolicited lines where it is not that of the commands."""
        return self.wires[self.roles.index("urc")] if "urc" in self.roles else None

    def other(self) -> Wire | None:
        """A wire that does not take the commands, for what arrives at the wrong port; None: there is none."""
        return self.apart or next((wire for wire in self.wires if wire not in self.at), None)

    def say(self, data: bytes, to: Wire | None = None) -> None:
        """Bytes on a wire beside that of the commands: `to`, or that of unsolicited lines."""
        wire = to or self.apart
        assert wire is not None
        self.log.remark(f"on {wire.path}: {escape(data)}")
        wire.write(data)

    def speak(self, chance: random.Random) -> None:
        """Let the ports that speak unasked begin."""
        for wire, role in zip(self.wires, self.roles, strict=False):
            if role in UNASKED:
                self._speaking.append(Speaker(role, chance, wire.write))

    def hush(self) -> None:
        """Stop them, for good."""
        for one in self._speaking:
            one.stop()


class Speaker:
    """Says something of its role every `every` seconds, until stopped."""

    def __init__(
        self, role: str, chance: random.Random, write: Callable[[bytes], None], every: float = EVERY
    ) -> None:
        self._make, self._chance, self._write, self._every = UNASKED[role], chance, write, every
        self._timer = asyncio.get_running_loop().call_later(0, self._say)

    def _say(self) -> None:
        self._write(self._make(self._chance))
        self._timer = asyncio.get_running_loop().call_later(self._every, self._say)

    def stop(self) -> None:
        self._timer.cancel()


class DataPort:
    """A port for data calls: an AT port that knows no SMS. Echoes; `write` sends to its wire."""

    write: Callable[[bytes], None]

    def __init__(self) -> None:
        self._typed = b""
        self._echo = True

    def feed(self, data: bytes) -> None:
        """Bytes from the computer."""
        if self._echo:
            self.write(data)
        *lines, self._typed = (self._typed + data).split(b"\r")
        for line in lines:
            self._answer(re.sub(rb"[\x00-\x1f]", b"", line).upper())

    def _answer(self, line: bytes) -> None:
        if not line.startswith(b"AT"):
            return
        known = re.fullmatch(rb"AT(?:&?[A-Z]\d*)*", line)
        if known and (echo := re.search(rb"E([01])", line[2:])):
            self._echo = echo[1] == b"1"
        self.write(b"\r\nOK\r\n" if known else b"\r\nERROR\r\n")
