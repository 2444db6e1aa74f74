"""Texts in the API: JSON in, JSON out, tokens instead of cookies, problem details for every error.

Handlers parse, hand a verb to the writer, and answer with `objects`. What may be sent is the desk's.
"""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import abort, jsonify, request
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import acceptance, newcomers, templates
from gateway.desk.drafts import Author
from gateway.desk.newcomers import Arrived, NotHere, Seen
from gateway.desk.settings import country as office_country
from gateway.domain import line_words, phone
from gateway.domain.message import WaitingFor
from gateway.domain.people import Scope
from gateway.domain.refusal_words import Refused
from gateway.store import conversations, lines, messages
from gateway.store.database import Tx
from gateway.store.messages import Filter, Waits
from gateway.web import api_drafts, objects, schemas, schemas_decisions, schemas_requests
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.api_keys import KEY_HEADER, ask_once
from gateway.web.api_preview import previewed
from gateway.web.problems import problem
from gateway.web.schemas_requests import DUE
from gateway.web.site import now, read

api_v1 = Blueprint("api", __name__, url_prefix=PREFIX, description="Texts, out and in.")
api_v1.before_request(json_only)

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


# --- sending -----------------------------------------------------------------------------------------


@api_v1.route("/messages", methods=["POST"])
@needs(Scope.MESSAGES_SEND)
@api_v1.doc(parameters=[KEY_HEADER], responses=problems(409, 413, 415, 422, 503))
@api_v1.arguments(schemas_requests.NewMessage, unknown=RAISE)
@api_v1.response(202, schemas.Accepted, description="Accepted: it is on disk and will be sent.")
def send(wanted: dict[str, Any]) -> Response:
    """Send a text, now or later"""
    api_drafts.check_early(wanted)
    author = api_drafts.caller()
    try:
        answer = ask_once(lambda tx, at: _accept(tx, wanted, author, at), 202)
    except Arrived as arrived:
        return _arrived(arrived)
    if answer.status_code == 202:
        answer.headers["Location"] = answer.get_json()["links"]["self"]
    return answer


def _accept(tx: Tx, wanted: dict[str, Any], author: Author, at: datetime) -> dict[str, Any]:
    line, draft = api_drafts.draft(tx, wanted, author, at)
    row = messages.get(tx, acceptance.accept(tx, line, draft, at))
    if wanted["template"] is not None:
        templates.count_use(tx, wanted["template"])
    if row is None:
        abort(404)
    if wanted["seen_up_to"] is not None:
        _check_seen(tx, row, wanted["seen_up_to"], author)
    return objects.accepted(tx, row, at)


def _check_seen(tx: Tx, row: Row[Any], seen: str, author: Author) -> None:
    """Raises:
    Arrived: somebody wrote or answered since the text `seen`.
    Refused: that is of another conversation.
    """
    conversation = conversations.get(tx, row.conversation_id)
    assert conversation is not None  # the text was just accepted in it
    try:
        newcomers.check(tx, conversation, Seen(text=seen), author, with_notes=False)
    except NotHere:
        raise Refused("not_seen") from None


def _arrived(arrived: Arrived) -> Response:
    """Nothing was sent: these texts came first."""
    came = [{"pointer": "/seen_up_to", "detail": row.public_id} for row in arrived.texts]
    detail = "Somebody wrote or answered since the text you saw last. Read that first. Nothing was sent."
    return problem(409, detail, key="arrived", title="Something arrived", errors=came)


@api_v1.route("/messages/preview", methods=["POST"])
@needs(Scope.MESSAGES_SEND)
@api_v1.doc(responses=problems(413, 415, 422))
@api_v1.arguments(schemas_requests.NewMessage, unknown=RAISE)
@api_v1.response(200, schemas_decisions.Preview, description="What would be done; nothing was.")
def preview(wanted: dict[str, Any]) -> Response:
    """Ask what would be done with a text, and send nothing

    What the rules looked at is told as far as the token may read it: without messages:read not when they
    wrote nor how much they had, without contacts:read neither since when they want nothing nor the zone noted
    for them."""
    api_drafts.check_early(wanted)
    author, at = api_drafts.caller(), now()
    may_read = frozenset(filter(api_drafts.has, Scope))
    return jsonify(read(lambda tx: previewed(tx, *api_drafts.draft(tx, wanted, author, at), at, may_read)))


