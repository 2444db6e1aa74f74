"""`python -m tests.soak`: many texts both ways with faults by chance, in virtual time; every promise counted.

Offices side by side, each a process with a database and lines of its own, share the texts. Exit code 0 when
every promise held and no office's memory grew; 1 otherwise, with what to give to see it again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.soak.report import memory_held, soak, summary
from tests.soak.soak import PER_EPOCH, Plan


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description="Send and receive many texts on troubled lines, in virtual time, and count.",
    )
    parser.add_argument("--texts", type=int, default=100_000, help="both ways together, in all offices")
    parser.add_argument("--seed", type=int, default=1, help="of the plan; the moments stay the machine's")
    parser.add_argument("--lines", type=int, default=3, help="lines of an office")
    parser.add_argument("--offices", type=int, default=os.cpu_count() or 1, help="side by side")
    parser.add_argument("--minutes-between-faults", type=float, default=1.0, help="on one line, on average")
    parser.add_argument("--minutes-between-restarts", type=float, default=10.0, help="half of them abrupt")
    parser.add_argument("--per-epoch", type=int, default=PER_EPOCH, help="texts until all is judged")
    parser.add_argument("--first-epoch", type=int, default=1, help="to see one again")
    parser.add_argument("--first-line", type=int, default=0, help="the office whose lines begin there")
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm"), help="where the databases are")
    return parser


def plans(options: argparse.Namespace) -> list[Plan]:
    """One for each office: its share of the texts, and the personalities that are its turn."""
    return [
        Plan(
            options.texts // options.offices,
            options.seed,
            options.lines,
            options.minutes_between_faults,
            options.minutes_between_restarts,
            options.per_epoch,
            options.first_line + place * options.lines,
            options.first_epoch,
            options.folder,
        )
        for place in range(options.offices)
    ]


def main() -> int:
    """Run with the command line's options."""
    options = arguments().parse_args()
    began, every, held = time.monotonic(), plans(options), True
    with ProcessPoolExecutor(options.offices, multiprocessing.get_context("spawn")) as offices:
        results = list(offices.map(soak, every))
    print(summary([each for found in results for each in found]))
    for plan, found in zip(every, results, strict=True):
        held &= memory_held(plan, found)
    broken = sum(len(each.violations) for found in results for each in found)
    held &= not broken
    print(
        f"{time.monotonic() - began:.0f} s in all; {broken} promises broken; {'held' if held else 'NOT HELD'}"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
