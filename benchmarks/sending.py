"""Bursts of texts: the program and the bare loop, turn by turn, on one fake modem process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gateway.domain import pdu
from tests.fake_modem import FakeModem

from . import wire
from .idle import cpu_seconds
from .noise import Noise
from .office import BODY, Office, recipients, wait_for
from .rows import Row, Spread, Verdict, at_most

ROOT = Path(__file__).resolve().parents[1]
FAKE_OPTIONS = ("--modems", "2", "--report-delay", "-1", "--seed", "1")
"""Two modems in one process, for the program and the bare loop; no delivery reports."""


@dataclass(frozen=True, slots=True)
class Load:
    """`pairs` pairs of bursts of `texts` texts, each `air_time` seconds on the air."""

    air_time: float
    texts: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One burst of each, the second right after the first, and the commits of the program's."""

    ours: wire.Burst
    bare: wire.Burst
    commits: int

    @property
    def ratio(self) -> float:
        """Our speed in terms of the bare loop's."""
        return self.bare.seconds / self.ours.seconds


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs of a load, and those of them during which the machine was steady."""

    load: Load
    pairs: list[Pair]
    steady: list[Pair]


class Bench:
    """Both senders and the modems they send by."""

    def __init__(self, fake: FakeModem, office: Office, folder: Path, noise: Noise) -> None:
        self.fake, self.office, self._noise = fake, office, noise
        self._bare_database = folder / "bare.db"
        self._numbers = [str(modem["number"]) for modem in fake.ready["modems"]]
        self._bare_port = str(fake.ready["modems"][1]["path"])

    def compare(self, load: Load) -> Comparison:
        """Ours, bare, bare, ours, ...: what drifts hits both alike. Some more where pairs are discarded."""
        self.fake.control("set", air_time=load.air_time)
        found = Comparison(load, [], [])
        for turn in range(load.pairs + load.pairs // 2):
            if len(found.steady) == load.pairs:
                break
            before = self._noise.sample()
            pair = self._pair(load.texts, ours_first=turn % 2 == 0)
            found.pairs.append(pair)
            if before.steady_until(self._noise.sample()):
                found.steady.append(pair)
        return found

    def _pair(self, texts: int, *, ours_first: bool) -> Pair:
        if ours_first:
            ours, commits = self._ours(texts)
            return Pair(ours, self._bare(texts), commits)
        bare = self._bare(texts)
        ours, commits = self._ours(texts)
        return Pair(ours, bare, commits)

    def _ours(self, texts: int) -> tuple[wire.Burst, int]:
        commits = self.office.commits()
        found = self._watch(0, texts, lambda: self.office.queue(texts))
        wait_for(self.office.settled)
        return found, self.office.commits() - commits - 1  # the one in which they were queued

    def _bare(self, texts: int) -> wire.Burst:
        loop = BareLoop(self._bare_port, self._bare_database)
        found = self._watch(1, texts, lambda: loop.feed(texts))
        loop.wait()
        return found

    def _watch(self, place: int, texts: int, start: Callable[[], None]) -> wire.Burst:
        """The burst that follows `start` on one of the modems; the modem is asked seldom."""
        line, began = self._numbers[place], time.monotonic()
        ask = self.fake.control
        before = int(ask("state", line=line)["submissions"])
        start()
        wait_for(lambda: int(ask("state", line=line)["submissions"]) >= before + texts, every=0.2)
        return wait_for(lambda: wire.burst(self.chunks(line, began), texts))

    def chunks(self, line: str, after: float) -> list[wire.Chunk]:
        """What passed on a modem's wire since `after`."""
        return [
            (one[0], one[1], one[2]) for one in self.fake.control("chunks", line=line, after=after)["chunks"]
        ]

    @property
    def our_line(self) -> str:
        """The number of the program's modem."""
        return self._numbers[0]


