"""Public ids: opaque, sortable by time, never used twice (ULID: 48 bits of milliseconds, 80 random)."""

from __future__ import annotations

import secrets
from datetime import datetime

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, now: datetime) -> str:
    """A fresh id such as "msg_01kasv3b0c8m2j5y7q9x4w6t1r"."""
    value = (int(now.timestamp() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return prefix + "_" + "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))
