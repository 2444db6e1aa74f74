"""Keeps one line alive: find, open, start, watch, recover, back off.

It owns when a port is tried again and tells every change as `LineState`. It holds the line for whoever
sends; between two lives of the line there is none. What was heard and not stored outlives them here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from gateway.domain.line import Hear, Line, LineMemory, LineState, LineStatus

from .errors import ModemError, PortError
from .line import ModemLine, Rhythm, state_of
from .sim import Pin
from .untold import AGAIN_S, Untold

log = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 15.0)
MISSING_CHECK_S = 1.0
GRACE_S = 60.0
STEADY_S = 60.0
"""Seconds a line must have lasted for the next loss to be met with the first back-off again."""


class Supervisor:
    """One configured line. `run` is its task; `line` is there while texts can be sent."""

    def __init__(
        self,
        path: str,
        hear: Hear,
        memory: LineMemory,
        pin: Pin,
        *,
        expected_sim: str | None = None,
        rhythm: Rhythm | None = None,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        missing_check_s: float = MISSING_CHECK_S,
        grace_s: float = GRACE_S,
        hear_again_s: tuple[float, ...] = AGAIN_S,
    ) -> None:
        self._path = path
        self._hear = hear
        self._untold = Untold(hear, hear_again_s)
        self._memory = memory
        self._pin = pin
        self._expected_sim = expected_sim
        self._rhythm = rhythm
        self._back_off_s = back_off_s
        self._missing_check_s = missing_check_s
        self._grace_s = grace_s
        self._current: ModemLine | None = None
        self._up = asyncio.Event()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._failures = 0
        self._told: LineState | None = None

    @property
    def line(self) -> Line | None:
        """The line while it is up."""
        return self._current if self._current is not None and self._current.is_up else None

    @property
    def state(self) -> LineState | None:
        """What was told last; None before the first try."""
        return self._told

    async def wait_up(self) -> None:
        """Return when the line is up; at once if it is."""
        while self.line is None:
            self._up.clear()
            await self._up.wait()

    async def run(self) -> None:
        """Open, serve and re-open until `close`."""
        self._ended.clear()
        telling = asyncio.create_task(self._untold.keep_telling(), name=f"telling of {self._path}")
        try:
            while not self._stop.is_set():
                await self._live_once()
            self._untold.close()
            await telling
        finally:
            telling.cancel()
            self._ended.set()

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
        began = asyncio.get_running_loop().time()
        try:
            await self._until_stopped()
            return
        except ModemError as error:
            state = state_of(error)
            log.warning("line down", extra={"path": self._path, "code": state.code, "error": str(error)})
        except Exception:
            log.exception("line failed", extra={"path": self._path})
            state = LineState(LineStatus.DOWN, "recovering")
        await self._tell(state)
        if asyncio.get_running_loop().time() - began >= STEADY_S:
            self._failures = 0
        await self._back_off()

    async def _until_stopped(self) -> None:
        """Start and serve one line; returns when stopping was asked, raises when the line is lost."""
        line = ModemLine(
            self._hear,
            self._untold,
            self._memory,
            self._pin,
            self._tell,
            rhythm=self._rhythm,
            expected_sim=self._expected_sim,
        )
        life = asyncio.create_task(self._start_and_serve(line), name=f"line {self._path}")
        stop = asyncio.create_task(self._stop.wait(), name=f"stop {self._path}")
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
        self._current = line
        await line.start(self._path)
        await line.serve()

    async def _back_off(self) -> None:
        """Wait before the next try; a path that is gone is waited for and used as soon as it is back."""
        loop = asyncio.get_running_loop()
        delay = self._back_off_s[min(self._failures, len(self._back_off_s) - 1)]
        self._failures += 1
        end = loop.time() + delay
        missing = False
        while not self._stop.is_set():
            if not self._is_there():
                missing = True
                await self._tell_missing()
            elif missing:
                self._failures = 0
                return
            elif loop.time() >= end:
                return
            await self._pause(min(self._missing_check_s, delay))

    def _is_there(self) -> bool:
        return "://" in self._path or Path(self._path).exists()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    # --- telling -------------------------------------------------------------------------------------

    async def _tell_opening(self) -> None:
        """Told once; while tries go on failing, the reason stays what is told."""
        if self._told is None or self._told.code in ("port_missing", "port_lost"):
            await self._tell(LineState(LineStatus.STARTING, "opening"))

    async def _tell_missing(self) -> None:
        if self._told is None or self._told.code != "port_missing":
            await self._tell(state_of(PortError("port_missing", self._path)))

    async def _tell(self, state: LineState) -> None:
        """Tell a change; one that cannot be stored is told again and does not stop the line."""
        if state.status is LineStatus.UP:
            self._up.set()
        if state == self._told:
            return
        self._told = state
        await self._untold.tell(state)
