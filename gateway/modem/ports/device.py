"""A serial device or pty."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import grp
import os
import pwd
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

import serial

from ..errors import PortError
from ..holders import holder_of
from .lockfile import LOCK_FOLDER, LockFile
from .pipe import BAUD, LOST, WRITE_TIMEOUT_S, OnData, OnLost

_READ_SIZE = 4096

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


async def open_device(path: str, on_data: OnData, on_lost: OnLost, locks: Path = LOCK_FOLDER) -> SerialPort:
    """Open a serial device or pty; `locks` is the folder of lock files.

    On a thread: a stick that hangs may take seconds to be opened, and no other line must wait for it.

    Raises:
        PortError: with the reason as `code`; for port_busy with the holder, where it can be seen.
    """
    opening = asyncio.ensure_future(asyncio.to_thread(_open_locked, path, locks))
    try:
        return SerialPort(*await asyncio.shield(opening), on_data, on_lost)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise
    except PortError as error:
        if error.code != "port_busy" or error.facts:
            raise
        other = await asyncio.to_thread(holder_of, path)
        if other is None:
            raise
        raise PortError("port_busy", str(other), {"holder": str(other)}) from error


class SerialPort:
    """A serial device or pty, 115200 8N1, raw, no flow control, locked by lock file, TIOCEXCL and flock."""

    tells_what_was_written = True

    def __init__(self, device: serial.Serial, lock: LockFile, on_data: OnData, on_lost: OnLost) -> None:
        """Take over an open device and its lock."""
        self._serial, self._lock = device, lock
        self._fd: int = device.fileno()
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
            raise PortError(LOST)
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
        error = PortError(LOST, detail)
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
            self._writable.set_exception(PortError(LOST, "closed"))
        _unlock_and_close(self._serial)
        self._lock.give_back()
        self._fd = -1


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _close_unwanted(opening: asyncio.Future[tuple[serial.Serial, LockFile]]) -> None:
    """Whoever wanted it open has gone meanwhile."""
    if not opening.cancelled() and opening.exception() is None:
        device, lock = opening.result()
        _unlock_and_close(device)
        lock.give_back()


def _open_locked(path: str, locks: Path) -> tuple[serial.Serial, LockFile]:
    lock = LockFile(os.path.realpath(path), locks)
    if (other := lock.owner()) is not None:  # opening would already disturb it: DTR rises
        raise PortError("port_busy", str(other), {"holder": str(other)})
    device = _open_serial(path)
    try:
        lock.take()
    except PortError:
        _unlock_and_close(device)
        raise
    return device, lock


def _open_serial(path: str) -> serial.Serial:
    try:
        device = serial.Serial(None, BAUD, timeout=0, write_timeout=0, exclusive=True)
        device.port = path
        # pyserial discards on opening what the device wrote before: a late result may be among it
        device._reset_input_buffer = lambda: None
        device.open()
    except (OSError, ValueError) as error:  # pyserial's own exception is an OSError, often without a number
        code = _CODE_OF_ERRNO.get(getattr(error, "errno", None) or 0, "not_a_modem")
        raise PortError(code, str(error), _rights(path) if code == "port_denied" else None) from error
    with contextlib.suppress(OSError):
        fcntl.ioctl(device.fileno(), termios.TIOCEXCL)
    return device


def _rights(path: str) -> dict[str, str]:
    """Who we are, whose the device is, and whether its rights suffice; empty where nobody may look."""
    try:
        state = Path(path).stat()
    except OSError:
        return {}
    return {
        "user": _name(pwd.getpwuid, os.geteuid()),
        "owner": _name(pwd.getpwuid, state.st_uid),
        "group": _name(grp.getgrgid, state.st_gid),
        "mode": f"{state.st_mode & 0o777:o}",
        "rights": "enough" if os.access(path, os.R_OK | os.W_OK) else "lacking",
    }


def _name(known: Callable[[int], Sequence[object]], number: int) -> str:
    try:
        return str(known(number)[0])
    except KeyError:
        return str(number)


def _unlock_and_close(device: serial.Serial) -> None:
    # a pty whose other holder lives on would stay exclusive: the kernel clears the flag only at last close
    with contextlib.suppress(OSError):
        fcntl.ioctl(device.fileno(), termios.TIOCNXCL)
    # unsent octets of a text must not leave after we gave it up
    with contextlib.suppress(OSError, termios.error):
        termios.tcflush(device.fileno(), termios.TCOFLUSH)
    with contextlib.suppress(OSError):
        device.close()
