"""Faults of the wire and the port: bytes cut up, stolen or not read, ports that hang up, come back, or are
no AT port, and what serial servers do.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from .faults import CUTTING, Fault, fault
from .ports import Speaker
from .terminal import Piece
from .wire import PtyWire
from .wire_net import TcpWire, TelnetWire

Kind = TypeVar("Kind")


def wires(one: Fault, kind: type[Kind]) -> Sequence[Kind]:
    """The wires of a kind that take commands. Raises ValueError where there is none."""
    found = [wire for wire in one.modem.ports.at if isinstance(wire, kind)]
    if not found:
        raise ValueError(f"{one.name} needs a {kind.__name__}; this modem has none")
    return found


# --- bytes --------------------------------------------------------------------------------------------


@fault
class Chunking(Fault):
    """All goes out cut up: how = byte | random | blob (answers in one piece), `gap` seconds between."""

    name, count, order = "chunking", None, CUTTING
    params: ClassVar = {"how": "byte", "gap": 0.0005}

    def start(self) -> bool:
        if self.how not in ("byte", "random", "blob"):
            raise ValueError("chunking is byte, random or blob")
        self._chance = random.Random(self.modem.world.seed)
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self.how == "blob":
            return pieces
        out: list[Piece] = []
        for piece in pieces:
            data, gap = piece.data, piece.delay
            while data:
                size = 1 if self.how == "byte" else self._chance.randint(1, 12)
                out.append(Piece(piece.kind, data[:size], gap or (self.gap if out else 0.0)))
                data, gap = data[size:], 0.0
        return out


@fault
class InterByte(Chunking):
    """Every byte by itself, `ms` milliseconds after the one before."""

    name = "inter-byte-ms"
    params: ClassVar = {"ms": 1.0}

    def start(self) -> bool:
        self.how, self.gap = "byte", self.ms / 1000
        return True


@fault
class SecondReader(Fault):
    """Another program reads the port too: each byte is lost with the probability `share`."""

    name, count, order = "second-reader", None, CUTTING
    params: ClassVar = {"share": 0.3}

    def start(self) -> bool:
        self._chance = random.Random(self.modem.world.seed)
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return [Piece(piece.kind, self._left_of(piece.data), piece.delay) for piece in pieces]

    def _left_of(self, data: bytes) -> bytes:
        return bytes(byte for byte in data if self._chance.random() >= self.share)


@fault
class WriteStall(Fault):
    """The modem stops reading: what the computer writes fills the buffers, then its writes block."""

    name, count = "write-stall", None

    def start(self) -> bool:
        for wire in self.modem.ports.at:
            wire.stall(True)
        return True

    def stop(self) -> None:
        for wire in self.modem.ports.at:
            wire.stall(False)


# --- ports that fail ----------------------------------------------------------------------------------


@fault
class Eio(Fault):
    """The port fails: what is open is hung up (reads nothing, EIO for writing), opening gives EIO."""

    name, count = "eio", None

    def start(self) -> bool:
        for wire in wires(self, PtyWire):
            wire.hang_up()
            wire.lock(True)
        return True

    def stop(self) -> None:
        for wire in wires(self, PtyWire):
            wire.lock(False)


@fault
class ZeroRead(Fault):
    """One read gives no byte though select promised some; the port is alive. On TCP: see hangup."""

    name = "zero-read"

    def start(self) -> bool:
        for wire in wires(self, PtyWire):
            wire.zero_read()
        return False


@fault
class Hangup(Fault):
    """Whoever has the port open is hung up (TCP: FIN); the modem stays on and can be opened again at once."""

    name = "hangup"

    def start(self) -> bool:
        for wire in self.modem.ports.at:
            wire.hang_up()
        return False


@fault
class VanishAndReturn(Fault):
    """The cable is pulled and comes back `after` seconds later, every port of it.

    name: same (pts numbers as before), other (other numbers behind the same links), or the path of the link
    behind which it is from now on, as ttyUSB0 becomes ttyUSB1. `powered`: the modem does not restart.
    """

    name = "vanish-and-return"
    params: ClassVar = {"after": 0.1, "as_name": "other", "powered": False}

    def start(self) -> bool:
        modem, ptys = self.modem, [wire for wire in self.modem.wires if isinstance(wire, PtyWire)]
        modem.vanish(powered=self.powered)
        for wire in ptys:
            wire.same_name = self.as_name == "same"
        if self.as_name not in ("same", "other"):
            self._rename(ptys)
        modem.come_back(self.after)
        return False

    def _rename(self, ptys: list[PtyWire]) -> None:
        for wire in ptys:
            _, dash, number = (wire.link or "").rpartition("-if")
            wire.link = f"{self.as_name}-if{number}" if self.modem.ports.roles and dash else self.as_name


# --- ports that are none ------------------------------------------------------------------------------


class WrongPort(Fault):
    """The port takes no commands and speaks unasked."""

    count, order = None, CUTTING
    role: ClassVar[str]
    params: ClassVar = {"every": 0.02}

    def start(self) -> bool:
        chance = random.Random(self.modem.world.seed)
        self._speaker = Speaker(self.role, chance, self.modem.terminal.raw, self.every)
        return True

    def hears(self, data: bytes) -> bytes:
        return b""

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return []

    def stop(self) -> None:
        self._speaker.stop()


@fault
class BinaryPort(WrongPort):
    """A diagnostic port: frames between 0x7E every `every` seconds, commands are not heard."""

    name, role = "binary-port", "binary"


@fault
class NmeaPort(WrongPort):
    """A GNSS port: `$GP...` every `every` seconds, commands are not heard."""

    name, role = "nmea-port", "nmea"


# --- serial servers -----------------------------------------------------------------------------------


@fault
class TcpHalfOpen(Fault):
    """The connection stays open and is dead: nothing is heard, nothing said. A new one is taken."""

    name = "tcp-half-open"

    def start(self) -> bool:
        for wire in wires(self, TcpWire):
            wire.half_open()
        return False


@fault
class TcpReset(Fault):
    """The connection is reset (RST)."""

    name = "tcp-reset"

    def start(self) -> bool:
        for wire in wires(self, TcpWire):
            wire.reset()
        return False


@fault
class TelnetIac(Fault):
    """Telnet commands (`hex`: IAC NOP) in the middle of all that the server sends, on raw TCP as well."""

    name, count = "telnet-iac", None
    params: ClassVar = {"hex": "FFF1"}

    def start(self) -> bool:
        for wire in wires(self, TcpWire):
            wire.interrupts = bytes.fromhex(self.hex)
        return True

    def stop(self) -> None:
        for wire in wires(self, TcpWire):
            wire.interrupts = b""


@fault
class TelnetLogin(Fault):
    """The next connections are asked for `user` and `password` before they reach the modem."""

    name, count = "telnet-login", None
    params: ClassVar = {"user": "admin", "password": "secret"}

    def start(self) -> bool:
        for wire in wires(self, TelnetWire):
            wire.login = (self.user, self.password)
        return True

    def stop(self) -> None:
        for wire in wires(self, TelnetWire):
            wire.login = None
