"""The API's own objects as plain dictionaries; the command line prints the same with --json.

Knows rows and words, not Flask. Times are RFC 3339 in UTC; numbers are E.164 where they can be.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row

from gateway.domain import line_options, phone, wording
from gateway.domain.line_requests import State as Asked
from gateway.domain.message import Direction, State, waits_for
from gateway.store import calls, line_figures, line_history, messages, outbox
from gateway.store.database import Tx

_SECRET = frozenset({"imsi"})
"""Facts of a device that stay in the house: it names a subscriber to every network."""


def time(at: datetime | None) -> str | None:
    """A time as it leaves the house: "2026-11-22T10:50:29.120000Z"."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def reason(code: str | None) -> dict[str, str] | None:
    """A stored reason with its sentence."""
    return {"code": code, "text": wording.reason(code)} if code else None


def message(row: Row[Any]) -> dict[str, Any]:
    """One message, as `store.messages` reads it."""
    outbound = row.direction == Direction.OUTBOUND.value
    waiting = row.state == State.QUEUED.value
    line_is = wording.line_now(row.line_status, row.line_code, row.line_paused_at)
    return {
        "id": row.public_id,
        "direction": row.direction,
        "state": row.state,
        "reason": reason(row.reason),
        "waiting_for": waits_for(row.waiting_for, line_is) if waiting else None,
        "due_at": time(row.due_at) if waiting else None,
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
        "created_at": time(row.created_at),
        "send_by": time(row.send_by),
        "sent_at": time(row.sent_at),
        "delivered_at": time(row.delivered_at),
        "network_at": time(row.network_at),
        "links": {"self": f"/api/v1/messages/{row.public_id}"},
    }


def accepted(row: Row[Any]) -> dict[str, Any]:
    """One message as whoever gave it in is answered: with what is worth a look."""
    return {**message(row), "warnings": warnings(row.peer)}


def warnings(number: str) -> list[dict[str, str]]:
    """What is doubtful about a number that can be sent to."""
    if phone.is_valid(phone.from_network(number, is_name=False)):
        return []
    text = wording.WARNINGS["not_valid"].format(number=phone.pretty(number))
    return [{"code": "not_valid", "text": text}]


def explained(tx: Tx, row: Row[Any]) -> dict[str, Any]:
    """One message with the whole history of its states, attempts and delivery reports."""
    return {
        **message(row),
        "history": [_change(change) for change in messages.history(tx, row.id)],
        "attempts": [_attempt(attempt) for attempt in messages.attempts_of(tx, row.id)],
        "reports": [_report(report) for report in messages.reports_of(tx, row.id)],
    }


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
    code = wording.line_now(row.status, row.code, row.paused_at)
    said = wording.line_of(row.name, row.port, code, row.facts)
    return {
        "name": row.name,
        "number": row.number,
        "port": row.port,
        "status": row.status,
        "code": code,
        "sentence": wording.line_sentence(code, row.facts),
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
        "cannot": wording.cannot(row.abilities),
        "options": {name: line_options.value(row.options, name) for name in line_options.OPTIONS},
        "links": {"self": f"/api/v1/lines/{quote(row.name)}"},
    }


def line_in_full(tx: Tx, row: Row[Any], *, callers: bool) -> dict[str, Any]:
    """One line with all that is known of it: its options, what it is bound to, and what happened to it.

    `callers`: whoever asks may know who writes and calls, so missed calls have their numbers.
    """
    return {
        **line(row, outbox.counts(tx, row.id)),
        "queue": [_waiting(group) for group in line_figures.queue(tx, row.id)],
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
        "reason": {"code": row.answer.partition(": ")[0], "text": wording.unanswered(row.answer)}
        if failed
        else None,
        "asked_by": row.asked_by,
        "asked_at": time(row.asked_at),
        "done_at": time(row.done_at),
        "links": {"self": f"/api/v1/lines/{quote(name)}/requests/{row.id}"},
    }


def _waiting(row: Row[Any]) -> dict[str, Any]:
    return {
        "purpose": row.purpose,
        "state": row.state,
        "waiting_for": row.waiting_for,
        "texts": row.texts,
        "due_at": time(row.due_at),
    }


def _happened(row: Row[Any]) -> dict[str, Any]:
    text = wording.happened(row.kind, row.code, row.detail)
    return {"at": time(row.at), "kind": row.kind, "code": row.code, "detail": row.detail, "text": text}


def _call(row: Row[Any], callers: bool) -> dict[str, Any]:
    number = row.number or None if callers else None
    return {"at": time(row.ended_at), "from": number, "rang_seconds": row.rang_seconds}
