"""The steps of an office's first run, in their order."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """One step. Each can be left out and taken up later, but that somebody has to be able to sign in."""

    OFFICE = "office"
    ACCOUNT = "account"
    MODEM = "modem"
    NUMBER = "number"
    TEST = "test"
    HOURS = "hours"
    RULES = "rules"
    OPENING = "opening"
    COLLEAGUES = "colleagues"


class Standing(StrEnum):
    """How far a step is."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


ORDER = tuple(Step)


def before(step: Step) -> Step | None:
    """The step before; None for the first."""
    place = ORDER.index(step)
    return ORDER[place - 1] if place else None


def after(step: Step) -> Step | None:
    """The step after; None for the last."""
    place = ORDER.index(step) + 1
    return ORDER[place] if place < len(ORDER) else None
