"""What the program tells the service manager that started it (systemd's sd_notify(3)): that the doors are
open, how it is, that it is alive, that it stops.

One datagram a message to the socket in `$NOTIFY_SOCKET`; where that is not set nobody listens and nothing is
done. A message that cannot be told never harms the program: it is logged, and the next is tried again.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)

TELL_WITHIN_S = 1.0
"""Seconds a message may wait for room in the manager's queue; the loop stands still meanwhile."""


class ServiceManager:
    """Who started the program and watches it. `watchdog_s`: it must hear `alive` once in so many seconds,
    None where it does not wait for that."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        """`address` is a path, or after "@" an abstract name (unix(7)); empty: nobody listens."""
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = watchdog_s
        self._said = ""
        self._is_stopping = False

    @property
    def listens(self) -> bool:
        """Whether anybody is told anything."""
        return bool(self._address)

    def needs(self, seconds: float, words: str) -> None:
        """Starting takes up to so many seconds from now, for the reason that `status` shows."""
        self._tell(f"EXTEND_TIMEOUT_USEC={int(seconds * 1_000_000)}", f"STATUS={words}")

    def ready(self) -> None:
        """The doors are open. From now on the watchdog counts."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Everything that has to go on does."""
        self._tell("WATCHDOG=1")

    def stopping(self, words: str) -> None:
        """The program ends, by itself or because it was told to; no other status is told after that."""
        self._is_stopping = True
        self._tell("STOPPING=1", f"STATUS={words}")

    def status(self, words: str) -> None:
        """How it is, in one line of people's words (`systemctl status`); told when it changed."""
        if words != self._said and not self._is_stopping:
            self._said = words
            self._tell(f"STATUS={words}")

    def _tell(self, *assignments: str) -> None:
        if not self.listens:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.settimeout(TELL_WITHIN_S)
                way.connect(self._address)
                way.sendall("\n".join(assignments).encode())
        except OSError as error:
            log.warning("the service manager cannot be told: %s", error)


def from_environment(environment: Mapping[str, str] = os.environ, pid: int | None = None) -> ServiceManager:
    """The service manager named there. A watchdog that was set for another process (`$WATCHDOG_PID`) is not
    ours."""
    address = environment.get("NOTIFY_SOCKET", "")
    return ServiceManager(address, _watchdog_s(environment, os.getpid() if pid is None else pid))


def _watchdog_s(environment: Mapping[str, str], pid: int) -> float | None:
    try:
        watched = int(environment.get("WATCHDOG_PID") or pid)
        microseconds = int(environment.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1_000_000 if microseconds > 0 and watched == pid else None
