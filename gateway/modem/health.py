"""How a device stands with its network: signal, registration, operator, service centre, clock.

It owns the questions and what the answers mean for sending. What is done about it is the line's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.domain.line import LineSetup

from .answers import Info
from .centre import find_service_centre
from .device import Device
from .driver import Driver
from .lines import fields, number
from .network_clock import read_offset

_HOME, _ROAMING = "home", "roaming"
_REGISTERED = {1: _HOME, 5: _ROAMING, 6: _HOME, 7: _ROAMING, 9: _HOME, 10: _ROAMING}
"""<stat> of 27.007 7.2 in which texts can be sent; 6 and 7 are "SMS only", 9 and 10 "CSFB not preferred"."""
_DENIED = 3
_WORDS = {2: "searching", _DENIED: "denied"}
_QUERIES = ("AT+CREG?", "AT+CEREG?", "AT+CGREG?")
CENTRE_EVERY_S = 3600.0
"""The service centre is asked for this often: some devices lose it after a day."""
CLOCK_EVERY_S = 600.0
CLOCK_STEP = timedelta(seconds=5)
"""Our clock was set when it moved this much against the time that passed."""


class Health:
    """Looks after one connection. `blink_s`: some devices say "not registered" for a moment after a text."""

    def __init__(
        self, driver: Driver, device: Device, setup: LineSetup, blink_s: float, now: Callable[[], datetime]
    ) -> None:
        self._driver = driver
        self._device = device
        self._setup = setup
        self._blink_s = blink_s
        self._now = now
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._denied = False
        self._centre_due = self._loop.time() + CENTRE_EVERY_S
        self._clock_due = 0.0
        self._clock_began: datetime | None = None

    @property
    def unregistered_for(self) -> float:
        """Seconds without a network that takes the SIM; 0 while there is one or it cannot be known."""
        return 0.0 if self._since is None else self._loop.time() - self._since

    @property
    def searches(self) -> bool:
        """Whether it looks for a network, rather than being refused by one."""
        return self._since is not None and not self._denied

    def doubt_centre(self) -> None:
        """A refusal may mean that the service centre is lost: ask for it at the next check."""
        self._centre_due = 0.0

    async def check(self, trouble: str) -> str:
        """Ask everything; the trouble that keeps texts from being sent, empty for none. `trouble` is what
        it was before. The caller holds the wire.

        Raises:
            DeviceSilent, PortError.
        """
        await self._read_signal()
        stat = await self._registration()
        await self._read_operator()
        await self._look_at_centre()
        await self._look_at_clock()
        self._note(stat)
        return self._judge(stat, trouble)

    def _note(self, stat: int | None) -> None:
        self._denied = stat == _DENIED
        if stat is None or stat in _REGISTERED:
            self._since = None
        elif self._since is None:
            self._since = self._loop.time()
        word = "unknown" if stat is None else _REGISTERED.get(stat) or _WORDS.get(stat, "not registered")
        self._device.facts["registration"] = word

    def _judge(self, stat: int | None, trouble: str) -> str:
        if self._device.facts.get("smsc") == "":
            return "no_smsc"
        if self._since is None:
            abroad = stat is not None and _REGISTERED[stat] == _ROAMING
            return "roaming" if abroad and not self._setup.roaming else ""
        if self.unregistered_for < self._blink_s and not trouble:
            return ""
        return "denied" if self._denied else "not_registered"

    # --- questions -----------------------------------------------------------------------------------

    async def _ask(self, command: str) -> list[Info]:
        return await self._driver.try_command(command) or []

    async def _registration(self) -> int | None:
        """<stat> of 27.007 7.2, the first that allows sending; None where the device does not tell."""
        if not self._device.abilities.signal:
            return None  # it has no radio, or says the same whatever happens
        stats = []
        for command in _QUERIES:
            lines = await self._ask(command)
            values = fields(lines[0].text) if lines else []
            stat = number(values[1]) if len(values) > 1 else None
            if stat in _REGISTERED:
                return stat
            if stat is not None:
                stats.append(stat)
        return stats[0] if stats else None

    async def _read_signal(self) -> None:
        """`+CSQ: <rssi>,<ber>` (27.007 8.5): dBm = 2 * rssi - 113; 99 is unknown; some write a dot."""
        lines = await self._ask("AT+CSQ") if self._device.abilities.signal else []
        rssi = number(fields(lines[0].text)[0].partition(".")[0]) if lines else None
        if rssi is not None and rssi <= 31:
            self._device.facts["signal_dbm"] = str(2 * rssi - 113)
        else:
            self._device.facts.pop("signal_dbm", None)

    async def _read_operator(self) -> None:
        lines = await self._ask("AT+COPS?") if self._device.abilities.signal else []
        values = fields(lines[0].text) if lines else []
        if len(values) > 2 and values[2]:
            charset = self._device.text.charset if self._device.text else None
            self._device.facts["operator"] = charset.read(values[2]) if charset else values[2]
        else:
            self._device.facts.pop("operator", None)

    async def _look_at_centre(self) -> None:
        lost = self._device.facts.get("smsc") == ""
        if not lost and self._loop.time() < self._centre_due:
            return
        self._centre_due = self._loop.time() + CENTRE_EVERY_S
        write = self._device.text.charset.argument if self._device.text else str
        number = await find_service_centre(self._driver.try_command, self._setup.smsc, write)
        if number is not None:
            self._device.facts["smsc"] = number

    async def _look_at_clock(self) -> None:
        if self._loop.time() < self._clock_due and not self._was_stepped():
            return
        self._clock_due = self._loop.time() + CLOCK_EVERY_S
        lines = await self._ask("AT+CCLK?")
        now = self._now()
        self._clock_began = now - timedelta(seconds=self._loop.time())
        offset = read_offset([line.text for line in lines], now)
        if offset is None:
            self._device.facts.pop("clock_offset_s", None)
            self._device.facts.pop("clock_read_at", None)
        else:
            self._device.facts["clock_offset_s"] = str(round(offset))
            self._device.facts["clock_read_at"] = now.isoformat()

    def _was_stepped(self) -> bool:
        """Whether our clock was set since the network's was last held against it."""
        began = self._now() - timedelta(seconds=self._loop.time())
        return self._clock_began is not None and abs(began - self._clock_began) > CLOCK_STEP
