"""Looking after a device that works: its store, its notices, its network, and whether it still answers.

It owns what is asked of a device at regular times and the mild help a device gets meanwhile. What is lost
for good it tells the line.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Protocol

from gateway.clock import Clock
from gateway.domain.line import LineSetup, Recovery, Rung

from . import recovery
from .answers import Info
from .device import Device
from .driver import Driver
from .errors import CommandFailed, DeviceUnwell, LineDown, ModemError, NoAnswer
from .health import Health
from .identity import iccid_of
from .inbox import Inbox
from .lines import fields
from .recovery import Means
from .rhythm import Rhythm
from .routine import Routine

log = logging.getLogger(__name__)

_TOLD_EVERY_S = 3600.0
"""A device that loses its notices again and again is told of so often."""
_FLOOD = 100
"""Lines nobody asked for in one second."""
_SEARCH_S = 120.0
"""`AT+COPS=0` answers when a network was found, or after minutes."""
_STEPS_OF_SEARCH = 2


class Watched(Protocol):
    """The line a watch is kept over."""

    @property
    def trouble(self) -> str:
        """What keeps texts from being sent, empty for nothing: a code of `LineState`."""

    async def found(self, trouble: str | None) -> None:
        """The watch asked and found this trouble, empty for none; None where it did not ask."""

    def tell(self, event: Recovery) -> None:
        """A step was taken."""

    def lose(self, error: ModemError) -> None:
        """The mild means are used up: the connection has to end."""


class Watch:
    """One device under watch, from the end of its opening dialogue on. Its chores are the line's routine."""

    def __init__(
        self,
        line: Watched,
        driver: Driver,
        device: Device,
        setup: LineSetup,
        inbox: Inbox,
        routine: Routine,
        rhythm: Rhythm,
        means: Means,
        now: Clock,
    ) -> None:
        self._line = line
        self._driver = driver
        self._device = device
        self._inbox = inbox
        self._routine = routine
        self._rhythm = rhythm
        self._means = means
        self._loop = asyncio.get_running_loop()
        self._health = Health(driver, device, setup, rhythm.registration_blink, now)
        self._searches = 0
        self._second = 0.0
        self._news_in_second = 0
        self._told_at = float("-inf")
        routine.add("listing", self.list_all, rhythm.listing if device.cnmi else rhythm.polling)
        routine.add("health", self.check_health, rhythm.health)
        routine.add("notices", self._check_notices, rhythm.notices)
        routine.add("ping", self._ping, rhythm.ping)

    def doubt_centre(self) -> None:
        """A refusal may mean that the service centre is lost."""
        self._health.doubt_centre()
        self._routine.soon("health")

    def count_news(self) -> None:
        """The device said something unasked. One that chatters without end is asked to be quiet again, as
        after a reset it forgot."""
        now = self._loop.time()
        if now - self._second >= 1.0:
            self._second, self._news_in_second = now, 0
        self._news_in_second += 1
        if self._news_in_second == _FLOOD:
            self._routine.soon("notices")

    # --- chores --------------------------------------------------------------------------------------

    async def list_all(self) -> None:
        """Read what lies in its stores, and how full they are."""
        await self._inbox.list_all()
        async with self._driver.wire:
            lines = await self._ask("AT+CPMS?")
        counts = self._device.text is None or self._device.text.counts_store
        values = fields(lines[0].text) if lines and counts else []
        for at in range(0, len(values) - 2, 3):
            if values[at] == self._device.receives_into:
                self._device.facts["storage_used"] = values[at + 1]
                self._device.facts["storage_total"] = values[at + 2]
        await self._line.found(None)

    async def check_health(self) -> None:
        """Signal, registration, operator, service centre; what they mean for sending."""
        async with self._driver.wire:
            await self._look_at_sim()
            found = await self._health.check(self._line.trouble)
            if self._health.unregistered_for:
                await self._switch_radio_on()
        if self._health.unregistered_for:
            self._routine.put_off("health", self._loop.time() + self._rhythm.while_unregistered)
        await self._line.found(found)
        await self._search()

    async def _look_at_sim(self) -> None:
        """Some devices change their SIM without a word."""
        command, known = self._device.iccid_command, self._device.facts.get("iccid", "")
        now = iccid_of(await self._ask(command)) if command else ""
        if now and now != known and now == iccid_of(await self._ask(command)):  # once may be a bent answer
            self._line.lose(LineDown("other_sim", {**self._device.facts, "iccid": now}))

    async def _switch_radio_on(self) -> None:
        """Some programs and power dips leave a device without its radio."""
        lines = await self._ask("AT+CFUN?")
        if lines and fields(lines[0].text)[0] not in ("1", ""):
            log.warning("the radio was off")
            self._line.tell(Recovery(Rung.RADIO, "not_registered"))
            await self._ask("AT+CFUN=1")

    async def _check_notices(self) -> None:
        """+CNMI is lost silently by some devices; without it the listing alone finds texts."""
        async with self._driver.wire:
            if self._news_in_second >= _FLOOD:
                for command in (*self._device.profile.calming, *self._device.profile.setup):
                    await self._ask(command)
            if not self._device.cnmi:
                return
            lines = await self._ask("AT+CNMI?")
            if not lines or ",".join(fields(lines[0].text)) == self._device.cnmi:
                return
            log.warning("notices were switched off by the device", extra={"was": lines[0].text})
            await self._ask(f"AT+CNMI={self._device.cnmi}")
        if self._loop.time() - self._told_at >= _TOLD_EVERY_S:
            self._told_at = self._loop.time()
            self._line.tell(Recovery(Rung.NOTICES, "notices_off"))
        self._routine.soon("listing")

    async def _ping(self) -> None:
        quiet = self._loop.time() - self._driver.heard_at
        if quiet < self._rhythm.ping:
            self._routine.put_off("ping", self._driver.heard_at + self._rhythm.ping)
            return
        async with self._driver.wire:
            await self._ask("AT")

    async def _search(self) -> None:
        """Help a device that finds no network: search anew, then radio off and on, then all of it."""
        if not self._health.searches:
            self._searches = 0
            return
        if self._health.unregistered_for < self._rhythm.search * 2**self._searches:
            return
        self._searches += 1
        if self._searches > _STEPS_OF_SEARCH:
            self._line.lose(DeviceUnwell("not_registered", "no network found"))
            return
        log.warning("no network: it is searched anew", extra={"step": self._searches})
        self._line.tell(Recovery(Rung.RADIO, "not_registered"))
        async with self._driver.wire:
            if self._searches == 1:
                with contextlib.suppress(CommandFailed, NoAnswer):
                    await self._driver.command("AT+COPS=0", _SEARCH_S)
            elif self._device.profile.radio_step:
                await recovery.radio_off_and_on(self._driver, self._means)
                await self._driver.resync()

    async def _ask(self, command: str) -> list[Info]:
        """The answer to a command, nothing where the device refuses it. The caller holds the wire."""
        return await self._driver.try_command(command) or []
