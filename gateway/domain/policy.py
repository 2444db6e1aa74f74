"""Whether a text may leave now, later, or never, and why. Pure: what it reads is a `Case`, made from the
store by `gateway.desk.deciding`; the same rules answer before Send is pressed, when a text is accepted and
when a device is ready to take it.

Each rule is one function that looks at the case at one moment. The first refusal ends it; of several waits
the longest counts, and the case is looked at again at that moment, since another rule may hold it then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.contact import Health
from gateway.domain.hours import Opening
from gateway.domain.hygiene import NOT_AUTOMATIC
from gateway.domain.limits import Limit, Slot, free_at
from gateway.domain.message import Purpose, Rank, State, WaitingFor
from gateway.domain.zones import Zones

AUTOMATED = frozenset({Purpose.TRANSACTIONAL, Purpose.FEEDBACK, Purpose.MARKETING, Purpose.AUTO})
"""Purposes that the caps of a contact count: all but what people say to each other, the proof of consent,
and texts to staff."""

_LOOKS = 12
"""Rules that send each other a text back and forth are given up on after so many looks; it waits."""


# --- verdicts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendNow:
    """It may leave. `note`: why, where a rule would have held it ("live", "urgent", "answer")."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """It waits. `until`: when it may leave, as far as is known now; None: nobody can tell, events free it."""

    until: datetime | None
    why: WaitingFor


@dataclass(frozen=True, slots=True)
class Refuse:
    """It will never leave. `state` is how it ends (canceled, expired, blocked), `reason` a wording key."""

    state: State
    reason: str


Decision = SendNow | WaitUntil | Refuse


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule said, and what it looked at (names of inputs to values: times, numbers, words)."""

    rule: str
    verdict: Decision
    inputs: dict[str, Any] = field(default_factory=dict)


# --- what is looked at -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` texts of these purposes to one contact within `within`."""

    count: int
    within: timedelta
    purposes: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class Awaited:
    """Regions (ISO 3166) whose public holidays count for a text and are not known yet. `trouble`: what went
    wrong when they were to be computed; empty where nothing did."""

    regions: tuple[str, ...] = ()
    trouble: str = ""


NOTHING_AWAITED = Awaited()


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a decision reads. Times are aware; `they_wrote_at` is their last text before this one was
    written; `had` are earlier texts to the contact that caps count, with their purpose and the time they left
    or will leave."""

    purpose: Purpose
    rank: Rank
    written_at: datetime
    zones: Zones
    opening: Opening
    awaited: Awaited = NOTHING_AWAITED
    """Without these nobody can tell whether it is open."""
    begun: bool = False
    """Parts of it are just going out: half a text is worse than a whole one."""
    half: bool = False
    """A part of it went a short time ago, and the rest may still be joined to it: hours do not hold it."""
    suppressed_since: datetime | None = None
    health: Health = Health.OK
    """How the number is."""
    blocked: bool = False
    """Somebody of the office blocked its owner."""
    not_before: datetime | None = None
    send_by: datetime | None = None
    urgent: bool = False
    answers: bool = False
    """It answers a text by itself, as the confirmation of a STOP does."""
    they_wrote_at: datetime | None = None
    live_for: timedelta = timedelta(minutes=120)
    clock_doubt: str | None = None
    restored_unseen: bool = False
    """A backup was restored, and no admin has seen yet what it does not know."""
    had: Sequence[tuple[Purpose, datetime]] = ()
    caps: Sequence[Cap] = ()
    paused: bool = False
    limits: Sequence[Limit] = ()
    left: Sequence[datetime] = ()
    """When the line's last texts left, newest first, as many as its largest limit counts."""

    def is_live(self, at: datetime) -> bool:
        """Whether it is said in a conversation that is going on: they wrote first, and not long ago."""
        return (
            self.purpose is Purpose.CONVERSATIONAL
            and self.they_wrote_at is not None
            and at - self.they_wrote_at <= self.live_for
        )

    def is_answer(self, at: datetime) -> bool:
        """Whether it answers what that person just did: at any hour, whatever the clock says."""
        if self.purpose is Purpose.COMPLIANCE or self.is_live(at):
            return True
        return self.answers and self.purpose is Purpose.AUTO and at - self.written_at <= self.live_for


