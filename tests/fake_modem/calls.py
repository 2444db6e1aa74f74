"""Phone calls as a modem tells them: RING and +CLIP (27.007 6.11, 6.14, 7.6), until somebody ends them.

Knows the modem's settings; nothing of messages.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .modem import Modem

NO_CARRIER, SILENCE, ELSEWHERE = "NO CARRIER", "silence", "elsewhere"
WITHHELD, UNAVAILABLE = 1, 2  # CLI validity (27.007 7.6)
RINGING, REJECTED = "ringing", "rejected"


@dataclass
class Call:
    """One call. `number` "": not told, for the reason `validity`; `clip`: the network tells who calls.

    It rings `rings` times, `gap` seconds apart, and ends by NO CARRIER, in silence, or because somebody
    answered elsewhere (as silent here). `crc`: told as +CRING, None as +CRC says. `ended`: how, "rejected"
    by the computer; "ringing" until then.
    """

    number: str
    rings: int = 2
    gap: float = 4.0
    ends: str = NO_CARRIER
    clip: bool = True
    validity: int = 0
    crc: bool | None = None
    time: float = 0.0
    ended: str = RINGING


class Calls:
    """The calls of one modem, one at a time; `log` keeps all that were ever put through."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.log: list[Call] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def now(self) -> Call | None:
        """The call that rings."""
        last = self.log[-1] if self.log else None
        return last if last and last.ended == RINGING else None

    def begin(self, call: Call) -> bool:
        """Ring; False where the line is taken, locked or away: the caller hears that nobody is there."""
        if self.now or not self._modem.on_air:
            return False
        call.time = time.time()
        self.log.append(call)
        self._ring(call, call.rings)
        return True

    def _ring(self, call: Call, left: int) -> None:
        if not left:
            self._over(call)
            return
        switches = self._modem.settings.switches
        crc = switches.get("+CRC") if call.crc is None else call.crc
        self._tell("+CRING: VOICE" if crc else "RING")
        if call.clip and switches.get("+CLIP"):
            kind = 128 if not call.number else 145 if call.number.startswith("+") else 129
            self._tell(f'+CLIP: "{call.number}",{kind},,,,{call.validity}')
        self._timer = self._modem.world.later(call.gap, lambda: self._ring(call, left - 1))

    def _tell(self, text: str) -> None:
        for one in self._modem.faults.ringing(text):
            self._modem.terminal.urc(one)

    def _over(self, call: Call) -> None:
        call.ended = call.ends
        if call.ends == NO_CARRIER:
            self._tell(NO_CARRIER)

    def hang_up(self, by: str) -> None:
        """The computer ends the call by AT+CHUP or ATH, which +CVHU=1 turns off (27.007 6.20)."""
        by_the_book = by == "+CHUP" or self._modem.settings.switches.get("+CVHU", 0) != 1
        if self.now and self._modem.faults.hangs_up(by, by_the_book):
            self.forget(REJECTED)

    def forget(self, how: str = SILENCE) -> None:
        """End the call without a word."""
        if self.now:
            self.now.ended = how
        if self._timer:
            self._timer.cancel()
        self._timer = None
