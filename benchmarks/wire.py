"""Reading what passed between a computer and the fake modem: when a burst began and ended, what was said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

Chunk = tuple[float, str, str]
"""Monotonic seconds (the same clock in every process of a machine), "C" or "M", and the text."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Texts that went out one after the other. `seconds`: from the first AT+CMGS to the last +CMGS."""

    texts: int
    seconds: float
    commands: Counter[str]

    @property
    def commands_per_text(self) -> float:
        return self.commands.total() / self.texts


def requests(chunks: list[Chunk]) -> list[float]:
    """When each AT+CMGS was written."""
    return [time for time, who, text in chunks if who == "C" and text.startswith("AT+CMGS=")]


def acceptances(chunks: list[Chunk]) -> list[float]:
    """When each +CMGS was answered."""
    return [time for time, who, text in chunks if who == "M" and "+CMGS:" in text]


def burst(chunks: list[Chunk], texts: int) -> Burst | None:
    """The burst in these chunks; None while it is not over."""
    asked, accepted = requests(chunks), acceptances(chunks)
    if len(accepted) < texts:
        return None
    within = "".join(text for time, who, text in chunks if who == "C" and asked[0] <= time <= accepted[-1])
    spoken = within.replace("\x1a", "\r").split("\r")
    commands = Counter(line.partition("=")[0] for line in spoken if line.startswith("AT"))
    return Burst(texts, accepted[-1] - asked[0], commands)
