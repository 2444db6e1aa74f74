"""How the panel is opened from other machines: what the pages and the doors are told of its certificate.

The certificates themselves are made and kept at the door (`gateway.tls`), which hands an `Opening` in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from gateway.config import Settings

HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Opened:
    """The certificate the panel is served with.

    `certificate` and `key` are PEM files, maybe the same one. `names` are what it is for, small letters, the
    best one to tell people first. `root` is the PEM of the box's own authority, None where somebody else's
    certificate is used; `fingerprint` is that of `root` (SHA-256). `edition` changes with the files.
    """

    certificate: Path
    key: Path
    names: tuple[str, ...]
    ends: datetime
    root: bytes | None
    fingerprint: str
    edition: object


class OpeningFailed(Exception):
    """The panel cannot be opened to other machines. The text says why and what to do."""


class Opening(Protocol):
    """Knows the certificate in use, and makes one. Called by any thread."""

    def look(self) -> Opened | None:
        """What there is now; None when nothing is opened to other machines. Asked often: it must be quick."""

    def make(self, now: datetime) -> Opened:
        """Make an authority of this box's own, for the names it has here, and its certificate; the door is
        opened a few seconds later. Raises OpeningFailed."""


class NotOpened:
    """Only this machine reaches the panel."""

    def look(self) -> Opened | None:
        """Nothing."""
        return None

    def make(self, now: datetime) -> Opened:
        """Raises OpeningFailed."""
        raise OpeningFailed("This panel opens on this machine only.")


NOT_OPENED = NotOpened()


def covers(names: Iterable[str], asked: str) -> bool:
    """Whether a certificate for `names` is one for the name or address that is asked for. A star stands for
    one whole label, the first (RFC 6125, 6.4.3)."""
    known, rest = frozenset(names), asked.partition(".")[2]
    return asked in known or bool(rest and f"*.{rest}" in known)


def places(settings: Settings, opened: Opened) -> list[str]:
    """Addresses (https://...) at which the panel opens on other machines; empty where it is shut to them.
    Names with a star are none."""
    door = settings.listen if settings.tls_cert else settings.tls_listen
    return [_place(name, door[1]) for name in opened.names if "*" not in name] if door else []


def _place(name: str, port: int) -> str:
    host = f"[{name}]" if ":" in name else name
    return f"https://{host}" if port == HTTPS_PORT else f"https://{host}:{port}"


def surest(found: list[str]) -> str:
    """Which of these places to lead a phone to: one by number, which every device finds, if there is one."""
    return next((place for place in found if _is_number(urlsplit(place).hostname or "")), found[0])


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
