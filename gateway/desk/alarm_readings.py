"""What the alarms are judged by, read from the rows: one function for each kind, each cheap enough for every
minute but the two of `seldom`. What only the box itself can tell (disk, certificate) is measured at the door.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.desk import clock, line_load, lives, suspicion
from gateway.domain import alarm_words
from gateway.domain.alarms import RULES, Kind, Reading
from gateway.domain.breaker import PEOPLE
from gateway.domain.line import LineStatus, Rung
from gateway.domain.message import State
from gateway.domain.silence import LOOK_BACK, silence
from gateway.store import alarm_figures, alarms, import_sources, line_history, lines, refusals, settings
from gateway.store.database import Tx

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SIGN_INS_WITHIN = timedelta(minutes=15)
REPORTS_WITHIN = HOUR
"""Texts sent later than that ago may still be reported on."""
LEAST_TEXTS = 20
MOST_TIMES = 50_000
_BARELY = 0.1
"""A measure above nothing, whatever the clock says."""
_OF_PORT = frozenset({"device", "holder", "user", "owner", "group", "mode", "rights"})
"""Facts of a line that say why its port cannot be used."""

OF_LINES = frozenset({Kind.LINE_DOWN, Kind.BALANCE, Kind.SIM_FULL, Kind.QUEUE, Kind.UNCLEAR, Kind.NOTICES})
OF_BOX = frozenset({Kind.BACKUP, Kind.CLOCK, Kind.LIST, Kind.SIGN_INS, Kind.RESTARTS})
SELDOM = frozenset({Kind.DELIVERY, Kind.SILENCE})


def judged(kinds: frozenset[Kind], doubt: str | None) -> frozenset[Kind]:
    """Those of these kinds that can be judged now: not by a clock that is in doubt."""
    return frozenset(kind for kind in kinds if doubt is None or not RULES[kind].needs_clock)


def often(tx: Tx, started: datetime, now: datetime) -> Iterator[Reading]:
    """What is measured each minute. `started`: when the program began to look."""
    unclear = {row.line_id: row for row in alarm_figures.unclear(tx)}
    for line in lines.every(tx):
        yield _down(tx, line, started, now)
        yield _refused(tx, line, now)
        yield _storage(line)
        yield _queue(tx, line, started, now)
        yield _unclear(line, unclear.get(line.id), started, now)
        times = alarm_figures.steps_taken(tx, line.id, Rung.NOTICES.value, now - DAY, now)
        yield Reading(Kind.NOTICES, line.name, times, {"line": line.name, "times": times})
    yield _clock(tx, started, now)
    yield _backup(tx, now)
    yield _sign_ins(tx, now)
    for source in import_sources.every(tx):
        fails = source.last_problem is not None and source.paused_at is None
        yield Reading(Kind.LIST, source.name, float(fails), {"list": source.name, "why": source.last_problem})
    restarts = lives.restarts(tx, now, HOUR)
    yield Reading(Kind.RESTARTS, "", restarts, {"times": restarts})


def seldom(tx: Tx, now: datetime) -> Iterator[Reading]:
    """What looks far back, and is measured now and then."""
    zone = ZoneInfo(settings.get(tx, "office.zone"))
    for line in lines.every(tx):
        yield _delivery(tx, line, now)
        yield _silence(tx, line, zone, now)


def coming(tx: Tx, when: Callable[[datetime], str], line_ids: Collection[int] | None = None) -> list[str]:
    """What is said of these lines (None: of all) that do not work and are no alarm yet; `when` says a
    time."""
    told = {row.subject for row in alarms.every_open(tx) if row.kind == Kind.LINE_DOWN.value}
    every = lines.every(tx, line_ids)
    down = [line for line in every if line.status != LineStatus.UP.value and line.name not in told]
    since = {line.name: line_history.down_since(tx, line.id) or line.status_since for line in down}
    minutes = round(RULES[Kind.LINE_DOWN].raised_at)
    return [
        alarm_words.COMING.format(line=name, since=when(at), minutes=minutes)
        for name, at in since.items()
        if at is not None
    ]


# --- lines -------------------------------------------------------------------------------------------


def _down(tx: Tx, line: Row[Any], started: datetime, now: datetime) -> Reading:
    if line.status == LineStatus.UP.value:
        return Reading(Kind.LINE_DOWN, line.name, 0, {"line": line.name})
    since = line_history.down_since(tx, line.id) or line.status_since or now
    minutes = max(_minutes(now - max(_past(since, started, now), started)), _BARELY)
    detail = {
        "line": line.name,
        "minutes": round(minutes),
        "state": line.code,
        "port": line.port,
        "facts": {name: told for name, told in line.facts.items() if name in _OF_PORT},
    }
    return Reading(Kind.LINE_DOWN, line.name, minutes, detail)


def _refused(tx: Tx, line: Row[Any], now: datetime) -> Reading:
    """As the breaker sees it: that many people refused in a row (`gateway.domain.breaker`)."""
    if suspicion.of(tx, line.id, now) is None:
        return Reading(Kind.BALANCE, line.name, 0, {"line": line.name})
    last = next(iter(refusals.last(tx, line.id, 1)), None)
    code = f" ({last.code})" if last is not None and last.code else ""
    return Reading(Kind.BALANCE, line.name, PEOPLE, {"line": line.name, "code": code})


def _storage(line: Row[Any]) -> Reading:
    """What the device said last; not known while it is away."""
    try:
        used, total = int(line.facts["storage_used"]), int(line.facts["storage_total"])
        percent = 100 * used / total
    except (KeyError, ValueError, ZeroDivisionError):
        return Reading(Kind.SIM_FULL, line.name, None)
    return Reading(Kind.SIM_FULL, line.name, percent, {"line": line.name, "used": used, "total": total})


def _queue(tx: Tx, line: Row[Any], started: datetime, now: datetime) -> Reading:
    """Texts whose turn has come and that nothing holds back, but that do not go; counted from when the line
    could send."""
    due = [
        group
        for group in line_load.waiting(tx, line, now)
        if group.state is State.QUEUED and group.waiting_for is None and group.due_at <= now
    ]
    texts = sum(group.texts for group in due)
    could = max(started, _past(line.status_since or started, started, now))
    minutes = max((_minutes(now - max(group.due_at, could)) for group in due), default=0.0)
    detail = {"line": line.name, "minutes": round(minutes), "texts": texts}
    return Reading(Kind.QUEUE, line.name, max(minutes, 0.0), detail)


def _unclear(line: Row[Any], found: Row[Any] | None, started: datetime, now: datetime) -> Reading:
    if found is None:
        return Reading(Kind.UNCLEAR, line.name, 0, {"line": line.name})
    minutes = max(_minutes(now - _past(found.since or now, started, now)), _BARELY)
    detail = {"line": line.name, "texts": found.texts, "minutes": round(minutes)}
    return Reading(Kind.UNCLEAR, line.name, minutes, detail)


def _delivery(tx: Tx, line: Row[Any], now: datetime) -> Reading:
    """The share of a day against that of the week before it, where there are enough texts of both."""
    until = now - REPORTS_WITHIN
    edge = until - DAY
    found = alarm_figures.arrived(tx, line.id, edge - 7 * DAY, edge, until)
    (before, then), (lately, now_) = found.get(False, (0, 0)), found.get(True, (0, 0))
    if min(before, lately) < LEAST_TEXTS or not then:
        return Reading(Kind.DELIVERY, line.name, None)
    usual, share = then / before, now_ / lately
    detail = {
        "line": line.name,
        "now_percent": round(100 * share),
        "usual_percent": round(100 * usual),
    }
    return Reading(Kind.DELIVERY, line.name, 100 * share / usual, detail)


def _silence(tx: Tx, line: Row[Any], zone: ZoneInfo, now: datetime) -> Reading:
    """Not told of a line that is down, for that is an alarm of its own."""
    times = alarm_figures.came_in(tx, line.id, now - LOOK_BACK, now, MOST_TIMES)
    found = silence(times, now, zone) if line.status == LineStatus.UP.value else None
    if found is None:
        return Reading(Kind.SILENCE, line.name, None)
    detail = {"line": line.name, "hours": round((now - times[-1]) / HOUR)}
    return Reading(Kind.SILENCE, line.name, 100 * (found.lasted / found.usual), detail)


# --- the box -----------------------------------------------------------------------------------------


def _clock(tx: Tx, started: datetime, now: datetime) -> Reading:
    state = clock.state(tx)
    if state.doubt is None:
        return Reading(Kind.CLOCK, "", 0)
    minutes = max(_minutes(now - _past(state.since or now, started, now)), _BARELY)
    return Reading(Kind.CLOCK, "", minutes, {"doubt": state.doubt})


def _backup(tx: Tx, now: datetime) -> Reading:
    """Counted from the last good backup, else from when there was something to lose."""
    verified, problem = alarm_figures.last_backup(tx, now)
    since = verified or alarm_figures.first_day(tx)
    hours = (now - since) / HOUR if since is not None else 0.0
    detail = {"hours": round(hours), "failure": problem or ""}
    return Reading(Kind.BACKUP, "", max(hours, 0.0), detail)


def _sign_ins(tx: Tx, now: datetime) -> Reading:
    tries, addresses = alarm_figures.failed_sign_ins(tx, now - SIGN_INS_WITHIN, now)
    address = addresses[0] if addresses else ""
    return Reading(Kind.SIGN_INS, "", tries, {"tries": tries, "address": address})


def _past(since: datetime, started: datetime, now: datetime) -> datetime:
    """`since`, or where a clock that was ahead left it later than now, when the program began to look."""
    return since if since <= now else started


def _minutes(length: timedelta) -> float:
    return length / MINUTE