# --- reading -----------------------------------------------------------------------------------------


def message_of(tx: Tx, message_id: str) -> Row[Any]:
    """The message of that id; answers 404 when there is none."""
    row = messages.by_public_id(tx, message_id)
    if row is None:
        abort(404, "There is no message with that id.")
    return row


@api_v1.route("/messages/<message_id>", methods=["GET"])
@needs(Scope.MESSAGES_READ)
@api_v1.doc(responses=problems(404, 422))
@api_v1.arguments(schemas_requests.OneQuery, location="query", unknown=RAISE)
@api_v1.response(200, schemas.Message)
def show(query: dict[str, Any], message_id: str) -> Response:
    """Read a text"""
    tell, at = objects.explained if query["explain"] else objects.message, now()
    return jsonify(read(lambda tx: tell(tx, message_of(tx, message_id), at)))


@api_v1.route("/messages", methods=["GET"])
@needs(Scope.MESSAGES_READ)
@api_v1.doc(responses=problems(422))
@api_v1.arguments(schemas_requests.ListQuery, location="query", unknown=RAISE)
@api_v1.response(200, schemas.MessageList)
def every(query: dict[str, Any]) -> Response:
    """List texts of both directions, newest first or what is due first"""
    at, limit = now(), query["limit"]
    page = _due if query["order"] == DUE else _newest

    def look(tx: Tx) -> tuple[list[dict[str, Any]], str | None]:
        return page(tx, query, limit, at)

    data, following = read(look)
    response = jsonify(data=data, next_cursor=following)
    if following:
        arguments = {**request.args.to_dict(), "cursor": following}
        response.headers["Link"] = f'<{request.path}?{urlencode(arguments)}>; rel="next"'
    return response


def _newest(
    tx: Tx, query: dict[str, Any], limit: int, at: datetime
) -> tuple[list[dict[str, Any]], str | None]:
    before = _number(query["cursor"]) if query["cursor"] else None
    rows = messages.page(tx, _filter(tx, query, at), limit + 1, before)
    following = _cursor(rows[limit - 1].id) if len(rows) > limit else None
    return objects.messages(tx, rows[:limit], at), following


def _due(tx: Tx, query: dict[str, Any], limit: int, at: datetime) -> tuple[list[dict[str, Any]], str | None]:
    rows = messages.due(tx, _filter(tx, query, at), limit + 1, _place(query["cursor"]))
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = _cursor((last.due_at - _EPOCH) // _MICROSECOND) + _cursor(last.id)
    return objects.messages(tx, rows[:limit], at), following


def _place(cursor: str | None) -> tuple[datetime, int] | None:
    """Due time and id of the text that a cursor stands for."""
    if cursor is None:
        return None
    try:
        return _EPOCH + _number(cursor[:11]) * _MICROSECOND, _number(cursor[11:])
    except OverflowError:
        abort(422, "This is no cursor of ours. Pass next_cursor as it was given.")


def _filter(tx: Tx, query: dict[str, Any], at: datetime) -> Filter:
    country = office_country(tx)
    return Filter(
        direction=query["direction"],
        sender=_canonical(query["sender"], country),
        recipient=_canonical(query["recipient"], country),
        state=query["state"].value if query["state"] else None,
        purpose=query["purpose"],
        scheduled=query["scheduled"],
        waits=_waits(tx, WaitingFor(query["waiting_for"]), at) if query["waiting_for"] else None,
    )


def _waits(tx: Tx, why: WaitingFor, at: datetime) -> Waits:
    """Texts that wait for that, as `gateway.desk.waiting` tells it of each."""

    def is_ready(line: Row[Any]) -> bool:
        return line_words.line_now(line.status, line.code, line.paused_at) == "ready"

    return Waits(why, at, tuple(line.id for line in lines.every(tx) if not is_ready(line)))


def _canonical(written: str | None, country: str | None) -> str | None:
    """A number as it is stored; a sender's name stays as it is."""
    if written is None:
        return None
    try:
        return phone.parse(written, country).text
    except phone.NotANumber:
        return written


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(8, "big", signed=True)).decode().rstrip("=")


def _number(cursor: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(cursor + "="), "big", signed=True)
