"""A byte pipe to a device: a serial device or pty, or `socket://host:port`.

It owns opening, locking, line settings, writing with a time-out and noticing a hang-up at once. It knows
nothing of AT. Bytes and the loss are told to two plain functions, called from the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import socket
import termios
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import serial

from .errors import PortError

BAUD = 115_200
WRITE_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 10.0
_READ_SIZE = 4096
_LOST = "port_lost"

_CODE_OF_ERRNO = {
    errno.ENOENT: "port_missing",
    errno.ENODEV: "port_missing",
    errno.ENXIO: "port_missing",
    errno.ENOTDIR: "port_missing",
    errno.EIO: "port_missing",
    errno.EACCES: "port_denied",
    errno.EPERM: "port_denied",
    errno.EBUSY: "port_busy",
    errno.EAGAIN: "port_busy",
}

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


async def open_port(path: str, on_data: OnData, on_lost: OnLost) -> Port:
    """Open a device path, a pty or `socket://host:port`, for us alone.

    Raises:
        PortError: with the reason as `code`.
    """
    address = socket_address(path)
    if address is None:
        return SerialPort(path, on_data, on_lost)
    return await _open_socket(address, on_data, on_lost)


def socket_address(path: str) -> tuple[str, int] | None:
    """Host and port of `socket://host:port`; None for the path of a device.

    Raises:
        PortError: `unsupported`, it is neither.
    """
    if path and path != "auto" and "://" not in path:
        return None
    try:
        parts = urlsplit(path)
        if parts.scheme == "socket" and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass  # a port that is no number, brackets that do not close
    raise PortError("unsupported", f"{path!r}: a device path or socket://host:port is understood")


class SerialPort:
    """A serial device or pty, 115200 8N1, raw, no flow control, locked by TIOCEXCL and flock."""

    tells_what_was_written = True

    def __init__(self, path: str, on_data: OnData, on_lost: OnLost) -> None:
        """Open and configure; raises PortError."""
        self._serial = _open_serial(path)
        self._fd: int = self._serial.fileno()
        self._on_data = on_data
        self._on_lost = on_lost
        self._writable: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._read)

    async def write(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                while data:
                    data = data[await self._write_some(data) :]
        except TimeoutError:
            raise self._lose("the device takes no bytes") from None

    async def _write_some(self, data: bytes) -> int:
        if self._fd < 0:
            raise PortError(_LOST)
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            await self._wait_writable()
            return 0
        except OSError as error:
            raise self._lose(str(error)) from error

    async def _wait_writable(self) -> None:
        ready = self._writable = self._loop.create_future()
        self._loop.add_writer(self._fd, _resolve, ready)
        try:
            await ready
        finally:
            self._writable = None
            if self._fd >= 0:
                self._loop.remove_writer(self._fd)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(str(error))
            return
        if data:
            self._on_data(data)
        else:
            self._lose("hang-up")

    def _lose(self, detail: str) -> PortError:
        error = PortError(_LOST, detail)
        if self._fd >= 0:
            self.close()
            self._on_lost(error)
        return error

    def close(self) -> None:
        if self._fd < 0:
            return
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        if self._writable is not None and not self._writable.done():
            self._writable.set_exception(PortError(_LOST, "closed"))
        _unlock_and_close(self._serial)
        self._fd = -1


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _open_serial(path: str) -> serial.Serial:
    try:
        device = serial.Serial(None, BAUD, timeout=0, write_timeout=0, exclusive=True)
        device.port = path
        # pyserial discards on opening what the device wrote before: a late result may be among it
        device._reset_input_buffer = lambda: None
        device.open()
    except (OSError, ValueError) as error:  # pyserial's own exception is an OSError, often without a number
        number = getattr(error, "errno", None) or 0
        raise PortError(_CODE_OF_ERRNO.get(number, "not_a_modem"), str(error)) from error
    with contextlib.suppress(OSError):
        fcntl.ioctl(device.fileno(), termios.TIOCEXCL)
    return device


def _unlock_and_close(device: serial.Serial) -> None:
    # a pty whose other holder lives on would stay exclusive: the kernel clears the flag only at last close
    with contextlib.suppress(OSError):
        fcntl.ioctl(device.fileno(), termios.TIOCNXCL)
    # unsent octets of a text must not leave after we gave it up
    with contextlib.suppress(OSError, termios.error):
        termios.tcflush(device.fileno(), termios.TCOFLUSH)
    with contextlib.suppress(OSError):
        device.close()


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
        _keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._on_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._resumed.set()
        if self._transport is not None:
            self._transport = None
            self._on_lost(PortError(_LOST, str(exc or "closed by the other side")))

    def pause_writing(self) -> None:
        self._resumed.clear()

    def resume_writing(self) -> None:
        self._resumed.set()

    async def write(self, data: bytes) -> None:
        if self._transport is None:
            raise PortError(_LOST)
        self._transport.write(data)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._resumed.wait()
        except TimeoutError:
            self._transport.abort()
            raise PortError(_LOST, "the device takes no bytes") from None

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


async def _open_socket(address: tuple[str, int], on_data: OnData, on_lost: OnLost) -> SocketPort:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, pipe = await loop.create_connection(lambda: SocketPort(on_data, on_lost), *address)
    except (OSError, TimeoutError) as error:
        raise PortError("port_missing", f"{address}: {error}") from error
    return pipe


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
