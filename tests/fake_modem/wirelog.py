r"""Every byte both ways with its time, written in the notation of the modem field guide, section H.

One chunk a line: `C:` what the computer wrote, `M:` what the modem wrote, `M+800:` the same 800 ms after
the line before, `#` a remark; `\r \n \x1a` are bytes, nothing is implied.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

KEPT = 200_000  # chunks


@dataclass(frozen=True)
class Chunk:
    """`who` is "C", "M" or "#"; `time` is seconds of the log's clock."""

    time: float
    who: str
    data: bytes


def escape(data: bytes) -> str:
    """Bytes as printable text."""
    names = {0x0D: r"\r", 0x0A: r"\n", 0x5C: r"\\"}
    text = "".join(names.get(byte, chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}") for byte in data)
    return text[:-1] + r"\x20" if text.endswith(" ") else text


class WireLog:
    """The last `KEPT` chunks. `clock`: monotonic seconds; exchanged where time is not the machine's."""

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.monotonic
        self.chunks: deque[Chunk] = deque(maxlen=KEPT)

    def add(self, who: str, data: bytes) -> None:
        self.chunks.append(Chunk(self.clock(), who, data))

    def remark(self, words: str) -> None:
        self.add("#", words.encode())

    def sent(self) -> bytes:
        """Everything the computer wrote."""
        return b"".join(chunk.data for chunk in self.chunks if chunk.who == "C")

    def text(self) -> str:
        """The log in the notation of section H."""
        lines: list[str] = []
        before = self.chunks[0].time if self.chunks else 0.0
        for chunk in self.chunks:
            gap = round((chunk.time - before) * 1000)
            before = chunk.time
            if chunk.who == "#":
                lines.append(f"# {chunk.data.decode()}")
            else:
                lines.append(
                    f"{chunk.who}{f'+{gap}' if gap and chunk.who == 'M' else ''}: {escape(chunk.data)}"
                )
        return "\n".join(lines)
