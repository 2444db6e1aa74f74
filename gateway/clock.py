"""The wall clock. The only place that asks what time it is; everything else is told.

`WatchedClock` holds the wall clock against time since boot at every call, so that a clock that was stepped is
noticed before anything is done by it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]

MOST_STEP_S = 5.0
"""Seconds the wall clock may move against time since boot between two calls: slewing needs days for that."""
JUMPED = "jumped"
"""The doubt of a clock that was stepped, as in `gateway.domain.clock_trust.Doubt`."""

_ONE_LOOK_S = 1.0
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def since_boot() -> float:
    """Seconds since the box was started, those it slept included."""
    return time.clock_gettime(_SINCE_BOOT)


class WatchedClock:
    """A `Clock` that knows when it was stepped. Any thread may call it.

    `doubt` says why it is not to be trusted, None while it is. A step is noticed by the call that first sees
    it; every other doubt, and the end of each, is told by whoever weighs the evidence (`judge`).
    """

    def __init__(self, wall: Clock = utc_now, elapsed: Callable[[], float] = since_boot) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._lock = threading.Lock()
        self._last = self._look()
        self._doubt: str | None = None
        self._jumps = 0
        self._stepped_s = 0.0

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        with self._lock:
            now, elapsed = self._look()
            moved = (now - self._last[0]).total_seconds() - (elapsed - self._last[1])
            if abs(moved) > MOST_STEP_S:
                self._jumps += 1
                self._stepped_s += moved
                self._doubt = JUMPED
            self._last = now, elapsed
            return now

    @property
    def doubt(self) -> str | None:
        """Why the time last told is not to be trusted; None while it is."""
        return self._doubt

    @property
    def jumps(self) -> int:
        """How often it was stepped, as far as it was noticed."""
        return self._jumps

    @property
    def stepped_s(self) -> float:
        """Seconds it was stepped by in all, as far as it was noticed; forward counts up."""
        return self._stepped_s

    def judge(self, doubt: str | None, jumps: int) -> bool:
        """Take over a verdict on the time as it was after so many jumps; False when it was stepped since,
        which leaves it in doubt."""
        with self._lock:
            if jumps != self._jumps:
                return False
            self._doubt = doubt
            return True

    def _look(self) -> tuple[datetime, float]:
        """Both clocks at one moment: looked at again when something held us up in between."""
        while True:
            before, now, after = self._elapsed(), self._wall(), self._elapsed()
            if after - before < _ONE_LOOK_S:
                return now, after
