"""How steady the machine was meanwhile: a fixed loop of hashes and small synced writes, before and after
each pair of bursts. A pair during which either moved is discarded, and counted as discarded."""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from .rows import Spread

_ROUNDS = 40_000
_SYNCS = 7
_HASH_MAY_MOVE, _SYNC_MAY_MOVE = 1.2, 2.0  # times; a disk is never as steady as a core


@dataclass(frozen=True, slots=True)
class Sample:
    """Milliseconds for the loop of hashes, and for one synced write (median of a few)."""

    hashing: float
    syncing: float

    def steady_until(self, later: Sample) -> bool:
        """Whether the machine was about as fast at both times."""
        return (
            _moved(self.hashing, later.hashing) <= _HASH_MAY_MOVE
            and _moved(self.syncing, later.syncing) <= _SYNC_MAY_MOVE
        )


def _moved(one: float, other: float) -> float:
    return max(one, other) / min(one, other)


class Noise:
    """Takes samples and remembers them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "noise"
        self.hashing: list[float] = []
        self.syncing: list[float] = []

    def sample(self) -> Sample:
        """Take one sample; about 20 ms."""
        began = time.perf_counter()
        digest = b""
        for _ in range(_ROUNDS):
            digest = hashlib.sha256(digest).digest()
        hashing = (time.perf_counter() - began) * 1000
        syncing = [self._sync() * 1000 for _ in range(_SYNCS)]
        self.hashing.append(hashing)
        self.syncing += syncing
        return Sample(hashing, statistics.median(syncing))

    def _sync(self) -> float:
        began = time.perf_counter()
        with self._file.open("wb") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        return time.perf_counter() - began

    def as_text(self) -> str:
        """Both spreads in words."""
        return (
            f"fixed hash loop {Spread.of(self.hashing).as_text(1)} ms; "
            f"4 KiB write and fsync {Spread.of(self.syncing).as_text(1)} ms"
        )
