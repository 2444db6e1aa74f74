"""A line made of a driver: opened, listened to, sent over, watched, for as long as one connection lasts.

It owns what the line does between sends and how it is. It implements `gateway.domain.line.Line` and knows
no database: what it hears goes to `hear`, what it must remember to `LineMemory`. When the connection or
the device is lost it ends; making a new one is the supervisor's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from gateway.clock import Clock, utc_now
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
from .answers import StrayResult, Unsolicited
from .calls import Calls, hang_up
from .codes import Remedy
from .device import Device
from .driver import Driver, News, Record
from .errors import (
    DeviceReset,
    DeviceSilent,
    DeviceUnwell,
    LineDown,
    ModemError,
    PortError,
    RestartAsked,
)
from .inbox import Inbox
from .profile import Profile
from .recovery import Means
from .rhythm import Rhythm
from .routine import ON_REQUEST_S, Routine
from .sending import Sender
from .sim import Pin
from .startup import StartUp
from .untold import Untold
from .ussd import Ussd
from .watch import Watch

log = logging.getLogger(__name__)

_SIM_TROUBLE = ("NOT READY", "NOT INSERTED", "REMOVED")
_STORE_FULL_IS_NEWS = "+CIEV"
_BAD_SENDS = 2
"""Sends in a row without an answer, or refused for the device's own failure, before it is brought back."""

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
        calls: Calls,
        rhythm: Rhythm | None = None,
        means: Means | None = None,
        record: Record = lambda direction, data: None,
        hung: set[str] | None = None,
        now: Clock = utc_now,
    ) -> None:
        self._now = now
        self._rhythm = rhythm or Rhythm()
        self._means = means or Means()
        self._untold = untold
        self._memory = memory
        self._pin = pin
        self._on_state = on_state
        self._setup = setup
        self._hung = set() if hung is None else hung
        self._loop = asyncio.get_running_loop()
        self._driver = Driver(self._on_news, self.lose, self._rhythm.timing, record)
        self._routine = Routine(self._rhythm.soonest)
        self._inbox = Inbox(self._driver, hear, untold, self._routine.wake, self._rhythm.reread)
        self._sender = Sender(self._driver, untold.add, self.lose)
        self._calls = calls
        self._device = Device()
        self._watch: Watch | None = None
        self._ussd: Ussd | None = None
        self._loss: ModemError | None = None
        self._restarted = False
        self._in_dialogue = False
        self._started = False
        self._closing = False
        self._trouble = "opening"
        self._told_trouble = False
        self._bad_sends = 0
        self._routine.add("calls", self._end_call, ON_REQUEST_S)

    # --- the Line contract ---------------------------------------------------------------------------

    @property
    def abilities(self) -> Abilities:
        return self._device.abilities

    @property
    def trouble(self) -> str:
        """What keeps texts from being sent, empty for nothing: a code of `LineState`."""
        return self._trouble

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
            self._routine.soon("health")
        return accepted

    def _judge_outcome(self, outcome: SendOutcome) -> None:
        """What a refusal says of the device, apart from the text."""
        remedy = self._device.profile.remedy(outcome.code)
        if remedy is Remedy.DRAIN:
            self._routine.soon("listing")
        elif remedy is Remedy.CENTRE and self._watch is not None:
            self._watch.doubt_centre()
        elif isinstance(outcome, NotNow) and outcome.scope is Scope.LINE:
            self._routine.soon("health")
        wears_out = remedy is Remedy.LADDER or (isinstance(outcome, CannotTell) and outcome.code == "timeout")
        self._bad_sends = self._bad_sends + 1 if wears_out else 0
        if self._bad_sends >= _BAD_SENDS:
            self.lose(DeviceUnwell("refuses", outcome.code))

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
        self._trouble = "restarting"
        await self._tell_state()
        await self._sender.finish(self._rhythm.timing.result)
        self._untold.add(Recovery(Rung.RESET, "asked"))
        loss = RestartAsked()
        async with self._driver.wire:
            self.lose(loss)
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
                self._restarted, self._in_dialogue = False, True
                patience = self._rhythm.patience
                dialogue = StartUp(self._driver, self._memory, self._pin, patience, self._setup, self._hung)
                self._device = dialogue.device
                self._device.facts["device"] = path
                await dialogue.run()
        finally:
            self._in_dialogue = False
            await self._untold.all_tried()  # a late result is evidence even if the line stays down
        await self._adopt().check_health()

    async def _step(self, rung: Rung | None) -> None:
        if rung is Rung.RADIO:
            await recovery.radio_off_and_on(self._driver, self._means)
        elif rung is Rung.RESET:
            await recovery.restart(self._driver, self._device.profile.reset_command, self._means)

    def _adopt(self) -> Watch:
        """Use what the dialogue found, if nothing restarted meanwhile."""
        device = self._device
        if self._restarted:
            raise DeviceReset("the device restarted during the opening dialogue")
        self._sender.use(device.profile, device.text)
        self._inbox.use(device)
        self._ussd = Ussd(self._driver, device.profile.ussd)
        self._watch = Watch(
            self,
            self._driver,
            device,
            self._setup,
            self._inbox,
            self._routine,
            self._rhythm,
            self._means,
            self._now,
        )
        self._started = True
        return self._watch

    async def serve(self) -> None:
        """Do everything between sends, until the connection or the device is lost.

        Raises:
            PortError, LineDown, DeviceSilent, DeviceReset: why it ended.
        """
        while True:
            if self._loss is not None:
                raise self._loss
            self._routine.begin()
            await self._routine.do_due(self._work_inbox)
            await self._routine.sleep()

    async def close(self, grace_s: float) -> None:
        """Take no more texts, wait for the one on the air, let the port go."""
        self._closing = True  # not a trouble, which a chore that ends meanwhile would clear
        await self._sender.finish(grace_s)
        self._stop_working()
        self._driver.close()

    def _stop_working(self) -> None:
        """Read, delete and wait for nothing more."""
        self._inbox.stop()
        if self._ussd is not None:
            self._ussd.stop()

    async def _work_inbox(self) -> None:
        await self._inbox.work()
        if self._inbox.wants_listing:
            self._routine.soon("listing")

    def tell(self, event: Recovery) -> None:
        """As `Watched.tell`."""
        self._untold.add(event)

    def lose(self, error: ModemError) -> None:
        """The connection or the device is lost: `serve` ends with this."""
        self._stop_working()
        if self._loss is None:
            self._loss = error
            self._trouble = _code_of(error)
        self._routine.wake()

    # --- news ----------------------------------------------------------------------------------------

    def _on_news(self, news: News) -> None:
        if self._watch is not None:
            self._watch.count_news()
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
                self._routine.soon("health")
            case "+CPIN" if value.strip().upper() in _SIM_TROUBLE:
                self.lose(LineDown("sim_missing", self._device.facts))
            case "+CPIN":
                self._routine.soon("health")  # a SIM that is ready now may be another one
            case _:
                self._on_other_news(news, profile)

    def _on_other_news(self, news: Unsolicited, profile: Profile) -> None:
        if news.text.startswith(profile.sim_out_notices):
            self.lose(LineDown("sim_missing", self._device.facts))
        elif news.text.startswith(profile.store_full_notices) or news.text.startswith(_STORE_FULL_IS_NEWS):
            self._routine.soon("listing")
        elif news.text.startswith(profile.restart_notices):
            self._on_restart(news.text)

    def _on_restart(self, text: str) -> None:
        """The device forgot its settings; what it was doing it will never answer."""
        self._restarted = True
        if self._started or self._in_dialogue:
            loss = DeviceReset(text)
            self.lose(loss)
            self._driver.retire(loss)

    def hang_up_soon(self) -> None:
        """End the call that is coming in as soon as the device can be spoken to."""
        self._routine.soon("calls")

    async def _end_call(self) -> None:
        async with self._driver.wire:
            await hang_up(self._driver)

    # --- state ---------------------------------------------------------------------------------------

    async def found(self, trouble: str | None) -> None:
        """As `Watched.found`."""
        if trouble is not None and self._loss is None and self._trouble not in ("recovering", "restarting"):
            self._trouble = trouble
        await self._tell_state()

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
    code = "no_answer" if isinstance(error, DeviceSilent) else _code_of(error)
    return LineState(LineStatus.DOWN, code, _with_detail({}, str(error)))


def _code_of(error: ModemError) -> str:
    if isinstance(error, PortError | LineDown | DeviceUnwell):
        return error.code
    return "restarting" if isinstance(error, RestartAsked) else "recovering"


def _with_detail(facts: dict[str, str], detail: str) -> dict[str, str]:
    return {**facts, **({"detail": detail} if detail else {})}
