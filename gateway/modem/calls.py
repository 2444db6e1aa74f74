"""Calls that nobody answers: from rings and caller numbers to one `MissedCall` each.

Owns what devices write about calls (27.007 6.11 +CRING, 7.6 +CLIP, 7.12 +CCWA, V.250 RING, V.253 caller
identification of telephone adapters, and the makers' own words) and when a call is over. It reads no clock
and writes no command: both are handed in. Whether another telephone on the line took the call is not told
by most devices; what cannot be told apart counts as missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from gateway.domain.line import MissedCall

from .driver import Driver
from .errors import CommandFailed, NoAnswer
from .lines import fields

SILENCE_S = 8.0
"""Rings come every 3 to 6 seconds; after this long without one the call is over."""

ECHO_S = 10.0
"""A summary of a call that ended this long ago at most tells of that call."""

_LATE_NUMBER_S = 1.0
"""A caller's number this soon after the end belongs to the call that ended."""

_RINGS_BEFORE_HANGING_UP = 2
"""The number comes after the first or second ring: hanging up at once would lose it."""

_INTERNATIONAL = "145"
_IDENTIFICATION = re.compile(r"(DATE|TIME|NMBR|NAME|MESG) *= *(.*)", re.IGNORECASE)
_SUMMARY = re.compile(r"MISSED_CALL: *\S+(?: +(\S+))?", re.IGNORECASE)
_UCS2_NUMBER = re.compile(r"(?:00[23][0-9A-F]){5,}", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[0-9*#]+")

_ENDS = frozenset({"NO CARRIER", "NO ANSWER", "BUSY"})


class Timer(Protocol):
    """A timer that can be stopped, such as `asyncio.TimerHandle`."""

    def cancel(self) -> None: ...


class _Kind(Enum):
    BEGIN = auto()  # a maker's own word beside RING
    RING = auto()
    NUMBER = auto()
    WAITING = auto()  # a second caller
    ANSWERED = auto()
    END = auto()
    SUMMARY = auto()  # of a call that is over
    REMARK = auto()  # about a call, and nothing to do


@dataclass(frozen=True, slots=True)
class _Sign:
    """What one line says of a call. `number` is None where it is withheld or not told."""

    kind: _Kind
    number: str | None = None


@dataclass(slots=True)
class _Call:
    began: float
    last_ring: float
    number: str | None = None
    named: bool = False  # the network told the number, or that it is withheld
    rings: int = 0
    hung_up: bool = False


class Calls:
    """The calls of one line.

    `tell` is given every call that ended unanswered. `hang_up` is called once in a call, when its number
    is known or will not come; None lets callers ring. `clock` gives seconds, `call_later` is that of an
    event loop.
    """

    def __init__(
        self,
        tell: Callable[[MissedCall], None],
        hang_up: Callable[[], None] | None,
        clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self._tell = tell
        self._hang_up = hang_up
        self._clock = clock
        self._call_later = call_later
        self._call: _Call | None = None
        self._waiting: dict[str | None, _Call] = {}
        self._ended_at = float("-inf")
        self._ended_number: str | None = None
        self._timer: Timer | None = None

    @property
    def ringing(self) -> bool:
        """Whether a call is coming in: texts should wait, devices refuse them meanwhile."""
        return self._call is not None

    def news(self, text: str) -> bool:
        """Take a line nobody asked for; True when it was about a call."""
        sign = _read(text)
        if sign is None:
            return False
        match sign.kind:
            case _Kind.BEGIN:
                self._begin(sign.number)
            case _Kind.RING:
                self._ring()
            case _Kind.NUMBER:
                self._name(sign.number)
            case _Kind.WAITING:
                self._wait(sign.number)
            case _Kind.ANSWERED:
                self._answer()
            case _Kind.END:
                self._end(self._clock())
            case _Kind.SUMMARY:
                self._summary(sign.number)
        return True

    def stop(self) -> None:
        """The line goes away: a call that is still ringing is told as missed now."""
        self._end(self._clock())

    # --- one call ------------------------------------------------------------------------------------

    def _ring(self) -> None:
        call = self._begin()
        call.rings += 1
        self._consider_hanging_up(call)

    def _name(self, number: str | None) -> None:
        just_ended = self._clock() - self._ended_at < _LATE_NUMBER_S
        if self._call is None and just_ended and number == self._ended_number:
            return
        call = self._begin(number)
        call.named = True
        self._consider_hanging_up(call)

    def _begin(self, number: str | None = None) -> _Call:
        """The call in progress, begun now if there was none, and heard of now."""
        now = self._clock()
        if self._call is None:
            self._call = _Call(now, now)
        self._call.last_ring = now
        self._call.number = self._call.number or number
        self._set_timer()
        return self._call

    def _consider_hanging_up(self, call: _Call) -> None:
        ready = call.named or call.rings >= _RINGS_BEFORE_HANGING_UP
        if self._hang_up is not None and ready and not call.hung_up:
            call.hung_up = True
            self._hang_up()

    def _wait(self, number: str | None) -> None:
        """A second caller hears ringing, too; the notice is repeated while they wait."""
        now = self._clock()
        self._waiting.setdefault(number, _Call(now, now, number)).last_ring = now
        self._set_timer()

    def _answer(self) -> None:
        """Somebody took the call on the device itself; it ends like any other, but was not missed."""
        self._call = None
        self._stop_timer()

    # --- its end -------------------------------------------------------------------------------------

    def _end(self, at: float) -> None:
        self._stop_timer()
        call, self._call = self._call, None
        waiting, self._waiting = self._waiting, {}
        if call is not None:
            self._ended_at, self._ended_number = self._clock(), call.number
            self._tell(MissedCall(call.number, at - call.began))
        for other in waiting.values():
            self._tell(MissedCall(other.number, other.last_ring - other.began))

    def _fell_silent(self) -> None:
        heard = [call.last_ring for call in (self._call, *self._waiting.values()) if call is not None]
        self._end(max(heard, default=self._clock()))

    def _summary(self, number: str | None) -> None:
        now = self._clock()
        if self._call is not None:
            self._call.number = self._call.number or number
            self._end(now)
        elif now - self._ended_at >= ECHO_S:
            self._ended_at, self._ended_number = now, number
            self._tell(MissedCall(number, 0.0))

    def _set_timer(self) -> None:
        self._stop_timer()
        self._timer = self._call_later(SILENCE_S, self._fell_silent)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def hang_up(driver: Driver) -> None:
    """Reject the call that is coming in: `AT+CHUP` (27.007 6.5), `ATH` where that is not known.

    The caller holds the wire. A call that is gone already is no failure.

    Raises:
        DeviceSilent, PortError, DeviceReset: as `Driver.command`.
    """
    try:
        await driver.command("AT+CHUP")
    except (CommandFailed, NoAnswer):
        await driver.try_command("ATH")


# --- what lines say ----------------------------------------------------------------------------------


def _read(text: str) -> _Sign | None:
    """What a line says of a call; None when it is about something else."""
    word = text.strip().upper()
    if word == "RING":
        return _Sign(_Kind.RING)
    if word in _ENDS:
        return _Sign(_Kind.END)
    if word.startswith("VOICE CALL:"):
        return _Sign(_Kind.ANSWERED if "BEGIN" in word else _Kind.END)
    if summary := _SUMMARY.match(text.strip()):
        return _Sign(_Kind.SUMMARY, _number(summary[1] or ""))
    if told := _IDENTIFICATION.fullmatch(text.strip()):
        return _Sign(_Kind.NUMBER, _number(told[2])) if told[1].upper() == "NMBR" else _Sign(_Kind.REMARK)
    return _read_prefixed(word.partition(":")[0], fields(text))


def _read_prefixed(prefix: str, values: list[str]) -> _Sign | None:
    match prefix.strip():
        case "+CRING":
            return _Sign(_Kind.RING)
        case "+CLIP":
            return _Sign(_Kind.NUMBER, _number(*values[:2]))
        case "+CCWA":
            return _Sign(_Kind.WAITING, _number(*values[:2]))
        case "+WIND" if values[:1] == ["5"]:
            return _Sign(_Kind.BEGIN)
        case "+WIND" if values[:1] == ["6"]:
            return _Sign(_Kind.END)
        case "^CEND":
            return _Sign(_Kind.END)
        case "^CONN":
            return _Sign(_Kind.ANSWERED)
        case "^DSCI":
            return _read_dsci(values)
    return None


_DSCI = {"0": _Kind.ANSWERED, "4": _Kind.BEGIN, "5": _Kind.WAITING, "6": _Kind.END}


def _read_dsci(values: list[str]) -> _Sign:
    """`^DSCI: <id>,<direction>,<state>,<type>,<number>,<number type>` of Quectel; direction 1 is to us."""
    if len(values) < 3 or values[1] != "1":
        return _Sign(_Kind.REMARK)
    return _Sign(_DSCI.get(values[2], _Kind.REMARK), _number(*values[4:6]))


def _number(text: str = "", kind: str = "") -> str | None:
    """A caller's number, with '+' where its type says international; None for none and for no number."""
    if _UCS2_NUMBER.fullmatch(text):  # with +CSCS="UCS2"; no number has 20 digits
        text = bytes.fromhex(text).decode("utf-16-be")
    text = "".join(text.split())
    if not _NUMBER.fullmatch(text):
        return None
    return f"+{text}" if kind == _INTERNATIONAL and not text.startswith("+") else text
