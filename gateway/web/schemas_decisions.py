"""What the API says of decisions: about a text that waits, rule by rule, and about one not given in yet."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from gateway.domain.message import Purpose
from gateway.web.schemas_shared import NULLABLE, Reason, Warning

SEND_NOW, WAIT, REFUSE = "send_now", "wait", "refuse"
_VERDICT = fields.String(required=True, validate=validate.OneOf([SEND_NOW, WAIT, REFUSE]))

_DECISION: dict[str, Any] = {
    "verdict": _VERDICT,
    "would_send_at": fields.DateTime(
        **NULLABLE, metadata={"description": "Null: never, or when nobody can tell."}
    ),
    "reasons": fields.List(
        fields.Nested(Reason),
        required=True,
        metadata={"description": "The one that decides first, then whatever else holds it."},
    ),
}
Decision = Schema.from_dict(_DECISION, name="Decision")

Rule = Schema.from_dict(
    {
        "rule": fields.String(required=True, metadata={"example": "quiet_hours"}),
        "verdict": _VERDICT,
        "until": fields.DateTime(**NULLABLE),
        "inputs": fields.Dict(
            keys=fields.String(), required=True, metadata={"description": "What the rule looked at."}
        ),
        "text": fields.String(required=True),
    },
    name="Rule",
)

Logged = Schema.from_dict(
    {
        "at": fields.DateTime(required=True),
        "verdict": _VERDICT,
        "code": fields.String(required=True),
        "until": fields.DateTime(**NULLABLE),
        "text": fields.String(required=True),
    },
    name="Logged",
)

Preview = Schema.from_dict(
    {
        **_DECISION,
        "to": fields.String(required=True),
        "line": fields.String(required=True),
        "purpose": fields.Enum(Purpose, by_value=True, required=True),
        "body": fields.String(required=True, metadata={"description": "The text as it would be sent."}),
        "encoding": fields.String(required=True),
        "segments": fields.Integer(required=True),
        "rules": fields.List(fields.Nested(Rule), required=True),
        "warnings": fields.List(fields.Nested(Warning), required=True),
    },
    name="Preview",
)
