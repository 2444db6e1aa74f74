"""Asking a device that may still be waking up: what is repeated, and how often."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from . import codes
from .answers import Info
from .codes import Remedy
from .device import Device
from .driver import Driver
from .errors import CommandFailed, DeviceSilent, LineDown, NoAnswer


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between and for repeated questions while a device wakes up."""

    sim_busy_every: float = 2.0
    sim_busy: float = 60.0
    unlocked_every: float = 1.0
    unlocked: float = 30.0
    retry_every: float = 1.0
    retries: int = 10
    ready: float = 60.0  # for the notice that texts can be worked with
    unknown_pace: float = 0.02  # before each command while it is not known how fast the device is


class Asker:
    """Questions to one device. The caller holds the wire."""

    def __init__(self, driver: Driver, device: Device, patience: Patience, hung: set[str]) -> None:
        self.driver = driver
        self.patience = patience
        self._device = device
        self._hung = hung
        self._waited_for_busy = 0.0

    async def ask(self, command: str) -> list[Info] | None:
        """The answer; None where the device refuses or has none. One that is busy is asked again."""
        while True:
            try:
                return await self.driver.command(command)
            except NoAnswer as silence:  # some devices forget the final result
                return silence.lines or None
            except CommandFailed as refusal:
                if not self.is_busy(refusal) or self._waited_for_busy >= self.patience.sim_busy:
                    return None
            self._waited_for_busy += self.patience.sim_busy_every
            await asyncio.sleep(self.patience.sim_busy_every)

    async def insist(self, command: str) -> list[Info] | None:
        """As `ask`, but a refusal too is met with the question again, for as long as devices wake up."""
        for _ in range(self.patience.retries):
            lines = await self.ask(command)
            if lines is not None:
                return lines
            await asyncio.sleep(self.patience.retry_every)
        return None

    async def dare(self, command: str) -> list[Info] | None:
        """As `ask`, for a command that lets some devices hang: who hung on it is not asked it again.

        Raises:
            DeviceSilent: it hangs now. It comes back with a restart, and stays.
        """
        if command in self._hung:
            return None
        try:
            return await self.ask(command)
        except DeviceSilent:
            self._hung.add(command)
            raise

    def is_busy(self, refusal: CommandFailed) -> bool:
        """Whether the device asks for seconds: SIM or device not ready yet."""
        return codes.meaning(codes.normal_code(refusal.result), self._device.profile).remedy is Remedy.SOON

    def down(self, code: str, detail: str = "") -> LineDown:
        """The line cannot be used, with all that is known of the device."""
        return LineDown(code, {**self._device.facts, **({"detail": detail} if detail else {})})
