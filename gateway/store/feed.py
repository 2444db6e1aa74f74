"""The feed: tells whoever waits that the event log has grown. It carries no news itself, only how far
the log goes; every listener reads the log from its own cursor, so none can miss or block another."""

from __future__ import annotations

import asyncio
import threading


class Feed:
    """Announced from any thread, awaited in one event loop."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Future[None], asyncio.AbstractEventLoop] = {}

    @property
    def last(self) -> int:
        """Id of the newest event announced."""
        return self._last

    def announce(self, last_event_id: int) -> None:
        """Say that the log now reaches `last_event_id`. Any thread."""
        with self._lock:
            if last_event_id <= self._last:
                return
            self._last = last_event_id
            waiting, self._waiting = self._waiting, {}
        for future, loop in waiting.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, future)

    async def wait(self, after: int) -> int:
        """Return the newest event id as soon as it is greater than `after`."""
        while True:
            loop = asyncio.get_running_loop()
            with self._lock:
                if self._last > after:
                    return self._last
                future: asyncio.Future[None] = loop.create_future()
                self._waiting[future] = loop
            try:
                await future
            finally:
                with self._lock:
                    self._waiting.pop(future, None)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
