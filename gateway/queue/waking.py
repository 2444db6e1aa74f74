"""Conversations that were put off come back on time: to the second, whatever else the program does. While the
clock is in doubt nothing is judged by it; what is due then comes back when it is trusted again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from gateway.desk import conversation_state
from gateway.store import conversations
from gateway.store.database import Database, DatabaseError

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Conversations woken in one transaction: a text on its way to a modem waits for no more."""
LOOK_EVERY_S = 30.0
"""Seconds slept at most: the clock may be set meanwhile."""
AGAIN_S = 5.0
"""Seconds until what the database refused is tried again."""


class Waking:
    """Wakes what is due, then sleeps until the next is, or until something happens in the office."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], doubt: Callable[[], str | None]
    ) -> None:
        self._db, self._clock, self._doubt = database, clock, doubt

    async def run(self) -> None:
        """Work until cancelled. The caller gives it its own task."""
        while True:
            seen = self._db.feed.last
            try:
                sleep = await self.wake()
            except DatabaseError as error:
                log.warning("what was put off comes back once the database takes it: %s", error)
                sleep = AGAIN_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(sleep):
                    await self._db.feed.wait(seen)

    async def wake(self) -> float:
        """Wake what is due. Returns the seconds until the next is."""
        due = await self._db.aread(conversations.next_wake)
        now = self._clock()
        if due is None or self._doubt() is not None:
            return LOOK_EVERY_S
        if due > now:
            return min((due - now).total_seconds(), LOOK_EVERY_S)
        await self._db.write(lambda tx: conversation_state.wake_due(tx, now, AT_ONCE))
        return 0
