"""Contacts in the API: what they are called, and where they live."""

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

from gateway.desk import contacts as desk
from gateway.domain.people import Scope
from gateway.store import contacts
from gateway.store.database import Tx
from gateway.web import api_drafts, objects, schemas_contacts
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.site import read, write

contact_api = Blueprint("contact_api", __name__, url_prefix=PREFIX, description="People.")
contact_api.before_request(json_only)


def _contact(tx: Tx, contact_id: str) -> Row[Any]:
    row = contacts.by_public_id(tx, contact_id)
    if row is None:
        abort(404, "There is no contact with that id.")
    return row


@contact_api.route("/contacts/<contact_id>", methods=["GET"])
@needs(Scope.CONTACTS_READ)
@contact_api.doc(responses=problems(404))
@contact_api.response(200, schemas_contacts.Contact)
def show(contact_id: str) -> Response:
    """Read a contact"""
    return jsonify(read(lambda tx: objects.contact(tx, _contact(tx, contact_id))))


@contact_api.route("/contacts/<contact_id>", methods=["PATCH"])
@needs(Scope.CONTACTS_WRITE)
@contact_api.doc(responses=problems(404, 413, 415, 422, 503))
@contact_api.arguments(schemas_contacts.ChangedContact, unknown=RAISE)
@contact_api.response(200, schemas_contacts.Contact)
def change(wanted: dict[str, Any], contact_id: str) -> Response:
    """Say what a contact is called, or in which zone they live"""
    author = api_drafts.caller()

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        row = _contact(tx, contact_id)
        if "name" in wanted:
            desk.set_name(tx, row.id, wanted["name"], author, at)
        if "time_zone" in wanted:
            desk.set_zone(tx, row.id, wanted["time_zone"], author, at)
        return objects.contact(tx, _contact(tx, contact_id))

    return jsonify(write(act))
