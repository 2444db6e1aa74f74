"""The API's answers about lines, and its one request with a body; those about texts are in `schemas`."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from gateway.domain.line import LineStatus
from gateway.domain.line_requests import Kind
from gateway.domain.line_requests import State as Asked
from gateway.domain.message import Purpose, Rank, State, WaitingFor
from gateway.web.schemas_shared import NULLABLE, Links, Reason, is_text


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
    "since": fields.DateTime(**NULLABLE),
    "paused": fields.Boolean(required=True),
}
_LINE: dict[str, Any] = {
    **_STATE,
    "number": fields.String(**NULLABLE),
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
        keys=fields.String(), **NULLABLE, metadata={"description": "Null while they are not known."}
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
        "waiting_for": fields.Enum(WaitingFor, by_value=True, **NULLABLE),
        "texts": fields.Integer(required=True),
        "due_at": fields.DateTime(**NULLABLE),
    },
    name="Waiting",
)
Room = Schema.from_dict(
    {
        "rank": fields.String(
            required=True,
            validate=validate.OneOf([rank.name.lower() for rank in Rank if rank is not Rank.BEGUN]),
            metadata={"description": "Kind of text, in the order in which they go."},
        ),
        "most": fields.Integer(
            required=True, metadata={"description": "How many of the window texts of this kind may use."}
        ),
        "left": fields.Integer(required=True),
        "next_at": fields.DateTime(required=True, metadata={"description": "When the next may leave."}),
    },
    name="Room",
)
Use = Schema.from_dict(
    {
        "limit": fields.String(required=True, metadata={"example": "300/day"}),
        "used": fields.Integer(required=True, metadata={"description": "Parts that left within its window."}),
        "ranks": fields.List(fields.Nested(Room), required=True),
    },
    name="Use",
)
Bound = Schema.from_dict(
    {"imei": fields.String(**NULLABLE), "iccid": fields.String(**NULLABLE)}, name="Bound"
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
            **NULLABLE,
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
        "usage": fields.List(fields.Nested(Use), required=True),
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
        "signal_dbm": fields.Integer(**NULLABLE),
    },
    name="Sample",
)
LineHealth = Schema.from_dict(
    {
        **_STATE,
        "signal_dbm": fields.Integer(**NULLABLE),
        "last_out_at": fields.DateTime(**NULLABLE),
        "last_in_at": fields.DateTime(**NULLABLE),
        "samples": fields.List(fields.Nested(Sample), required=True),
    },
    name="LineHealth",
)

LineRequest = Schema.from_dict(
    {
        "id": fields.Integer(required=True),
        "line": fields.String(required=True),
        "kind": fields.Enum(Kind, by_value=True, required=True),
        "code": fields.String(**NULLABLE, metadata={"description": "The service code that was asked for."}),
        "state": fields.Enum(Asked, by_value=True, required=True),
        "answer": fields.String(**NULLABLE, metadata={"description": "Kept for a day."}),
        "reason": fields.Nested(Reason, **NULLABLE, metadata={"description": "Why it could not be done."}),
        "asked_by": fields.String(required=True),
        "asked_at": fields.DateTime(required=True),
        "done_at": fields.DateTime(**NULLABLE),
        "links": fields.Nested(Links, required=True),
    },
    name="LineRequest",
)
