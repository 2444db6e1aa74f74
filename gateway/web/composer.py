"""What the composer says before Send is pressed: what time it is for them, when the text will go and why not
now, the times one may choose. Asks the rules that decide when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from werkzeug.datastructures import MultiDict

from gateway.desk import chosen_times, deciding
from gateway.domain import composer_words, decision_words, line_words, policy
from gateway.domain.decision_words import Clocks
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.message_words import Tone
from gateway.domain.policy import Case, SendNow, WaitUntil
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Kind, Schedule
from gateway.store.database import Tx
from gateway.web import there
from gateway.web.present import Times

SHORT_WAIT_S = 60
"""A pause of the line's pace that is no longer than this is not worth a notice (seconds)."""

FIELD_OF: dict[str, str] = dict.fromkeys(
    ("no_time", "time_past", "time_far", "never_asleep", "always_open", "no_opening", "unknown_zone"), "at"
) | {"no_reason": "reason"}
"""Refusals that are said at a field: the date and time, or the reason of a hurry."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands above Send. `by_hours`: it is held by quiet hours, so somebody entitled may hurry it."""

    words: str
    tone: Tone
    by_hours: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A time one may choose: the value of its field, its name, and when that is."""

    value: str
    name: str
    when: str


@dataclass(frozen=True, slots=True)
class Later:
    """What was typed into the form besides the words. `when`: empty (at once), or a `schedule.Kind`; `at`: a
    date and time as the field gives it; `clock`: theirs or ours; `reason`: why it is urgent."""

    when: str = ""
    at: str = ""
    clock: str = "theirs"
    cancel: bool = False
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the times are shown unfolded."""
        return bool(self.when or self.cancel or "at" in self.errors)


def later(form: MultiDict[str, str]) -> Later:
    """What a form holds of that."""
    return Later(
        when=form.get("when", ""),
        at=form.get("at", "").strip(),
        clock=form.get("clock", "theirs"),
        cancel="cancel_if_answered" in form,
        reason=" ".join(form.get("reason", "").split()),
    )


@dataclass(frozen=True, slots=True)
class Composer:
    """All that stands round the box. `there`: the time where they are, with the place."""

    there: str
    clocks: Clocks
    notice: Notice | None
    choices: tuple[Choice, ...]


def composer(
    tx: Tx, number: str, name: str | None, line: Row[Any], times: Times, typed: Later | None = None
) -> Composer:
    """What somebody's text to a number (E.164) would meet if Send were pressed now, at the time that is
    chosen in `typed`; `name` is whose number it is."""
    try:
        when, wrong = chosen(tx, typed or Later(), line, number, times.now), ""
    except Refused as refused:
        when, wrong = None, refused.text
    not_before = when.at if when else None
    text = deciding.About(Purpose.CONVERSATIONAL, number, times.now, not_before=not_before)
    case = deciding.case(tx, text, line, times.now, of_line=True)
    clocks = there.clocks(times, case.zones, name)
    return Composer(
        there=there.time_there(case.zones, times.now),
        clocks=clocks,
        notice=Notice(wrong, Tone.WARN) if wrong else _notice(case, line, clocks),
        choices=tuple(_choices(tx, line, number, clocks)),
    )


def _notice(case: Case, line: Row[Any], clocks: Clocks) -> Notice | None:
    decision = policy.decide(case, clocks.now)
    words = decision_words.decision(
        decision,
        clocks,
        case.they_wrote_at,
        case.not_before,
        unsure=case.zones.unsure,
        awaited=case.awaited,
    )
    if isinstance(decision, WaitUntil):
        down = _down(line)
        words = f"{words} {down} {composer_words.WAITS_THEN}" if down else words
        return Notice(words, Tone.WAITING, decision.why is WaitingFor.QUIET_HOURS)
    if not isinstance(decision, SendNow):
        return None  # nothing can be sent, and another notice says why
    return _of_line(case, line, clocks) or (Notice(words, Tone.OK) if decision.note == "live" else None)


def _of_line(case: Case, line: Row[Any], clocks: Clocks) -> Notice | None:
    """What of its line would make it wait."""
    down = _down(line)
    if down:
        return Notice(f"{down} {composer_words.WAITS_FOR_LINE}", Tone.WARN)
    verdict = policy.decide(case, clocks.now, policy.OF_THE_LINE)
    if not isinstance(verdict, WaitUntil) or verdict.until is None:
        return None
    if (verdict.until - clocks.now).total_seconds() <= SHORT_WAIT_S:
        return None
    return Notice(decision_words.decision(verdict, clocks), Tone.WAITING)


def _down(line: Row[Any]) -> str:
    """Why a line sends nothing at the moment; empty for one that does."""
    code = line_words.line_now(line.status, line.code, line.paused_at)
    return "" if code == "ready" else line_words.line_sentence(code, line.facts)


def _choices(tx: Tx, line: Row[Any], number: str, clocks: Clocks) -> list[Choice]:
    found = []
    for kind, name in composer_words.TIMES.items():
        try:
            chosen = chosen_times.choose(tx, kind, line, number, clocks.now)
        except Refused:
            continue  # they are never asleep, say: then it is no choice
        found.append(Choice(kind.value, name, clocks.when(chosen.at)))
    return found


def chosen(tx: Tx, typed: Later, line: Row[Any], number: str, now: datetime) -> Schedule | None:
    """The time that was chosen in a form; None: as soon as the rules allow.

    Raises:
        Refused: it is no time, or none to come.
    """
    if typed.when in (Kind.WAKE, Kind.OPEN):
        return chosen_times.choose(tx, Kind(typed.when), line, number, now)
    if typed.when != Kind.AT:
        return None
    try:
        wall = datetime.fromisoformat(typed.at).replace(tzinfo=None)
    except ValueError:
        raise Refused("no_time") from None
    if typed.clock == "theirs":
        return chosen_times.choose_theirs(tx, line, number, now, wall)
    return chosen_times.choose(tx, Kind.AT, line, number, now, wall)
