"""A line made of a driver: opened, listened to, sent over, watched, for as long as one connection lasts.

It owns what the line does between sends and how it is. It implements `gateway.domain.line.Line` and knows
no database: what it hears goes to `hear`, what it must remember to `LineMemory`. When the connection or
the device is lost it ends; making a new one is the supervisor's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.domain.line import (
    Abilities,
    Accepted,
    Go,
    Hear,
    LineMemory,
    LineState,
    LineStatus,
    NotNow,
    Scope,
    Submission,
)

from .answers import Info, StrayResult, Unsolicited
from .asking import Patience
from .device import Device
from .driver import Driver, News, Timing
from .errors import CommandFailed, DeviceReset, DeviceSilent, LineDown, ModemError, NoAnswer, PortError
from .inbox import Inbox
from .lines import fields, number
from .sending import Sender
from .sim import Pin
from .startup import StartUp
from .untold import Untold

log = logging.getLogger(__name__)

_REGISTERED = {1: "home", 5: "roaming", 6: "home", 7: "roaming", 9: "home", 10: "roaming"}
_DENIED = 3
_SIM_TROUBLE = ("NOT READY", "NOT INSERTED", "REMOVED")
_STORE_FULL_IS_NEWS = "+CIEV"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a line looks after itself, seconds, and how patient its dialogues are."""

    listing: float = 60.0
    health: float = 60.0
    notices: float = 60.0
    ping: float = 30.0
    soonest: float = 1.0  # between two runs of the same chore, however often it is asked for
    while_unregistered: float = 5.0
    registration_blink: float = 20.0  # some devices say "not registered" for a moment after each text
    reread: tuple[float, ...] = (1.0, 3.0, 10.0)
    timing: Timing = field(default_factory=Timing)
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class _Chore:
    """Something done every so often; `due` is on the loop's clock."""

    run: Callable[[], Awaitable[None]]
    every: float
    due: float = 0.0
    began: float = float("-inf")


OnState = Callable[[LineState], Awaitable[None]]


