"""What a line tells of itself, kept: how it is, what it can do, which device and SIM it is, how it heals."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import suspicion
from gateway.domain.events import Event
from gateway.domain.line import LineState, LineStatus, Recovery
from gateway.store import events, line_history, lines
from gateway.store.database import Tx

IDENTITY = frozenset({"imei", "iccid", "imsi", "maker", "model", "firmware"})
"""Facts of a line that outlive its connection."""
SAMPLE_EVERY = timedelta(minutes=5)


def state(tx: Tx, line: Row[Any], event: LineState, now: datetime) -> None:
    """A line changed state, or learnt something about its device."""
    changes = _news(line, event, suspicion.code(tx, line.id, event.code, now), now)
    if "code" in changes:
        line_history.note(tx, line.id, "state", changes["code"], event.facts.get("detail", ""), now)
    if event.status is LineStatus.UP:
        changes |= _bind(tx, line, event.facts, now)
    _sample(tx, line.id, event, now)
    if changes:
        lines.change(tx, line.id, **changes)
        events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)


def recovery(tx: Tx, line: Row[Any], event: Recovery, now: datetime) -> None:
    """A line took a step to heal itself."""
    detail = f"{event.because}: {event.detail}" if event.detail else event.because
    line_history.note(tx, line.id, "recovery", event.rung.value, detail, now)
    events.record(tx, Event.LINE_RECOVERING, now, line_id=line.id)


def _news(line: Row[Any], event: LineState, code: str, now: datetime) -> dict[str, Any]:
    """The columns that change. What a device can do stays known while it is away."""
    changes: dict[str, Any] = {}
    facts = _facts(line.facts, event)
    if facts != line.facts:
        changes["facts"] = facts
    if event.abilities is not None and asdict(event.abilities) != line.abilities:
        changes["abilities"] = asdict(event.abilities)
    if (line.status, line.code) != (event.status.value, code):
        changes.update(status=event.status.value, code=code, status_since=now)
    return changes


def _facts(known: dict[str, str], event: LineState) -> dict[str, str]:
    """What is known of the device now. Who it is stays known while it is away; how it was does not."""
    who = {name: value for name, value in known.items() if name in IDENTITY}
    return {**who, **event.facts}


def _bind(tx: Tx, line: Row[Any], facts: dict[str, str], now: datetime) -> dict[str, str]:
    """Bind a line that works to its device and SIM. The SIM is the line: another one is never taken by
    itself, but a SIM may move to another modem."""
    imei, iccid = facts.get("imei", ""), facts.get("iccid", "")
    if line.bound_iccid and iccid and iccid != line.bound_iccid:
        return {}
    bound: dict[str, str] = {}
    if iccid and not line.bound_iccid:
        bound["bound_iccid"] = iccid
    if imei and not line.bound_imei:
        bound["bound_imei"] = imei
    elif imei and imei != line.bound_imei and iccid and iccid == line.bound_iccid:
        bound["bound_imei"] = imei
        line_history.note(tx, line.id, "device", "other_modem", f"{line.bound_imei}, now {imei}", now)
    return bound


def _sample(tx: Tx, line_id: int, event: LineState, now: datetime) -> None:
    last = line_history.last_sample(tx, line_id)
    is_recent = last is not None and timedelta(0) <= now - last.at < SAMPLE_EVERY
    if last is None or last.code != event.code or not is_recent:
        line_history.add_sample(tx, line_id, event.code, _dbm(event.facts.get("signal_dbm")), now)


def _dbm(told: str | None) -> int | None:
    """A signal strength in dBm as a line tells it."""
    try:
        return None if told is None else int(told)
    except ValueError:
        return None
