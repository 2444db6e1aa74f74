"""A row of the report, its verdict, and the table that is printed. Knows figures, not how they came about."""

from __future__ import annotations

import math
import statistics
import textwrap
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 108


class Verdict(StrEnum):
    """What a measurement says about its target."""

    MET = "met"
    UNSURE = "too noisy to tell"
    MISSED = "NOT MET"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its target; `promised` rows decide the exit code, others are information."""

    what: str
    target: str
    value: str
    verdict: Verdict
    how: str
    promised: bool = True


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, quartiles and range of samples of one kind."""

    low: float
    first: float
    median: float
    third: float
    high: float

    @classmethod
    def of(cls, samples: list[float]) -> Spread:
        """Of at least one sample."""
        first, median, third = (
            statistics.quantiles(samples, n=4, method="inclusive") if len(samples) > 1 else samples * 3
        )
        return cls(min(samples), first, median, third, max(samples))

    def at_least(self, bar: float) -> Verdict:
        """Missed only when three quarters of the samples are below the bar."""
        if self.median >= bar:
            return Verdict.MET
        return Verdict.UNSURE if self.third >= bar else Verdict.MISSED

    def as_text(self, digits: int = 3) -> str:
        """The median, with quartiles and range."""
        low, first, median, third, high = (
            f"{value:.{digits}f}" for value in (self.low, self.first, self.median, self.third, self.high)
        )
        return f"{median} (middle half {first} to {third}, range {low} to {high})"


def at_most(value: float, bar: float) -> Verdict:
    """For figures that noise does not touch."""
    return Verdict.MET if value <= bar else Verdict.MISSED


def percentile(samples: list[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of all samples do not exceed: the nearest rank."""
    return sorted(samples)[math.ceil(share * len(samples)) - 1]


def as_text(row: Row) -> str:
    """One row as it is printed."""
    what = row.what if row.promised else f"[{row.what}]"
    heading = f"{what}: {row.value}\n    target {row.target}: {row.verdict}"
    how = textwrap.fill(row.how, WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{heading}\n{how}\n"
