"""Keeps one line alive: find, open, start, watch, recover, back off.

It owns when a port is looked for and tried again, which step of recovery is due, and tells every change as
`LineState`. It holds the line for whoever sends; between two lives of the line there is none. What was
heard and not stored outlives them here, and so does the trace.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from gateway.clock import Clock, utc_now
from gateway.domain.line import (
    Hear,
    Line,
    LineMemory,
    LineSetup,
    LineState,
    LineStatus,
    NotAnswered,
    Recovery,
    Rung,
    UssdAnswer,
)

from . import recovery
from .calls import Calls
from .errors import DeviceSilent, DeviceUnwell, LineDown, ModemError, PortError
from .finder import Found
from .ladder import Ladder, Step
from .line import ModemLine, state_of
from .recovery import Means
from .rhythm import Rhythm
from .sim import Pin
from .trace import Direction, Trace
from .untold import AGAIN_S, Untold

log = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 15.0)
MISSING_CHECK_S = 1.0
SEARCH_EVERY_S = 3.0
"""How often other ports are asked for a device that is not where it was."""
GRACE_S = 60.0
STEADY_S = 60.0
"""Seconds a line must have lasted for the next loss to be met with the first back-off again."""
OPEN_RESULT_S = 150.0
"""Seconds after which the answer to a text on the air no longer forbids a restart of the device."""

_CURABLE = frozenset({"sim_failure"})
"""Troubles of a line that a restart of the device has been seen to cure."""

Find = Callable[[LineSetup, str], Awaitable[Found]]
"""Looks for the device of a line among the ports; given the USB id it had, empty where that is not known."""


class Supervisor:
    """One configured line. `run` is its task; `line` is there while texts can be sent."""

    def __init__(
        self,
        setup: LineSetup,
        hear: Hear,
        memory: LineMemory,
        pin: Pin,
        *,
        find: Find | None = None,
        usb: str = "",
        means: Means | None = None,
        ladder: Ladder | None = None,
        rhythm: Rhythm | None = None,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        missing_check_s: float = MISSING_CHECK_S,
        search_every_s: float = SEARCH_EVERY_S,
        grace_s: float = GRACE_S,
        hear_again_s: tuple[float, ...] = AGAIN_S,
        now: Clock = utc_now,
    ) -> None:
        self._now = now
        self._setup = setup
        self._hear = hear
        self._untold = Untold(hear, hear_again_s)
        self._memory = memory
        self._pin = pin
        self._find = find
        self._usb = usb
        self._means = means or Means()
        self._ladder = ladder or Ladder(_able(self._means))
        self._rhythm = rhythm
        self._back_off_s = back_off_s
        self._missing_check_s = missing_check_s
        self._search_every_s = search_every_s
        self._grace_s = grace_s
        self._trace = Trace()
        self._calls = Calls(
            self._untold.add,
            self._hang_up if setup.hang_up else None,
            asyncio.get_running_loop().time,
            asyncio.get_running_loop().call_later,
        )
        self._loop = asyncio.get_running_loop()
        self._current: ModemLine | None = None
        self._up = asyncio.Event()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._failures = 0
        self._told: LineState | None = None
        self._path = setup.port
        self._elsewhere = False
        self._first: Rung | None = None
        self._open_since: float | None = None
        self._hung: set[str] = set()
        self._met = False
        self._hurry = asyncio.Event()

    # --- the Keeper contract -------------------------------------------------------------------------

    @property
    def line(self) -> Line | None:
        """The line while it is up."""
        return self._current if self._current is not None and self._current.is_up else None

    @property
    def state(self) -> LineState | None:
        """What was told last; None before the first try."""
        return self._told

    @property
    def path(self) -> str:
        """Where the device was last found, or is expected."""
        return self._path

    async def wait_up(self) -> None:
        """Return when the line is up; at once if it is."""
        while self.line is None:
            self._up.clear()
            await self._up.wait()

    def bind(self, imei: str, iccid: str) -> None:
        """The device and the SIM this line takes for its own from the next start on; empty for any."""
        self._setup = replace(self._setup, imei=imei, iccid=iccid)

    def hurry(self) -> None:
        """Something a person did may have ended the trouble: try again now, and say how it is."""
        self._told = None
        self._hurry.set()

    async def restart(self) -> None:
        """As `Keeper.restart`."""
        if self._current is None:
            raise NotAnswered(self._trouble)
        try:
            await self._current.restart()
        except ModemError as error:  # it went, or restarted by itself: it begins anew either way
            log.info("the device was not told to restart", extra={"error": str(error)})

    async def ussd(self, code: str) -> UssdAnswer:
        """As `Keeper.ussd`."""
        if self._current is None or not self._current.is_up:
            raise NotAnswered(self._trouble)
        return await self._current.ussd(code)

    @property
    def _trouble(self) -> str:
        """Why the line cannot be asked now: how it was told to be."""
        told = self._told
        return "opening" if told is None or told.status is LineStatus.UP else told.code

    def trace(self) -> str:
        """As `Keeper.trace`."""
        return self._trace.text(self._told.facts if self._told else {})

    async def run(self) -> None:
        """Open, serve and re-open until `close`."""
        self._ended.clear()
        telling = asyncio.create_task(self._untold.keep_telling(), name=f"telling of {self._setup.port}")
        try:
            await self._remember_restarts()
            while not self._stop.is_set():
                await self._live_once()
            self._calls.stop()
            self._untold.close()
            await telling
        finally:
            telling.cancel()
            self._ended.set()

    async def _remember_restarts(self) -> None:
        try:
            self._ladder.remember(await self._memory.restarts(), self._loop.time())
        except Exception:
            log.exception("not known when the device was last restarted")

    async def close(self, grace_s: float | None = None) -> None:
        """Take no more texts, let the one on the air finish, let the port go. Returns when `run` ended.

        After `grace_s` seconds (None: as many as were given to the constructor) the port goes all the
        same, and who sends is told `CannotTell`.
        """
        self._stop.set()
        if self._current is not None:
            await self._current.close(self._grace_s if grace_s is None else grace_s)
        await self._ended.wait()

    # --- one life ------------------------------------------------------------------------------------

    async def _live_once(self) -> None:
        await self._tell_opening()
        self._hurry.clear()
        began = self._loop.time()
        trouble: Exception
        try:
            await self._until_stopped()
            return
        except ModemError as error:
            trouble = error
            state = state_of(self._as_met(error))
            news = self._told is None or self._told.code != state.code
            level = logging.WARNING if news else logging.DEBUG
            log.log(level, "line down", extra={"path": self._path, "code": state.code, "error": str(error)})
        except Exception as error:
            trouble = error
            log.exception("line failed", extra={"path": self._path})
            state = LineState(LineStatus.DOWN, "recovering")
        self._elsewhere = isinstance(trouble, LineDown) and trouble.code in ("other_sim", "other_modem")
        await self._tell(state)
        if self._loop.time() - began >= STEADY_S:
            self._failures = 0
        if _is_ill(trouble) and self._is_known:
            await self._heal(state.code, str(trouble))
        else:
            await self._back_off()

    @property
    def _is_known(self) -> bool:
        """Whether a modem was ever met on this line: what never was one must not be restarted."""
        return self._met or bool(self._setup.imei or self._setup.iccid)

    def _as_met(self, error: ModemError) -> ModemError:
        """Silence of what never spoke is no hung modem: most likely it is another port."""
        return error if self._is_known or not isinstance(error, DeviceSilent) else PortError("not_a_modem")

    async def _until_stopped(self) -> None:
        """Start and serve one line; returns when stopping was asked, raises when the line is lost."""
        line = ModemLine(
            self._hear,
            self._untold,
            self._memory,
            self._pin,
            self._tell,
            setup=self._setup,
            rhythm=self._rhythm,
            means=self._means,
            calls=self._calls,
            record=self._record,
            hung=self._hung,
            now=self._now,
        )
        life = asyncio.create_task(self._start_and_serve(line), name=f"line {self._setup.port}")
        stop = asyncio.create_task(self._stop.wait(), name=f"stop {self._setup.port}")
        try:
            await asyncio.wait({life, stop}, return_when=asyncio.FIRST_COMPLETED)
            await line.close(self._grace_s)
            if life.done():
                life.result()
        finally:
            self._current = None
            life.cancel()
            stop.cancel()
            await asyncio.gather(life, stop, return_exceptions=True)
            await line.close(0.0)

    async def _start_and_serve(self, line: ModemLine) -> None:
        self._path = await self._where()
        self._current = line
        first, self._first = self._first, None
        await line.start(self._path, first)
        await line.serve()

    def _record(self, direction: Direction, data: bytes) -> None:
        self._trace.add(direction, data, self._loop.time())

    def _hang_up(self) -> None:
        if self._current is not None:
            self._current.hang_up_soon()

    # --- where it is ---------------------------------------------------------------------------------

    async def _where(self) -> str:
        """The path to open: as configured, or where the device this line is bound to is now.

        Raises:
            PortError: it is nowhere; says what was found instead.
        """
        configured = self._setup.port
        if configured != "auto" and _is_there(configured) and not self._elsewhere:
            return configured
        if self._find is None or not self._may_search():
            return configured
        found = await self._find(self._setup, self._usb)
        self._usb = found.facts.get("usb") or self._usb
        if found.path:
            return found.path
        if configured == "auto":
            raise PortError(found.code, found.facts.get("detail", ""), found.facts)
        if _is_there(configured):
            return configured
        raise PortError("port_missing", configured)  # what the other ports are is not this line's trouble

    def _may_search(self) -> bool:
        """Whether other ports may be asked: for `auto`, and for a device that is known by its identity."""
        bound = bool(self._setup.imei or self._setup.iccid)
        return self._setup.port == "auto" or (bound and "://" not in self._setup.port)

    # --- healing -------------------------------------------------------------------------------------

    async def _heal(self, code: str, detail: str) -> None:
        """Take the next step of recovery that can be taken here."""
        while True:
            step = self._ladder.next(self._loop.time(), no_restart_before=await self._restart_from())
            if await self._take(step):
                self._ladder.taken(step, self._loop.time())
                break
        if step.is_new:
            self._untold.add(Recovery(step.rung, code, detail))
        log.warning("recovering", extra={"path": self._path, "rung": step.rung, "pause": step.pause_s})
        await self._wait(step.pause_s)

    async def _take(self, step: Step) -> bool:
        """Do what can be done while the port is closed; what needs it open is done by the next life."""
        if step.rung is Rung.USB:
            return await asyncio.to_thread(recovery.reset_usb, self._path, self._means)
        if step.rung is Rung.POWER:
            return await recovery.cycle_power(self._path, self._means)
        self._first = step.rung if step.rung in (Rung.RADIO, Rung.RESET) else None
        return True

    async def _restart_from(self) -> float:
        """When the device may be restarted: not while the answer to a text on the air may still come."""
        try:
            in_flight = await self._memory.part_in_flight()
        except Exception:
            log.exception("not known whether a text is on the air")
            in_flight = -1
        if in_flight is None:
            self._open_since = None
            return 0.0
        if self._open_since is None:
            self._open_since = self._loop.time()
        return self._open_since + OPEN_RESULT_S

    async def _back_off(self) -> None:
        delay = self._back_off_s[min(self._failures, len(self._back_off_s) - 1)]
        self._failures += 1
        await self._wait(delay)

    async def _wait(self, delay: float) -> None:
        """Before the next try; a path that is gone is waited for, or its device looked for elsewhere, and
        used as soon as it is back."""
        end = self._loop.time() + delay
        search = self._loop.time() + self._search_every_s
        missing = False
        while not (self._stop.is_set() or self._hurry.is_set()):
            there = self._setup.port == "auto" or _is_there(self._setup.port)
            if not there:
                missing = True
                await self._tell_missing()
                if self._find is not None and self._may_search() and self._loop.time() >= search:
                    return
            elif missing:
                self._failures = 0
                return
            elif self._loop.time() >= end:
                return
            await self._pause(min(self._missing_check_s, max(delay, 0.0)))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    # --- telling -------------------------------------------------------------------------------------

    async def _tell_opening(self) -> None:
        """Told once; while tries go on failing, the reason stays what is told."""
        code = None if self._told is None else self._told.code
        back = code == "port_missing" and "://" not in self._setup.port and _is_there(self._setup.port)
        if code in (None, "port_lost") or back:
            await self._tell(LineState(LineStatus.STARTING, "opening"))

    async def _tell_missing(self) -> None:
        if self._told is None or self._told.code != "port_missing":
            await self._tell(state_of(PortError("port_missing", self._setup.port)))

    async def _tell(self, state: LineState) -> None:
        """Tell a change; one that cannot be stored is told again and does not stop the line."""
        if state.status is LineStatus.UP:
            self._ladder.works(self._loop.time())
            self._met = True
            self._up.set()
        if state == self._told:
            return
        self._told = state
        await self._untold.tell(state)


def _is_ill(trouble: Exception) -> bool:
    """Whether the device needs healing, rather than its cable or a person."""
    if isinstance(trouble, LineDown):
        return trouble.code in _CURABLE
    return isinstance(trouble, DeviceSilent | DeviceUnwell)


def _is_there(port: str) -> bool:
    try:
        return "://" in port or Path(port).exists()
    except OSError:  # a folder we may not look into, a name no file can have
        return False


def _able(means: Means) -> frozenset[Rung]:
    """The steps that can be taken here at all; whether USB may be reset is known when it is tried."""
    return frozenset(Rung) - (frozenset() if means.power_command else {Rung.POWER})
