"""Faults of the line: silence, noise, refusals, unsolicited lines at bad moments."""

from __future__ import annotations

from typing import Any, ClassVar

from . import clock
from .faults import CUTTING, Fault, fault
from .terminal import ASK, CONTINUATION, ECHO, ITEM, RESULT, URC, Piece

# --- silence ------------------------------------------------------------------------------------------


@fault
class Mute(Fault):
    """Takes everything, says nothing, unsolicited lines included. What is typed meanwhile is lost."""

    name, count, order = "mute", None, CUTTING

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
class DropFirstAtAfterIdle(Fault):
    """Asleep after `idle` seconds without a byte: what comes then, up to a CR, only wakes it."""

    name, count = "drop-first-at-after-idle", None
    params: ClassVar = {"idle": 1.0}

    def start(self) -> bool:
        self._heard, self._waking = clock.seconds(), False
        return True

    def hears(self, data: bytes) -> bytes:
        now = clock.seconds()
        self._waking |= now - self._heard >= self.idle
        self._heard = now
        if not self._waking:
            return data
        _, end, rest = data.partition(b"\r")
        if end:
            self._waking = False
            self.use()
        return rest


# --- refusals -----------------------------------------------------------------------------------------


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
class BusyStorm(Fault):
    """Every command but AT alone is answered `+CME ERROR: code`: 14 SIM busy, 515 wait (Wavecom)."""

    name, count = "busy-storm", None
    params: ClassVar = {"code": 14, "command": None}

    def refuses(self, name: str) -> str | None:
        if self.command not in (None, name):
            return None
        self.use()
        return f"+CME ERROR: {self.code}"


# --- places in an answer ------------------------------------------------------------------------------

PLACES = {
    "before-echo": ((ECHO,), 1),
    "before-answer": ((ITEM, RESULT), 1),
    "header-to-body": ((CONTINUATION,), 1),
    "between-list-items": ((ITEM,), 2),
    "with-prompt": ((ASK,), 1),
    "before-ok": ((RESULT,), 1),
}


def known_place(one: Fault, *others: str) -> None:
    """Raises ValueError where `one.at` is no place."""
    if one.at not in (*others, *PLACES):
        raise ValueError(f"{one.name} has no place {one.at!r}; there are {', '.join((*others, *PLACES))}")


def insert(one: Any, pieces: list[Piece], data: bytes) -> list[Piece]:
    """`pieces` with `data` before the place `one.at`, and one use counted, where the place occurs."""
    kinds, nth = PLACES[one.at]
    places = [place for place, piece in enumerate(pieces) if piece.kind in kinds]
    if len(places) < nth:
        return pieces
    one.use()
    return [*pieces[: places[nth - 1]], Piece(URC, data), *pieces[places[nth - 1] :]]


# --- noise --------------------------------------------------------------------------------------------


class Noise(Fault):
    """Bytes that mean nothing, now or before the place `at`."""

    def start(self) -> bool:
        known_place(self, "now")
        self.data = self.noise()
        if self.at == "now":
            self.modem.terminal.raw(self.data)
        return bool(self.at != "now")

    def noise(self) -> bytes:
        raise NotImplementedError

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return insert(self, pieces, self.data)


@fault
class Garbage(Noise):
    """Bytes that mean nothing: `hex`, or `n` seeded random ones, before the piece `at`, or now."""

    name = "garbage"
    params: ClassVar = {"hex": None, "n": 16, "at": "now"}

    def noise(self) -> bytes:
        return bytes.fromhex(self.hex) if self.hex else self.modem.world.random.randbytes(self.n)


@fault
class FfBurst(Noise):
    """`n` octets 0xFF, as a line gives them whose level changes, before the piece `at`, or now."""

    name = "0xff-burst"
    params: ClassVar = {"n": 16, "at": "now"}

    def noise(self) -> bytes:
        return b"\xff" * int(self.n)


@fault
class NulPrefix(Fault):
    """`n` NUL octets before an answer or an unsolicited line, as after a brown-out."""

    name = "nul-prefix"
    params: ClassVar = {"n": 2}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if not pieces or pieces[0].kind == ECHO:
            return pieces
        self.use()
        return [Piece(URC, bytes(self.n), pieces[0].delay), *pieces]


# --- unsolicited lines --------------------------------------------------------------------------------


@fault
class Urc(Fault):
    """An unsolicited line now, whatever the modem is doing."""

    name = "urc"
    params: ClassVar = {"text": "^RSSI:17"}

    def start(self) -> bool:
        self.modem.terminal.urc(self.text, held=False)
        return False


@fault
class UrcInAnswer(Fault):
    """An unsolicited line at a place in an answer, of `command` or of any.

    at: before-echo, before-answer (after Ctrl-Z: between PDU and result), header-to-body,
    between-list-items, before-ok, with-prompt.
    """

    name = "urc-in-answer"
    params: ClassVar = {"text": "^RSSI:17", "at": "before-ok", "command": None}

    def start(self) -> bool:
        known_place(self)
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self.command and not line.upper().startswith(f"AT{self.command}".upper()):
            return pieces
        return insert(self, pieces, f"\r\n{self.text}\r\n".encode("latin-1"))


@fault
class UrcFlood(Fault):
    """`per_second` unsolicited lines `text`; `until_command`: until that stands in a command line."""

    name, count = "urc-flood", None
    params: ClassVar = {"text": "+ZUSIMR:2", "per_second": 50.0, "until_command": None}

    def start(self) -> bool:
        self._say()
        return True

    def _say(self) -> None:
        if self.spent:
            return
        self.use()
        self.modem.terminal.urc(self.text, held=False)
        self._timer = self.modem.world.later(1 / self.per_second, self._say)

    def swallows(self, line: str) -> bool:
        if self.until_command and self.until_command.upper() in line.upper():
            self.left = 0
        return False

    def stop(self) -> None:
        self._timer.cancel()
