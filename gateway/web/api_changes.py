"""Changing texts in the API while they wait: other words, another time, now, not at all.

A token changes the texts it could have sent: those of its purposes.
"""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import acceptance, schedules
from gateway.desk.drafts import Author
from gateway.domain.people import Scope
from gateway.store import lines, messages
from gateway.store.database import Tx
from gateway.web import api_drafts, objects, schemas, schemas_requests
from gateway.web.access import needs
from gateway.web.api import message_of
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import write

change_api = Blueprint("change_api", __name__, url_prefix=PREFIX, description="Texts that wait.")
change_api.before_request(json_only)

_ANSWER = (
    "The text as it is then. A token without messages:read is told no more than its id, state, waiting_for, "
    "due_at, would_send_at and links."
)

Verb = Callable[[Tx, Row[Any], Author, datetime], object]


def _do(message_id: str, verb: Verb) -> Response:
    """Do something with a text of this token's purposes, and answer what it is then."""
    author, allowed = api_drafts.caller(), api_drafts.purposes()
    may_read = api_drafts.has(Scope.MESSAGES_READ)

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        row = message_of(tx, message_id)
        if row.purpose is not None:  # one that came in can be neither, which the verb says
            api_drafts.check_purpose(row.purpose, allowed)
        verb(tx, row, author, at)
        return objects.changed(tx, messages.get(tx, row.id) or row, at, may_read=may_read)

    return jsonify(write(act))


@change_api.route("/messages/<message_id>", methods=["PATCH"])
@needs(Scope.MESSAGES_SEND)
@change_api.doc(responses=problems(404, 409, 413, 415, 422, 503))
@change_api.arguments(schemas_requests.ChangedMessage, unknown=RAISE)
@change_api.response(200, schemas.Accepted, description=_ANSWER)
def change(wanted: dict[str, Any], message_id: str) -> Response:
    """Change a text that waits, or when it goes"""
    api_drafts.check_length(wanted.get("body", ""))
    wanted = {**wanted, "may_hurry": api_drafts.may_override()}
    return _do(message_id, lambda tx, row, author, at: _change(tx, row, wanted, author, at))


def _change(tx: Tx, row: Row[Any], wanted: Mapping[str, Any], author: Author, at: datetime) -> None:
    if "body" in wanted:
        schedules.edit(tx, row.id, wanted["body"], author, at, may_hurry=wanted["may_hurry"])
    if "cancel_if_answered" in wanted:
        schedules.cancel_if_answered(tx, row.id, wanted["cancel_if_answered"], author, at)
    verbs = [_reschedule, _useful_until]
    # in this order the old and the new times never contradict each other, where the new ones do not
    if _is_later(wanted.get("send_by"), row.send_by):
        verbs.reverse()
    for verb in verbs:
        verb(tx, row, wanted, author, at)


def _is_later(send_by: datetime | None, before: datetime | None) -> bool:
    return send_by is None or (before is not None and send_by > before)


def _reschedule(tx: Tx, row: Row[Any], wanted: Mapping[str, Any], author: Author, at: datetime) -> None:
    if "scheduled_at" in wanted or "schedule" in wanted:
        line = lines.get(tx, row.line_id)
        when = api_drafts.chosen_time(tx, wanted, line, row.peer, at) if line is not None else None
        schedules.reschedule(tx, row.id, when, author, at, may_hurry=wanted["may_hurry"])


def _useful_until(tx: Tx, row: Row[Any], wanted: Mapping[str, Any], author: Author, at: datetime) -> None:
    if "send_by" in wanted:
        schedules.useful_until(tx, row.id, wanted["send_by"], author, at)


@change_api.route("/messages/<message_id>/send-now", methods=["POST"])
@needs(Scope.MESSAGES_SEND)
@change_api.doc(responses=problems(404, 409, 413, 415, 422, 503))
@change_api.arguments(schemas_requests.SendNow, unknown=RAISE, required=False)
@change_api.response(200, schemas.Accepted, description=_ANSWER)
def send_now(wanted: dict[str, Any], message_id: str) -> Response:
    """Let a text go as soon as the rules allow, whatever time was chosen"""
    api_drafts.check_override(wanted)
    may_hurry = api_drafts.may_override()

    def hurry(tx: Tx, row: Row[Any], author: Author, at: datetime) -> None:
        if wanted["quiet_hours"] == "override":
            schedules.make_urgent(tx, row.id, wanted["reason"], author, at)
        schedules.send_now(tx, row.id, author, at, may_hurry=may_hurry)

    return _do(message_id, hurry)


@change_api.route("/messages/<message_id>/cancel", methods=["POST"])
@needs(Scope.MESSAGES_SEND)
@change_api.doc(responses=problems(404, 409, 415, 503))
@change_api.response(200, schemas.Accepted, description=_ANSWER)
def cancel(message_id: str) -> Response:
    """Cancel a text that waits"""
    return _do(message_id, lambda tx, row, author, at: acceptance.cancel(tx, row.id, author, at))
