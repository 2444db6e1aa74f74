"""Alarms: raising and ending them, that somebody saw them, and the notices that carry them out of the house.

Whether a trouble is one is `gateway.domain.alarms`; how it is measured `gateway.desk.alarm_readings`; how a
notice travels `gateway.desk.alarm_texts` and, for the webhook, the program's door.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain import alarm_words
from gateway.domain.alarms import RULES, Kind, Open, Reading, Severity, Step, judge, may_tell
from gateway.domain.events import Event
from gateway.store import alarms, box_state, events, settings, team
from gateway.store.database import Tx

TEXT, WEBHOOK = "text", "webhook"
SECRET_PREFIX = "whsec_"  # noqa: S105 - how Standard Webhooks marks one, not a secret
_KEPT_AS = "alarm_webhook"
_SECRET_BYTES = 32


# --- what follows from what was measured -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do. `alarm_id`: None for one that is raised."""

    step: Step
    kind: Kind
    subject: str
    detail: Mapping[str, Any]
    alarm_id: int | None = None


def weigh(tx: Tx, readings: Sequence[Reading], looked: Collection[Kind], now: datetime) -> list[Move]:
    """What follows from what was just measured; changes nothing. `looked`: kinds that were measured at all:
    an open alarm of these whose subject is gone, as when a line was removed, is over."""
    there = {(Kind(row.kind), row.subject): row for row in alarms.every_open(tx)}
    moves = []
    for one in readings:
        row = there.pop((one.kind, one.subject), None)
        step = judge(RULES[one.kind], one.value, _open(tx, row) if row is not None else None, now)
        if step is not None:
            detail = one.detail if step in (Step.RAISE, Step.REMIND) or row is None else row.detail
            moves.append(Move(step, one.kind, one.subject, detail, row.id if row is not None else None))
    gone = ((key, row) for key, row in there.items() if key[0] in looked)
    return moves + [Move(Step.END, kind, subject, row.detail, row.id) for (kind, subject), row in gone]


def _open(tx: Tx, row: Row[Any]) -> Open:
    last = alarms.last_told(tx, row.kind, row.subject)
    return Open(row.well_since, row.told_at, last, row.seen_at is not None)


def follow(tx: Tx, moves: Sequence[Move], now: datetime) -> None:
    """Do what follows. What somebody else did meanwhile is left as it is."""
    there = {row.id: row for row in alarms.every_open(tx)}
    raised = {(row.kind, row.subject) for row in there.values()}
    for move in moves:
        if move.step is Step.RAISE:
            if (move.kind.value, move.subject) not in raised:
                raise_(tx, move.kind, move.subject, move.detail, now)
        elif move.alarm_id in there:
            _go_on(tx, there[move.alarm_id], move, now)


def _go_on(tx: Tx, row: Row[Any], move: Move, now: datetime) -> None:
    if move.step is Step.LAPSE:
        alarms.change(tx, row.id, detail={**row.detail, "lapsed": True})
    if move.step in (Step.END, Step.LAPSE):
        end(tx, row, now)
    elif move.step is Step.REMIND:
        what = "raised" if row.told_at is None else "reminder"
        alarms.change(tx, row.id, told_at=now, detail=dict(move.detail))
        _tell(tx, row.id, move.kind, what, now)
        events.record(tx, Event.ALARM_CHANGED, now)
    else:
        alarms.change(tx, row.id, well_since=now if move.step is Step.WELL else None)


# --- verbs -------------------------------------------------------------------------------------------


def raise_(tx: Tx, kind: Kind, subject: str, detail: Mapping[str, Any], now: datetime) -> int:
    """Raise an alarm and tell it, unless the same was told within the hour. Returns its id."""
    last = alarms.last_told(tx, kind.value, subject)
    alarm_id = alarms.add(tx, kind.value, subject, detail, now)
    if may_tell(last, now):
        alarms.change(tx, alarm_id, told_at=now)
        _tell(tx, alarm_id, kind, "raised", now)
    events.record(tx, Event.ALARM_RAISED, now)
    return alarm_id


