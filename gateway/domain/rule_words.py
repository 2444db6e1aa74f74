"""What each rule of `gateway.domain.policy` says of a text, as people read it: a title, its verdict, and what
it looked at. Panel, API and command line all say these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.domain import backup_words, reason_words, zones
from gateway.domain.clock_trust import Doubt
from gateway.domain.clock_words import WHY
from gateway.domain.decision_words import Clocks, no_hours
from gateway.domain.hygiene import NOT_AUTOMATIC
from gateway.domain.message import WaitingFor
from gateway.domain.phrases import counted
from gateway.domain.policy import Cap, Decision, Judged, Refuse, SendNow, WaitUntil
from gateway.domain.zones import Source


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What one rule says of a text: its title, its verdict, and what it looked at (label, value)."""

    title: str
    verdict: str
    facts: tuple[tuple[str, str], ...] = ()


def rule(judged: Judged, clocks: Clocks) -> RuleWords:
    """A rule's verdict in words, with its inputs."""
    title, verdict, facts = _RULES[judged.rule]
    told = ((label, value) for label, value in facts(judged.inputs, clocks) if value)
    return RuleWords(title, verdict(judged.verdict, clocks, judged.inputs), tuple(told))


_Inputs = Mapping[str, Any]
_Verdict = Callable[[Decision, Clocks, _Inputs], str]
_Facts = Callable[[_Inputs, Clocks], Iterable[tuple[str, str]]]


def _consent(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, Refuse):
        return "They asked us to stop. Only they can start again, by texting START."
    if inputs["suppressed_since"] is not None:
        return "They asked us to stop; this only confirms it."
    return "They did not ask us to stop."


def _number(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, Refuse):
        return reason_words.reason(verdict.reason)
    if inputs["blocked"] or inputs["health"] in NOT_AUTOMATIC:
        return "Nothing goes to them by itself, but this was written by a person."
    return "Nothing is known against their number."


def _deadline(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, Refuse):
        return "It is too late now, so it is not sent."
    if isinstance(verdict, WaitUntil):
        return "It is too late by the clock, but the clock may be wrong, so this waits."
    return "There is still time." if inputs["send_by"] else "It has no deadline."


def _schedule(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return "Its time has not come."
    return "Its time has come." if inputs["not_before"] else "No time was chosen."


def _box_clock(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return "The clock may be wrong, so this waits until it is right."
    return (
        "The clock may be wrong, but this may go now." if inputs["clock_doubt"] else "The clock is trusted."
    )


def _restored(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return f"{backup_words.HELD_RULE} {backup_words.HELD}"
    return backup_words.NOT_HELD_RULE if not inputs["restored_unseen"] else backup_words.GOES_ALL_THE_SAME


def _quiet_hours(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        if verdict.until is None:
            return no_hours(inputs["unsure"], inputs["awaited"])
        return "It is outside the hours for this kind of text."
    note = verdict.note if isinstance(verdict, SendNow) else ""
    return {
        "live": f"{clocks.it_is(clocks.now)}, but they have just written, so an answer may go.",
        "urgent": f"{clocks.it_is(clocks.now)}, but it was called urgent.",
        "answer": "It answers what they just did, so it may go at any hour.",
    }.get(note, "A text of this kind may go at this hour.")


def _caps(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return "They have had all the automatic texts they may get for now."
    return "They are below the limit." if inputs["caps"] else "No limit is set."


def _line(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    return "Somebody paused the line." if inputs["paused"] else "The line is not paused."


def _rate(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil) and verdict.why is WaitingFor.BUDGET:
        return "The line has sent as many texts as it may in a day."
    if isinstance(verdict, WaitUntil):
        return "The line is at its sending limit for the moment."
    return "The line is below its limits." if inputs["limits"] else "The line has no limit."


def _doubt(code: str | None) -> str:
    why = WHY[Doubt(code)] if code in set(Doubt) else code or ""
    return f"{why[:1].upper()}{why[1:]}." if why else ""


def _until(verdict_time: datetime | None, clocks: Clocks) -> str:
    return clocks.when(verdict_time) if verdict_time else ""


def _facts_of_hours(inputs: _Inputs, clocks: Clocks) -> Iterable[tuple[str, str]]:
    yield "Their clock", f"{clocks.it_is(clocks.now)}."
    yield "Where they are", ", ".join(map(zones.label, inputs["zones"]))
    yield "Known from", _KNOWN_FROM[inputs["zones_from"]]
    yield "Hours", " and ".join(map(str, inputs["windows"]))
    yield "They wrote", clocks.ago(inputs["they_wrote_at"]) if inputs["they_wrote_at"] else ""
    yield "Urgent", "yes" if inputs["urgent"] else ""


_KNOWN_FROM = {
    Source.CONTACT: "what we noted about them",
    Source.NUMBER: "their number",
    Source.LINE: "the line, since their number does not tell",
}

_SPANS = {timedelta(hours=24): "in 24 hours", timedelta(days=30): "in 30 days"}


def _cap(cap: Cap) -> str:
    kind = min(cap.purposes) if len(cap.purposes) == 1 else "automatic"
    return f"{counted(cap.count, f'{kind} text')} {_SPANS[cap.within]}"


_RULES: Mapping[str, tuple[str, _Verdict, _Facts]] = {
    "consent": (
        "Consent",
        _consent,
        lambda inputs, clocks: [("They said stop", _until(inputs["suppressed_since"], clocks))],
    ),
    "number": ("Their number", _number, lambda inputs, clocks: []),
    "deadline": (
        "Deadline",
        _deadline,
        lambda inputs, clocks: [("Useful until", _until(inputs["send_by"], clocks))],
    ),
    "schedule": (
        "Chosen time",
        _schedule,
        lambda inputs, clocks: [("Chosen time", _until(inputs["not_before"], clocks))],
    ),
    "clock": (
        "The clock of this box",
        _box_clock,
        lambda inputs, clocks: [("Doubt", _doubt(inputs["clock_doubt"]))],
    ),
    "restored": ("After a restore", _restored, lambda inputs, clocks: []),
    "quiet_hours": ("Hours", _quiet_hours, _facts_of_hours),
    "caps": (
        "Automatic texts to them",
        _caps,
        lambda inputs, clocks: [
            ("At most", ", ".join(map(_cap, inputs["caps"]))),
            ("They had", str(inputs["had"]) if inputs["caps"] else ""),
        ],
    ),
    "line": ("The line", _line, lambda inputs, clocks: []),
    "rate": (
        "Limits of the line",
        _rate,
        lambda inputs, clocks: [
            ("At most", ", ".join(f"{limit.count} a {limit.per}" for limit in inputs["limits"]))
        ],
    ),
}
"""Title, verdict and inputs of each rule, by the rule's name."""