# --- the rules ---------------------------------------------------------------------------------------


def consent(case: Case, at: datetime) -> Judged:
    """Nobody who said stop is texted, but for the one confirmation."""
    inputs = {"suppressed_since": case.suppressed_since, "purpose": case.purpose}
    if case.suppressed_since is None or case.purpose is Purpose.COMPLIANCE:
        return Judged("consent", SendNow(), inputs)
    return Judged("consent", Refuse(State.CANCELED, "opted_out"), inputs)


def number(case: Case, at: datetime) -> Judged:
    """A number that does not work, or may be somebody else's by now, and whoever was blocked, get nothing
    that no person wrote."""
    inputs = {"health": case.health, "blocked": case.blocked, "purpose": case.purpose}
    if case.purpose not in AUTOMATED:
        return Judged("number", SendNow(), inputs)
    if case.blocked:
        return Judged("number", Refuse(State.BLOCKED, "blocked_contact"), inputs)
    if case.health in NOT_AUTOMATIC:
        return Judged("number", Refuse(State.BLOCKED, f"number_{case.health}"), inputs)
    return Judged("number", SendNow(), inputs)


def deadline(case: Case, at: datetime) -> Judged:
    """What has become useless is not sent late; nothing expires by a clock that is in doubt."""
    inputs = {"send_by": case.send_by}
    if case.send_by is None or at <= case.send_by:
        return Judged("deadline", SendNow(), inputs)
    if case.clock_doubt is not None:  # too late by a clock that may be wrong
        return Judged("deadline", WaitUntil(None, WaitingFor.CLOCK), inputs)
    return Judged("deadline", Refuse(State.EXPIRED, "expired"), inputs)


def schedule(case: Case, at: datetime) -> Judged:
    """The time its author chose."""
    inputs = {"not_before": case.not_before}
    if case.not_before is None or at >= case.not_before:
        return Judged("schedule", SendNow(), inputs)
    return Judged("schedule", WaitUntil(case.not_before, WaitingFor.SCHEDULE), inputs)


def clock(case: Case, at: datetime) -> Judged:
    """While the clock cannot be trusted only answers to what somebody just wrote go out."""
    inputs = {"clock_doubt": case.clock_doubt}
    if case.clock_doubt is None or case.purpose is Purpose.INTERNAL:
        return Judged("clock", SendNow(), inputs)
    if case.is_answer(at):
        return Judged("clock", SendNow("answer"), inputs)
    return Judged("clock", WaitUntil(None, WaitingFor.CLOCK), inputs)


def restored(case: Case, at: datetime) -> Judged:
    """After a restore nothing automatic goes out until an admin has seen what the backup does not know, such
    as who said stop since."""
    inputs = {"restored_unseen": case.restored_unseen}
    if not case.restored_unseen or case.purpose not in AUTOMATED:
        return Judged("restored", SendNow(), inputs)
    return Judged("restored", WaitUntil(None, WaitingFor.APPROVAL), inputs)


def quiet_hours(case: Case, at: datetime) -> Judged:
    """Nothing goes out at night where they are, but an answer or what somebody entitled called urgent."""
    inputs = {
        "zones": case.zones.names,
        "zones_from": case.zones.source,
        "unsure": case.zones.unsure,
        "windows": case.opening.windows,
        "awaited": case.awaited,
        "they_wrote_at": case.they_wrote_at,
        "urgent": case.urgent,
    }
    if case.purpose in (Purpose.COMPLIANCE, Purpose.INTERNAL):
        return Judged("quiet_hours", SendNow(), inputs)
    if case.zones.unsure and case.purpose is Purpose.MARKETING:
        return Judged("quiet_hours", WaitUntil(None, WaitingFor.QUIET_HOURS), inputs)
    if not case.awaited.regions and case.opening.is_open(at):
        return Judged("quiet_hours", SendNow(), inputs)
    if case.is_answer(at):
        return Judged("quiet_hours", SendNow("live" if case.is_live(at) else "answer"), inputs)
    if case.urgent and case.purpose is not Purpose.MARKETING:
        return Judged("quiet_hours", SendNow("urgent"), inputs)
    if case.awaited.regions:
        return Judged("quiet_hours", WaitUntil(None, WaitingFor.QUIET_HOURS), inputs)
    return Judged("quiet_hours", WaitUntil(case.opening.next_open(at), WaitingFor.QUIET_HOURS), inputs)


