"""How steady the machine was meanwhile: a fixed loop of hashes and a small synced write, repeated."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from .rows import Spread

_ROUNDS = 40_000
_SYNCS = 5


class Noise:
    """Samples taken between the measurements; nothing is discarded for them, they are printed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "noise"
        self.hashing: list[float] = []
        self.syncing: list[float] = []

    def sample(self) -> None:
        """Take one sample of each; about 50 ms."""
        began = time.perf_counter()
        digest = b""
        for _ in range(_ROUNDS):
            digest = hashlib.sha256(digest).digest()
        self.hashing.append((time.perf_counter() - began) * 1000)
        for _ in range(_SYNCS):
            self.syncing.append(self._sync() * 1000)

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
