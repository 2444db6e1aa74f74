"""Searching by the API: what staff find, as far as the token may read it."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE

from gateway.desk import search as desk
from gateway.desk.search import Searcher
from gateway.domain.people import Scope
from gateway.domain.search import Kind, parse
from gateway.store import settings
from gateway.store.database import Tx
from gateway.web import api_drafts, objects_search, schemas_search
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import now, read

search_api = Blueprint("search_api", __name__, url_prefix=PREFIX, description="Searching.")
search_api.before_request(json_only)

READ_BY = {
    Kind.PEOPLE: Scope.CONTACTS_READ,
    Kind.CONVERSATIONS: Scope.CONVERSATIONS_READ,
    Kind.TEXTS: Scope.MESSAGES_READ,
    Kind.NOTES: Scope.CONVERSATIONS_READ,
}
"""The scope that shows each group; a group the token may not read is not looked through."""


@search_api.route("/search", methods=["GET"])
@needs(Scope.MESSAGES_READ)
@search_api.doc(responses=problems(422))
@search_api.arguments(schemas_search.Search, location="query", unknown=RAISE)
@search_api.response(200, schemas_search.Found)
def find(query: dict[str, Any]) -> Response:
    """Search people, conversations, texts and notes"""
    wanted_kind, cursor, at = query["kind"], query["cursor"], now()
    if cursor is not None and wanted_kind is None:
        abort(422, "A cursor is of one group. Say which with kind.")
    kinds = {kind for kind in Kind if wanted_kind in (None, kind) and api_drafts.has(READ_BY[kind])}

    def look(tx: Tx) -> dict[str, Any]:
        if cursor is not None and not desk.is_known(tx, Kind(wanted_kind), cursor):
            abort(422, "This is no cursor of ours. Pass next_cursor as it was given.")
        today = at.astimezone(ZoneInfo(settings.get(tx, "office.zone"))).date()
        question = desk.question(tx, parse(query["q"], today), Searcher())
        return objects_search.found(tx, question, desk.find(tx, question, kinds, query["limit"], cursor), at)

    return jsonify(read(look))
