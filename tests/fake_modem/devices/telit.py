"""Telit HE910: 20 ms of rest between a result and a command, and reports only where +CSMP asks for them."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..answers import Answer, Later
from ..commands_general import reset_device
from ..habits import Habit, Taker, Typed
from ..personality import REPLUG, Personality, register
from ..terminal import COMMAND, RESULT, Piece

ASKS_REPORT = 0x20  # TP-SRR of the first octet (23.040 9.2.3.5)


class NeedsRest(Habit):
    """A command that begins sooner than `rest` seconds after the last result is dropped."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._result, self._dropping = 0.0, False

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if any(piece.kind == RESULT for piece in pieces):
            self._result = clock.seconds()
        return pieces

    def hears(self, data: bytes) -> bytes:
        terminal = self.modem.terminal
        begins = terminal.state == COMMAND and not terminal.typed
        if begins and clock.seconds() - self._result < self.parameter("rest"):
            self._dropping = True
        if not self._dropping:
            return data
        lost, end, rest = data.partition(b"\r")
        self._dropping = not end and lost != b"\x1b"
        return rest


class ReportsByCsmp(Typed):
    """A report comes only where the first octet of +CSMP asks for it, in PDU mode too (gammu, issue 272)."""

    def taken(self, typed: bytes, taker: Taker) -> Answer | Later:
        settings = self.modem.settings
        if not settings.cmgf and not settings.csmp[0] & ASKS_REPORT:
            typed = _without_report(typed)
        return taker(typed)


def _without_report(typed: bytes) -> bytes:
    try:
        whole = bytearray.fromhex(typed.decode("ascii"))
        whole[1 + whole[0]] &= ~ASKS_REPORT
    except (ValueError, IndexError):
        return typed
    return whole.hex().upper().encode()


class PromptsEachLine(Habit):
    """In text mode each CR makes it prompt again."""

    def prompted(self) -> None:
        self._lines = 0

    def typing(self, typed: bytes) -> None:
        lines = typed.count(b"\r")
        if self.modem.settings.cmgf:
            self.modem.terminal.raw(b"\r\n> " * (lines - self._lines))
        self._lines = lines


register(
    Personality(
        "telit-he910",
        maker="Telit",
        model="HE910",
        firmware="12.00.004",
        stores={"SM": 50, "ME": 99},
        on_reset=REPLUG,
        habits=(NeedsRest, ReportsByCsmp, PromptsEachLine),
        parameters={"rest": 0.02, "reset_seconds": 10.0},
        refuses=frozenset(("+CEREG", "+CPINR")),
        overrides={"#REBOOT": lambda modem, asked: reset_device(modem)},
        extras=frozenset(("#SMSMODE", "#NOPT", "#SIMDET", "#E2SMSRI")),
        iccid={"#CCID": "#CCID: {}"},
        retry_counter="#PCT",
        location='"00C3","0000A1B2",2',
    )
)
