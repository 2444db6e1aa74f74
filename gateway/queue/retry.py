"""When a part that is proven unsent is tried again. Pure; the classes come from the line."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from gateway.domain.line import Scope

_S, _M, _H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

BACKOFF: dict[Scope, tuple[timedelta, ...]] = {
    Scope.MESSAGE: (5 * _S, 30 * _S, 2 * _M, 10 * _M, 30 * _M, _H),
    Scope.BUSY: (_S, 2 * _S, 5 * _S, 10 * _S),
    Scope.LINE: (2 * _S, 5 * _S, 15 * _S),
}
"""Pauses after the first, second, ... refusal; the last one repeats. For MESSAGE the text waits, for the
others the line does, whatever text it was asked to send."""

LINE_TEXT = timedelta(seconds=30)
"""How long a text that met the line's trouble lets others go first: longer than the line rests, so that the
next try is another text, and a refusal meant for one number never stops the line."""

SPREAD = 0.1
"""Pauses are up to so much longer or shorter, by chance, so that texts refused together do not come back
together."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A text whose creator set no `send_by` is given up this long after it was first refused, not counting what
the rules hold it for meanwhile."""


TELEPHONE: dict[str, timedelta] = {
    "BUSY": _M,
    "NO ANSWER": 2 * _M,
    "NO DIALTONE": 30 * _S,
    "NO DIAL TONE": 30 * _S,
}
"""Pauses of a line whose texts are telephone calls, by the result of the last one."""


def pause(attempt: int, scope: Scope, code: str = "") -> timedelta:
    """Pause after the `attempt`-th try (1 is the first) that ended with `code`."""
    if code in TELEPHONE:
        return TELEPHONE[code]
    steps = BACKOFF[scope]
    return steps[min(max(attempt, 1), len(steps)) - 1]


def spread(how_long: timedelta, chance: Callable[[], float] = random.random) -> timedelta:
    """A pause made longer or shorter by up to a tenth; `chance` gives a number from 0 to 1."""
    return how_long * (1 + SPREAD * (2 * chance() - 1))
