"""Contacts in the API: who they are, what is noted of them, and whether they are blocked."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import abort, jsonify, request
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from gateway.desk import blocking
from gateway.desk import contacts as desk
from gateway.domain.people import Scope
from gateway.store import contact_list, contacts
from gateway.store.contact_list import Wanted
from gateway.store.database import Tx
from gateway.web import api_drafts, objects_contacts, schemas_contacts
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import read, write

contact_api = Blueprint("contact_api", __name__, url_prefix=PREFIX, description="People.")
contact_api.before_request(json_only)


def _contact(tx: Tx, contact_id: str) -> Row[Any]:
    """The contact with that id, ours or that of the office's own records, or whom they are one with since."""
    row = contacts.by_public_id(tx, contact_id) or contacts.by_external_id(tx, contact_id)
    if row is None:
        abort(404, "There is no contact with that id.")
    return contacts.live(tx, row)


@contact_api.route("/contacts", methods=["GET"])
@needs(Scope.CONTACTS_READ)
@contact_api.doc(responses=problems(422))
@contact_api.arguments(schemas_contacts.ListContacts, location="query", unknown=RAISE)
@contact_api.response(200, schemas_contacts.ContactList)
def every(query: dict[str, Any]) -> Response:
    """List contacts, by name"""
    narrowed = Wanted(
        words=query["q"],
        stopped=query["opted_out"],
        **{name: query[name] for name in _NARROWED_BY},
    )

    def look(tx: Tx) -> tuple[list[dict[str, Any]], str | None]:
        last = contacts.by_public_id(tx, query["cursor"]) if query["cursor"] else None
        if query["cursor"] and last is None:
            abort(422, "This is no cursor of ours. Pass next_cursor as it was given.")
        beyond = (last.sought, last.id) if last is not None else None
        rows = contact_list.page(tx, narrowed, query["limit"] + 1, beyond)
        shown = rows[: query["limit"]]
        following = shown[-1].public_id if len(rows) > len(shown) else None
        return objects_contacts.contacts(tx, shown), following

    data, following = read(look)
    response = jsonify(data=data, next_cursor=following)
    if following is not None:
        arguments = {**request.args.to_dict(), "cursor": following}
        response.headers["Link"] = f'<{request.base_url}?{urlencode(arguments)}>; rel="next"'
    return response


_NARROWED_BY = ("stage", "priority", "tag", "health", "blocked", "language", "heard_after", "heard_before")


@contact_api.route("/contacts/<contact_id>", methods=["GET"])
@needs(Scope.CONTACTS_READ)
@contact_api.doc(responses=problems(404))
@contact_api.response(200, schemas_contacts.Contact)
def show(contact_id: str) -> Response:
    """Read a contact"""
    return jsonify(read(lambda tx: objects_contacts.contact(tx, _contact(tx, contact_id))))


@contact_api.route("/contacts/<contact_id>", methods=["PATCH"])
@needs(Scope.CONTACTS_WRITE)
@contact_api.doc(responses=problems(404, 413, 415, 422, 503))
@contact_api.arguments(schemas_contacts.ChangedContact, unknown=RAISE)
@contact_api.response(200, schemas_contacts.Contact)
def change(wanted: dict[str, Any], contact_id: str) -> Response:
    """Say what a contact is called, where they live, how far they have come with you"""
    author = api_drafts.caller()
    own = wanted.pop("fields_", None)
    values = {_COLUMNS.get(name, name): value for name, value in wanted.items()}

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        row = _contact(tx, contact_id)
        desk.change(tx, row.id, values, author, at)
        if own is not None:
            desk.set_own_fields(tx, row.id, own, author, at)
        return objects_contacts.contact(tx, _contact(tx, contact_id))

    return jsonify(write(act))


_COLUMNS = {"time_zone": "zone"}


@contact_api.route("/contacts/<contact_id>/block", methods=["POST"])
@needs(Scope.CONTACTS_WRITE)
@contact_api.doc(responses=problems(404, 413, 415, 422, 503))
@contact_api.arguments(schemas_contacts.Block, unknown=RAISE)
@contact_api.response(200, schemas_contacts.Contact)
def block(wanted: dict[str, Any], contact_id: str) -> Response:
    """Block a contact: what they write is kept and makes no noise; their STOP still counts"""
    author = api_drafts.caller()

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        blocking.block(tx, _contact(tx, contact_id).id, wanted["why"], author, at)
        return objects_contacts.contact(tx, _contact(tx, contact_id))

    return jsonify(write(act))


@contact_api.route("/contacts/<contact_id>/unblock", methods=["POST"])
@needs(Scope.CONTACTS_WRITE)
@contact_api.doc(responses=problems(404, 503))
@contact_api.response(200, schemas_contacts.Contact)
def unblock(contact_id: str) -> Response:
    """Unblock a contact"""
    author = api_drafts.caller()

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        blocking.unblock(tx, _contact(tx, contact_id).id, author, at)
        return objects_contacts.contact(tx, _contact(tx, contact_id))

    return jsonify(write(act))
