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
from gateway.domain.language import joined, t, tn
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.phrases import as_sentence, pace
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
        return t("They asked us to stop. Only they can start again, by texting START.")
    if inputs["suppressed_since"] is not None:
        return t("They asked us to stop; this only confirms it.")
    return t("They did not ask us to stop.")


def _number(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, Refuse):
        return reason_words.reason(verdict.reason)
    if inputs["blocked"] or inputs["health"] in NOT_AUTOMATIC:
        return t("Nothing goes to them by itself, but this was written by a person.")
    return t("Nothing is known against their number.")


def _deadline(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, Refuse):
        return t("It is too late now, so it is not sent.")
    if isinstance(verdict, WaitUntil):
        return t("It is too late by the clock, but the clock may be wrong, so this waits.")
    return t("There is still time.") if inputs["send_by"] else t("It has no deadline.")


def _schedule(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return t("Its time has not come.")
    return t("Its time has come.") if inputs["not_before"] else t("No time was chosen.")


def _box_clock(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return t("The clock may be wrong, so this waits until it is right.")
    return (
        t("The clock may be wrong, but this may go now.")
        if inputs["clock_doubt"]
        else t("The clock is trusted.")
    )


def _restored(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return joined(backup_words.HELD_RULE, backup_words.HELD)
    return backup_words.NOT_HELD_RULE if not inputs["restored_unseen"] else backup_words.GOES_ALL_THE_SAME


def _quiet_hours(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        if verdict.until is None:
            return no_hours(inputs["unsure"], inputs["awaited"])
        return t("It is outside the hours for this kind of text.")
    note = verdict.note if isinstance(verdict, SendNow) else ""
    return _GOES.get(note, _GOES[""]).format(clock=clocks.it_is(clocks.now))


_GOES: Mapping[str, str] = {
    "live": t("{clock}, but they have just written, so an answer may go."),
    "urgent": t("{clock}, but it was called urgent."),
    "answer": t("It answers what they just did, so it may go at any hour."),
    "": t("A text of this kind may go at this hour."),
}
"""Why a text may go at that hour, by the note of the decision."""


def _caps(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil):
        return t("They have had all the automatic texts they may get for now.")
    return t("They are below the limit.") if inputs["caps"] else t("No limit is set.")


def _line(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    return t("Somebody paused the line.") if inputs["paused"] else t("The line is not paused.")


def _rate(verdict: Decision, clocks: Clocks, inputs: _Inputs) -> str:
    if isinstance(verdict, WaitUntil) and verdict.why is WaitingFor.BUDGET:
        return t("The line has sent as many texts as it may in a day.")
    if isinstance(verdict, WaitUntil):
        return t("The line is at its sending limit for the moment.")
    return t("The line is below its limits.") if inputs["limits"] else t("The line has no limit.")


def _doubt(code: str | None) -> str:
    why = WHY[Doubt(code)] if code in set(Doubt) else code or ""
    return as_sentence(why) if why else ""


def _until(verdict_time: datetime | None, clocks: Clocks) -> str:
    return clocks.when(verdict_time) if verdict_time else ""


def _facts_of_hours(inputs: _Inputs, clocks: Clocks) -> Iterable[tuple[str, str]]:
    yield t("Their clock"), f"{clocks.it_is(clocks.now)}."
    yield t("Where they are"), ", ".join(map(zones.label, inputs["zones"]))
    yield t("Known from"), _KNOWN_FROM[inputs["zones_from"]]
    yield t("Hours"), str(t(" and ")).join(one.told() for one in inputs["windows"])
    yield t("They wrote"), clocks.ago(inputs["they_wrote_at"]) if inputs["they_wrote_at"] else ""
    yield t("Urgent"), t("yes") if inputs["urgent"] else ""


_KNOWN_FROM = {
    Source.CONTACT: t("what we noted about them"),
    Source.NUMBER: t("their number"),
    Source.LINE: t("the line, since their number does not tell"),
}


def _cap(cap: Cap) -> str:
    if cap.purposes == {Purpose.MARKETING}:
        texts = tn("{count} marketing text", "{count} marketing texts", cap.count)
    else:
        texts = tn("{count} automatic text", "{count} automatic texts", cap.count)
    words = t("{texts} in 24 hours") if cap.within <= timedelta(hours=24) else t("{texts} in 30 days")
    return words.format(texts=texts)


_RULES: Mapping[str, tuple[str, _Verdict, _Facts]] = {
    "consent": (
        t("Consent"),
        _consent,
        lambda inputs, clocks: [(t("They said stop"), _until(inputs["suppressed_since"], clocks))],
    ),
    "number": (t("Their number"), _number, lambda inputs, clocks: []),
    "deadline": (
        t("Deadline"),
        _deadline,
        lambda inputs, clocks: [(t("Useful until"), _until(inputs["send_by"], clocks))],
    ),
    "schedule": (
        t("Chosen time"),
        _schedule,
        lambda inputs, clocks: [(t("Chosen time"), _until(inputs["not_before"], clocks))],
    ),
    "clock": (
        t("The clock of this box"),
        _box_clock,
        lambda inputs, clocks: [(t("Doubt"), _doubt(inputs["clock_doubt"]))],
    ),
    "restored": (t("After a restore"), _restored, lambda inputs, clocks: []),
    "quiet_hours": (t("Hours"), _quiet_hours, _facts_of_hours),
    "caps": (
        t("Automatic texts to them"),
        _caps,
        lambda inputs, clocks: [
            (t("At most"), ", ".join(map(_cap, inputs["caps"]))),
            (t("They had"), str(inputs["had"]) if inputs["caps"] else ""),
        ],
    ),
    "line": (t("The line"), _line, lambda inputs, clocks: []),
    "rate": (
        t("Limits of the line"),
        _rate,
        lambda inputs, clocks: [
            (t("At most"), ", ".join(pace(limit.count, limit.per) for limit in inputs["limits"]))
        ],
    ),
}
"""Title, verdict and inputs of each rule, by the rule's name."""
