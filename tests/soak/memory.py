"""How much memory this process holds, and whether that stays so."""

from __future__ import annotations

import ctypes
import gc
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

MAY_GROW = 1.1
"""Resident memory, the median of the last quarter against that of the second: the first is the warming up.
One large moment may leave it higher for good, for Python gives back only what has become wholly empty."""
LIVE_MAY_GROW = 1.03
"""What Python holds in truth, by the same measure: this is what a leak adds to."""
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


def live_objects() -> int:
    """How many pieces of memory Python holds now; what it keeps free between them is not counted."""
    gc.collect()
    return sys.getallocatedblocks()


def growth(samples: Sequence[float]) -> float | None:
    """The last quarter's median in terms of the second's; None of too few samples."""
    quarter = len(samples) // 4
    if len(samples) < _LEAST:
        return None
    return statistics.median(samples[-quarter:]) / statistics.median(samples[quarter : 2 * quarter])
