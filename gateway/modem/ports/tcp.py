"""A raw TCP connection to a serial server."""

from __future__ import annotations

import asyncio

from ..errors import PortError
from .pipe import CONNECT_TIMEOUT_S, LOST, WRITE_TIMEOUT_S, OnData, OnLost, keep_alive


class SocketPort(asyncio.Protocol):
    """A raw TCP connection to a serial server. Keepalive finds a dead peer in about a minute."""

    tells_what_was_written = False

    def __init__(self, on_data: OnData, on_lost: OnLost) -> None:
        self._on_data = on_data
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._resumed = asyncio.Event()
        self._resumed.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is needed")
        self._transport = transport
        keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._on_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._resumed.set()
        if self._transport is not None:
            self._transport = None
            self._on_lost(PortError(LOST, str(exc or "closed by the other side")))

    def pause_writing(self) -> None:
        self._resumed.clear()

    def resume_writing(self) -> None:
        self._resumed.set()

    async def write(self, data: bytes) -> None:
        if self._transport is None:
            raise PortError(LOST)
        self._transport.write(data)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._resumed.wait()
        except TimeoutError:
            self._transport.abort()
            raise PortError(LOST, "the device takes no bytes") from None

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


async def open_socket(address: tuple[str, int], on_data: OnData, on_lost: OnLost) -> SocketPort:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, pipe = await loop.create_connection(lambda: SocketPort(on_data, on_lost), *address)
    except (OSError, TimeoutError) as error:
        raise PortError("port_missing", f"{address}: {error}") from error
    return pipe
