"""What is said of a long run: a line for each epoch, the sums of all, the memory of each office."""

from __future__ import annotations

from collections import Counter
from functools import partial

from tests.soak.memory import LIVE_MAY_GROW, MAY_GROW, growth
from tests.soak.office import KINDS
from tests.soak.soak import Epoch, Plan, epochs


def tell(plan: Plan, found: Epoch) -> None:
    """One line for the epoch, and one for each broken promise."""
    happened = ", ".join(f"{count} {name}" for name, count in found.counts.items())
    print(
        f"lines from {plan.first}, epoch {found.number:3}: {happened}; {found.faults.total()} faults, "
        f"{found.recoveries.total()} recoveries; {_listed(found.states)}; {len(found.violations)} promises "
        f"broken; {found.memory_mb:.1f} MB, {found.live_objects} objects; "
        f"{found.office_seconds / 60:.0f} min of the office's time in {found.real_seconds:.0f} s",
        flush=True,
    )
    for words in found.violations:
        print(f"    BROKEN: {words}", flush=True)
    if found.violations:
        print(f"    faults: {_listed(found.faults)}")
        print(
            f"    again: python -m tests.soak --seed {plan.seed} --texts {plan.per_epoch} --per-epoch "
            f"{plan.per_epoch} --lines {plan.lines} --offices 1 --first-line {plan.first} "
            f"--first-epoch {found.number} --minutes-between-faults {plan.minutes_between_faults} "
            f"--minutes-between-restarts {plan.minutes_between_restarts}",
            flush=True,
        )


def soak(plan: Plan) -> list[Epoch]:
    """One office, in a process of its own."""
    return epochs(plan, partial(tell, plan))


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common()) or "none"


def summary(every: list[Epoch]) -> str:
    """What all epochs came to."""
    counts: Counter[str] = sum((each.counts for each in every), Counter())
    told = {
        "texts": counts,
        "outcomes": sum((each.states for each in every), Counter()),
        "reasons": sum((each.reasons for each in every), Counter()),
        "faults": sum((each.faults for each in every), Counter()),
        "recoveries": sum((each.recoveries for each in every), Counter()),
    }
    return "\n".join(f"{name}: {_listed(counted)}" for name, counted in told.items())


def memory_held(plan: Plan, found: list[Epoch]) -> bool:
    """Print an office's memory; whether it stayed."""
    names = ", ".join(KINDS[(plan.first + place) % len(KINDS)][0] for place in range(plan.lines))
    print(f"memory of {names}:")
    resident = _stayed("MB", [each.memory_mb for each in found], MAY_GROW)
    live = _stayed("thousand objects", [each.live_objects / 1000 for each in found], LIVE_MAY_GROW)
    return resident and live


def _stayed(unit: str, samples: list[float], most: float) -> bool:
    print(f"    {unit}: {', '.join(f'{value:.1f}' for value in samples)}")
    grown = growth(samples)
    if grown is None:
        print("    too few epochs to say whether it grows")
        return True
    print(f"    last quarter against the second: {grown:.3f}, at most {most}")
    return grown <= most
