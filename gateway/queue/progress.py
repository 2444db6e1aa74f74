"""Whether something that works in steps still does: it says how long its next step may take, and is overdue
when that has passed.

Seconds are the loop's, so that neither a step of the clock nor a box that slept makes anybody overdue.
"""

from __future__ import annotations

import asyncio


class Progress:
    """The step one task is at. Before the first and after the last nothing is expected of it."""

    def __init__(self) -> None:
        self._by: float | None = None

    def expect(self, within_s: float) -> None:
        """A step begins that takes at most so many seconds."""
        self._by = _now() + within_s

    def extend(self, within_s: float) -> None:
        """The step takes at least so many seconds from now, for a reason that is known."""
        if self._by is not None:
            self._by = max(self._by, _now() + within_s)

    def done(self) -> None:
        """There is no further step."""
        self._by = None

    @property
    def goes_on(self) -> bool:
        """Whether a step is under way that may still take some time."""
        return self._by is not None and _now() <= self._by

    @property
    def is_overdue(self) -> bool:
        """Whether the step should have ended by now."""
        return self._by is not None and _now() > self._by


def _now() -> float:
    return asyncio.get_running_loop().time()
