"""Sixteen lines at once, against sixteen bare loops: what the program costs its lines when they share it.

Each bare loop is a process with a database of its own, started before any of them sends. The modems of both
are those of one fake modem process, whose own processor time is told beside the figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fake_modem import FakeModem

from . import wire
from .idle import cpu_seconds
from .noise import Noise
from .office import LINES, Office, wait_for
from .rows import Row, Spread, Verdict
from .sending import BareLoop, Load

COUNT = 16
FAKE_OPTIONS = ("--modems", str(2 * COUNT), "--report-delay", "-1", "--seed", "1")
BAR = 0.97
_WAIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Round:
    """What all lines did at once: mean seconds of their bursts, and processor time a text took, ms."""

    seconds: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Pair:
    """One round of each."""

    ours: Round
    bare: Round

    @property
    def ratio(self) -> float:
        """Our lines' speed in terms of the bare loops'."""
        return self.bare.seconds / self.ours.seconds


@dataclass(frozen=True, slots=True)
class Found:
    """All pairs, those of them during which the machine was steady, and what a text cost the fake modem."""

    load: Load
    pairs: list[Pair]
    steady: list[Pair]
    fake_ms: float


class Lines:
    """Both kinds of senders and the modems they send by."""

    def __init__(self, fake: FakeModem, office: Office, folder: Path, noise: Noise) -> None:
        self._fake, self._office, self._folder, self._noise = fake, office, folder, noise
        modems = fake.ready["modems"]
        self._ours, self._bare = modems[:COUNT], modems[COUNT:]

    def compare(self, load: Load) -> Found:
        """Ours, bare, bare, ours, ...: what drifts hits both alike. Some more where pairs are discarded."""
        self._fake.control("set", air_time=load.air_time)
        found: list[Pair] = []
        steady: list[Pair] = []
        before_all = cpu_seconds(self._fake.process.pid)
        for turn in range(load.pairs + load.pairs // 2):
            if len(steady) == load.pairs:
                break
            before = self._noise.sample()
            found.append(self._pair(load.texts, ours_first=turn % 2 == 0))
            if before.steady_until(self._noise.sample()):
                steady.append(found[-1])
        texts = 2 * COUNT * load.texts * len(found)
        return Found(load, found, steady, 1000 * (cpu_seconds(self._fake.process.pid) - before_all) / texts)

    def _pair(self, texts: int, *, ours_first: bool) -> Pair:
        if ours_first:
            ours = self._our_round(texts)
            return Pair(ours, self._bare_round(texts))
        bare = self._bare_round(texts)
        return Pair(self._our_round(texts), bare)

    def _our_round(self, texts: int) -> Round:
        began, before = time.monotonic(), cpu_seconds(self._office.pid)
        self._office.queue(texts, *LINES[:COUNT])
        seconds = self._seconds(self._ours, texts, began)
        wait_for(self._office.settled)
        return Round(seconds, 1000 * (cpu_seconds(self._office.pid) - before) / (COUNT * texts))

    def _bare_round(self, texts: int) -> Round:
        loops = [
            BareLoop(str(modem["path"]), self._folder / f"bare-{place}.db")
            for place, modem in enumerate(self._bare)
        ]
        began, before = time.monotonic(), sum(loop.cpu_seconds() for loop in loops)
        for loop in loops:
            loop.feed(texts)
        seconds = self._seconds(self._bare, texts, began)
        used = sum(loop.wait() for loop in loops) - before
        return Round(seconds, 1000 * used / (COUNT * texts))

    def _seconds(self, modems: list[dict[str, object]], texts: int, began: float) -> float:
        """Mean seconds of the lines' bursts, once all are over; the modems are asked seldom."""
        return statistics.mean(self._burst(str(modem["number"]), texts, began).seconds for modem in modems)

    def _burst(self, line: str, texts: int, began: float) -> wire.Burst:
        def found() -> wire.Burst | None:
            chunks = self._fake.control("chunks", line=line, after=began)["chunks"]
            return wire.burst([(one[0], one[1], one[2]) for one in chunks], texts)

        return wait_for(found, every=1.0, patience=_WAIT_S)


def rows(found: Found) -> Iterator[Row]:
    """The figure; not judged when half of the pairs had to be discarded."""
    load, pairs = found.load, found.steady or found.pairs
    spread = Spread.of([pair.ratio for pair in pairs])
    verdict = spread.at_least(BAR) if 2 * len(found.steady) >= load.pairs else Verdict.UNSURE
    ours = statistics.median(pair.ours.cpu_ms for pair in pairs)
    bare = statistics.median(pair.bare.cpu_ms for pair in pairs)
    how = (
        f"Rounds of {load.texts} texts on each of {COUNT} lines of one program, and by {COUNT} bare loops, "
        "each a process with a database of its own, in turn (ABBA); time from a line's first AT+CMGS to its "
        f"last +CMGS, mean of the lines; median of the pairs' ratios. Steady pairs: {len(found.steady)} of "
        f"{len(found.pairs)}. Processor time of a text: {ours:.1f} ms with us, {bare:.1f} ms in the bare "
        f"loop, {found.fake_ms:.1f} ms in the one fake modem process that serves both."
    )
    yield Row(
        f"{COUNT} lines at {load.air_time:g} s a text, against {COUNT} bare loops",
        f"{BAR} or more",
        spread.as_text(),
        verdict,
        how,
    )
