"""What every byte pipe promises, and how long it may take."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Protocol

from ..errors import PortError

BAUD = 115_200
WRITE_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 10.0
LOST = "port_lost"

OnData = Callable[[bytes], None]
OnLost = Callable[[PortError], None]


class Port(Protocol):
    """An open pipe. After `on_lost` was called it is closed and every write raises."""

    async def write(self, data: bytes) -> None:
        """Hand all of `data` over.

        Raises:
            PortError: the port is lost. A serial port raises only if the last octet was not handed over.
        """

    @property
    def tells_what_was_written(self) -> bool:
        """Whether a failed `write` proves that the last octet did not leave."""

    def close(self) -> None:
        """Close at once; safe to repeat. `on_lost` is not called."""


def keep_alive(connection: socket.socket) -> None:
    """Let the kernel find a dead peer in about a minute (30 s idle, then 3 probes 10 s apart)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
