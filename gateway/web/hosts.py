"""Which names this panel answers to. A page of a foreign site that points its own name at our address
(DNS rebinding) must not reach us, so a request for any other name is refused."""

from __future__ import annotations

import re

from gateway.config import LOOPBACK, Settings

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?", re.IGNORECASE | re.ASCII)


def trusted(settings: Settings) -> frozenset[str]:
    """Names and addresses to answer to, small letters."""
    return LOOPBACK | {settings.listen[0].lower()} | {name.lower() for name in settings.trusted_hosts}


def is_trusted(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names us; the port does not matter."""
    found = _HOST.fullmatch(host)
    return found is not None and found[1].strip("[]").lower() in names
