"""The cable: a pty behind a symlink; bytes in a callback, bytes out by `write`. `wire_net` has the others.

Knows no AT command. What a pty does on Linux, and a USB serial port does otherwise:
- What the modem writes while nobody has the pty open is kept by the kernel (about 4 KiB in raw mode) and
  read by the next opener, unless it flushes, as pyserial does; a real port would lose most of it. With
  `lose_when_closed` it is lost here too.
- TIOCEXCL outlives the closing of the slave as long as the master is open, so the next opener who is not
  root would get EBUSY; a real port forgets it at the last close. Closings are watched by inotify and the
  mark is taken off.
- Pts numbers are used again at once: a return under another name asks for another number on purpose.
- A closed master hangs the slave up: whoever has it open reads nothing for ever and gets EIO for writing.
- A locked pts (TIOCSPTLCK) cannot be opened: EIO.
- A slave in canonical mode reads nothing, once, for an end-of-file character: select says that there is
  something to read and the read gives no byte, while the port is alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import select
import struct
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

LOOK = 0.002  # seconds between looks whether the computer has read
BUFFER = 64 * 1024  # what a wire keeps while the other end does not read; the rest is lost
LOCK = 0x40045431  # TIOCSPTLCK, which termios does not name
END_OF_FILE = b"\x04"
OTHER_PTYS = 64  # opened at most to find the number wanted
IN_CLOSE, IN_OPEN = 0x08 | 0x10, 0x20  # inotify(7)

Feed = Callable[[bytes], None]


class Wire(Protocol):
    """One way to a modem."""

    @property
    def path(self) -> str: ...
    def write(self, data: bytes) -> None: ...
    def plug(self) -> None: ...
    def unplug(self) -> None: ...
    def stall(self, stalled: bool) -> None: ...
    def hang_up(self) -> None: ...


class OpenWatch:
    """Counts who has a device open, by inotify. Without inotify it says one, always."""

    def __init__(
        self, path: str, on_close: Callable[[], None], on_open: Callable[[], None] | None = None
    ) -> None:
        self.count, self.opens = 0, 0
        self._on_close, self._on_open = on_close, on_open
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
                if self._on_open:
                    self._on_open()
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
    """A pty; `path` is the symlink where one was asked for, else the pts itself.

    `same_name`: it returns under the pts number it had, where nobody has taken that meanwhile.
    """

    def __init__(
        self,
        feed: Feed,
        link: str | None = None,
        *,
        lose_when_closed: bool = False,
        on_open: Callable[[], None] | None = None,
    ) -> None:
        self._feed, self.link, self.lose_when_closed = feed, link, lose_when_closed
        self._on_open, self.same_name = on_open, False
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
        """Make a pty, of another name than the one before unless `same_name`, and point the link at it."""
        if self._master >= 0:
            return
        self._master, self._slave = self._pty(lambda name: (name == self.device) == self.same_name)
        self.device = os.ttyname(self._slave)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._watch = OpenWatch(self.device, self._forget_exclusive, self._on_open)
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        if self.link:
            self._point_link()

    def _pty(self, fits: Callable[[str], bool]) -> tuple[int, int]:
        """A pty whose name fits, or the first of all where none is to be had."""
        pairs = [os.openpty()]
        if self.device:
            while not fits(os.ttyname(pairs[-1][1])) and len(pairs) < OTHER_PTYS:
                pairs.append(os.openpty())
        chosen = next((pair for pair in pairs if fits(os.ttyname(pair[1]))), pairs[0])
        for fd in (fd for pair in pairs if pair != chosen for fd in pair):
            os.close(fd)
        return chosen

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

    def hang_up(self) -> None:
        """Hang up whoever has the pty open; a fresh one stands behind the link at once."""
        self.unplug()
        self.plug()

    def lock(self, locked: bool) -> None:
        """Opening gives EIO while locked."""
        if self._master >= 0:
            fcntl.ioctl(self._master, LOCK, struct.pack("i", locked))

    def stall(self, stalled: bool) -> None:
        """Stop reading, so that the computer's writes block when the kernel's buffer is full; or go on."""
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        if stalled:
            loop.remove_reader(self._master)
        else:
            loop.add_reader(self._master, self._readable)

    def zero_read(self) -> None:
        """Let the next read of the computer give no byte though select promised some."""
        if self._master < 0:
            return
        settings = termios.tcgetattr(self._slave)
        settings[3] |= termios.ICANON
        settings[6][termios.VEOF] = END_OF_FILE
        termios.tcsetattr(self._slave, termios.TCSANOW, settings)
        os.write(self._master, END_OF_FILE)
        self._raw_when_read(self._slave)

    def _raw_when_read(self, slave: int) -> None:
        if slave != self._slave:
            return
        if select.select([slave], [], [], 0)[0]:
            asyncio.get_running_loop().call_later(LOOK, self._raw_when_read, slave)
        else:
            tty.setraw(slave)

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
