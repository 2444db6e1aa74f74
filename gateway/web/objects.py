"""The API's own objects as plain dictionaries; the command line prints the same with --json.

Knows rows and words, not Flask. Times are RFC 3339 in UTC; numbers are E.164 where they can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row

from gateway.desk import line_load, waiting
from gateway.desk.line_load import Use, Waiting
from gateway.desk.waiting import Wait
from gateway.domain import line_options, line_request_words, line_words, message_words, phone, reason_words
from gateway.domain.line_requests import State as Asked
from gateway.domain.message import Direction, State
from gateway.store import calls, line_figures, line_history, outbox
from gateway.store import messages as stored
from gateway.store.database import Tx
from gateway.web import objects_decisions
from gateway.web.objects_decisions import goes_at, late
from gateway.web.objects_decisions import time as time

_SECRET = frozenset({"imsi"})
"""Facts of a device that stay in the house: it names a subscriber to every network."""


def reason(code: str | None) -> dict[str, str] | None:
    """A stored reason with its sentence."""
    return {"code": code, "text": reason_words.reason(code)} if code else None


def message(tx: Tx, row: Row[Any], now: datetime) -> dict[str, Any]:
    """One message as it is at that time; the row is as `store.messages` reads it."""
    return messages(tx, [row], now)[0]


def messages(tx: Tx, rows: Sequence[Row[Any]], now: datetime) -> list[dict[str, Any]]:
    """Several of them, in the same order."""
    waits = waiting.waits(tx, rows, now, with_places=False)
    return [_message(row, waits.get(row.id), now) for row in rows]


def _message(row: Row[Any], wait: Wait | None, now: datetime) -> dict[str, Any]:
    outbound = row.direction == Direction.OUTBOUND.value
    return {
        "id": row.public_id,
        "direction": row.direction,
        "state": row.state,
        "reason": reason(row.reason),
        "waiting_for": wait.why.value if wait and wait.why else None,
        "due_at": time(row.due_at) if wait else None,
        "would_send_at": time(goes_at(wait, now)),
        "from": row.line_number if outbound else row.peer,
        "to": row.peer if outbound else row.line_number,
        "line": row.line_name,
        "contact": row.contact_public_id,
        "conversation": row.conversation_public_id,
        "purpose": row.purpose,
        "body": row.body,
        "encoding": row.alphabet,
        "segments": row.segments,
        "author": {"kind": row.author_kind, "name": row.author_name},
        "label": row.label,
        "reference": row.reference,
        "resend_of": row.resend_of_public_id,
        "rerouted_from": row.rerouted_from,
        "on_unconfirmed": row.on_unconfirmed if outbound else None,
        "scheduled_at": time(row.not_before),
        "schedule": _schedule(row),
        "priority": row.priority if outbound else None,
        "cancel_if_answered": row.cancel_if_answered if outbound else None,
        "quiet_hours": ("override" if row.urgent_reason else "obey") if outbound else None,
        "override_reason": row.urgent_reason,
        "created_at": time(row.created_at),
        "send_by": time(row.send_by),
        "sent_at": time(row.sent_at),
        "delivered_at": time(row.delivered_at),
        "network_at": time(row.network_at),
        "links": {"self": f"/api/v1/messages/{row.public_id}"},
    }


def _schedule(row: Row[Any]) -> dict[str, str] | None:
    if row.schedule is None:
        return None
    return {"when": row.schedule, "at": row.schedule_wall, "zone": row.schedule_zone}


def accepted(tx: Tx, row: Row[Any], now: datetime) -> dict[str, Any]:
    """One message as whoever gave it in, or changed it, is answered: with what is worth a look."""
    wait = waiting.waits(tx, [row], now, with_places=False).get(row.id)
    return {
        **_message(row, wait, now),
        "warnings": warnings(row.peer, goes_at(wait, now), row.send_by, now),
    }


_OF_A_WAIT = ("id", "state", "waiting_for", "due_at", "would_send_at", "links")


def changed(tx: Tx, row: Row[Any], now: datetime, *, may_read: bool) -> dict[str, Any]:
    """One message as whoever changed it is answered: all of it, or how it waits for one who may read none."""
    told = accepted(tx, row, now)
    return told if may_read else {name: told[name] for name in _OF_A_WAIT}


def warnings(
    number: str, planned: datetime | None, send_by: datetime | None, now: datetime
) -> list[dict[str, str]]:
    """What is doubtful about a text that can be sent: its number, or the time at which it goes."""
    found = late(planned, send_by, now)
    if phone.is_valid(phone.from_network(number, is_name=False)):
        return found
    text = message_words.WARNINGS["not_valid"].format(number=phone.pretty(number))
    return [{"code": "not_valid", "text": text}, *found]


def explained(tx: Tx, row: Row[Any], now: datetime) -> dict[str, Any]:
    """One message with what would be done now and why, and the whole history of its decisions, states,
    attempts and delivery reports."""
    parts = stored.parts_of(tx, [row.id])[row.id]
    return {
        **message(tx, row, now),
        **objects_decisions.explained(tx, row, now),
        "history": [_change(change) for change in stored.history(tx, row.id)],
        "attempts": [_attempt(attempt) for attempt in stored.attempts_of(tx, row.id)],
        "evidence": [{"segment": part.seq, "code": part.evidence} for part in parts if part.evidence],
        "reports": [_report(report) for report in stored.reports_of(tx, row.id)],
        "delivery_seconds": _delivery_seconds(row),
    }


def _delivery_seconds(row: Row[Any]) -> float | None:
    """How long it was on its way, by this box's own clock."""
    if row.sent_at is None or row.delivered_at is None:
        return None
    seconds: float = (row.delivered_at - row.sent_at).total_seconds()
    return max(round(seconds, 3), 0.0)


