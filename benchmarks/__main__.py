"""`python -m benchmarks`: measure, print each row beside its target, exit 1 when a promise is not met."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.fake_modem import FakeModem

from . import accepting, idle, latency, live, pages, sixteen_lines, starting, three_lines
from .noise import Noise
from .office import RULES, Office
from .rows import Row, Verdict, as_text
from .sending import FAKE_OPTIONS, Bench, Load, command_row, commit_row, speed_row


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: bursts at three times on the air, seconds of idling, texts one by one, texts of
    eight clients, rounds of three and of sixteen lines, the length of a queue to start with, texts shown in
    an open page, texts of a past and rounds of its pages."""

    slow: Load
    quick: Load
    instant: Load
    idle_seconds: float
    singles: int
    accepts: int
    three: three_lines.Load
    sixteen: Load
    queued: int
    shown: int
    past: int
    rounds: int


WHOLE = Plan(
    Load(0.5, 10, 10),
    Load(0.05, 50, 10),
    Load(0.0, 100, 12),
    60.0,
    200,
    800,
    three_lines.Load(0.5, 20, 8, 400),
    Load(0.5, 20, 6),
    100_000,
    100,
    100_000,
    10,
)
QUICK = Plan(
    Load(0.5, 6, 2),
    Load(0.05, 40, 3),
    Load(0.0, 60, 4),
    12.0,
    60,
    400,
    three_lines.Load(0.5, 10, 2),
    Load(0.5, 10, 2),
    100_000,
    30,
    50_000,
    4,
)


def rows(bench: Bench, plan: Plan) -> Iterator[Row]:
    """Every row, each as soon as it is known."""
    yield from idle.measure(bench.office, plan.idle_seconds)
    slow = bench.compare(plan.slow)
    yield speed_row("line kept busy at 0.5 s a text, against the bare loop", 0.99, slow, promised=True)
    quick = bench.compare(plan.quick)
    instant = bench.compare(plan.instant)
    everything = [*slow.pairs, *quick.pairs, *instant.pairs]
    yield command_row(everything)
    yield commit_row(everything)
    yield speed_row("the same at 0.05 s a text", 0.95, quick, promised=True)
    yield speed_row("texts per second at 0 s on air, against the bare loop", 0.7, instant, promised=True)
    yield latency.row(bench, plan.singles)


def of_one_line(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """What one line does, and the program at rest."""
    with FakeModem(*FAKE_OPTIONS) as fake, Office(folder / "one", fake.path) as office:
        yield from rows(Bench(fake, office, folder, noise), plan)
        print(f"memory after all of it: {idle.resident_mb(office.pid):.1f} MB\n")


def of_three_lines(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """What three lines do while one of them is in trouble."""
    with FakeModem(*three_lines.FAKE_OPTIONS) as fake:
        ports = [str(modem["path"]) for modem in fake.ready["modems"]]
        with Office(folder / "three", *ports) as office:
            yield from three_lines.rows(three_lines.Lines(fake, office, noise).compare(plan.three))


def of_rules(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """What it costs that hours and caps are judged for each text."""
    with FakeModem(*FAKE_OPTIONS) as fake, Office(folder / "rules", fake.path, rules=RULES) as office:
        found = Bench(fake, office, folder, noise).compare(plan.instant)
        yield speed_row("the same at 0 s with hours and caps to judge", 0.7, found, promised=False)


def of_accepting(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """What it takes to accept a text."""
    with FakeModem(*starting.FAKE_OPTIONS) as fake, Office(folder / "accepting", fake.path) as office:
        yield accepting.time_row(office, folder, plan.accepts)
    yield accepting.statement_row(folder / "counted")


def of_sixteen_lines(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """What sixteen lines of one program do."""
    with FakeModem(*sixteen_lines.FAKE_OPTIONS) as fake:
        ports = [str(modem["path"]) for modem in fake.ready["modems"]][: sixteen_lines.COUNT]
        with Office(folder / "sixteen", *ports) as office:
            lines = sixteen_lines.Lines(fake, office, folder, noise)
            yield from sixteen_lines.rows(lines.compare(plan.sixteen))


def of_starting(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """How soon the program is back."""
    yield starting.row(starting.measure(folder / "starting", plan.queued))


def of_live(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """How soon a text is seen."""
    yield live.row(folder / "live", plan.shown)


def of_pages(folder: Path, plan: Plan, noise: Noise) -> Iterator[Row]:
    """How soon pages are there in an office with a long past."""
    few = pages.measure(folder / "few", pages.FEW, plan.rounds)
    many = pages.measure(folder / "many", plan.past, plan.rounds)
    print(f"{pages.made(few)}\n{pages.made(many)}\n", flush=True)
    yield from pages.rows(few, many)


PARTS = {
    "one-line": of_one_line,
    "rules": of_rules,
    "three-lines": of_three_lines,
    "sixteen-lines": of_sixteen_lines,
    "accepting": of_accepting,
    "starting": of_starting,
    "live": of_live,
    "pages": of_pages,
}


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure what the program promises about speed and size, each figure beside its target.",
        epilog="example: python -m benchmarks --quick --folder /var/tmp",
    )
    parser.add_argument("--quick", action="store_true", help="about five minutes instead of about twenty")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    parser.add_argument(
        "--texts", type=int, help="how long the past of the office is whose pages are asked for"
    )
    parser.add_argument("--folder", type=Path, help="where to keep the databases meanwhile: a real disk")
    return parser


def main() -> int:
    """Print the report; 0 when no promised row is missed."""
    options = arguments().parse_args()
    plan = QUICK if options.quick else WHOLE
    if options.texts:
        plan = replace(plan, past=options.texts)
    began, missed = time.monotonic(), False
    with tempfile.TemporaryDirectory(prefix="sms-gateway-benchmark-", dir=options.folder) as name:
        folder = Path(name)
        noise = Noise(folder)
        print(f"Figures of one run on {os.cpu_count()} cores; rows in brackets are information.\n")
        for part in [options.only] if options.only else PARTS:
            for row in PARTS[part](folder, plan, noise):
                print(as_text(row), flush=True)
                missed |= row.promised and row.verdict is Verdict.MISSED
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{time.monotonic() - began:.0f} s in all.")
    print(f"The machine meanwhile: {noise.as_text()}; load {load}.")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
