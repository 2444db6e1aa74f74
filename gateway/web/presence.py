"""Who is reading a conversation and who is writing in it: known while the program runs, in no database.
Pages say it of their reader every so often; the event stream tells those that show the same conversation."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.language import t

LASTS_S = 45.0
"""Somebody counts as there for so long after they said so last; pages say it every 20 s."""
MOST_CHANGES = 1000
"""So many changes are kept for streams that have not told them yet."""


class Doing(StrEnum):
    """What somebody does in a conversation."""

    READING = "reading"
    WRITING = "writing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class _There:
    name: str
    doing: Doing
    until: float


class Presence:
    """Who is where. Told from any thread, awaited in event loops. `now` is monotonic, in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._there: dict[str, dict[int, _There]] = {}
        self._changes: list[tuple[str, int]] = []
        self._count = 0
        self._waiting: dict[asyncio.Future[None], asyncio.AbstractEventLoop] = {}

    @property
    def last(self) -> int:
        """The number of the newest change."""
        return self._count

    def say(self, conversation: str, line_id: int, user_id: int, name: str, doing: Doing) -> None:
        """Somebody reads a conversation (its public id, and its line's id), writes in it, or has left it."""
        now = self._now()
        with self._lock:
            self._forget(now)
            people = self._there.setdefault(conversation, {})
            before = people.pop(user_id, None)
            if doing is not Doing.GONE:
                people[user_id] = _There(name, doing, now + LASTS_S)
            if not people:
                del self._there[conversation]
            if (before.doing if before else Doing.GONE) is doing:
                return
            self._count += 1
            self._changes = [*self._changes, (conversation, line_id)][-MOST_CHANGES:]
            waiting, self._waiting = self._waiting, {}
        for future, loop in waiting.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, future)

    def others(self, conversation: str, user_id: int) -> list[tuple[str, Doing]]:
        """Who else is there, whoever writes first."""
        now = self._now()
        with self._lock:
            people = self._there.get(conversation, {})
            here = [one for other, one in people.items() if other != user_id and one.until > now]
        return sorted(
            ((one.name, one.doing) for one in here), key=lambda one: (one[1] is Doing.READING, one[0])
        )

    def since(self, change: int, lines: Collection[int] | None) -> tuple[list[str], int]:
        """The conversations of the changes after that one, and the number of the newest. `lines`: ids of
        those the asker is limited to; None: all of them."""
        with self._lock:
            missed = min(self._count - change, len(self._changes))
            moved = dict.fromkeys(self._changes[-missed:] if missed > 0 else [])
            return [one for one, line_id in moved if lines is None or line_id in lines], self._count

    async def wait(self, after: int) -> None:
        """Return as soon as there is a change after that one."""
        while True:
            loop = asyncio.get_running_loop()
            with self._lock:
                if self._count > after:
                    return
                future: asyncio.Future[None] = loop.create_future()
                self._waiting[future] = loop
            try:
                await future
            finally:
                with self._lock:
                    self._waiting.pop(future, None)

    def _forget(self, now: float) -> None:
        """Drop those who said nothing for long, so that nobody is kept for good."""
        for conversation, people in list(self._there.items()):
            for user_id, one in list(people.items()):
                if one.until <= now:
                    del people[user_id]
            if not people:
                del self._there[conversation]


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


_SAID = {
    Doing.READING: t("{name} is reading this too"),
    Doing.WRITING: t("{name} is writing…"),
}


def sentences(others: list[tuple[str, Doing]]) -> list[str]:
    """Who else is there, in words."""
    return [_SAID[doing].format(name=name) for name, doing in others]
