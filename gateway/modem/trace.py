"""The last exchanges with a device, kept in memory for a bug report, and shown with what is private masked.

A ring of raw bytes: adding is cheap, for it happens on the way of every text. What is private is taken out
only when the trace is asked for. The notation is that of recorded transcripts: `C:` what the computer
wrote, `M:` what the modem wrote, `M+800:` the same 800 ms after the line before, `#` a remark; `\\r`, `\\n`
and `\\xNN` stand for octets, and no line end is implied.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import StrEnum

from .trace_mask import Chunk, masked

MAX_OCTETS = 64 * 1024
MAX_CHUNKS = 4096

_IDENTITY = ("maker", "model", "firmware", "profile", "usb")
"""Facts of a line that name no one SIM or device."""

_LINE_ENDS = b"\r\n\x1a"


class Direction(StrEnum):
    """Who wrote it."""

    COMPUTER = "C"
    MODEM = "M"


class Trace:
    """Holds at most `max_octets` and `max_chunks` of what was exchanged; the oldest goes first."""

    def __init__(self, max_octets: int = MAX_OCTETS, max_chunks: int = MAX_CHUNKS) -> None:
        self._max_octets = max_octets
        self._max_chunks = max_chunks
        self._chunks: deque[tuple[Direction, bytes, float]] = deque()
        self._octets = 0
        self._cut = dict.fromkeys(Direction, False)

    def add(self, direction: Direction, data: bytes, at: float) -> None:
        """Keep what was written; `at` is in seconds, of any clock that only goes forward."""
        if len(data) > self._max_octets:
            self._cut[direction] = True
            data = data[-self._max_octets :]
        self._chunks.append((direction, data, at))
        self._octets += len(data)
        while self._octets > self._max_octets or len(self._chunks) > self._max_chunks:
            gone, old, _ = self._chunks.popleft()
            self._octets -= len(old)
            self._cut[gone] = old[-1:] not in _LINE_ENDS

    def clear(self) -> None:
        """Forget all: the device is another one."""
        self._chunks.clear()
        self._octets = 0
        self._cut = dict.fromkeys(Direction, False)

    def text(self, facts: Mapping[str, str] | None = None) -> str:
        """All of it, masked; `facts` are those of `LineState`. Empty when nothing was exchanged."""
        if not self._chunks:
            return ""
        chunks = [Chunk(direction is Direction.COMPUTER, data) for direction, data, _ in self._chunks]
        cut = frozenset(direction is Direction.COMPUTER for direction, is_cut in self._cut.items() if is_cut)
        lines = ["# masked", *_remarks(facts or {})]
        before = self._chunks[0][2]
        for (direction, _, at), data in zip(self._chunks, masked(chunks, cut), strict=True):
            pause = round((at - before) * 1000)
            after = f"+{pause}" if direction is Direction.MODEM and pause > 0 else ""
            lines.append(f"{direction}{after}: {_notation(data)}")
            before = at
        return "\n".join(lines) + "\n"


def _remarks(facts: Mapping[str, str]) -> list[str]:
    return [f"# {name}: {' '.join(facts[name].split())}" for name in _IDENTITY if facts.get(name)]


_NAMED = {0x0D: "\\r", 0x0A: "\\n", 0x5C: "\\x5c"}


def _notation(data: bytes) -> str:
    written = "".join(
        _NAMED.get(octet) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}") for octet in data
    )
    return f"{written[:-1]}\\x20" if written.endswith(" ") else written
