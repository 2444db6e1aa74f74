"""Which names this panel answers to. A page of a foreign site that points its own name at our address
(DNS rebinding) must not reach us, so a request for any other name is refused."""

from __future__ import annotations

import re
from collections.abc import Container
from ipaddress import ip_address

from gateway.config import LOOPBACK, Settings
from gateway.web.opening import NOT_OPENED, Opening, covers

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?", re.IGNORECASE | re.ASCII)


class Trusted(Container[str]):
    """Names and addresses to answer to, small letters: those of the settings, and those of the certificate,
    which may be made while the panel is open."""

    def __init__(self, settings: Settings, opening: Opening) -> None:
        self._set = LOOPBACK | {name.lower() for name in (settings.listen[0], *settings.trusted_hosts)}
        self._opening = opening

    def __contains__(self, name: object) -> bool:
        if name in self._set:
            return True
        opened = self._opening.look()
        return opened is not None and isinstance(name, str) and covers(opened.names, name)


def trusted(settings: Settings, opening: Opening = NOT_OPENED) -> Trusted:
    """Names and addresses to answer to."""
    return Trusted(settings, opening)


def is_box_only(host: str) -> bool:
    """Whether a Host header names this box as only itself can: others would reach themselves by it."""
    return is_trusted(host, LOOPBACK)


def is_trusted(host: str, names: Container[str]) -> bool:
    """Whether a Host header names us; the port does not matter."""
    return name_of(host) in names


def name_of(host: str) -> str:
    """The name or address in a Host header, small letters; empty when it is none."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""


def may_be_kept_to_tls(host: str) -> bool:
    """Whether a browser may be told to come back over TLS only (HSTS): to names, never to addresses
    (RFC 6797, 8.1.1), and never to this machine's own, which other programs answer to as well."""
    name = name_of(host)
    try:
        ip_address(name)
    except ValueError:
        return bool(name) and name not in LOOPBACK
    return False
