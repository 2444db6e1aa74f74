"""Texts in the API: JSON in, JSON out, tokens instead of cookies, problem details for every error.

Handlers parse, hand a verb to the writer, and answer with `objects`. What may be sent is the desk's.
"""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import abort, g, jsonify, request
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import conversations as desk
from gateway.desk.conversations import Author, Draft
from gateway.domain import phone, segments
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.domain.wording import Refused
from gateway.store import messages, settings
from gateway.store.database import Tx
from gateway.store.messages import Filter
from gateway.web import objects, schemas
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.once import Answer, KeyReused, fingerprint, once
from gateway.web.problems import problem
from gateway.web.site import read, write

api_v1 = Blueprint("api", __name__, url_prefix=PREFIX, description="Texts, out and in.")
api_v1.before_request(json_only)

LONGEST_KEY = 255

_KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "Your name for this request; repeating it within 7 days answers what was answered.",
}


# --- sending -----------------------------------------------------------------------------------------


@api_v1.route("/messages", methods=["POST"])
@needs(Scope.MESSAGES_SEND)
@api_v1.doc(parameters=[_KEY_HEADER], responses=problems(409, 413, 415, 422, 503))
@api_v1.arguments(schemas.NewMessage, unknown=RAISE)
@api_v1.response(202, schemas.Accepted, description="Accepted: it is on disk and will be sent.")
def send(wanted: dict[str, Any]) -> Response:
    """Send a text"""
    _refuse_early(wanted)
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        abort(422, f"Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
    author = Author("token", g.token.id, g.token.name)
    caller, asked = f"token:{g.token.public_id}", fingerprint(request.get_json())

    def accept(tx: Tx, at: datetime) -> Answer:
        if key is None:
            return Answer(_accept(tx, wanted, author, at), replayed=False)
        return once(tx, caller, key, asked, at, lambda: _accept(tx, wanted, author, at))

    try:
        return _accepted(write(accept))
    except KeyReused:
        detail = "This Idempotency-Key was used for another request. Use a fresh one. Nothing was sent."
        return problem(422, detail, key="idempotency_key_reused", title="Key used before")


def _refuse_early(wanted: dict[str, Any]) -> None:
    """What can be said without the store is said before the writer's time is taken."""
    purpose: Purpose = wanted["purpose"]
    if purpose.value not in g.token.purposes:
        allowed = ", ".join(g.token.purposes) or "none"
        raise Refused("purpose", purpose=purpose.value, allowed=allowed)
    if len(wanted["body"]) > schemas.LONGEST_BODY:
        try:
            segments.segment(wanted["body"])
        except segments.TooLong as error:
            raise Refused("too_long", count=error.count) from None
        except ValueError:
            raise Refused("not_text") from None


def _accept(tx: Tx, wanted: dict[str, Any], author: Author, at: datetime) -> dict[str, Any]:
    line = desk.choose_line(tx, wanted["line"])
    draft = Draft(
        to=desk.parse_number(tx, wanted["to"], line),
        body=wanted["body"],
        purpose=wanted["purpose"],
        author=author,
        send_by=wanted["send_by"],
        on_unconfirmed=wanted["on_unconfirmed"],
        reference=wanted["reference"],
    )
    row = messages.get(tx, desk.accept(tx, line, draft, at))
    if row is None:
        abort(404)
    return objects.accepted(row)


def _object(row: Row[Any] | None) -> dict[str, Any]:
    if row is None:
        abort(404)
    return objects.message(row)


def _accepted(answer: Answer) -> Response:
    response = jsonify(answer.body)
    response.status_code = 202
    response.headers["Location"] = answer.body["links"]["self"]
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@api_v1.route("/messages/<message_id>/cancel", methods=["POST"])
@needs(Scope.MESSAGES_SEND)
@api_v1.doc(responses=problems(404, 409, 415, 503))
@api_v1.response(200, schemas.Message)
def cancel(message_id: str) -> Response:
    """Cancel a text that waits"""
    author = Author("token", g.token.id, g.token.name)

    def stop(tx: Tx, at: datetime) -> dict[str, Any]:
        row = _message(tx, message_id)
        desk.cancel(tx, row.id, author, at)
        return _object(messages.get(tx, row.id))

    return jsonify(write(stop))


# --- reading -----------------------------------------------------------------------------------------


def _message(tx: Tx, message_id: str) -> Row[Any]:
    row = messages.by_public_id(tx, message_id)
    if row is None:
        abort(404, "There is no message with that id.")
    return row


@api_v1.route("/messages/<message_id>", methods=["GET"])
@needs(Scope.MESSAGES_READ)
@api_v1.doc(responses=problems(404, 422))
@api_v1.arguments(schemas.OneQuery, location="query", unknown=RAISE)
@api_v1.response(200, schemas.Message)
def show(query: dict[str, Any], message_id: str) -> Response:
    """Read a text"""

    def look(tx: Tx) -> dict[str, Any]:
        row = _message(tx, message_id)
        return objects.explained(tx, row) if query["explain"] else objects.message(row)

    return jsonify(read(look))


@api_v1.route("/messages", methods=["GET"])
@needs(Scope.MESSAGES_READ)
@api_v1.doc(responses=problems(422))
@api_v1.arguments(schemas.ListQuery, location="query", unknown=RAISE)
@api_v1.response(200, schemas.MessageList)
def every(query: dict[str, Any]) -> Response:
    """List texts of both directions, newest first"""
    before = _row_id(query["cursor"]) if query["cursor"] else None
    limit: int = query["limit"]
    rows = read(lambda tx: messages.page(tx, _filter(tx, query), limit + 1, before))
    following = _cursor(rows[limit - 1].id) if len(rows) > limit else None
    response = jsonify(data=[objects.message(row) for row in rows[:limit]], next_cursor=following)
    if following:
        arguments = {**request.args.to_dict(), "cursor": following}
        response.headers["Link"] = f'<{_address(arguments)}>; rel="next"'
    return response


def _address(arguments: dict[str, str]) -> str:
    return f"{request.path}?{urlencode(arguments)}"


def _filter(tx: Tx, query: dict[str, Any]) -> Filter:
    country = settings.get(tx, "office.country") or None
    return Filter(
        direction=query["direction"],
        sender=_canonical(query["sender"], country),
        recipient=_canonical(query["recipient"], country),
        state=query["state"].value if query["state"] else None,
    )


def _canonical(written: str | None, country: str | None) -> str | None:
    """A number as it is stored; a sender's name stays as it is."""
    if written is None:
        return None
    try:
        return phone.parse(written, country).text
    except phone.NotANumber:
        return written


def _cursor(row_id: int) -> str:
    return base64.urlsafe_b64encode(row_id.to_bytes(8, "big")).decode().rstrip("=")


def _row_id(cursor: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(cursor + "="), "big", signed=True)
