"""A serial port of another machine by RFC 2217: telnet that carries the line's settings as well.

pyserial's client does the telnet part. It blocks, so it lives in threads: one opens, one reads, one
writes, one closes; the event loop only ever hears of what they did.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from serial import rfc2217

from ..errors import PortError
from .pipe import BAUD, CONNECT_TIMEOUT_S, LOST, WRITE_TIMEOUT_S, OnData, OnLost, keep_alive

_LOOK_S = 1.0
"""Seconds after which the reader looks whether pyserial's own thread still lives."""
_PURGE_UNSENT = (
    rfc2217.IAC
    + rfc2217.SB
    + rfc2217.COM_PORT_OPTION
    + rfc2217.PURGE_DATA
    + rfc2217.PURGE_TRANSMIT_BUFFER
    + rfc2217.IAC
    + rfc2217.SE
)


async def open_rfc2217(path: str, on_data: OnData, on_lost: OnLost) -> Rfc2217Port:
    """Connect to `rfc2217://host:port` and set 115200 8N1, no flow control.

    Options of pyserial may follow, such as `?timeout=10` for a slow server (seconds).

    Raises:
        PortError: port_missing, nobody listens there in time; not_a_modem, it does not speak RFC 2217.
    """
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[Any] = loop.create_future()

    def tell(device: Any, error: PortError | None) -> None:
        if error is not None and not opened.done():
            opened.set_exception(error)
        elif error is None and not opened.done():
            opened.set_result(device)
        elif error is None:  # nobody waits any more
            _thread(device.close, f"closes {path}")

    def work() -> None:
        device = _Client(None, BAUD, timeout=_LOOK_S)
        try:
            device.port = _unwaiting(path)
            device.open()
        except Exception as error:  # noqa: BLE001 - pyserial lets more than its own exceptions out
            code = "port_missing" if str(error).startswith("Could not open") else "not_a_modem"
            _call(loop, partial(tell, None, PortError(code, str(error))))
            return
        if not _call(loop, partial(tell, device, None)):
            device.close()

    _thread(work, f"opens {path}")
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            device = await opened
    except TimeoutError as error:
        raise PortError("port_missing", f"{path}: no answer") from error
    return Rfc2217Port(device, path, on_data, on_lost)


class Rfc2217Port:
    """An open connection. Keepalive finds a dead peer in about a minute."""

    tells_what_was_written = False

    def __init__(self, device: Any, path: str, on_data: OnData, on_lost: OnLost) -> None:
        self._device = device
        self._path = path
        self._on_data = on_data
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._writing = 0
        self._received = bytearray()
        self._writer = ThreadPoolExecutor(1, f"writes {path}")
        self._socket: socket.socket = device._socket
        keep_alive(self._socket)
        _thread(self._read, f"reads {path}")

    async def write(self, data: bytes) -> None:
        if not self._open:
            raise PortError(LOST)
        self._writing += 1
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._loop.run_in_executor(self._writer, self._device.write, data)
        except TimeoutError:
            raise self._lose("the device takes no bytes") from None
        except OSError as error:
            raise self._lose(str(error)) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise PortError(LOST) from None  # closing gave up what waited to be written, not who waits for it
        finally:
            self._writing -= 1
            self._loop.call_soon(self._hand_on)
        if not self._open:
            raise PortError(LOST)

    def _read(self) -> None:
        """The reader's thread: what came is handed to the loop, whatever ends it is the loss."""
        try:
            while self._open:
                data = self._device.read(1)
                data += self._device.read(self._device.in_waiting)
                if data and not _call(self._loop, partial(self._receive, data)):
                    return
            detail = "closed"
        except Exception as error:  # noqa: BLE001
            detail = str(error)
        _call(self._loop, partial(self._lose, detail))

    def _receive(self, data: bytes) -> None:
        self._received += data
        self._hand_on()

    def _hand_on(self) -> None:
        """Tell what came; an answer that overtook the end of its question's `write` is told after it."""
        if self._open and self._received and not self._writing:
            data = bytes(self._received)
            self._received.clear()
            self._on_data(data)

    def _lose(self, detail: str) -> PortError:
        error = PortError(LOST, detail)
        if self._open:
            self.close()
            self._on_lost(error)
        return error

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(OSError):
            self._socket.settimeout(0)
            # unsent octets of a text must not leave after we gave it up
            self._socket.send(_PURGE_UNSENT)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._writer.shutdown(wait=False, cancel_futures=True)
        _thread(self._device.close, f"closes {self._path}")


def _unwaiting(path: str) -> str:
    """With pyserial's option to set DTR, RTS and flow control without waiting to hear that it was done.

    Where the server's device has no such wires (a pty, some adapters) ser2net does not answer.
    """
    return f"{path}{'&' if '?' in path else '?'}ign_set_control"


class _Client(rfc2217.Serial):  # type: ignore[misc]
    """pyserial's client with its rough edges taken off."""

    def reset_input_buffer(self) -> None:
        """Keep what the device wrote before we opened: a late result may be among it."""

    def _telnet_read_loop(self) -> None:
        """Its reading thread ends quietly at telnet that makes no sense; whoever reads is told of the end."""
        with contextlib.suppress(Exception):
            super()._telnet_read_loop()

    def close(self) -> None:
        connection = self._socket
        super().close()
        if connection is not None:
            connection.close()  # it leaves one open that the other side has closed already


def _call(loop: asyncio.AbstractEventLoop, what: Callable[[], object]) -> bool:
    """Call in the loop; False where the loop has ended."""
    try:
        loop.call_soon_threadsafe(what)
    except RuntimeError:
        return False
    return True


def _thread(work: Callable[[], None], name: str) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
