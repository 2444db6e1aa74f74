"""Faults of the wire and of answers: silence, noise, unsolicited lines, answers bent or late."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from .faults import Fault, fault
from .terminal import ASK, CONTINUATION, ECHO, ITEM, RESULT, URC, Piece

# --- silence and noise --------------------------------------------------------------------------------


@fault
class Mute(Fault):
    """Takes everything, says nothing, unsolicited lines included. What is typed meanwhile is lost."""

    name, count = "mute", None

    def start(self) -> bool:
        self.modem.terminal.reset()
        return True

    def swallows(self, line: str) -> bool:
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return []


@fault
class HalfMute(Fault):
    """Answers only a bare AT; other command lines are taken without an answer."""

    name, count = "half-mute", None

    def swallows(self, line: str) -> bool:
        return line.strip().upper() != "AT"


@fault
class ErrorStorm(Fault):
    """Every command is answered `result`; `command` limits it to one name ("+CMGR", "+CMGS", ...)."""

    name, count = "error-storm", None
    params: ClassVar = {"result": "ERROR", "command": None}

    def refuses(self, name: str) -> str | None:
        if self.command not in (None, name):
            return None
        self.use()
        return str(self.result)


@fault
class Echo(Fault):
    """The echo is turned on or off behind the computer's back."""

    name = "echo"
    params: ClassVar = {"on": True}

    def start(self) -> bool:
        self.modem.settings.echo = self.on
        return False


@fault
class Garbage(Fault):
    """Bytes that mean nothing: `hex`, or `n` seeded random ones, before the piece `at`, or now."""

    name = "garbage"
    params: ClassVar = {"hex": None, "n": 16, "at": "now"}

    def start(self) -> bool:
        known_place(self)
        self.data = bytes.fromhex(self.hex) if self.hex else self.modem.world.random.randbytes(self.n)
        if self.at == "now":
            self.modem.terminal.raw(self.data)
        return bool(self.at != "now")

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return insert(self, pieces, self.data)


# --- answers bent -------------------------------------------------------------------------------------

PLACES = {
    "before-echo": ((ECHO,), 1),
    "before-answer": ((ITEM, RESULT), 1),
    "in-cmgr": ((CONTINUATION,), 1),
    "between-items": ((ITEM,), 2),
    "with-prompt": ((ASK,), 1),
    "before-result": ((RESULT,), 1),
}


def known_place(one: Fault) -> None:
    """Raises ValueError where `one.at` is no place."""
    if one.at != "now" and one.at not in PLACES:
        raise ValueError(f"{one.name} has no place {one.at!r}; there are now, {', '.join(PLACES)}")


def insert(one: Any, pieces: list[Piece], data: bytes) -> list[Piece]:
    """`pieces` with `data` before the place `one.at`, and one use counted, where the place occurs."""
    kinds, nth = PLACES[one.at]
    places = [place for place, piece in enumerate(pieces) if piece.kind in kinds]
    if len(places) < nth:
        return pieces
    one.use()
    return [*pieces[: places[nth - 1]], Piece(URC, data), *pieces[places[nth - 1] :]]


@fault
class Urc(Fault):
    """An unsolicited line, now or at a place: before-echo, before-answer, in-cmgr (header to PDU),
    between-items, with-prompt, before-result (after Ctrl-Z: between PDU and result).
    """

    name = "urc"
    params: ClassVar = {"text": "^RSSI:17", "at": "now", "command": None}

    def start(self) -> bool:
        if self.at == "now":
            self.modem.terminal.raw(f"\r\n{self.text}\r\n".encode("latin-1"))
        known_place(self)
        return bool(self.at != "now")

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self.command and not line.upper().startswith(f"AT{self.command}".upper()):
            return pieces
        return insert(self, pieces, f"\r\n{self.text}\r\n".encode("latin-1"))


class Answers(Fault):
    """A fault that bends final answers, of one command name or of any."""

    params: ClassVar = {"command": None}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        wanted = not self.command or line.upper().startswith(f"AT{self.command}".upper())
        if not line or not wanted or not any(piece.kind == RESULT for piece in pieces):
            return pieces
        self.use()
        return self.bend(pieces)

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        raise NotImplementedError


@fault
class TruncateAnswer(Answers):
    """The answer ends after `bytes` bytes; the rest never comes."""

    name = "truncate-answer"
    params: ClassVar = {"bytes": 5, "command": None}

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        whole = b"".join(piece.data for piece in pieces)
        return [Piece(RESULT, whole[: self.bytes])]


@fault
class DropOk(Answers):
    """The final result does not come; the modem is ready for the next command all the same."""

    name = "drop-ok"

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        return [piece for piece in pieces if piece.kind != RESULT]


@fault
class DoubleOk(Answers):
    """The final result comes twice."""

    name = "double-ok"

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        return [*pieces, dataclasses.replace(pieces[-1])]


@fault
class LateAnswer(Answers):
    """The answer comes `after` seconds later; what is sent meanwhile waits (and is noted as too soon)."""

    name = "late-answer"
    params: ClassVar = {"after": 1.0, "command": None}

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        return [dataclasses.replace(pieces[0], delay=self.after), *pieces[1:]]


@fault
class Chunking(Fault):
    """Everything goes out cut up: how = byte | random | blob (whole pieces), `gap` seconds between."""

    name, count = "chunking", None
    params: ClassVar = {"how": "byte", "gap": 0.0005}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self.how == "blob":
            return pieces
        out: list[Piece] = []
        for piece in pieces:
            data = piece.data
            while data:
                size = 1 if self.how == "byte" else self.modem.world.random.randint(1, 12)
                gap = self.gap if out else piece.delay
                out.append(Piece(piece.kind, data[:size], gap))
                data = data[size:]
        return out
