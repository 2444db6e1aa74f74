"""What was heard and is not stored yet: kept over the lives of a line and told again until it is.

It owns the events of which the device keeps no copy, the newest state of the line, and when each is told
again. It knows no device: it outlives every connection and goes on while there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.domain.line import Hear, LineEvent, LineState, Removed, Slot

log = logging.getLogger(__name__)

AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds until an event that could not be stored is told again; the last goes on for ever."""


@dataclass(slots=True, eq=False)
class _Held:
    event: LineEvent
    due: float = 0.0  # on the loop's clock
    failures: int = 0
    tried: asyncio.Event = field(default_factory=asyncio.Event)


class Untold:
    """Events waiting for `hear`. `keep_telling` is its task, and the only one that calls `hear`: whoever
    waits here may be cancelled without an event being told twice.

    Oldest first; one that is refused waits by itself and holds up no other.
    """

    def __init__(self, hear: Hear, again_s: Sequence[float] = AGAIN_S) -> None:
        self._hear = hear
        self._again_s = tuple(again_s)
        self._held: list[_Held] = []
        self._wake = asyncio.Event()
        self._closing = False

    def add(self, event: LineEvent) -> None:
        """Tell this, as often as it takes. Of states only the newest counts."""
        if isinstance(event, LineState):
            for held in [held for held in self._held if isinstance(held.event, LineState)]:
                self._drop(held)
        self._held.append(_Held(event))
        self._wake.set()

    async def tell(self, event: LineEvent) -> None:
        """As `add`; returns once it was tried, stored or not."""
        self.add(event)
        await self.all_tried()

    async def all_tried(self) -> None:
        """Return once everything held was tried at least once."""
        for held in list(self._held):
            await held.tried.wait()

    def holds_removal_of(self, slot: Slot) -> bool:
        """Whether it is not yet stored that `slot` was freed: what is read there now would be taken for
        the text that lay there before."""
        return any(held.event == Removed(slot) for held in self._held)

    async def keep_telling(self) -> None:
        """Tell what is due until `close`, then everything once more."""
        while not self._closing:
            self._wake.clear()
            try:
                await self._tell_due()
                await self._sleep()
            except Exception:  # whoever waits here would wait for ever
                log.exception("telling failed, it goes on")
                await asyncio.sleep(self._again_s[0])
        await self._tell_due()
        if self._held:
            log.error("stopped with events that could not be stored", extra={"count": len(self._held)})

    def close(self) -> None:
        """Let `keep_telling` end."""
        self._closing = True
        self._wake.set()

    async def _tell_due(self) -> None:
        loop = asyncio.get_running_loop()
        for held in list(self._held):
            if held in self._held and (self._closing or held.due <= loop.time()):
                await self._try(held)

    async def _try(self, held: _Held) -> None:
        try:
            await self._hear(held.event)
        except Exception:
            log.exception("not stored, told again later", extra={"what": type(held.event).__name__})
            pause = self._again_s[min(held.failures, len(self._again_s) - 1)]
            held.failures += 1
            held.due = asyncio.get_running_loop().time() + pause
            held.tried.set()
        else:
            self._drop(held)

    def _drop(self, held: _Held) -> None:
        held.tried.set()
        with contextlib.suppress(ValueError):  # a newer state took its place while it was told
            self._held.remove(held)

    async def _sleep(self) -> None:
        due = min((held.due for held in self._held), default=None)
        pause = None if due is None else max(0.0, due - asyncio.get_running_loop().time())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
