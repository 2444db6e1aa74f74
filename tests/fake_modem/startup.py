"""From power-on until texts can be handled: what a device says by itself, and when.

A locked or absent SIM holds back what depends on it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from .personality import Boot

if TYPE_CHECKING:
    from .modem import Modem


class Startup:
    """The last power-up of a modem. `ready`: texts can be handled. Delays are paced by the world."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._steps: deque[Boot] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._waits_for_sim = False
        self.ready = True

    def begin(self, *, said: bool = False) -> None:
        """Power is on; `said`: the banner has been said already."""
        device = self._modem.personality
        self.stop()
        self._steps = deque(() if said else device.boot)
        self.ready = said or not device.ready_at
        self._modem.faults.started()
        self._next()

    def stop(self) -> None:
        """Power is off."""
        if self._timer:
            self._timer.cancel()
        self._timer, self._waits_for_sim = None, False
        self._steps.clear()

    def sim_opened(self) -> None:
        """The PIN was right, or an open SIM was put in."""
        if not self._waits_for_sim:
            if told := self._modem.personality.sim_open:
                self._modem.terminal.urc(told)
            return
        self._waits_for_sim = False
        self._say()

    def _next(self) -> None:
        if self._steps:
            self._timer = self._modem.world.later(
                self._steps[0].after * self._modem.world.boot_pace, self._say
            )

    def _say(self) -> None:
        modem, step = self._modem, self._steps[0]
        if step.sim and not (modem.sim_present and modem.sim.state == "READY"):
            self._waits_for_sim = True
            if step.text.startswith("+CPIN"):
                absent = modem.personality.sim_out
                modem.terminal.urc(f"+CPIN: {modem.sim.state}" if modem.sim_present else absent)
            return
        self._steps.popleft()
        modem.terminal.urc(step.text)
        self.ready = self.ready or step.text == modem.personality.ready_at
        self._next()
