"""Customers in the API, by the number the office's own records give them: added, brought up to date."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import RAISE, ValidationError

from gateway.desk import upserting
from gateway.desk.drafts import Author
from gateway.desk.import_rows import Note
from gateway.desk.settings import country
from gateway.desk.upserting import Put, Said
from gateway.domain import import_words
from gateway.domain.people import Scope
from gateway.domain.refusal_words import Refused
from gateway.store import contacts
from gateway.store.database import Tx
from gateway.web import api_drafts, objects_contacts, schemas_contacts
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.api_keys import KEY_HEADER, ask_once
from gateway.web.problems import flat, pointer_of
from gateway.web.schemas_contacts import BatchRow, PutAnswer
from gateway.web.site import write

customer_api = Blueprint("customer_api", __name__, url_prefix=PREFIX, description="The office's customers.")
customer_api.before_request(json_only)

_COLUMNS = {"time_zone": "zone"}
_NO_VALUES = frozenset({"numbers", "fields_", "tags", "opt_in", "overwrite", "external_id"})


@customer_api.route("/contacts/<contact_id>", methods=["PUT"])
@needs(Scope.CONTACTS_WRITE)
@customer_api.doc(responses=problems(409, 413, 415, 422, 503))
@customer_api.arguments(schemas_contacts.PutContact, unknown=RAISE)
@customer_api.response(
    200, schemas_contacts.PutDone, description="They were there; `result` says what changed."
)
@customer_api.alt_response(201, schema=schemas_contacts.PutDone, description="They are new.")
def put(wanted: dict[str, Any], contact_id: str) -> Response:
    """Add a customer, or bring what is known of them up to date

    The id is the number your own records give them, which is never one of ours. They are found by it, else by
    their phone number. The same again changes nothing."""
    author, said = api_drafts.caller(), _said(contact_id, wanted)

    def act(tx: Tx, at: datetime) -> tuple[dict[str, Any], bool]:
        done = upserting.put(tx, said, author, at)
        row = contacts.get(tx, done.contact_id)
        assert row is not None  # just put
        about = {"result": _result(done), "warnings": _warnings(done.notes, country(tx))}
        return {**objects_contacts.contact(tx, row), **about}, done.is_new

    body, is_new = write(act)
    answer = jsonify(body)
    if is_new:
        answer.status_code = 201
        answer.headers["Location"] = body["links"]["self"]
    return answer


@customer_api.route("/contacts/batch", methods=["POST"])
@needs(Scope.CONTACTS_WRITE)
@customer_api.doc(parameters=[KEY_HEADER], responses=problems(413, 415, 422, 503))
@customer_api.arguments(schemas_contacts.PutBatch, unknown=RAISE)
@customer_api.response(200, schemas_contacts.BatchDone, description="What became of each, in their order.")
def put_many(wanted: dict[str, Any]) -> Response:
    """Add customers, or bring them up to date, up to 200 at once

    Each is judged by itself: one that cannot be used loses no other."""
    author, rows = api_drafts.caller(), wanted["contacts"]

    def act(tx: Tx, at: datetime) -> dict[str, Any]:
        data = [_put_row(tx, row, author, at) for row in rows]
        return {"data": data, "counts": dict(Counter(one["result"] for one in data))}

    return ask_once(act, 200)


def _put_row(tx: Tx, row: Any, author: Author, at: datetime) -> dict[str, Any]:
    external_id = row.get("external_id") if isinstance(row, dict) else None
    answer: dict[str, Any] = {
        "external_id": external_id if isinstance(external_id, str) else None,
        "result": PutAnswer.REFUSED.value,
        "id": None,
        "warnings": [],
        "errors": [],
    }
    try:
        wanted = BatchRow().load(row)
        done = upserting.put(tx, _said(wanted["external_id"], wanted), author, at)
    except ValidationError as error:
        return {**answer, "errors": flat({"json": error.messages})}
    except Refused as refused:
        return {**answer, "errors": [{"pointer": pointer_of(refused) or "", "detail": refused.text}]}
    kept = contacts.get(tx, done.contact_id)
    assert kept is not None  # just put
    warnings = _warnings(done.notes, country(tx))
    return {**answer, "result": _result(done), "id": kept.public_id, "warnings": warnings}


def _said(external_id: str, wanted: dict[str, Any]) -> Said:
    agreed = wanted["opt_in"]
    return Said(
        external_id,
        values={_COLUMNS.get(name, name): one for name, one in wanted.items() if name not in _NO_VALUES},
        numbers=wanted["numbers"],
        own=wanted["fields_"],
        tags=wanted["tags"],
        agreed=(agreed["source"], agreed["on"]) if agreed is not None else None,
        overwrites=wanted["overwrite"],
    )


def _result(done: Put) -> str:
    if done.is_new:
        return PutAnswer.CREATED.value
    return (PutAnswer.UPDATED if done.is_changed else PutAnswer.UNCHANGED).value


def _warnings(notes: Iterable[Note], region: str | None) -> list[dict[str, str]]:
    return [{"code": note[0], "text": import_words.why([note], region)} for note in notes]
