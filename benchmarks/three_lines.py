"""Three lines at once, one of them silent after every Ctrl-Z: what it costs the other two.

Rounds in turn, the third line well in one and silent in the other; at the end of a silent round it gives the
answer it owed, so that the next round finds it well. At last one silence that lasts beyond the time-out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fake_modem import FakeModem

from . import wire
from .noise import Noise
from .office import LINES, Office, wait_for
from .rows import Row, Spread, Verdict

FAKE_OPTIONS = ("--modems", "3", "--report-delay", "-1", "--seed", "1")
BAR = 0.98
_RESULT = "+CMGS: 1\r\n\r\nOK"
_WAIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Load:
    """`pairs` pairs of rounds of `texts` texts a line, each `air_time` seconds on the air; `beyond`: texts of
    the last round, 0 for none."""

    air_time: float
    texts: int
    pairs: int
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Share of the time that the other two lines' air was busy while the third was well, and silent."""

    well: float
    silent: float

    @property
    def ratio(self) -> float:
        return self.silent / self.well


@dataclass(frozen=True, slots=True)
class Found:
    """All pairs, those of them during which the machine was steady, and the share beyond the time-out."""

    load: Load
    pairs: list[Pair]
    steady: list[Pair]
    beyond: float | None


class Lines:
    """Three lines of the program, and the modems they send by."""

    def __init__(self, fake: FakeModem, office: Office, noise: Noise) -> None:
        self._fake, self._office, self._noise = fake, office, noise
        self._numbers = [str(modem["number"]) for modem in fake.ready["modems"]]

    def compare(self, load: Load) -> Found:
        """Well, silent, silent, well, ...: what drifts hits both alike. Some more where any is discarded."""
        self._fake.control("set", air_time=load.air_time)
        found: list[Pair] = []
        steady: list[Pair] = []
        for turn in range(load.pairs + load.pairs // 2):
            if len(steady) == load.pairs:
                break
            before = self._noise.sample()
            shares = {silent: self._round(load, load.texts, silent) for silent in _order(turn)}
            found.append(Pair(shares[False], shares[True]))
            if before.steady_until(self._noise.sample()):
                steady.append(found[-1])
        beyond = self._round(load, load.beyond, silent=True) if load.beyond else None
        return Found(load, found, steady, beyond)

    def _round(self, load: Load, texts: int, silent: bool) -> float:
        """The share of the first two lines' time in which a text of theirs was on the air."""
        began, third = time.monotonic(), self._numbers[2]
        if silent:
            params = {"result": "none", "count": None}
            self._fake.control("inject", line=third, fault="send-result", params=params)
        for line in LINES[:2]:
            self._office.queue(texts, line)
        self._office.queue(load.texts, LINES[2])
        bursts = [self._burst(number, texts, began) for number in self._numbers[:2]]
        if silent:
            self._fake.control("clear", line=third, fault="send-result")
            self._fake.control("inject", line=third, fault="urc", params={"text": _RESULT})
        wait_for(self._office.settled, patience=_WAIT_S)
        return statistics.mean(load.air_time * burst.texts / burst.seconds for burst in bursts)

    def _burst(self, line: str, texts: int, began: float) -> wire.Burst:
        def found() -> wire.Burst | None:
            chunks = self._fake.control("chunks", line=line, after=began)["chunks"]
            return wire.burst([(one[0], one[1], one[2]) for one in chunks], texts)

        return wait_for(found, every=0.5, patience=_WAIT_S)


def _order(turn: int) -> tuple[bool, bool]:
    return (False, True) if turn % 2 == 0 else (True, False)


def rows(found: Found) -> Iterator[Row]:
    """The figure, and that of the silence beyond the time-out."""
    load, pairs = found.load, found.steady or found.pairs
    spread = Spread.of([pair.ratio for pair in pairs])
    verdict = spread.at_least(BAR) if 2 * len(found.steady) >= load.pairs else Verdict.UNSURE
    well = statistics.median(pair.well for pair in pairs)
    how = (
        f"Rounds of {load.texts} texts of {load.air_time:g} s on each of three lines, the third silent after "
        "Ctrl-Z in every other one; the share of the time, from the first AT+CMGS to the last +CMGS on the "
        "wire, that the air of the other two was busy; median of the pairs' ratios. Steady pairs: "
        f"{len(found.steady)} of {len(found.pairs)}. With all three well their air was busy {well:.1%}."
    )
    what = "air time two lines keep while a third is silent"
    yield Row(what, f"{BAR} or more", spread.as_text(), verdict, how)
    if found.beyond is not None:
        ratio = found.beyond / well
        verdict = Verdict.MET if ratio >= BAR else Verdict.MISSED
        how = (
            f"One round of {found.load.beyond} texts, in which the silent line's wait ends by the time-out, "
            "its port is brought in step and the next text meets the same silence; against the rounds above."
        )
        yield Row(f"{what} beyond its time-out", f"{BAR} or more", f"{ratio:.3f}", verdict, how)
