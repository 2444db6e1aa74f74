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

from gateway.clock import utc_now
from gateway.domain.line import (
    Abilities,
    Accepted,
    CannotTell,
    Go,
    Hear,
    LineMemory,
    LineSetup,
    LineState,
    LineStatus,
    NotAnswered,
    NotNow,
    Recovery,
    Rung,
    Scope,
    SendOutcome,
    Submission,
    UssdAnswer,
)

from . import recovery
from .answers import Info, StrayResult, Unsolicited
from .asking import Patience
from .calls import Calls, hang_up
from .codes import Remedy
from .device import Device
from .driver import Driver, News, Record, Timing
from .errors import (
    CommandFailed,
    DeviceReset,
    DeviceSilent,
    DeviceUnwell,
    LineDown,
    ModemError,
    NoAnswer,
    PortError,
)
from .health import Health
from .inbox import Inbox
from .lines import fields
from .profile import Profile
from .recovery import Means
from .sending import Sender
from .sim import Pin
from .startup import StartUp
from .untold import Untold
from .ussd import Ussd

log = logging.getLogger(__name__)

_SIM_TROUBLE = ("NOT READY", "NOT INSERTED", "REMOVED")
_STORE_FULL_IS_NEWS = "+CIEV"
_BAD_SENDS = 2
"""Sends in a row without an answer, or refused for the device's own failure, before it is brought back."""
_FLOOD = 100
"""Lines nobody asked for in one second."""
_NEVER_S = float("inf")
_SEARCH_S = 120.0
"""`AT+COPS=0` answers when a network was found, or after minutes."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a line looks after itself, seconds, and how patient its dialogues are."""

    listing: float = 60.0
    polling: float = 10.0  # listing, where the device announces nothing
    health: float = 60.0
    notices: float = 60.0
    ping: float = 30.0
    soonest: float = 1.0  # between two runs of the same chore, however often it is asked for
    while_unregistered: float = 5.0
    registration_blink: float = 20.0  # some devices say "not registered" for a moment after each text
    search: float = 180.0  # without a network before it is searched anew, and before each step after that
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
        setup: LineSetup,
        rhythm: Rhythm | None = None,
        means: Means | None = None,
        record: Record = lambda direction, data: None,
        hung: set[str] | None = None,
    ) -> None:
        self._rhythm = rhythm or Rhythm()
        self._means = means or Means()
        self._untold = untold
        self._memory = memory
        self._pin = pin
        self._on_state = on_state
        self._setup = setup
        self._hung = set() if hung is None else hung
        self._loop = asyncio.get_running_loop()
        self._driver = Driver(self._on_news, self._lose, self._rhythm.timing, record)
        self._inbox = Inbox(self._driver, hear, untold, self._wake_up, self._rhythm.reread)
        self._sender = Sender(self._driver, untold.add, self._lose)
        self._calls = Calls(
            untold.add, self._hang_up if setup.hang_up else None, self._loop.time, self._loop.call_later
        )
        self._device = Device()
        self._health: Health | None = None
        self._ussd: Ussd | None = None
        self._wake = asyncio.Event()
        self._loss: ModemError | None = None
        self._restarted = False
        self._started = False
        self._closing = False
        self._trouble = "opening"
        self._told_trouble = False
        self._bad_sends = 0
        self._searches = 0
        self._second = 0.0
        self._news_in_second = 0
        self._chores = {
            "listing": _Chore(self._list, self._rhythm.listing),
            "health": _Chore(self._check_health, self._rhythm.health),
            "notices": _Chore(self._check_notices, self._rhythm.notices),
            "ping": _Chore(self._ping, self._rhythm.ping),
            "calls": _Chore(self._end_call, _NEVER_S, due=_NEVER_S),
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
        if self._calls.ringing:
            raise NotNow("ringing", Scope.BUSY)
        try:
            accepted = await self._sender.send(submission, go)
        except SendOutcome as outcome:
            self._judge_outcome(outcome)
            raise
        self._bad_sends = 0
        if self._told_trouble:
            self._do_soon("health")
        return accepted

    def _judge_outcome(self, outcome: SendOutcome) -> None:
        """What a refusal says of the device, apart from the text."""
        remedy = self._device.profile.remedy(outcome.code)
        if remedy is Remedy.DRAIN:
            self._do_soon("listing")
        elif remedy is Remedy.CENTRE and self._health is not None:
            self._health.doubt_centre()
            self._do_soon("health")
        elif isinstance(outcome, NotNow) and outcome.scope is Scope.LINE:
            self._do_soon("health")
        wears_out = remedy is Remedy.LADDER or (isinstance(outcome, CannotTell) and outcome.code == "timeout")
        self._bad_sends = self._bad_sends + 1 if wears_out else 0
        if self._bad_sends >= _BAD_SENDS:
            self._lose(DeviceUnwell("refuses", outcome.code))

    async def ussd(self, code: str) -> UssdAnswer:
        """As `Keeper.ussd`."""
        if self._ussd is None or not self.is_up:
            raise NotAnswered("line_down")
        if not self.abilities.ussd:
            raise NotAnswered("unsupported")
        try:
            return await self._ussd.ask(code)
        except ModemError as error:
            raise NotAnswered("line_down", str(error)) from error

    async def restart(self) -> None:
        """Restart the device once the text on the air has its answer; the line ends with that.

        Raises:
            PortError: the port was lost meanwhile.
        """
        self._trouble = "recovering"
        await self._tell_state()
        await self._sender.finish(self._rhythm.timing.result)
        self._untold.add(Recovery(Rung.RESET, "asked"))
        loss = DeviceReset("asked for")
        async with self._driver.wire:
            self._lose(loss)
            await recovery.restart(self._driver, self._device.profile.reset_command, self._means)
        self._driver.retire(loss)

    # --- life ----------------------------------------------------------------------------------------

    async def start(self, path: str, first: Rung | None = None) -> None:
        """Open the port, take the step of recovery that is due, and hold the opening dialogue.

        Raises:
            PortError, LineDown, DeviceSilent, DeviceReset: not a line now.
        """
        self._sender.expect_late(await self._memory.part_in_flight())
        await self._driver.open(path)
        try:
            async with self._driver.wire:
                await self._step(first)
                await self._driver.resync()
                self._restarted = False
                patience = self._rhythm.patience
                dialogue = StartUp(self._driver, self._memory, self._pin, patience, self._setup, self._hung)
                self._device = dialogue.device
                self._device.facts["device"] = path
                await dialogue.run()
        finally:
            await self._untold.all_tried()  # a late result is evidence even if the line stays down
        self._adopt()
        await self._check_health()

    async def _step(self, rung: Rung | None) -> None:
        if rung is Rung.RADIO:
            await recovery.radio_off_and_on(self._driver, self._means)
        elif rung is Rung.RESET:
            await recovery.restart(self._driver, self._device.profile.reset_command, self._means)

    def _adopt(self) -> None:
        """Use what the dialogue found, if nothing restarted meanwhile."""
        device = self._device
        if self._restarted:
            raise DeviceReset("the device restarted during the opening dialogue")
        self._sender.use(device.profile, device.text)
        self._inbox.use(device)
        self._ussd = Ussd(self._driver, device.profile.ussd)
        if not device.cnmi:
            self._chores["listing"].every = self._rhythm.polling
        blink = self._rhythm.registration_blink
        self._health = Health(self._driver, device, self._setup, blink, utc_now)
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
        self._stop_working()
        self._driver.close()

    def _stop_working(self) -> None:
        """Read, delete and wait for nothing more."""
        self._inbox.stop()
        self._calls.stop()
        if self._ussd is not None:
            self._ussd.stop()

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
        self._stop_working()
        if self._loss is None:
            self._loss = error
            self._trouble = (
                error.code if isinstance(error, PortError | LineDown | DeviceUnwell) else "recovering"
            )
        self._wake.set()

    # --- news ----------------------------------------------------------------------------------------

    def _on_news(self, news: News) -> None:
        self._count_flood()
        if isinstance(news, StrayResult) or self._calls.news(news.text):
            return
        if self._ussd is not None and self._ussd.news(news.text):
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
                self._on_other_news(news, profile)

    def _on_other_news(self, news: Unsolicited, profile: Profile) -> None:
        if news.text.startswith(profile.sim_out_notices):
            self._lose(LineDown("sim_missing", self._device.facts))
        elif news.text.startswith(profile.store_full_notices) or news.text.startswith(_STORE_FULL_IS_NEWS):
            self._do_soon("listing")
        elif news.text.startswith(profile.restart_notices):
            self._on_restart(news.text)

    def _on_restart(self, text: str) -> None:
        """The device forgot its settings; what it was doing it will never answer."""
        self._restarted = True
        if self._started:
            loss = DeviceReset(text)
            self._lose(loss)
            self._driver.retire(loss)

    def _count_flood(self) -> None:
        """A device that chatters without end is asked to be quiet again, as after a reset it forgot."""
        now = self._loop.time()
        if now - self._second >= 1.0:
            self._second, self._news_in_second = now, 0
        self._news_in_second += 1
        if self._news_in_second == _FLOOD:
            self._do_soon("notices")

    def _hang_up(self) -> None:
        self._chores["calls"].began = float("-inf")
        self._do_soon("calls")

    async def _end_call(self) -> None:
        async with self._driver.wire:
            await hang_up(self._driver)

    def _do_soon(self, chore: str) -> None:
        wanted = self._chores[chore]
        wanted.due = min(wanted.due, wanted.began + self._rhythm.soonest)
        self._wake.set()

    # --- chores --------------------------------------------------------------------------------------

    async def _list(self) -> None:
        await self._inbox.list_all()
        async with self._driver.wire:
            lines = await self._ask("AT+CPMS?")
        counts = self._device.text is None or self._device.text.counts_store
        values = fields(lines[0].text) if lines and counts else []
        for at in range(0, len(values) - 2, 3):
            if values[at] == self._device.receives_into:
                self._device.facts["storage_used"] = values[at + 1]
                self._device.facts["storage_total"] = values[at + 2]
        await self._tell_state()

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
        health = self._health
        if health is None:
            return
        async with self._driver.wire:
            found = await health.check(self._trouble)
        if self._loss is None and self._trouble != "recovering":
            self._trouble = found
        if health.unregistered_for:
            self._chores["health"].due = self._loop.time() + self._rhythm.while_unregistered
        await self._tell_state()
        await self._search(health)

    async def _search(self, health: Health) -> None:
        """Help a device that finds no network: search anew, then radio off and on, then all of it."""
        if not health.searches:
            self._searches = 0
            return
        if health.unregistered_for < self._rhythm.search * 2**self._searches:
            return
        self._searches += 1
        if self._searches > 2:
            self._lose(DeviceUnwell("not_registered", "no network found"))
            return
        log.warning("no network: it is searched anew", extra={"step": self._searches})
        self._untold.add(Recovery(Rung.RADIO, "not_registered"))
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

    # --- state ---------------------------------------------------------------------------------------

    async def _tell_state(self) -> None:
        """Tell how the line is; who is told knows whether that is new."""
        trouble = self._trouble or self._sender.trouble
        status = LineStatus.DOWN if trouble else LineStatus.UP
        self._told_trouble = bool(trouble)
        state = LineState(status, trouble or "ready", dict(self._device.facts), self._device.abilities)
        await self._on_state(state)


def state_of(error: ModemError) -> LineState:
    """How a line that ended with `error` is told."""
    if isinstance(error, LineDown):
        return LineState(LineStatus.DOWN, error.code, dict(error.facts))
    if isinstance(error, PortError | DeviceUnwell):
        facts = error.facts if isinstance(error, PortError) else {}
        return LineState(LineStatus.DOWN, error.code, _with_detail(facts, error.detail))
    code = "no_answer" if isinstance(error, DeviceSilent) else "recovering"
    return LineState(LineStatus.DOWN, code, _with_detail({}, str(error)))


def _with_detail(facts: dict[str, str], detail: str) -> dict[str, str]:
    return {**facts, **({"detail": detail} if detail else {})}