class ModemLine:
    """One connection to one device. `start`, then `serve` until it raises; `send` meanwhile."""

    def __init__(
        self,
        hear: Hear,
        untold: Untold,
        memory: LineMemory,
        pin: Pin,
        on_state: OnState,
        *,
        rhythm: Rhythm | None = None,
        expected_sim: str | None = None,
    ) -> None:
        self._rhythm = rhythm or Rhythm()
        self._untold = untold
        self._memory = memory
        self._pin = pin
        self._on_state = on_state
        self._expected_sim = expected_sim
        self._loop = asyncio.get_running_loop()
        self._driver = Driver(self._on_news, self._lose, self._rhythm.timing)
        self._inbox = Inbox(self._driver, hear, untold, self._wake_up, self._rhythm.reread)
        self._sender = Sender(self._driver, untold.add, self._lose)
        self._device = Device()
        self._wake = asyncio.Event()
        self._loss: ModemError | None = None
        self._restarted = False
        self._started = False
        self._closing = False
        self._trouble = "opening"
        self._unregistered_since: float | None = None
        self._chores = {
            "listing": _Chore(self._list, self._rhythm.listing),
            "health": _Chore(self._check_health, self._rhythm.health),
            "notices": _Chore(self._check_notices, self._rhythm.notices),
            "ping": _Chore(self._ping, self._rhythm.ping),
        }

    # --- the Line contract ---------------------------------------------------------------------------

    @property
    def abilities(self) -> Abilities:
        return self._device.abilities

    @property
    def is_up(self) -> bool:
        """Whether texts can be given to it now."""
        return not self._trouble and not self._closing

    async def send(self, submission: Submission, go: Go) -> Accepted:
        """As `gateway.domain.line.Line.send`."""
        if not self.is_up:
            raise NotNow(self._trouble or "opening", Scope.LINE)
        return await self._sender.send(submission, go)

    # --- life ----------------------------------------------------------------------------------------

    async def start(self, path: str) -> None:
        """Open the port and hold the opening dialogue.

        Raises:
            PortError, LineDown, DeviceSilent, DeviceReset: not a line now.
        """
        self._sender.expect_late(await self._memory.part_in_flight())
        await self._driver.open(path)
        try:
            async with self._driver.wire:
                await self._driver.resync()
                self._restarted = False
                dialogue = StartUp(self._driver, self._memory, self._pin, self._rhythm.patience)
                self._device = dialogue.device
                await dialogue.run()
        finally:
            await self._untold.all_tried()  # a late result is evidence even if the line stays down
        self._adopt()
        await self._check_health()

    def _adopt(self) -> None:
        """Use what the dialogue found, if it is the SIM it should be and nothing restarted meanwhile."""
        device = self._device
        iccid = device.facts.get("iccid")
        if self._expected_sim and iccid and iccid != self._expected_sim:
            raise LineDown("other_sim", device.facts)
        if self._restarted:
            raise DeviceReset("the device restarted during the opening dialogue")
        self._sender.use(device.profile, device.text)
        self._inbox.use(device)
        self._started = True

    async def serve(self) -> None:
        """Do everything between sends, until the connection or the device is lost.

        Raises:
            PortError, LineDown, DeviceSilent, DeviceReset: why it ended.
        """
        while True:
            if self._loss is not None:
                raise self._loss
            self._wake.clear()
            await self._do_what_is_due()
            await self._sleep()

    async def close(self, grace_s: float) -> None:
        """Take no more texts, wait for the one on the air, let the port go."""
        self._closing = True  # not a trouble, which a chore that ends meanwhile would clear
        await self._sender.finish(grace_s)
        self._driver.close()
        self._inbox.stop()

    async def _do_what_is_due(self) -> None:
        """Chores that are due, and before each of them what came in."""
        for name, chore in self._chores.items():
            await self._work_inbox()
            if self._loop.time() < chore.due:
                continue
            chore.began = self._loop.time()
            chore.due = chore.began + chore.every
            try:
                await chore.run()
            except (CommandFailed, NoAnswer) as error:
                log.warning("chore not done", extra={"chore": name, "error": str(error)})

    async def _work_inbox(self) -> None:
        await self._inbox.work()
        if self._inbox.wants_listing:
            self._do_soon("listing")

    async def _sleep(self) -> None:
        pause = min(chore.due for chore in self._chores.values()) - self._loop.time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, pause)):
                await self._wake.wait()

    def _wake_up(self) -> None:
        self._wake.set()

    def _lose(self, error: ModemError) -> None:
        """The connection or the device is lost: `serve` ends with this."""
        self._inbox.stop()
        if self._loss is None:
            self._loss = error
            self._trouble = error.code if isinstance(error, PortError | LineDown) else "recovering"
        self._wake.set()

    # --- news ----------------------------------------------------------------------------------------

    def _on_news(self, news: News) -> None:
        if isinstance(news, StrayResult):
            return
        profile = self._device.profile
        prefix, _, value = news.text.partition(":")
        match prefix.strip().upper():
            case "+CMTI" | "+CDSI":
                self._inbox.notice(news.text)
            case "+CMT" | "+CDS":
                self._inbox.direct(news)
            case "+CMGS":
                self._sender.late(news)
            case "+CREG" | "+CEREG" | "+CGREG":
                self._do_soon("health")
            case "+CPIN" if value.strip().upper() in _SIM_TROUBLE:
                self._lose(LineDown("sim_missing", self._device.facts))
            case _:
                self._on_other_news(news, profile.restart_notices, profile.store_full_notices)

    def _on_other_news(self, news: Unsolicited, restart: tuple[str, ...], full: tuple[str, ...]) -> None:
        if news.text.startswith(full) or news.text.startswith(_STORE_FULL_IS_NEWS):
            self._do_soon("listing")
        elif news.text.startswith(restart):
            self._on_restart(news.text)

    def _on_restart(self, text: str) -> None:
        """The device forgot its settings; what it was doing it will never answer."""
        self._restarted = True
        if self._started:
            loss = DeviceReset(text)
            self._lose(loss)
            self._driver.retire(loss)

    def _do_soon(self, chore: str) -> None:
        wanted = self._chores[chore]
        wanted.due = min(wanted.due, wanted.began + self._rhythm.soonest)
        self._wake.set()

    # --- chores --------------------------------------------------------------------------------------

    async def _list(self) -> None:
        await self._inbox.list_all()
        async with self._driver.wire:
            lines = await self._ask("AT+CPMS?")
        values = fields(lines[0].text) if lines else []
        for at in range(0, len(values) - 2, 3):
            if values[at] == self._device.receives_into:
                self._device.facts["storage_used"] = values[at + 1]
                self._device.facts["storage_total"] = values[at + 2]
        await self._tell_state()

    async def _check_notices(self) -> None:
        """+CNMI is lost silently by some devices; without it the listing alone finds texts."""
        if not self._device.cnmi:
            return
        async with self._driver.wire:
            lines = await self._ask("AT+CNMI?")
            if not lines or ",".join(fields(lines[0].text)) == self._device.cnmi:
                return
            log.warning("notices were switched off by the device", extra={"was": lines[0].text})
            await self._ask(f"AT+CNMI={self._device.cnmi}")
        self._do_soon("listing")

    async def _ping(self) -> None:
        quiet = self._loop.time() - self._driver.heard_at
        if quiet < self._rhythm.ping:
            self._chores["ping"].due = self._driver.heard_at + self._rhythm.ping
            return
        async with self._driver.wire:
            await self._ask("AT")

    async def _check_health(self) -> None:
        """Signal, registration, operator, service centre; what they mean for sending."""
        async with self._driver.wire:
            await self._read_signal()
            stat = await self._registration()
            await self._read_operator()
        if stat is None or stat in _REGISTERED:
            self._unregistered_since = None
        elif self._unregistered_since is None:
            self._unregistered_since = self._loop.time()
        self._device.facts["registration"] = _registration_word(stat)
        if self._loss is None:
            self._trouble = self._judge_health(stat)
        if self._unregistered_since is not None:
            self._chores["health"].due = self._loop.time() + self._rhythm.while_unregistered
        await self._tell_state()

    def _judge_health(self, stat: int | None) -> str:
        """The trouble that keeps texts from being sent, empty for none."""
        if self._device.facts.get("smsc") == "":
            return "no_smsc"
        if self._unregistered_since is None:
            return ""
        blink = self._loop.time() - self._unregistered_since < self._rhythm.registration_blink
        if blink and not self._trouble:
            return ""
        return "denied" if stat == _DENIED else "not_registered"

    async def _registration(self) -> int | None:
        """<stat> of 27.007 7.2, the first that allows sending; None where the device does not tell."""
        stats = []
        for command in ("AT+CREG?", "AT+CEREG?", "AT+CGREG?"):
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
        lines = await self._ask("AT+CSQ")
        rssi = number(fields(lines[0].text)[0].partition(".")[0]) if lines else None
        if rssi is not None and rssi <= 31:
            self._device.facts["signal_dbm"] = str(2 * rssi - 113)
        else:
            self._device.facts.pop("signal_dbm", None)

    async def _read_operator(self) -> None:
        lines = await self._ask("AT+COPS?")
        values = fields(lines[0].text) if lines else []
        if len(values) > 2 and values[2]:
            self._device.facts["operator"] = values[2]
        else:
            self._device.facts.pop("operator", None)

    async def _ask(self, command: str) -> list[Info]:
        """The answer to a command, nothing where the device refuses it. The caller holds the wire."""
        return await self._driver.try_command(command) or []

    # --- state ---------------------------------------------------------------------------------------

    async def _tell_state(self) -> None:
        """Tell how the line is; who is told knows whether that is new."""
        status = LineStatus.DOWN if self._trouble else LineStatus.UP
        await self._on_state(LineState(status, self._trouble or "ready", dict(self._device.facts)))


def _registration_word(stat: int | None) -> str:
    if stat is None:
        return "unknown"
    return _REGISTERED.get(stat) or {2: "searching", 3: "denied"}.get(stat, "not registered")


def state_of(error: ModemError) -> LineState:
    """How a line that ended with `error` is told."""
    if isinstance(error, LineDown):
        return LineState(LineStatus.DOWN, error.code, dict(error.facts))
    if isinstance(error, PortError):
        return LineState(LineStatus.DOWN, error.code, {"detail": error.detail} if error.detail else {})
    code = "no_answer" if isinstance(error, DeviceSilent) else "recovering"
    return LineState(LineStatus.DOWN, code, {"detail": str(error)})
