"""How much memory this process holds, and whether that stays so."""

from __future__ import annotations

import ctypes
import gc
import statistics
from collections.abc import Sequence
from pathlib import Path

MAY_GROW = 1.05
"""The median of the last quarter, against that of the second: the first is the warming up."""
_LEAST = 8
"""Epochs below which nothing can be said."""


def resident_mb() -> float:
    """Megabytes resident now, after what is free was given back to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status tells no VmRSS")


def growth(samples: Sequence[float]) -> float | None:
    """The last quarter's median in terms of the second's; None of too few samples."""
    quarter = len(samples) // 4
    if len(samples) < _LEAST:
        return None
    return statistics.median(samples[-quarter:]) / statistics.median(samples[quarter : 2 * quarter])
