"""The API's answers about lines, and its one request with a body; those about texts are in `schemas`."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from gateway.domain.line import LineStatus
from gateway.domain.line_requests import Kind
from gateway.domain.line_requests import State as Asked
from gateway.domain.message import Purpose, State, WaitingFor
from gateway.web.schemas import Links, Reason, is_text

_NULLABLE: dict[str, Any] = {"required": True, "allow_none": True}


class NewUssd(Schema):
    """What `POST /lines/{name}/ussd` takes. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    code = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=40), is_text],
        metadata={"description": "A service code of *, # and digits.", "example": "*100#"},
    )


_STATE: dict[str, Any] = {
    "name": fields.String(required=True),
    "status": fields.Enum(LineStatus, by_value=True, required=True),
    "code": fields.String(required=True, metadata={"description": "Why, as a word: ready, not_registered."}),
    "sentence": fields.String(required=True, metadata={"description": "The same for people."}),
    "cause": fields.String(required=True),
    "doing": fields.String(required=True, metadata={"description": "What the program does about it."}),
    "you_can": fields.String(required=True, metadata={"description": "What a person can do."}),
    "since": fields.DateTime(**_NULLABLE),
    "paused": fields.Boolean(required=True),
}
_LINE: dict[str, Any] = {
    **_STATE,
    "number": fields.String(**_NULLABLE),
    "port": fields.String(required=True),
    "limits": fields.List(fields.String(), required=True),
    "queued": fields.Integer(required=True),
    "unconfirmed": fields.Integer(required=True),
    "facts": fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "What is known of its device: operator, signal_dbm, registration and more."},
    ),
    "abilities": fields.Dict(
        keys=fields.String(), **_NULLABLE, metadata={"description": "Null while they are not known."}
    ),
    "cannot": fields.List(
        fields.String(), required=True, metadata={"description": "What it cannot do, in words."}
    ),
    "options": fields.Dict(keys=fields.String(), values=fields.String(), required=True),
    "links": fields.Nested(Links, required=True),
}
Line = Schema.from_dict(_LINE, name="Line")
LineList = Schema.from_dict({"data": fields.List(fields.Nested(Line), required=True)}, name="LineList")

Waiting = Schema.from_dict(
    {
        "purpose": fields.Enum(Purpose, by_value=True, required=True),
        "state": fields.Enum(State, by_value=True, required=True),
        "waiting_for": fields.Enum(WaitingFor, by_value=True, **_NULLABLE),
        "texts": fields.Integer(required=True),
        "due_at": fields.DateTime(**_NULLABLE),
    },
    name="Waiting",
)
Bound = Schema.from_dict(
    {"imei": fields.String(**_NULLABLE), "iccid": fields.String(**_NULLABLE)}, name="Bound"
)
Happened = Schema.from_dict(
    {
        "at": fields.DateTime(required=True),
        "kind": fields.String(required=True),
        "code": fields.String(required=True),
        "detail": fields.String(required=True),
        "text": fields.String(required=True),
    },
    name="Happened",
)
MissedCall = Schema.from_dict(
    {
        "at": fields.DateTime(required=True),
        "from": fields.String(
            **_NULLABLE,
            metadata={"description": "Null when withheld, or when the token may not read messages."},
        ),
        "rang_seconds": fields.Integer(required=True),
    },
    name="MissedCall",
)
LineInFull = Schema.from_dict(
    {
        **_LINE,
        "queue": fields.List(fields.Nested(Waiting), required=True),
        "bound": fields.Nested(Bound, required=True),
        "history": fields.List(fields.Nested(Happened), required=True),
        "missed_calls": fields.List(fields.Nested(MissedCall), required=True),
    },
    name="LineInFull",
)

Sample = Schema.from_dict(
    {
        "at": fields.DateTime(required=True),
        "code": fields.String(required=True),
        "signal_dbm": fields.Integer(**_NULLABLE),
    },
    name="Sample",
)
LineHealth = Schema.from_dict(
    {
        **_STATE,
        "signal_dbm": fields.Integer(**_NULLABLE),
        "last_out_at": fields.DateTime(**_NULLABLE),
        "last_in_at": fields.DateTime(**_NULLABLE),
        "samples": fields.List(fields.Nested(Sample), required=True),
    },
    name="LineHealth",
)

LineRequest = Schema.from_dict(
    {
        "id": fields.Integer(required=True),
        "line": fields.String(required=True),
        "kind": fields.Enum(Kind, by_value=True, required=True),
        "code": fields.String(**_NULLABLE, metadata={"description": "The service code that was asked for."}),
        "state": fields.Enum(Asked, by_value=True, required=True),
        "answer": fields.String(**_NULLABLE, metadata={"description": "Kept for a day."}),
        "reason": fields.Nested(Reason, **_NULLABLE, metadata={"description": "Why it could not be done."}),
        "asked_by": fields.String(required=True),
        "asked_at": fields.DateTime(required=True),
        "done_at": fields.DateTime(**_NULLABLE),
        "links": fields.Nested(Links, required=True),
    },
    name="LineRequest",
)
