"""The API's request and answer about contacts."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate, validates_schema
from marshmallow import ValidationError as Invalid

from gateway.desk.contacts import LONGEST_NAME
from gateway.web.schemas_shared import NULLABLE, Links, is_text


class ChangedContact(Schema):
    """What `PATCH /contacts/{id}` takes: what is to change. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    name = fields.String(
        allow_none=True,
        validate=[validate.Length(max=LONGEST_NAME), is_text],
        metadata={"description": "Null forgets it."},
    )
    time_zone = fields.String(
        allow_none=True,
        validate=[validate.Length(1, 64), is_text],
        metadata={
            "description": "Of the IANA database; null: as their number tells. What waits is decided anew.",
            "example": "Asia/Dubai",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise Invalid("Say what is to change: name, time_zone.")


Contact = Schema.from_dict(
    {
        "id": fields.String(required=True),
        "name": fields.String(**NULLABLE),
        "numbers": fields.List(fields.String(), required=True),
        "time_zone": fields.String(**NULLABLE, metadata={"description": "Null: as their number tells."}),
        "created_at": fields.DateTime(required=True),
        "links": fields.Nested(Links, required=True),
    },
    name="Contact",
)
