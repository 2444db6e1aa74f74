"""Lines in the API: how they are, pausing and resuming them, and what only the running program can do.

A restart and a service code are asked for (202) and answered later, at the request's own address.
"""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, g, jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import line_requests as desk_requests
from gateway.desk import lines as desk
from gateway.desk.drafts import Author
from gateway.domain.line_requests import Kind
from gateway.domain.people import Scope
from gateway.store import line_requests, lines, outbox
from gateway.store.database import Tx
from gateway.web import objects, schemas_lines
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import now, read, write

line_api = Blueprint("line_api", __name__, url_prefix=PREFIX, description="Lines and how they are.")
line_api.before_request(json_only)

_ASKED = "Asked: the running program does it, and the answer is at Location."
_SHOWN = frozenset({Kind.RESTART.value, Kind.USSD.value})
"""Kinds of requests that are answered here; a trace is written by the command line alone."""


def _line(tx: Tx, name: str) -> Row[Any]:
    row = lines.by_name(tx, name)
    if row is None:
        abort(404, "There is no line of that name.")
    return row


def _actor() -> str:
    return str(Author("token", g.token.id, g.token.name))


# --- reading -----------------------------------------------------------------------------------------


@line_api.route("/lines", methods=["GET"])
@needs(Scope.LINE_READ)
@line_api.doc(responses=problems())
@line_api.response(200, schemas_lines.LineList)
def every() -> Response:
    """List the lines and how they are"""
    data = read(lambda tx: [objects.line(row, outbox.counts(tx, row.id)) for row in lines.every(tx)])
    return jsonify(data=data)


@line_api.route("/lines/<name>", methods=["GET"])
@needs(Scope.LINE_READ)
@line_api.doc(responses=problems(404))
@line_api.response(200, schemas_lines.LineInFull)
def show(name: str) -> Response:
    """Read a line with its queue and its history"""
    callers = Scope.MESSAGES_READ.value in g.token.scopes
    at = now()
    return jsonify(read(lambda tx: objects.line_in_full(tx, _line(tx, name), at, callers=callers)))


@line_api.route("/lines/<name>/health", methods=["GET"])
@needs(Scope.LINE_READ)
@line_api.doc(responses=problems(404))
@line_api.response(200, schemas_lines.LineHealth)
def health(name: str) -> Response:
    """Read how a line was over 24 hours"""
    at = now()
    return jsonify(read(lambda tx: objects.line_health(tx, _line(tx, name), at)))


@line_api.route("/lines/<name>/requests/<int(max=9223372036854775807):request_id>", methods=["GET"])
@needs(Scope.LINE_CONTROL)
@line_api.doc(responses=problems(404))
@line_api.response(200, schemas_lines.LineRequest)
def request_of(name: str, request_id: int) -> Response:
    """Read what came of a request"""

    def look(tx: Tx) -> dict[str, Any]:
        row, asked = _line(tx, name), line_requests.get(tx, request_id)
        if asked is None or asked.line_id != row.id or asked.kind not in _SHOWN:
            abort(404, "There is no request of that id to this line.")
        return objects.line_request(asked, name)

    return jsonify(read(look))


# --- doing -------------------------------------------------------------------------------------------

Verb = Callable[[Tx, str, str, datetime], object]


def _do(name: str, verb: Verb) -> Response:
    """Do something with a line, and answer how it is then."""
    actor = _actor()

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        verb(tx, _line(tx, name).name, actor, at)
        row = _line(tx, name)
        return objects.line(row, outbox.counts(tx, row.id))

    return jsonify(write(act))


@line_api.route("/lines/<name>/pause", methods=["POST"])
@needs(Scope.LINE_CONTROL)
@line_api.doc(responses=problems(404, 415, 503))
@line_api.response(200, schemas_lines.Line)
def pause(name: str) -> Response:
    """Send nothing by a line; what comes in is still read"""
    return _do(name, desk.pause)


@line_api.route("/lines/<name>/resume", methods=["POST"])
@needs(Scope.LINE_CONTROL)
@line_api.doc(responses=problems(404, 415, 503))
@line_api.response(200, schemas_lines.Line)
def resume(name: str) -> Response:
    """Send by a line again"""
    return _do(name, desk.resume)


def _ask(name: str, kind: Kind, argument: str = "") -> Response:
    actor = _actor()

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        asked = desk_requests.ask(tx, _line(tx, name).name, kind, argument, actor, at)
        row = line_requests.get(tx, asked)
        if row is None:
            abort(404)
        return objects.line_request(row, name)

    body = write(act)
    response = jsonify(body)
    response.status_code = 202
    response.headers["Location"] = body["links"]["self"]
    return response


@line_api.route("/lines/<name>/restart", methods=["POST"])
@needs(Scope.LINE_CONTROL)
@line_api.doc(responses=problems(404, 415, 503))
@line_api.response(202, schemas_lines.LineRequest, description=_ASKED)
def restart(name: str) -> Response:
    """Restart a line's modem, after the text on the air"""
    return _ask(name, Kind.RESTART)


@line_api.route("/lines/<name>/ussd", methods=["POST"])
@needs(Scope.LINE_CONTROL)
@line_api.doc(responses=problems(404, 413, 415, 422, 503))
@line_api.arguments(schemas_lines.NewUssd, unknown=RAISE)
@line_api.response(202, schemas_lines.LineRequest, description=_ASKED)
def ussd(wanted: dict[str, Any], name: str) -> Response:
    """Ask the network what lies behind a service code"""
    return _ask(name, Kind.USSD, wanted["code"])
