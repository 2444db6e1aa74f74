"""Conversations in the API: whose they are, how they stand, and the texts in them."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import abort, jsonify, request
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import conversation_state as desk
from gateway.domain.conversation import ConversationState, Priority
from gateway.domain.inbox import Tab, Wanted
from gateway.domain.people import Scope
from gateway.domain.refusal_words import Refused
from gateway.store import conversation_list, conversations, lines, messages, tags, team
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.web import api_drafts, objects, objects_conversations, schemas, schemas_conversations
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import now, read, write

conversation_api = Blueprint(
    "conversation_api", __name__, url_prefix=PREFIX, description="Conversations: one contact on one line."
)
conversation_api.before_request(json_only)

_PROGRAM = Reader(0, 0)
"""A program reads every line, and has read nothing."""


def _conversation(tx: Tx, public_id: str) -> Row[Any]:
    row = conversations.by_public_id(tx, public_id)
    if row is None:
        abort(404, "There is no conversation with that id.")
    return row


def _listed(data: list[dict[str, Any]], following: str | None) -> Response:
    response = jsonify(data=data, next_cursor=following)
    if following is not None:
        arguments = {**request.args.to_dict(), "cursor": following}
        response.headers["Link"] = f'<{request.base_url}?{urlencode(arguments)}>; rel="next"'
    return response


# --- reading -----------------------------------------------------------------------------------------


@conversation_api.route("/conversations", methods=["GET"])
@needs(Scope.CONVERSATIONS_READ)
@conversation_api.doc(responses=problems(422))
@conversation_api.arguments(schemas_conversations.ListConversations, location="query", unknown=RAISE)
@conversation_api.response(200, schemas_conversations.ConversationList)
def every(query: dict[str, Any]) -> Response:
    """List conversations, newest text first"""
    limit = query["limit"]

    def look(tx: Tx) -> tuple[list[dict[str, Any]], str | None]:
        last = conversations.by_public_id(tx, query["cursor"]) if query["cursor"] else None
        if query["cursor"] and (last is None or last.last_message_at is None):
            abort(422, "This is no cursor of ours. Pass next_cursor as it was given.")
        wanted = _wanted(tx, query)
        if wanted is None:
            return [], None
        rows = conversation_list.page(tx, _PROGRAM, wanted, limit + 1, last)
        following = rows[limit - 1].public_id if len(rows) > limit else None
        return objects_conversations.conversations(tx, rows[:limit]), following

    return _listed(*read(look))


def _wanted(tx: Tx, query: dict[str, Any]) -> Wanted | None:
    """None: it is of a line or a tag that is not there, so there are none."""
    line = lines.by_name(tx, query["line"]) if query["line"] else None
    tag = tags.find(tx, query["tag"]) if query["tag"] else None
    if (query["line"] and line is None) or (query["tag"] and tag is None):
        return None
    return Wanted(
        tab=Tab(query["show"]),
        line_id=line.id if line is not None else None,
        tag_id=tag.id if tag is not None else None,
        priority=Priority(query["priority"]) if query["priority"] else None,
    )


@conversation_api.route("/conversations/<conversation_id>", methods=["GET"])
@needs(Scope.CONVERSATIONS_READ)
@conversation_api.doc(responses=problems(404))
@conversation_api.response(200, schemas_conversations.Conversation)
def show(conversation_id: str) -> Response:
    """Read a conversation"""
    return jsonify(
        read(lambda tx: objects_conversations.conversation(tx, _conversation(tx, conversation_id)))
    )


@conversation_api.route("/conversations/<conversation_id>/messages", methods=["GET"])
@needs(Scope.MESSAGES_READ)
@conversation_api.doc(responses=problems(404, 422))
@conversation_api.arguments(schemas_conversations.ListMessages, location="query", unknown=RAISE)
@conversation_api.response(200, schemas.MessageList)
def texts(query: dict[str, Any], conversation_id: str) -> Response:
    """List the texts of a conversation, newest first"""
    at, limit = now(), query["limit"]

    def look(tx: Tx) -> tuple[list[dict[str, Any]], str | None]:
        row = _conversation(tx, conversation_id)
        last = messages.by_public_id(tx, query["cursor"]) if query["cursor"] else None
        if query["cursor"] and (last is None or last.conversation_id != row.id):
            abort(422, "This is no cursor of ours. Pass next_cursor as it was given.")
        found = messages.thread(tx, row.id, limit + 1, last.id if last is not None else None)[::-1]
        following = found[limit - 1].public_id if len(found) > limit else None
        return objects.messages(tx, found[:limit], at), following

    return _listed(*read(look))


# --- changing ----------------------------------------------------------------------------------------


def _changed(conversation_id: str, change: Callable[[Tx, Row[Any], datetime], object]) -> Response:
    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        change(tx, _conversation(tx, conversation_id), at)
        return objects_conversations.conversation(tx, _conversation(tx, conversation_id))

    return jsonify(write(act))


@conversation_api.route("/conversations/<conversation_id>/assign", methods=["POST"])
@needs(Scope.CONVERSATIONS_WRITE)
@conversation_api.doc(responses=problems(404, 413, 415, 422, 503))
@conversation_api.arguments(schemas_conversations.Assignment, unknown=RAISE)
@conversation_api.response(200, schemas_conversations.Conversation)
def assign(wanted: dict[str, Any], conversation_id: str) -> Response:
    """Give a conversation to somebody, or back to everybody"""
    who = api_drafts.caller()

    def change(tx: Tx, row: Row[Any], at: datetime) -> None:
        desk.assign(tx, row, user_id(tx, wanted["to"]), who, at)

    return _changed(conversation_id, change)


def user_id(tx: Tx, username: str | None) -> int | None:
    """The id of the person of that username; None for nobody.

    Raises:
        Refused: there is none.
    """
    if username is None:
        return None
    user = team.user_by_name(tx, username)
    if user is None:
        raise Refused("cannot_assign")
    return int(user.id)


@conversation_api.route("/conversations/<conversation_id>/state", methods=["POST"])
@needs(Scope.CONVERSATIONS_WRITE)
@conversation_api.doc(responses=problems(404, 413, 415, 422, 503))
@conversation_api.arguments(schemas_conversations.NewState, unknown=RAISE)
@conversation_api.response(200, schemas_conversations.Conversation)
def set_state(wanted: dict[str, Any], conversation_id: str) -> Response:
    """Close a conversation, put it off, or open it again"""
    who, state = api_drafts.caller(), ConversationState(wanted["state"])

    def change(tx: Tx, row: Row[Any], at: datetime) -> None:
        if state is ConversationState.CLOSED:
            desk.close(tx, row, who, at)
        elif state is ConversationState.OPEN:
            desk.reopen(tx, row, "person", who, at)
        else:
            desk.snooze(tx, row, wanted["until"], who, at)

    return _changed(conversation_id, change)