def caps(case: Case, at: datetime) -> Judged:
    """Nobody gets more automated texts than the caps allow, whoever sends them."""
    inputs: dict[str, Any] = {"caps": tuple(case.caps), "had": len(case.had)}
    if case.purpose not in AUTOMATED:
        return Judged("caps", SendNow(), inputs)
    free = max((_free_of(cap, case, at) for cap in case.caps if case.purpose in cap.purposes), default=at)
    if free <= at:
        return Judged("caps", SendNow(), inputs)
    return Judged("caps", WaitUntil(free, WaitingFor.CAP), inputs)


def _free_of(cap: Cap, case: Case, at: datetime) -> datetime:
    """When one more text keeps the cap; what will have left by then counts as well."""
    times = sorted(time for purpose, time in case.had if purpose in cap.purposes)
    free = at
    while True:
        inside = [time for time in times if free - cap.within < time <= free]
        if len(inside) < cap.count:
            return free
        free = inside[len(inside) - cap.count] + cap.within


def line(case: Case, at: datetime) -> Judged:
    """A line that people paused sends nothing."""
    verdict = WaitUntil(None, WaitingFor.LINE) if case.paused else SendNow()
    return Judged("line", verdict, {"paused": case.paused})


def rate(case: Case, at: datetime) -> Judged:
    """The line's limits, with room kept for people."""
    slot: Slot = free_at(case.limits, case.rank, case.left, at)
    inputs = {"limits": tuple(case.limits), "limit": slot.limit}
    if slot.at <= at or slot.limit is None:
        return Judged("rate", SendNow(), inputs)
    why = WaitingFor.BUDGET if slot.limit.is_budget else WaitingFor.RATE
    return Judged("rate", WaitUntil(slot.at, why), inputs)


Rule = Callable[[Case, datetime], Judged]

OF_THE_TEXT: tuple[Rule, ...] = (consent, number, deadline, schedule, clock, restored, quiet_hours, caps)
"""Rules about the text and whom it is for."""
_EVEN_OF_A_HALF = (consent, deadline, line, rate)
OF_THE_LINE: tuple[Rule, ...] = (line, rate)
"""Rules that hold for whatever the line sends next; a text that waits only for these keeps its due time."""
RULES: tuple[Rule, ...] = OF_THE_TEXT + OF_THE_LINE


def explain(case: Case, at: datetime) -> list[Judged]:
    """What every rule says at that moment, in order."""
    return [rule(case, at) for rule in RULES]


def decide(case: Case, now: datetime, rules: Sequence[Rule] = OF_THE_TEXT) -> Decision:
    """Now, later or never.

    A text whose parts are just going out is completed. The reason of a wait is the one that holds longest; a
    cap stays the reason though the hours add to it.
    """
    if case.begun:
        return SendNow("begun")
    if case.half:
        rules = [rule for rule in rules if rule in _EVEN_OF_A_HALF]
    at, why = now, None
    for _ in range(_LOOKS):
        verdicts = [rule(case, at).verdict for rule in rules]
        for verdict in verdicts:
            if isinstance(verdict, Refuse) and at == now:  # what is too late by then still waits till then
                return verdict
        waits = [verdict for verdict in verdicts if isinstance(verdict, WaitUntil)]
        if not waits:
            notes = [verdict.note for verdict in verdicts if isinstance(verdict, SendNow) and verdict.note]
            return WaitUntil(at, why) if why is not None else SendNow(next(iter(notes), ""))
        for wait in waits:
            if wait.until is None:
                return wait
        longest = max(waits, key=lambda wait: wait.until or at)
        # a cap that lets nothing go before the evening is why it goes in the morning
        at, why = longest.until or at, why if why is WaitingFor.CAP else longest.why
    return WaitUntil(at, why or WaitingFor.QUIET_HOURS)
