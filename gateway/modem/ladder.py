"""Which step heals a device next: the recovery ladder of one line. Pure; time is an argument.

It owns the order of the steps, the pauses between them and how often a device may be restarted. How a
step is taken is in `recovery`, when one is needed is the supervisor's to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gateway.domain.line import Rung

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
"""Pauses double from the first to this one."""
WELL_AFTER_S = 600.0
"""A line that worked for so long begins at the bottom again."""
RESTART_EVERY_S = 600.0
RESTARTS_A_DAY = 6
DAY_S = 86_400.0

RESTARTS = frozenset({Rung.RESET, Rung.USB, Rung.POWER})
"""Steps after which a device begins anew: rare, since a network bars a SIM that comes and goes."""
_CLIMBED = (Rung.REOPEN, Rung.RADIO, Rung.RESET, Rung.USB, Rung.POWER, Rung.PERSON)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, and in how many seconds. `is_new` is False while the same is tried again."""

    rung: Rung
    pause_s: float
    is_new: bool


class Ladder:
    """The state of one line's recovery. Times are seconds on one monotonic clock."""

    def __init__(self, able: Collection[Rung] = tuple(Rung), first_pause_s: float = FIRST_PAUSE_S) -> None:
        self._rungs = [rung for rung in _CLIMBED if rung in able or rung in (Rung.REOPEN, Rung.PERSON)]
        self._first_pause_s = first_pause_s
        self._place = 0
        self._pause_s = first_pause_s
        self._at_top = False
        self._restarts: list[float] = []
        self._well_since: float | None = None

    def remember(self, ages_s: Collection[float], now: float) -> None:
        """Restarts of before this program began, by how long ago they were: they count too."""
        self._restarts = sorted(now - age for age in ages_s)

    def works(self, now: float) -> None:
        """The line works at this moment."""
        if self._well_since is None:
            self._well_since = now

    def next(self, now: float, *, no_restart_before: float = 0.0) -> Step:
        """The step after a failure. Before `no_restart_before` neither the radio nor the device is restarted,
        since a text may be on the air and its answer may still come."""
        if self._well_since is not None and now - self._well_since >= WELL_AFTER_S:
            self._place, self._pause_s, self._at_top = 0, self._first_pause_s, False
        self._well_since = None
        pause, self._pause_s = self._pause_s, min(2 * self._pause_s, LONGEST_PAUSE_S)
        rung = self._rungs[self._place]
        disturbs = rung is Rung.RADIO and now + pause < no_restart_before
        if disturbs or (rung in RESTARTS and not self._may_restart(now + pause, no_restart_before)):
            return Step(Rung.REOPEN, pause, is_new=False)
        is_new, self._at_top = not self._at_top, rung is Rung.PERSON
        self._place += not self._at_top
        return Step(rung, pause, is_new)

    def taken(self, step: Step, now: float) -> None:
        """A step could be taken: only then a restart is one that keeps the next away."""
        if step.rung in RESTARTS:
            self._restarts.append(now + step.pause_s)

    def _may_restart(self, at: float, not_before: float) -> bool:
        self._restarts = [past for past in self._restarts if at - past < DAY_S]
        if at < not_before or len(self._restarts) >= RESTARTS_A_DAY:
            return False
        return not self._restarts or at - self._restarts[-1] >= RESTART_EVERY_S
