"""The API's requests and answers, described once: what is checked, and what the OpenAPI document says."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from gateway.domain import wording
from gateway.domain.message import Direction, Purpose, State, WaitingFor

MOST = 500
"""Largest page of a list."""
LONGEST_BODY = 255 * 153
"""Characters: no text of more fits into 255 parts of any alphabet (3GPP TS 23.040 9.2.3.24.1)."""


def is_text(value: str) -> None:
    """Refuse lone surrogates, which are no characters and cannot be stored."""
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValidationError(wording.REFUSALS["not_text"].text)


def _text(most: int, **more: Any) -> fields.String:
    return fields.String(validate=[validate.Length(min=1, max=most), is_text], **more)


class NewMessage(Schema):
    """What `POST /messages` takes. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    to = _text(
        64,
        required=True,
        metadata={
            "description": "E.164, a short code, or national writing where the line's or the office's "
            "country is set.",
            "example": "+12025550123",
        },
    )
    body = fields.String(
        required=True, metadata={"description": "The text; up to 255 parts.", "example": "See you at 9."}
    )
    purpose = fields.Enum(Purpose, by_value=True, load_default=Purpose.TRANSACTIONAL)
    line = _text(
        40, allow_none=True, load_default=None, metadata={"description": "Needed where there are several."}
    )
    reference = _text(
        200, allow_none=True, load_default=None, metadata={"description": "Your own name for it."}
    )
    send_by = fields.AwareDateTime(
        format="iso",
        allow_none=True,
        load_default=None,
        metadata={"description": "After this time it is useless and expires. A time to come."},
    )
    on_unconfirmed = fields.String(
        load_default="ask",
        validate=validate.OneOf(["ask", "resend_once"]),
        metadata={"description": "What to do when nobody can know whether it went out."},
    )


class ListQuery(Schema):
    """What `GET /messages` can be narrowed by."""

    class Meta:
        unknown = RAISE

    direction = fields.Enum(Direction, by_value=True, load_default=None)
    state = fields.Enum(State, by_value=True, load_default=None)
    sender = fields.String(
        data_key="from", load_default=None, validate=[validate.Length(min=1, max=64), is_text]
    )
    recipient = fields.String(
        data_key="to", load_default=None, validate=[validate.Length(min=1, max=64), is_text]
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))
    cursor = fields.String(load_default=None, validate=validate.Regexp(r"^[A-Za-z0-9_-]{11}\Z"))


class OneQuery(Schema):
    """What `GET /messages/{id}` can be asked."""

    class Meta:
        unknown = RAISE

    explain = fields.Boolean(load_default=False, metadata={"description": "Add the whole history."})


class Reason(Schema):
    """A stored reason and its sentence."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class Warning(Schema):
    """What is worth a look though it was accepted, and its sentence."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class Author(Schema):
    """Who is behind a message."""

    kind = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class Links(Schema):
    """Where it can be read again."""

    self = fields.String(required=True)


_NULLABLE: dict[str, Any] = {"required": True, "allow_none": True}

Change = Schema.from_dict(
    {
        "at": fields.DateTime(required=True),
        "segment": fields.Integer(**_NULLABLE),
        "was": fields.String(**_NULLABLE),
        "became": fields.String(required=True),
        "why": fields.String(**_NULLABLE),
        "by": fields.String(**_NULLABLE),
    },
    name="Change",
)
Attempt = Schema.from_dict(
    {
        "segment": fields.Integer(required=True),
        "number": fields.Integer(required=True),
        "started_at": fields.DateTime(required=True),
        "ended_at": fields.DateTime(**_NULLABLE),
        "outcome": fields.String(**_NULLABLE),
        "reason": fields.Nested(Reason, **_NULLABLE),
    },
    name="Attempt",
)
Report = Schema.from_dict(
    {
        "segment": fields.Integer(required=True),
        "status": fields.Integer(required=True),
        "received_at": fields.DateTime(required=True),
        "discharged_at": fields.DateTime(**_NULLABLE),
    },
    name="Report",
)

_MESSAGE: dict[str, Any] = {
    "id": fields.String(required=True),
    "direction": fields.Enum(Direction, by_value=True, required=True),
    "state": fields.Enum(State, by_value=True, required=True),
    "reason": fields.Nested(Reason, **_NULLABLE),
    "waiting_for": fields.Enum(WaitingFor, by_value=True, **_NULLABLE),
    "due_at": fields.DateTime(**_NULLABLE),
    "from": fields.String(**_NULLABLE),
    "to": fields.String(**_NULLABLE),
    "line": fields.String(required=True),
    "contact": fields.String(required=True),
    "conversation": fields.String(required=True),
    "purpose": fields.Enum(Purpose, by_value=True, **_NULLABLE),
    "body": fields.String(required=True),
    "encoding": fields.String(**_NULLABLE),
    "segments": fields.Integer(required=True),
    "author": fields.Nested(Author, required=True),
    "label": fields.String(**_NULLABLE),
    "reference": fields.String(**_NULLABLE),
    "resend_of": fields.String(**_NULLABLE, metadata={"description": "Id of the text this one repeats."}),
    "rerouted_from": fields.String(
        **_NULLABLE,
        metadata={"description": "Name of the line that was down when another one took this text over."},
    ),
    "on_unconfirmed": fields.String(**_NULLABLE),
    "created_at": fields.DateTime(required=True),
    "send_by": fields.DateTime(**_NULLABLE),
    "sent_at": fields.DateTime(**_NULLABLE),
    "delivered_at": fields.DateTime(**_NULLABLE),
    "network_at": fields.DateTime(**_NULLABLE),
    "links": fields.Nested(Links, required=True),
    "history": fields.List(fields.Nested(Change), metadata={"description": "With explain=1."}),
    "attempts": fields.List(fields.Nested(Attempt), metadata={"description": "With explain=1."}),
    "reports": fields.List(fields.Nested(Report), metadata={"description": "With explain=1."}),
}
Message = Schema.from_dict(_MESSAGE, name="Message")
Accepted = Schema.from_dict(
    {**_MESSAGE, "warnings": fields.List(fields.Nested(Warning), required=True)}, name="AcceptedMessage"
)

MessageList = Schema.from_dict(
    {
        "data": fields.List(fields.Nested(Message), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    },
    name="MessageList",
)


class FieldError(Schema):
    """One field that cannot be used."""

    pointer = fields.String(metadata={"description": "JSON pointer into the body."})
    parameter = fields.String(metadata={"description": "Name of the query parameter."})
    detail = fields.String(required=True)


class Problem(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.Integer(required=True)
    errors = fields.List(fields.Nested(FieldError), required=True)
    request_id = fields.String(required=True)
    message = fields.String(required=True)
    more_info = fields.String(required=True)
