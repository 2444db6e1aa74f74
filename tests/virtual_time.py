"""An event loop in which waiting takes no time: when nothing can happen but a timer, it is due at once.

Real files, ptys, sockets and threads go on as ever; only sleeping is skipped, so a story with time-outs of
minutes runs in milliseconds with the product's own figures. The loop skips ahead only when no descriptor
has had anything to say for a moment and no thread it waits for is at work (`busy`).
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

QUIET_S = 0.004
"""Real seconds of silence before time is skipped: the kernel hands the octets of a pty on by a worker."""
LOOK_S = 0.05


class _Patient(selectors.DefaultSelector):
    """A selector that skips the time nobody uses."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or timeout == 0:
            return events
        longest = LOOK_S if timeout is None else min(timeout, LOOK_S)
        if self._loop.busy:
            return super().select(longest)
        events = super().select(min(longest, QUIET_S))
        if not events and not self._loop.busy and timeout is not None:
            self._loop.skipped += max(0.0, timeout - QUIET_S)
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`skipped` seconds did not have to be waited for; `busy` threads are waited for in real time."""

    def __init__(self) -> None:
        self.skipped = 0.0
        self.busy = 0
        super().__init__(_Patient(self))

    def time(self) -> float:
        return super().time() + self.skipped

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        self.busy += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(lambda _: self._done())
        return future

    def _done(self) -> None:
        self.busy -= 1

    @contextlib.contextmanager
    def waiting_for_a_thread(self) -> Iterator[None]:
        """While this is open time passes as it does outside."""
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


def wall_clock(start: datetime) -> Callable[[], datetime]:
    """A clock that begins at `start` and goes as the running loop does."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: start + timedelta(seconds=loop.time() - began)
