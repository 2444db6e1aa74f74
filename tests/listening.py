"""A service manager that only listens: the socket of sd_notify(3), and what was told on it and when."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

ALIVE, READY, STOPPING = "WATCHDOG=1", "READY=1", "STOPPING=1"
_NUMBERS = itertools.count()


@dataclass
class Manager:
    """What was told: each message, cut into its assignments, with the second it came at (`clock`)."""

    address: str
    clock: Callable[[], float] = time.monotonic
    told: list[tuple[float, list[str]]] = field(default_factory=list)

    def hear(self, way: socket.socket) -> None:
        """Take down the next message."""
        message = way.recv(65536).decode()
        self.told.append((self.clock(), message.split("\n")))

    def times(self, assignment: str) -> list[float]:
        """When that was told."""
        return [at for at, message in list(self.told) if assignment in message]

    @property
    def messages(self) -> list[list[str]]:
        return [message for _, message in list(self.told)]

    @property
    def words(self) -> list[str]:
        """Every assignment, in order."""
        return [words for message in self.messages for words in message]

    @property
    def status(self) -> str:
        """What the program said of itself last."""
        return next((words[7:] for words in reversed(self.words) if words.startswith("STATUS=")), "")


@contextlib.contextmanager
def _bound() -> Iterator[tuple[Manager, socket.socket]]:
    address = f"@sms-gateway-tests-{os.getpid()}-{next(_NUMBERS)}"
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as way:
        way.bind(f"\0{address[1:]}")
        yield Manager(address), way


@contextlib.contextmanager
def listening() -> Iterator[Manager]:
    """A manager that listens all the time, as the real one does."""
    with _bound() as (manager, way):
        ended = threading.Event()

        def hear() -> None:
            while not ended.is_set():
                manager.hear(way)

        ears = threading.Thread(target=hear, name="service manager")
        ears.start()
        try:
            yield manager
        finally:
            ended.set()
            with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as last:
                last.sendto(b"", f"\0{manager.address[1:]}")
            ears.join()


@contextlib.contextmanager
def listening_in_loop() -> Iterator[Manager]:
    """A manager that listens in the running loop, and goes by its clock."""
    loop = asyncio.get_running_loop()
    with _bound() as (manager, way):
        manager.clock = loop.time
        way.setblocking(False)
        loop.add_reader(way, manager.hear, way)
        try:
            yield manager
        finally:
            loop.remove_reader(way)
