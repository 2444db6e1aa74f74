"""Internal notes in the API. What is given in here is read by the office and never sent."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import notes as desk
from gateway.domain.people import Scope
from gateway.store import conversations, notes
from gateway.store.database import Tx
from gateway.web import api_drafts, objects_search, schemas_notes
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import read, write

note_api = Blueprint("note_api", __name__, url_prefix=PREFIX, description="Internal notes.")
note_api.before_request(json_only)


def _conversation(tx: Tx, public_id: str) -> Row[Any]:
    row = conversations.by_public_id(tx, public_id)
    if row is None:
        abort(404, "There is no conversation with that id.")
    return row


@note_api.route("/conversations/<conversation_id>/notes", methods=["GET"])
@needs(Scope.CONVERSATIONS_READ)
@note_api.doc(responses=problems(404, 422))
@note_api.arguments(schemas_notes.NotesQuery, location="query", unknown=RAISE)
@note_api.response(200, schemas_notes.Notes)
def every(wanted: dict[str, Any], conversation_id: str) -> Response:
    """Read the notes of a conversation, the newest first"""
    limit, before = wanted["limit"], int(wanted["cursor"]) if wanted["cursor"] else None

    def look(tx: Tx) -> dict[str, Any]:
        row = _conversation(tx, conversation_id)
        found = notes.page(tx, row.id, limit + 1, before)
        return {
            "data": [objects_search.note(note, row.public_id) for note in found[:limit]],
            "next_cursor": str(found[limit - 1].id) if len(found) > limit else None,
        }

    return jsonify(read(look))


@note_api.route("/conversations/<conversation_id>/notes", methods=["POST"])
@needs(Scope.CONVERSATIONS_WRITE)
@note_api.doc(responses=problems(404, 413, 415, 422, 503))
@note_api.arguments(schemas_notes.NewNote, unknown=RAISE)
@note_api.response(201, schemas_notes.Note)
def add(wanted: dict[str, Any], conversation_id: str) -> Response:
    """Add an internal note to a conversation; it is never sent"""
    author = api_drafts.caller()

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        row = _conversation(tx, conversation_id)
        added = notes.get(tx, desk.add(tx, row, wanted["body"], author, at))
        return objects_search.note(added, row.public_id)

    answer = jsonify(write(act))
    answer.status_code = 201
    return answer