def _change(row: Row[Any]) -> dict[str, Any]:
    return {
        "at": time(row.at),
        "segment": row.seq,
        "was": row.was,
        "became": row.became,
        "why": row.why,
        "by": row.actor,
    }


def _attempt(row: Row[Any]) -> dict[str, Any]:
    return {
        "segment": row.seq,
        "number": row.number,
        "started_at": time(row.started_at),
        "ended_at": time(row.ended_at),
        "outcome": row.outcome,
        "reason": reason(row.code),
    }


def _report(row: Row[Any]) -> dict[str, Any]:
    return {
        "segment": row.seq,
        "status": row.status,
        "received_at": time(row.received_at),
        "discharged_at": time(row.discharged_at),
    }


def line(row: Row[Any], counts: dict[str, int]) -> dict[str, Any]:
    """One line as it is now; `counts` are its messages by state."""
    code = line_words.line_now(row.status, row.code, row.paused_at)
    said = line_words.line_of(row.name, row.port, code, row.facts)
    return {
        "name": row.name,
        "number": row.number,
        "port": row.port,
        "status": row.status,
        "code": code,
        "sentence": line_words.line_sentence(code, row.facts),
        "cause": said.cause,
        "doing": said.doing,
        "you_can": said.you_can,
        "since": time(row.paused_at if code == "paused" else row.status_since),
        "paused": row.paused_at is not None,
        "limits": row.limits,
        "queued": counts.get(State.QUEUED.value, 0) + counts.get(State.SENDING.value, 0),
        "unconfirmed": counts.get(State.UNCONFIRMED.value, 0),
        "facts": {name: told for name, told in row.facts.items() if name not in _SECRET},
        "abilities": row.abilities,
        "cannot": line_words.cannot(row.abilities),
        "options": {name: line_options.value(row.options, name) for name in line_options.OPTIONS},
        "links": {"self": f"/api/v1/lines/{quote(row.name)}"},
    }


def line_in_full(tx: Tx, row: Row[Any], now: datetime, *, callers: bool) -> dict[str, Any]:
    """One line with all that is known of it: what waits, how much of its limits is used, what it is bound to,
    and what happened to it.

    `callers`: whoever asks may know who writes and calls, so missed calls have their numbers.
    """
    return {
        **line(row, outbox.counts(tx, row.id)),
        "queue": [_waiting(group) for group in line_load.waiting(tx, row, now)],
        "usage": [_use(limit) for limit in line_load.use(tx, row, now)],
        "bound": {"imei": row.bound_imei, "iccid": row.bound_iccid},
        "history": [_happened(entry) for entry in line_history.log(tx, row.id)],
        "missed_calls": [_call(call, callers) for call in calls.of_line(tx, row.id)],
    }


def line_health(tx: Tx, row: Row[Any], now: datetime) -> dict[str, Any]:
    """How a line is and was over the last 24 hours: its state, when texts last went and came, its samples."""
    whole = line(row, {})
    since = now - timedelta(hours=24)
    return {
        **{name: whole[name] for name in ("name", "status", "code", "sentence", "cause", "doing", "you_can")},
        "since": whole["since"],
        "paused": whole["paused"],
        "signal_dbm": _number(row.facts.get("signal_dbm")),
        "last_out_at": time(line_figures.last_out(tx, row.id)),
        "last_in_at": time(line_figures.last_in(tx, row.id)),
        "samples": [
            {"at": time(sample.at), "code": sample.code, "signal_dbm": sample.signal_dbm}
            for sample in line_history.samples(tx, row.id, since)
        ],
    }


def _number(told: str | None) -> int | None:
    return int(told) if told and told.lstrip("-").isdigit() else None


def line_request(row: Row[Any], name: str) -> dict[str, Any]:
    """What was asked of the line of that name, and what came of it."""
    failed = row.state == Asked.FAILED.value
    return {
        "id": row.id,
        "line": name,
        "kind": row.kind,
        "code": row.argument or None,
        "state": row.state,
        "answer": row.answer if row.state == Asked.DONE.value and row.answer else None,
        "reason": {"code": row.answer.partition(": ")[0], "text": line_request_words.unanswered(row.answer)}
        if failed
        else None,
        "asked_by": row.asked_by,
        "asked_at": time(row.asked_at),
        "done_at": time(row.done_at),
        "links": {"self": f"/api/v1/lines/{quote(name)}/requests/{row.id}"},
    }


def _waiting(group: Waiting) -> dict[str, Any]:
    return {
        "purpose": group.purpose.value,
        "state": group.state.value,
        "waiting_for": group.waiting_for.value if group.waiting_for else None,
        "texts": group.texts,
        "due_at": time(group.due_at),
    }


def _use(used: Use) -> dict[str, Any]:
    return {
        "limit": str(used.limit),
        "used": used.used,
        "ranks": [
            {
                "rank": room.rank.name.lower(),
                "most": room.most,
                "left": room.left,
                "next_at": time(room.next_at),
            }
            for room in used.rooms
        ],
    }


def _happened(row: Row[Any]) -> dict[str, Any]:
    text = line_words.happened(row.kind, row.code, row.detail)
    return {"at": time(row.at), "kind": row.kind, "code": row.code, "detail": row.detail, "text": text}


def _call(row: Row[Any], callers: bool) -> dict[str, Any]:
    number = row.number or None if callers else None
    return {"at": time(row.ended_at), "from": number, "rang_seconds": row.rang_seconds}
