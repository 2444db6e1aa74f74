"""`python -m tests.chaos`: SIGKILL at random moments while texts go out and come in, counted.

Exit code 0 when every promise held in every round; 1 otherwise, and the data folder is kept.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.chaos.judge import resolutions
from tests.chaos.siege import Outcome, Siege, Size

SAID = (
    "round {number:3}: {accepted} accepted, {refused} refused and {canceled} canceled after {stops} STOP; "
    "{inbound} in; killed {kills} times ({starting} while starting), {unclear} parts left unclear, "
    "{marked} texts marked as sent and {again} sent again by a person, {unreported} without a report; "
    "{broken} promises broken; {seconds:.0f} s"
)


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Kill the program at random moments while texts go out and come in, and count.",
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--texts", type=int, default=100, help="texts posted in a round")
    parser.add_argument("--inbound", type=int, default=30, help="texts customers write in a round")
    parser.add_argument("--kills", type=int, default=4, help="kills in a round")
    parser.add_argument("--seed", type=int, default=1, help="of the plan; the moments stay the machine's")
    return parser


def say(outcome: Outcome) -> None:
    """One line for the round, and one for each broken promise."""
    broken = len(outcome.violations)
    print(SAID.format(number=outcome.number, broken=broken, seconds=outcome.seconds, **outcome.counts))
    for violation in outcome.violations:
        print(f"    BROKEN: {violation}")
    sys.stdout.flush()


def besiege(folder: Path, options: argparse.Namespace) -> bool:
    """Play the rounds; whether every promise held."""
    total: Counter[str] = Counter()
    broken = 0
    with Siege(folder, Size(options.texts, options.inbound, options.kills), options.seed) as siege:
        for number in range(options.rounds):
            outcome = siege.play(number)
            say(outcome)
            total.update(outcome.counts)
            broken += len(outcome.violations)
        resolved = resolutions(siege.database)
    print(f"{options.rounds} rounds: " + ", ".join(f"{count} {name}" for name, count in total.items()))
    print("unclear parts by what resolved them: " + ", ".join(f"{n} {why}" for why, n in resolved.items()))
    print("every promise held" if not broken else f"{broken} promises broken; the data are kept in {folder}")
    return not broken


def main() -> int:
    """Run with the command line's options."""
    options = arguments().parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sms-gateway-chaos-"))
    held = False
    try:
        held = besiege(folder, options)
    finally:
        if held:
            shutil.rmtree(folder)
        elif sys.exc_info()[0] is not None:
            print(f"the data are kept in {folder}", file=sys.stderr)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
