"""Alarms: the troubles that are worth waking somebody for, when each is raised and when it is over. Pure.

The list and its thresholds are those of an office that depends on its texts; what is said of each is in
`gateway.domain.alarm_words`. A trouble is measured again and again (`Reading`), and `judge` tells what
follows: raised once, ended once it has been over for a while, reminded of once a day at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What kind of trouble."""

    LINE_DOWN = "line_down"
    BALANCE = "balance"
    SIM_FULL = "sim_full"
    QUEUE = "queue"
    UNCLEAR = "unclear"
    DELIVERY = "delivery"
    SILENCE = "silence"
    NOTICES = "notices"
    BACKUP = "backup"
    DISK = "disk"
    RESERVE = "reserve"
    CLOCK = "clock"
    CERTIFICATE = "certificate"
    SIGN_INS = "sign_ins"
    RESTARTS = "restarts"
    LIST = "list"
    TEST = "test"  # asked for by a person, over at once


class Severity(StrEnum):
    """How bad it is. A serious one is also told by a text."""

    SERIOUS = "serious"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alarm of a kind is raised, and when it is over.

    `raised_at`: the measure from which it is a trouble; `over_at`: the measure from which it is none any
    more. In between it stays as it is. Where `over_at` is the greater, a low measure is the trouble.
    `measure` says what is measured, in what unit. `calm`: how long it must be over before it is said to be.
    `needs_clock`: it is measured against records, and not judged while the clock is in doubt.
    """

    kind: Kind
    severity: Severity
    measure: str
    raised_at: float
    over_at: float
    calm: timedelta = timedelta(minutes=10)
    needs_clock: bool = True

    def is_trouble(self, value: float) -> bool:
        """Whether this measure raises it."""
        return value < self.raised_at if self.over_at > self.raised_at else value >= self.raised_at

    def is_over(self, value: float) -> bool:
        """Whether this measure is as it should be."""
        return value >= self.over_at if self.over_at > self.raised_at else value <= self.over_at


_AT_ONCE = timedelta(0)

RULES: dict[Kind, Rule] = {
    rule.kind: rule
    for rule in (
        Rule(Kind.LINE_DOWN, Severity.SERIOUS, "minutes a line has not worked", 5, 0),
        Rule(
            Kind.BALANCE,
            Severity.SERIOUS,
            "people in a row whose texts the network refused",
            3,
            0,
            needs_clock=False,
        ),
        Rule(
            Kind.SIM_FULL,
            Severity.SERIOUS,
            "percent of the places for texts in the SIM or the modem that are taken",
            80,
            60,
            needs_clock=False,
        ),
        Rule(
            Kind.QUEUE,
            Severity.SERIOUS,
            "minutes the text that was due first has waited on a line that works, hours and limits apart",
            10,
            2,
        ),
        Rule(Kind.UNCLEAR, Severity.WARNING, "minutes since a text became unclear", 15, 0, _AT_ONCE),
        Rule(
            Kind.DELIVERY,
            Severity.WARNING,
            "percent of a line's usual share of texts that arrive (a day against the seven days before, at "
            "least 20 texts in each)",
            80,
            90,
        ),
        Rule(
            Kind.SILENCE,
            Severity.WARNING,
            "percent of the longest time without a text that is usual at that hour of the week (four times "
            "what 95 in 100 weeks keep to, at least 4 hours; after four weeks)",
            100,
            50,
            _AT_ONCE,
        ),
        Rule(
            Kind.NOTICES,
            Severity.WARNING,
            "times in 24 hours that a modem stopped announcing texts and was made to again",
            1,
            0,
            _AT_ONCE,
        ),
        Rule(Kind.BACKUP, Severity.SERIOUS, "hours since a backup was last verified", 26, 25, _AT_ONCE),
        Rule(Kind.DISK, Severity.SERIOUS, "percent of the disk that is free", 10, 12, needs_clock=False),
        Rule(
            Kind.RESERVE,
            Severity.SERIOUS,
            "1 while the reserve of 16 MiB on the disk is used up",
            1,
            0,
            needs_clock=False,
        ),
        Rule(Kind.CLOCK, Severity.SERIOUS, "minutes the clock has been in doubt", 10, 0, needs_clock=False),
        Rule(Kind.CERTIFICATE, Severity.SERIOUS, "days until the panel's certificate ends", 21, 22, _AT_ONCE),
        Rule(
            Kind.LIST,
            Severity.WARNING,
            "1 while a list cannot be taken from a watched folder",
            1,
            0,
            _AT_ONCE,
            needs_clock=False,
        ),
        Rule(Kind.SIGN_INS, Severity.WARNING, "sign-ins that failed within 15 minutes", 10, 2),
        Rule(
            Kind.RESTARTS,
            Severity.SERIOUS,
            "times within an hour that the program started again without having been stopped",
            2,
            0,
        ),
        Rule(Kind.TEST, Severity.SERIOUS, "asked for by a person", 1, 0, _AT_ONCE, needs_clock=False),
    )
}

REMIND_EVERY = timedelta(days=1)
"""An alarm that stays and that nobody has seen is told again so often."""
TELL_AGAIN_AFTER = timedelta(hours=1)
"""A trouble that comes and goes is shown each time and told no more often than this."""
UNKNOWN_FOR = timedelta(days=1)
"""An alarm of which nothing could be measured for so long ends: too few texts to judge by, a device that is
gone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A trouble as it was just measured. `subject`: the line's name, empty for the box itself; `value`: the
    measure of its rule, None where nothing is known just now; `detail`: what its sentences name."""

    kind: Kind
    subject: str
    value: float | None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Step(StrEnum):
    """What follows from a reading."""

    RAISE = "raise"
    UNWELL = "unwell"  # it seemed over and is not
    WELL = "well"  # it looks over from now on, or nothing is known of it
    END = "end"
    LAPSE = "lapse"  # nothing was known of it for too long
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class Open:
    """An alarm that is raised, as far as judging needs it. `told_at`: when it was told, None where that was
    put off; `last_told`: when any alarm of that kind and subject was."""

    well_since: datetime | None
    told_at: datetime | None
    last_told: datetime | None
    seen: bool


def judge(rule: Rule, value: float | None, alarm: Open | None, now: datetime) -> Step | None:
    """What follows from a measure, given the alarm there is; None for nothing.

    A time later than now, which a stepped clock can leave behind, begins anew.
    """
    if alarm is None:
        return Step.RAISE if value is not None and rule.is_trouble(value) else None
    if value is None:
        return _when_calm(alarm, UNKNOWN_FOR, Step.LAPSE, now)
    if rule.is_over(value):
        return _when_calm(alarm, rule.calm, Step.END, now)
    if alarm.well_since is not None:
        return Step.UNWELL
    if alarm.seen:
        return None
    if alarm.told_at is None:
        return Step.REMIND if may_tell(alarm.last_told, now) else None
    is_ahead = alarm.told_at > now
    return Step.REMIND if is_ahead or now - alarm.told_at >= REMIND_EVERY else None


def _when_calm(alarm: Open, calm: timedelta, then: Step, now: datetime) -> Step | None:
    if calm == timedelta(0):
        return then
    if alarm.well_since is None or alarm.well_since > now:
        return Step.WELL
    return then if now - alarm.well_since >= calm else None


def may_tell(last_told: datetime | None, now: datetime) -> bool:
    """Whether a trouble that was last told then may be told of now."""
    return last_told is None or last_told > now or now - last_told >= TELL_AGAIN_AFTER
