"""An event loop in which waiting takes no time: when nothing can happen but a timer, it is due at once.

Real files, ptys, sockets and threads go on as ever; only sleeping is skipped, so a story with time-outs of
minutes runs in milliseconds with the product's own figures. The loop skips ahead only when no descriptor
has had anything to say for a moment and no thread it waits for is at work (`busy`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import selectors
import tty
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

QUIET_S = 0.002
"""Real seconds of silence, after the runner has come home, before time is skipped."""
LOOK_S = 0.05


class _Runner:
    """An octet sent through a pty of its own. The kernel hands on what is written to ptys by a worker, one
    after the other: when the octet is back, what was written before it has been delivered, too, however
    busy the machine is."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)

    def run(self) -> None:
        """Return when the octet is back."""
        os.write(self._master, b".")
        os.read(self._slave, 1)

    def close(self) -> None:
        os.close(self._slave)
        os.close(self._master)


class _Patient(selectors.DefaultSelector):
    """A selector that skips the time nobody uses."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop
        self._runner = _Runner()

    def close(self) -> None:
        super().close()
        self._runner.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or timeout == 0:
            return events
        longest = LOOK_S if timeout is None else min(timeout, LOOK_S)
        if self._loop.busy:
            return super().select(longest)
        self._runner.run()
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
