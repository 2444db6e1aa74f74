"""What a line does every so often: when each chore is due, and how soon it may be done again when asked for.

Knows nothing of what the chores do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .errors import CommandFailed, NoAnswer

log = logging.getLogger(__name__)

ON_REQUEST_S = float("inf")


@dataclass(slots=True)
class _Chore:
    """`due` and `began` are on the loop's clock."""

    run: Callable[[], Awaitable[None]]
    every: float
    due: float
    began: float = float("-inf")


class Routine:
    """The chores of one line. `soonest`: seconds between two runs of one, however often it is asked for."""

    def __init__(self, soonest: float) -> None:
        self._soonest = soonest
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._chores: dict[str, _Chore] = {}

    def add(self, name: str, run: Callable[[], Awaitable[None]], every: float) -> None:
        """Do `run` at once and then every so many seconds; with ON_REQUEST_S only when asked for."""
        self._chores[name] = _Chore(run, every, 0.0 if every < ON_REQUEST_S else ON_REQUEST_S)

    def soon(self, name: str) -> None:
        """Do it as soon as it may be done again. One that is not there yet is done at once when it is."""
        if name in self._chores:
            chore = self._chores[name]
            chore.due = min(chore.due, chore.began + self._soonest)
            self._wake.set()

    def put_off(self, name: str, until: float) -> None:
        """Do it at that time of the loop, not before."""
        self._chores[name].due = until

    def wake(self) -> None:
        """End the sleep: something came up."""
        self._wake.set()

    def begin(self) -> None:
        """A round begins: what comes up from now on ends the next sleep."""
        self._wake.clear()

    async def do_due(self, before_each: Callable[[], Awaitable[None]]) -> None:
        """Everything that is due; what is refused is due again at its usual time.

        Raises:
            DeviceSilent, PortError, DeviceReset: whatever a chore raises of these.
        """
        for name, chore in self._chores.items():
            await before_each()
            if self._loop.time() < chore.due:
                continue
            chore.began = self._loop.time()
            chore.due = chore.began + chore.every
            try:
                await chore.run()
            except (CommandFailed, NoAnswer) as error:
                log.warning("chore not done", extra={"chore": name, "error": str(error)})

    async def sleep(self) -> None:
        """Until something is due or came up."""
        pause = min(chore.due for chore in self._chores.values()) - self._loop.time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, pause)):
                await self._wake.wait()