class BareLoop:
    """The plain script as a process of its own, started, and waiting to be given its texts."""

    def __init__(self, port: str, database: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.bare_loop", port, str(database)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def feed(self, texts: int) -> None:
        """Give it so many texts to send."""
        day = timedelta(hours=24)
        tpdus = [
            pdu.encode_message(to, BODY, reference=0, report=True, validity=day)[0]
            for to in recipients(texts)
        ]
        assert self._process.stdin is not None
        self._process.stdin.write("\n".join(f"00{tpdu.hex().upper()}" for tpdu in tpdus))
        self._process.stdin.close()

    def cpu_seconds(self) -> float:
        """Processor time it has used so far."""
        return cpu_seconds(self._process.pid)

    def wait(self) -> float:
        """Wait for its end, which follows its last text; returns the processor time it used."""
        with self._process:
            _, status, usage = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode:
            raise RuntimeError(f"the bare loop ended with {self._process.returncode}")
        return usage.ru_utime + usage.ru_stime


# --- rows --------------------------------------------------------------------------------------------


def speed_row(what: str, bar: float, found: Comparison, *, promised: bool) -> Row:
    """Our speed in terms of the bare loop's; not judged when half of the pairs had to be discarded."""
    load, pairs = found.load, found.steady or found.pairs
    spread = Spread.of([pair.ratio for pair in pairs])
    verdict = spread.at_least(bar) if 2 * len(found.steady) >= load.pairs else Verdict.UNSURE
    ours = _besides(load, [pair.ours for pair in pairs])
    bare = _besides(load, [pair.bare for pair in pairs])
    how = (
        f"Bursts of {load.texts} texts, ours and the bare loop's in turn (ABBA); time from the first AT+CMGS "
        "to the last +CMGS on the fake modem's wire; median of the pairs' ratios. Steady pairs: "
        f"{len(found.steady)} of {len(found.pairs)}, the others are discarded. "
        f"Besides its time on air a text took {ours:.1f} ms with us, {bare:.1f} ms in the bare loop."
    )
    return Row(what, f"{bar} or more", spread.as_text(), verdict, how, promised)


def _besides(load: Load, bursts: list[wire.Burst]) -> float:
    """Milliseconds a text took besides its time on air, median of the bursts."""
    return statistics.median(1000 * (one.seconds / one.texts - load.air_time) for one in bursts)


def command_row(pairs: list[Pair]) -> Row:
    """AT commands per text. The line's own watch, by the clock, is named beside it."""
    spread = Spread.of([pair.ours.commands_per_text for pair in pairs])
    spoken = sum((pair.ours.commands for pair in pairs), Counter())
    watch = ", ".join(f"{name} {n}" for name, n in sorted(spoken.items()) if name != "AT+CMGS")
    texts = sum(pair.ours.texts for pair in pairs)
    how = (
        f"Command lines on the wire within the {len(pairs)} bursts, by text, median of the bursts: AT+CMGS "
        f"{spoken['AT+CMGS']} for {texts} texts; the line's own watch, once a minute: {watch or 'none'}."
    )
    return Row(
        "AT commands per single-part text in a burst",
        "1",
        f"{spread.median:g}",
        at_most(spread.median, 1),
        how,
    )


def commit_row(pairs: list[Pair]) -> Row:
    """Commits per text. The claim of a text rides on the record of the one before it."""
    first_claims = len(pairs)
    commits = sum(pair.commits for pair in pairs) - first_claims
    texts = sum(pair.ours.texts for pair in pairs)
    how = (
        f"SQLite's own count of transactions (iChange in the WAL index), any process's: {commits} for "
        f"{texts} texts in {len(pairs)} bursts without reports, besides {first_claims}, one a burst, "
        "for the claim of its first text: the others are claimed in the commit that records the text before."
    )
    value = round(commits / texts, 2)  # a stray commit of the line's state among hundreds is not a text's
    return Row("commits from claim to recorded result", "2", f"{value:.2f}", at_most(value, 2), how)
