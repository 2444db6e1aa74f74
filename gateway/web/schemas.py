"""The API's answers about texts, described once: what the OpenAPI document says, and what tests hold them to.

Requests about texts are in `schemas_requests`.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from gateway.domain.conversation import Priority
from gateway.domain.message import Direction, Purpose, State, WaitingFor
from gateway.domain.schedule import Kind
from gateway.web.schemas_decisions import Decision, Logged, Rule
from gateway.web.schemas_shared import NULLABLE, Links, Reason, Warning


class Author(Schema):
    """Who is behind a message."""

    kind = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


Change = Schema.from_dict(
    {
        "at": fields.DateTime(required=True),
        "segment": fields.Integer(**NULLABLE),
        "was": fields.String(**NULLABLE),
        "became": fields.String(required=True),
        "why": fields.String(**NULLABLE),
        "by": fields.String(**NULLABLE),
    },
    name="Change",
)
Attempt = Schema.from_dict(
    {
        "segment": fields.Integer(required=True),
        "number": fields.Integer(required=True),
        "started_at": fields.DateTime(required=True),
        "ended_at": fields.DateTime(**NULLABLE),
        "outcome": fields.String(**NULLABLE),
        "reason": fields.Nested(Reason, **NULLABLE),
    },
    name="Attempt",
)
Report = Schema.from_dict(
    {
        "segment": fields.Integer(required=True),
        "status": fields.Integer(required=True),
        "received_at": fields.DateTime(required=True),
        "discharged_at": fields.DateTime(**NULLABLE),
    },
    name="Report",
)

Evidence = Schema.from_dict(
    {
        "segment": fields.Integer(required=True),
        "code": fields.String(
            required=True, metadata={"description": "answer, late_result, report or person."}
        ),
    },
    name="Evidence",
)
Scheduled = Schema.from_dict(
    {
        "when": fields.Enum(Kind, by_value=True, required=True),
        "at": fields.String(required=True, metadata={"description": "What clocks show in `zone` then."}),
        "zone": fields.String(required=True),
    },
    name="Scheduled",
)

_EXPLAINED = {"description": "With explain=1."}
_MESSAGE: dict[str, Any] = {
    "id": fields.String(required=True),
    "direction": fields.Enum(Direction, by_value=True, required=True),
    "state": fields.Enum(State, by_value=True, required=True),
    "reason": fields.Nested(Reason, **NULLABLE),
    "waiting_for": fields.Enum(WaitingFor, by_value=True, **NULLABLE),
    "due_at": fields.DateTime(**NULLABLE, metadata={"description": "When it is looked at again, by itself."}),
    "would_send_at": fields.DateTime(
        **NULLABLE,
        metadata={
            "description": "When it goes at the earliest, as far as is known now; null where nobody can tell."
        },
    ),
    "scheduled_at": fields.DateTime(**NULLABLE, metadata={"description": "The time chosen for it."}),
    "schedule": fields.Nested(Scheduled, **NULLABLE, metadata={"description": "How that time was chosen."}),
    "priority": fields.Enum(
        Priority,
        by_value=True,
        **NULLABLE,
        metadata={"description": "Its place among waiting texts of its purpose; null for texts received."},
    ),
    "cancel_if_answered": fields.Boolean(**NULLABLE),
    "quiet_hours": fields.String(**NULLABLE, validate=validate.OneOf(["obey", "override"])),
    "override_reason": fields.String(
        **NULLABLE, metadata={"description": "Why it need not wait for their day to begin."}
    ),
    "from": fields.String(**NULLABLE),
    "to": fields.String(**NULLABLE),
    "line": fields.String(required=True),
    "contact": fields.String(required=True),
    "conversation": fields.String(required=True),
    "purpose": fields.Enum(Purpose, by_value=True, **NULLABLE),
    "body": fields.String(required=True),
    "encoding": fields.String(**NULLABLE),
    "segments": fields.Integer(required=True),
    "author": fields.Nested(Author, required=True),
    "label": fields.String(**NULLABLE),
    "reference": fields.String(**NULLABLE),
    "resend_of": fields.String(**NULLABLE, metadata={"description": "Id of the text this one repeats."}),
    "rerouted_from": fields.String(
        **NULLABLE,
        metadata={"description": "Name of the line that could not send, so that another took it over."},
    ),
    "on_unconfirmed": fields.String(**NULLABLE),
    "created_at": fields.DateTime(required=True),
    "send_by": fields.DateTime(**NULLABLE),
    "sent_at": fields.DateTime(**NULLABLE),
    "delivered_at": fields.DateTime(**NULLABLE),
    "network_at": fields.DateTime(**NULLABLE),
    "links": fields.Nested(Links, required=True),
    "decision": fields.Nested(
        Decision,
        allow_none=True,
        metadata={"description": "With explain=1: what would be done now; null when it is over."},
    ),
    "rules": fields.List(
        fields.Nested(Rule), metadata={"description": "With explain=1: what each rule says now."}
    ),
    "decisions": fields.List(
        fields.Nested(Logged), metadata={"description": "With explain=1: what was decided before."}
    ),
    "history": fields.List(fields.Nested(Change), metadata=_EXPLAINED),
    "attempts": fields.List(fields.Nested(Attempt), metadata=_EXPLAINED),
    "evidence": fields.List(
        fields.Nested(Evidence), metadata={"description": "With explain=1: what told that a part went."}
    ),
    "reports": fields.List(fields.Nested(Report), metadata=_EXPLAINED),
    "delivery_seconds": fields.Float(
        allow_none=True,
        metadata={"description": "With explain=1: from sent to reported delivered."},
    ),
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
