"""What was decided about a text, as plain dictionaries: the verdict and when, rule by rule, and its log.

Raw values stand beside their sentences: programs read the first, people the second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Row

from gateway.desk import chosen_times, deciding, waiting
from gateway.desk.deciding import About
from gateway.desk.waiting import Wait
from gateway.domain import decision_words, line_words, rule_words, schedule
from gateway.domain.decision_words import Clocks
from gateway.domain.message import UNFINISHED, Direction, WaitingFor
from gateway.domain.policy import Decision, Judged, Refuse, SendNow, WaitUntil
from gateway.store import decisions, lines
from gateway.store.database import Tx
from gateway.web.schemas_decisions import REFUSE, SEND_NOW, WAIT

_LOGGED = {"goes": SEND_NOW, "waits": WAIT, "refused": REFUSE}


def time(at: datetime | None) -> str | None:
    """A time as it leaves the house: "2026-11-22T10:50:29.120000Z"."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- when it goes ------------------------------------------------------------------------------------


def goes_at(wait: Wait | None, now: datetime) -> datetime | None:
    """When a text goes as far as is known; None where it does not wait, or nobody can tell."""
    if wait is None:
        return None
    return wait.until if wait.why is not None else now


def late(planned: datetime | None, send_by: datetime | None, now: datetime) -> list[dict[str, str]]:
    """The warning that a time which was planned leaves the reader little time."""
    left = schedule.reading_time(planned, send_by) if planned is not None and planned > now else None
    return [] if left is None else [{"code": "late", "text": decision_words.little_time(left)}]


# --- a text that waits -------------------------------------------------------------------------------


def explained(tx: Tx, row: Row[Any], now: datetime) -> dict[str, Any]:
    """What would be done with a stored text now, what each rule says, and what was decided before."""
    line = lines.get(tx, row.line_id)
    if line is None or row.direction != Direction.OUTBOUND.value:
        return {"decision": None, "rules": [], "decisions": []}
    log = _log(tx, row.id, chosen_times.clocks(tx, line, row.peer, now))
    if row.state not in UNFINISHED:
        return {"decision": None, "rules": [], "decisions": log}
    wait = waiting.waits(tx, [row], now, with_places=False).get(row.id)
    found = judged(tx, deciding.about(tx, row, now), line, now, wait)
    return {"decision": found.decision, "rules": found.rules, "decisions": log}


@dataclass(frozen=True, slots=True)
class Found:
    """What would be done with a text and what each rule says, to be told; and when it would go."""

    decision: dict[str, Any]
    rules: list[dict[str, Any]]
    goes_at: datetime | None


def judged(tx: Tx, text: About, line: Row[Any], now: datetime, wait: Wait | None = None) -> Found:
    """What would be done with a text now. `wait`: what a stored one waits for, which may be more than the
    rules know of, such as the text before it."""
    decision, rules = deciding.explain(tx, text, line, now)
    clocks = chosen_times.clocks(tx, line, text.number, now)
    line_is = wait.line if wait else line_words.line_now(line.status, line.code, line.paused_at)
    if isinstance(decision, SendNow) and wait is not None and wait.why is not None:
        decision = WaitUntil(wait.until, wait.why)
    elif isinstance(decision, SendNow) and line_is != "ready":
        decision = WaitUntil(None, WaitingFor.LINE)
    at = now if isinstance(decision, SendNow) else _until(decision)
    told = {
        "verdict": _verdict(decision),
        "would_send_at": time(at),
        "reasons": _reasons(decision, rules, clocks, line_is),
    }
    return Found(told, [_rule(rule, clocks) for rule in rules], at)


def _reasons(
    decision: Decision, rules: Iterable[Judged], clocks: Clocks, line_is: str
) -> list[dict[str, str]]:
    """Why, in codes and sentences: what decides first, then whatever else holds it."""
    first = _reason(decision, rules, clocks, line_is)
    others = (
        {"code": _code(rule.verdict), "text": rule_words.rule(rule, clocks).verdict}
        for rule in rules
        if not isinstance(rule.verdict, SendNow)
    )
    return [*([first] if first["code"] else []), *(one for one in others if one["code"] != first["code"])]


def _reason(decision: Decision, rules: Iterable[Judged], clocks: Clocks, line_is: str) -> dict[str, str]:
    code = _code(decision)
    if code == WaitingFor.LINE:
        return {"code": code, "text": line_words.line_sentence(line_is)}
    inputs = {name: value for rule in rules for name, value in rule.inputs.items()}
    wrote, chosen = inputs.get("they_wrote_at"), inputs.get("not_before")
    return {
        "code": code,
        "text": decision_words.decision(
            decision, clocks, wrote, chosen, unsure=inputs["unsure"], awaited=inputs["awaited"]
        ),
    }


def _verdict(decision: Decision) -> str:
    if isinstance(decision, Refuse):
        return REFUSE
    return SEND_NOW if isinstance(decision, SendNow) else WAIT


def _code(decision: Decision) -> str:
    """The word for why: what it waits for, why it is refused, or why it goes where a rule would hold it."""
    if isinstance(decision, Refuse):
        return decision.reason
    return decision.note if isinstance(decision, SendNow) else decision.why.value


def _until(decision: Decision) -> datetime | None:
    return decision.until if isinstance(decision, WaitUntil) else None


def _rule(rule: Judged, clocks: Clocks) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "verdict": _verdict(rule.verdict),
        "until": time(_until(rule.verdict)),
        "inputs": {name: _raw(value) for name, value in rule.inputs.items()},
        "text": rule_words.rule(rule, clocks).verdict,
    }


def _raw(value: Any) -> Any:
    """A rule's input in JSON: times in UTC, lengths in seconds, limits and hours as people write them."""
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (frozenset, set)):
        return sorted(map(_raw, value))
    if isinstance(value, (tuple, list)):
        return [_raw(one) for one in value]
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        return {field.name: _raw(getattr(value, field.name)) for field in fields(value)}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _log(tx: Tx, message_id: int, clocks: Clocks) -> list[dict[str, Any]]:
    return [
        {
            "at": time(row.at),
            "verdict": _LOGGED[row.verdict],
            "code": row.why,
            "until": time(row.until),
            "text": decision_words.logged(row.verdict, row.why, row.until, replace(clocks, now=row.at)),
        }
        for row in decisions.of_message(tx, message_id)
    ]
