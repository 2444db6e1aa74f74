"""Public ids: opaque, sortable by time, never used twice (ULID: 48 bits of milliseconds, 80 random)."""

from __future__ import annotations

import secrets
from datetime import datetime

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, now: datetime) -> str:
    """A fresh id such as "msg_01kasv3b0c8m2j5y7q9x4w6t1r"."""
    return _written(prefix, now, secrets.randbits(80))


def same_id(prefix: str, at: datetime, digest: bytes) -> str:
    """The id of what has that digest (10 octets or more) and that time: the same whenever it is asked for."""
    return _written(prefix, at, int.from_bytes(digest[:10], "big"))


def _written(prefix: str, at: datetime, low: int) -> str:
    value = (int(at.timestamp() * 1000) & (1 << 48) - 1) << 80 | low
    return prefix + "_" + "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))
