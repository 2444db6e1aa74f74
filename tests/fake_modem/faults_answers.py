"""Faults of answers: cut, lost, doubled, late, swapped, and the echo."""

from __future__ import annotations

import dataclasses
import random
from typing import ClassVar

from .faults import CUTTING, Fault, fault
from .terminal import ECHO, RESULT, Piece


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
class SwapAnswers(Fault):
    """An answer (of `command` or of any) stays away and comes after that of the next command."""

    name = "swap-answers"
    params: ClassVar = {"command": None}

    def start(self) -> bool:
        self._kept: list[Piece] = []
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if not line or not any(piece.kind == RESULT for piece in pieces):
            return pieces
        if self._kept:
            self.use()
            kept, self._kept = self._kept, []
            return [*pieces, *kept]
        if self.command and not line.upper().startswith(f"AT{self.command}".upper()):
            return pieces
        self._kept = pieces
        return []


@fault
class Latency(Fault):
    """`after` seconds before a command is run, of `command` or of any; `count` limits it."""

    name, count = "latency", None
    params: ClassVar = {"after": 0.1, "command": None}

    def latency(self, name: str) -> float:
        if self.command not in (None, name):
            return 0.0
        self.use()
        return float(self.after)


@fault
class Jitter(Fault):
    """Up to `most` seconds before each command is run, by chance."""

    name, count = "jitter", None
    params: ClassVar = {"most": 0.05}

    def start(self) -> bool:
        self._chance = random.Random(self.modem.world.seed)
        return True

    def latency(self, name: str) -> float:
        self.use()
        return self._chance.uniform(0.0, self.most)


# --- echo ---------------------------------------------------------------------------------------------


@fault
class EchoOn(Fault):
    """The echo is on behind the computer's back until it says ATE0; `stuck`: ATE0 changes nothing."""

    name, count = "echo-on", None
    params: ClassVar = {"stuck": False}

    def start(self) -> bool:
        self.modem.settings.echo = True
        return bool(self.stuck)

    def echoes(self, *, typing: bool) -> bool:
        return True


@fault
class EchoReturnsAfterReset(Fault):
    """The modem resets without a word, `off_for` seconds, and echoes again whatever it did at power-on."""

    name = "echo-returns-after-reset"
    params: ClassVar = {"off_for": 0.0}

    def start(self) -> bool:
        self.modem.reboot(banner=(), after=self.off_for)
        self.modem.settings.echo = True
        return False


@fault
class EchoSplit(Fault):
    """The echo comes in two pieces: `at` bytes, `gap` seconds, the rest."""

    name, count, order = "echo-split", None, CUTTING
    params: ClassVar = {"at": 1, "gap": 0.01}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        out: list[Piece] = []
        for piece in pieces:
            first, rest = piece.data[: self.at], piece.data[self.at :]
            if piece.kind == ECHO and rest:
                self.use()
                out += [dataclasses.replace(piece, data=first), Piece(ECHO, rest, self.gap)]
            else:
                out.append(piece)
        return out


@fault
class PduEcho(Fault):
    """What is typed at the prompt comes back, Ctrl-Z too, though the echo is off."""

    name, count = "pdu-echo", None

    def echoes(self, *, typing: bool) -> bool:
        return typing
