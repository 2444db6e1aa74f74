"""The cable: a pty behind a symlink, or a TCP server; bytes in a callback, bytes out by `write`.

Knows no AT command. What a pty does on Linux, and a USB serial port does otherwise:
- What the modem writes while nobody has the pty open is kept by the kernel (about 4 KiB in raw mode) and
  read by the next opener, unless it flushes, as pyserial does; a real port would lose most of it. With
  `lose_when_closed` it is lost here too.
- TIOCEXCL outlives the closing of the slave as long as the master is open, so the next opener who is not
  root would get EBUSY; a real port forgets it at the last close. Closings are watched by inotify and the
  mark is taken off.
- Pts numbers are used again at once: a return under another name asks for another number on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

BUFFER = 64 * 1024  # what a wire keeps while the other end does not read; the rest is lost
IN_CLOSE, IN_OPEN = 0x08 | 0x10, 0x20  # inotify(7)

Feed = Callable[[bytes], None]


class Wire(Protocol):
    """One way to a modem."""

    @property
    def path(self) -> str: ...
    def write(self, data: bytes) -> None: ...
    def plug(self) -> None: ...
    def unplug(self) -> None: ...


class OpenWatch:
    """Counts who has a device open, by inotify. Without inotify it says one, always."""

    def __init__(self, path: str, on_close: Callable[[], None]) -> None:
        self.count, self.opens = 0, 0
        self._on_close = on_close
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0 or libc.inotify_add_watch(self.fd, path.encode(), IN_OPEN | IN_CLOSE) < 0:
            self.count = 1
            self.close()
            return
        asyncio.get_running_loop().add_reader(self.fd, self.catch_up)

    def catch_up(self) -> None:
        """Take the openings and closings that happened since."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.fd, 4096)
        while len(data) >= 16:
            mask, size = struct.unpack_from("iIII", data)[1::2]
            data = data[16 + size :]
            if mask & IN_OPEN:
                self.count, self.opens = self.count + 1, self.opens + 1
            elif mask & IN_CLOSE:
                self.count = max(0, self.count - 1)
                self._on_close()

    def close(self) -> None:
        if self.fd >= 0:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(self.fd)
            os.close(self.fd)
        self.fd = -1


class PtyWire:
    """A pty; `path` is the symlink where one was asked for, else the pts itself."""

    def __init__(self, feed: Feed, link: str | None = None, *, lose_when_closed: bool = False) -> None:
        self._feed, self.link, self.lose_when_closed = feed, link, lose_when_closed
        self.device = ""
        self._master = self._slave = -1
        self._watch: OpenWatch | None = None
        self._out = bytearray()
        self._writing = False

    @property
    def path(self) -> str:
        return self.link or self.device

    @property
    def openers(self) -> int:
        """How many have the pty open now."""
        if self._watch is None:
            return 0
        if self._watch.fd >= 0:
            self._watch.catch_up()
        return self._watch.count

    def plug(self) -> None:
        """Make a pty, of another name than the one before, and point the link at it."""
        if self._master >= 0:
            return
        self._master, self._slave = self._other_pty()
        self.device = os.ttyname(self._slave)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._watch = OpenWatch(self.device, self._forget_exclusive)
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        if self.link:
            self._point_link()

    def _other_pty(self) -> tuple[int, int]:
        pair = os.openpty()
        if os.ttyname(pair[1]) != self.device:
            return pair
        other = os.openpty()
        for fd in pair:
            os.close(fd)
        return other

    def _point_link(self) -> None:
        link = Path(self.link or "")
        fresh = link.with_name(f".{link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.device)
        fresh.replace(link)

    def unplug(self) -> None:
        """Close both ends: whoever has the pty open reads EIO or nothing; the link goes too."""
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        if self._watch:
            self._watch.close()
        if self.link and os.path.islink(self.link) and os.readlink(self.link) == self.device:
            os.unlink(self.link)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1
        self._out.clear()
        self._writing = False

    def _forget_exclusive(self) -> None:
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._slave, termios.TIOCNXCL)

    def _readable(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except (BlockingIOError, OSError):
            return
        self._feed(data)

    def write(self, data: bytes) -> None:
        """Write, or keep what the kernel does not take; bytes past `BUFFER` are lost."""
        if self._master < 0 or (self.lose_when_closed and not self.openers):
            return
        self._out += data[: max(0, BUFFER - len(self._out))]
        if not self._writing:
            self._flush()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            del self._out[: os.write(self._master, self._out)]
        except BlockingIOError:
            pass
        except OSError:
            self._out.clear()
        if self._out and not self._writing:
            loop.add_writer(self._master, self._flush)
        elif self._writing and not self._out:
            loop.remove_writer(self._master)
        self._writing = bool(self._out)


class _Connection(asyncio.Protocol):
    def __init__(self, wire: TcpWire) -> None:
        self._wire = wire
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if not self._wire.admit(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._wire.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.leave(self)


class TcpWire:
    """A serial server on the loopback: raw bytes, one client at a time, a second one is turned away."""

    def __init__(self, feed: Feed, port: int = 0, host: str = "127.0.0.1") -> None:
        self.feed, self.host = feed, host
        self._listener: socket.socket | None = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._client: _Connection | None = None
        self._starting: asyncio.Task[None] | None = None

    @property
    def path(self) -> str:
        return f"socket://{self.host}:{self.port}"

    def plug(self) -> None:
        """Listen; the port stays the same over unplugging."""
        if self._starting:
            return
        self._starting = asyncio.get_running_loop().create_task(self._serve(), name="fake modem tcp")

    async def _serve(self) -> None:
        listener = self._listener or socket.create_server((self.host, self.port))
        self._listener = None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=listener)

    def unplug(self) -> None:
        """Stop listening and reset the client."""
        if self._starting:
            self._starting.cancel()
            self._starting = None
        if self._listener:
            self._listener.close()
            self._listener = None
        if self._server:
            self._server.close()
            self._server = None
        if self._client and self._client.transport:
            self._client.transport.abort()
        self._client = None

    def admit(self, connection: _Connection) -> bool:
        if self._client is not None:
            return False
        self._client = connection
        return True

    def leave(self, connection: _Connection) -> None:
        if self._client is connection:
            self._client = None

    def write(self, data: bytes) -> None:
        """Lost where nobody is connected."""
        transport = self._client.transport if self._client else None
        if transport and transport.get_write_buffer_size() < BUFFER:
            transport.write(data)
