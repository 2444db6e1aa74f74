"""The one clock that delays of the fake world are measured by."""

from __future__ import annotations

import asyncio


def seconds() -> float:
    """Seconds on the running loop's clock, the one its timers go by; a test may let it skip."""
    return asyncio.get_running_loop().time()
