"""How many connections the panel takes, and that it lets go of those that ended: descriptors are left for
modems and the database, whoever calls.

Without a limit a program that opens connections without end takes every descriptor there is, and then nothing
else in this process can open a file.
"""

from __future__ import annotations

import resource
import socket
from typing import Any

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config, Sockets
from hypercorn.events import Event, Updated

from gateway.domain.networks import place

MOST = 500
SHARE_OF_ONE = 0.6
"""As much of them one address may take, so that half-sent requests of one keep nobody else out."""
RESERVED = 100
"""Descriptors that are none of the panel's: the database's readers, modems, files read now and then."""


def most_connections(doors: int = 1) -> int:
    """As many, at each of so many doors, as this process's limit of descriptors allows beside what is
    reserved."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MOST * doors if limit == resource.RLIM_INFINITY else limit - RESERVED
    return max(1, min(MOST, allowed // doors))


class Limited(socket.socket):
    """A listening socket that hangs up on whoever comes while `most` connections are open, or their share of
    them is."""

    def __init__(self, listener: socket.socket, most: int) -> None:
        """Take over a socket that listens."""
        family, kind, protocol = listener.family, listener.type, listener.proto
        super().__init__(family, kind, protocol, fileno=listener.detach())
        self.setblocking(False)
        self._most = most
        self._of_one = max(1, int(most * SHARE_OF_ONE))
        self._taken: list[tuple[socket.socket, str]] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """As `socket.accept`."""
        while True:
            connection, peer = super().accept()
            self._taken = [each for each in self._taken if each[0].fileno() >= 0]
            where = place(str(peer[0]))
            of_one = sum(here == where for _, here in self._taken)
            if len(self._taken) < self._most and of_one < self._of_one:
                self._taken.append((connection, where))
                return connection, peer
            connection.close()


class Connection(TCPServer):
    """Hypercorn's, which waits for a connection's next request even when its client hung up before the answer
    was done with: only its idle time ends that waiting, and the connection counts all the while."""

    _is_over = False

    async def _read_data(self) -> None:
        await super()._read_data()
        self._is_over = True
        await self.idle_task.stop()

    async def protocol_send(self, event: Event) -> None:
        """As `TCPServer.protocol_send`."""
        if not (isinstance(event, Updated) and event.idle and self._is_over):
            await super().protocol_send(event)


vars(run)["TCPServer"] = Connection  # there is no setting for it


class LimitedConfig(Config):
    """Hypercorn's settings, with limited sockets. `doors`: how many of this process share its descriptors."""

    doors = 1

    def create_sockets(self) -> Sockets:
        """As `Config.create_sockets`."""
        found = super().create_sockets()
        most = most_connections(self.doors)
        for sockets in (found.secure_sockets, found.insecure_sockets):
            sockets[:] = [Limited(one, most) for one in sockets]
        return found
