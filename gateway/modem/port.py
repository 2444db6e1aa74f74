"""Opens a byte pipe to a device by its address: a path, `socket://host:port` or `rfc2217://host:port`.

Nothing here or in `ports` knows AT. Bytes and the loss are told to two plain functions, called from the
event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import PortError
from .ports.device import open_device
from .ports.lockfile import LOCK_FOLDER
from .ports.pipe import OnData, OnLost, Port
from .ports.rfc2217 import open_rfc2217
from .ports.tcp import open_socket

AUTO = "auto"
"""Stands for a port in a line's settings: whichever the line's modem is found at."""

__all__ = ["AUTO", "Address", "Port", "open_port", "server_address"]

_SCHEMES = ("socket", "rfc2217")


@dataclass(frozen=True, slots=True)
class Address:
    """A serial server: how it is spoken to, and where it is."""

    scheme: str  # socket or rfc2217
    host: str
    port: int


async def open_port(path: str, on_data: OnData, on_lost: OnLost, *, locks: Path = LOCK_FOLDER) -> Port:
    """Open a device path, a pty, `socket://host:port` or `rfc2217://host:port`, for us alone.

    `locks` is the folder of the lock files (`LCK..ttyUSB0`) that older programs respect.

    Raises:
        PortError: with the reason as `code`; for port_busy `facts` may name the holder.
    """
    address = server_address(path)
    if address is None:
        return await open_device(path, on_data, on_lost, locks)
    if address.scheme == "socket":
        return await open_socket((address.host, address.port), on_data, on_lost)
    return await open_rfc2217(path, on_data, on_lost)


def server_address(path: str) -> Address | None:
    """Where a serial server is; None for the path of a device.

    Raises:
        PortError: `unsupported`, it is neither.
    """
    if path and path != AUTO and "://" not in path:
        return None
    try:
        parts = urlsplit(path)
        if parts.scheme in _SCHEMES and parts.hostname and parts.port:
            return Address(parts.scheme, parts.hostname, parts.port)
    except ValueError:
        pass  # a port that is no number, brackets that do not close
    raise PortError(
        "unsupported", f"{path!r}: a device path, socket://host:port or rfc2217://host:port is understood"
    )
