"""The API's requests and answers about contacts."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate, validates_schema
from marshmallow import ValidationError as Invalid

from gateway.desk.blocking import LONGEST_WHY
from gateway.desk.contact_fields import LONGEST_ADDRESS, LONGEST_LINE, LONGEST_NAME
from gateway.domain.contact import Health, Stage
from gateway.domain.conversation import Priority
from gateway.web.schemas_shared import NULLABLE, Links, is_text

_STAGES, _PRIORITIES = validate.OneOf(list(Stage)), validate.OneOf(list(Priority))


def _words(most: int, said: str = "Null forgets it.") -> fields.String:
    return fields.String(
        allow_none=True, validate=[validate.Length(max=most), is_text], metadata={"description": said}
    )


class ChangedContact(Schema):
    """What `PATCH /contacts/{id}` takes: what is to change. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    name = _words(LONGEST_NAME)
    time_zone = fields.String(
        allow_none=True,
        validate=[validate.Length(1, 64), is_text],
        metadata={
            "description": "Of the IANA database; null: as their number tells. What waits is decided anew.",
            "example": "Asia/Dubai",
        },
    )
    stage = fields.String(validate=_STAGES)
    priority = fields.String(validate=_PRIORITIES)
    language = _words(20, "Its code, such as en or fr; null forgets it.")
    company = _words(LONGEST_LINE)
    email = _words(LONGEST_LINE)
    address = _words(LONGEST_ADDRESS)
    fields_ = fields.Dict(
        keys=fields.String(validate=is_text),
        values=fields.String(validate=is_text),
        data_key="fields",
        metadata={"description": "The office's own fields: these and no others from now on."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise Invalid("Say what is to change, such as name or time_zone.")


class Block(Schema):
    """What `POST /contacts/{id}/block` takes."""

    class Meta:
        unknown = RAISE

    why = fields.String(
        required=True,
        validate=[validate.Length(1, LONGEST_WHY), is_text],
        metadata={"description": "The reason; staff read it.", "example": "Insults"},
    )


class ListContacts(Schema):
    """What `GET /contacts` is narrowed to."""

    class Meta:
        unknown = RAISE

    q = fields.String(
        load_default="",
        validate=[validate.Length(max=200), is_text],
        metadata={"description": "Pieces of the name, company or e-mail, or digits of a number."},
    )
    stage = fields.String(load_default=None, validate=_STAGES)
    priority = fields.String(load_default=None, validate=_PRIORITIES)
    tag = fields.String(load_default=None, validate=[validate.Length(1, 40), is_text])
    health = fields.String(load_default=None, validate=validate.OneOf(list(Health)))
    opted_out = fields.Boolean(load_default=None)
    blocked = fields.Boolean(load_default=None)
    language = fields.String(load_default=None, validate=[validate.Length(1, 20), is_text])
    heard_after = fields.AwareDateTime(
        load_default=None, metadata={"description": "They wrote or called at that time or later."}
    )
    heard_before = fields.AwareDateTime(
        load_default=None, metadata={"description": "They have neither written nor called since."}
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = fields.String(
        load_default=None,
        validate=[validate.Length(1, 64), is_text],
        metadata={"description": "As `next_cursor` gave it."},
    )


_Number = Schema.from_dict(
    {
        "number": fields.String(required=True),
        "health": fields.String(required=True, validate=validate.OneOf(list(Health))),
        "opted_out": fields.Boolean(required=True),
        "last_heard_at": fields.DateTime(**NULLABLE),
    },
    name="PhoneNumber",
)
_Blocked = Schema.from_dict(
    {"since": fields.DateTime(required=True), "why": fields.String(required=True)}, name="Blocked"
)

Contact = Schema.from_dict(
    {
        "id": fields.String(required=True),
        "external_id": fields.String(**NULLABLE, metadata={"description": "Of the customer list."}),
        "name": fields.String(**NULLABLE),
        "first_name": fields.String(**NULLABLE, metadata={"description": "How templates address them."}),
        "numbers": fields.List(fields.String(), required=True),
        "phone_numbers": fields.List(fields.Nested(_Number), required=True),
        "stage": fields.String(required=True, validate=_STAGES),
        "priority": fields.String(required=True, validate=_PRIORITIES),
        "language": fields.String(**NULLABLE),
        "time_zone": fields.String(**NULLABLE, metadata={"description": "Null: as their number tells."}),
        "company": fields.String(**NULLABLE),
        "email": fields.String(**NULLABLE),
        "address": fields.String(**NULLABLE),
        "fields": fields.Dict(keys=fields.String(), values=fields.String(), required=True),
        "tags": fields.List(fields.String(), required=True),
        "blocked": fields.Nested(_Blocked, **NULLABLE),
        "last_heard_at": fields.DateTime(**NULLABLE),
        "created_at": fields.DateTime(required=True),
        "links": fields.Nested(Links, required=True),
    },
    name="Contact",
)

ContactList = Schema.from_dict(
    {
        "data": fields.List(fields.Nested(Contact), required=True),
        "next_cursor": fields.String(**NULLABLE),
    },
    name="ContactList",
)