def end(tx: Tx, alarm: Row[Any], now: datetime) -> None:
    """An alarm is over: whoever was told of it is told so."""
    alarms.change(tx, alarm.id, ended_at=now)
    for way, number in _ways(tx, Kind(alarm.kind)):
        if alarms.told(tx, alarm.id, way, number):
            alarms.add_notice(tx, alarm.id, "ended", way, number, now)
    events.record(tx, Event.ALARM_ENDED, now)


def seen(tx: Tx, alarm_id: int | None, actor: str, now: datetime) -> int:
    """Somebody saw an open alarm, or with None all of them: it is reminded of no more. Returns how many."""
    rows = [row for row in alarms.every_open(tx) if row.seen_at is None and alarm_id in (None, row.id)]
    for row in rows:
        alarms.change(tx, row.id, seen_at=now, seen_by=actor.partition(":")[2] or actor)
        team.note(tx, now, actor, "alarm.seen", f"{row.kind} {row.subject}".rstrip())
    if rows:
        events.record(tx, Event.ALARM_CHANGED, now)
    return len(rows)


def test(tx: Tx, actor: str, now: datetime) -> int:
    """Send a test alarm by every way that is set; it is over at once. Returns its id."""
    who = actor.partition(":")[2] or actor
    alarm_id = alarms.add(tx, Kind.TEST.value, "", {"who": who}, now)
    alarms.change(tx, alarm_id, ended_at=now, told_at=now, seen_at=now, seen_by=who)
    _tell(tx, alarm_id, Kind.TEST, "test", now)
    team.note(tx, now, actor, "alarm.test", str(alarm_id))
    events.record(tx, Event.ALARM_RAISED, now)
    return alarm_id


# --- ways --------------------------------------------------------------------------------------------


def _tell(tx: Tx, alarm_id: int, kind: Kind, what: str, now: datetime) -> None:
    for way, number in _ways(tx, kind):
        alarms.add_notice(tx, alarm_id, what, way, number, now)


def _ways(tx: Tx, kind: Kind) -> Iterator[tuple[str, str | None]]:
    """How an alarm of a kind is told outside the panel: way and number."""
    if settings.get(tx, "alarms.webhook"):
        yield WEBHOOK, None
    if RULES[kind].severity is Severity.SERIOUS:
        for number in numbers(tx):
            yield TEXT, number


def tried(
    tx: Tx, notice: Row[Any], now: datetime, problem: str | None = None, again_at: datetime | None = None
) -> None:
    """A notice was told, or could not be for this `problem`: then it is tried again at that time, or
    never."""
    done_at = None if problem else now
    tries = notice.tries + 1
    alarms.change_notice(tx, notice.id, tries=tries, problem=problem, due_at=again_at, done_at=done_at)
    events.record(tx, Event.ALARM_CHANGED, now)


def numbers(tx: Tx) -> list[str]:
    """Numbers of the staff that alarms are texted to; none where no text may be spent on them."""
    if settings.get(tx, "alarms.texts_a_day") == "0":
        return []
    return [number for number in str(settings.get(tx, "alarms.numbers")).split(", ") if number]


def new_secret(tx: Tx, actor: str, now: datetime) -> str:
    """Make a new secret that the webhook is signed with, and return it; it is kept sealed and shown this
    once."""
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    box_state.put(tx, _KEPT_AS, {"sealed": tx.keys.seal(secret).decode()})
    team.note(tx, now, actor, "alarm.secret", "webhook")
    return secret


def secret(tx: Tx) -> str | None:
    """The secret the webhook is signed with; None for none, or one of another box."""
    sealed = box_state.get(tx, _KEPT_AS).get("sealed")
    return tx.keys.unseal(sealed.encode()) if sealed else None


# --- as it is told -----------------------------------------------------------------------------------


def as_object(row: Row[Any]) -> dict[str, Any]:
    """An alarm as the webhook and --json tell it."""
    kind = Kind(row.kind)
    return {
        "id": row.id,
        "kind": kind.value,
        "severity": RULES[kind].severity.value,
        "subject": row.subject,
        "happened": alarm_words.happened(kind, row.detail),
        "doing": alarm_words.doing(kind, row.detail),
        "you_can": alarm_words.you_can(kind, row.detail),
        "began_at": row.began_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "over": alarm_words.over(kind, row.detail) if row.ended_at else None,
        "seen_by": row.seen_by,
    }
