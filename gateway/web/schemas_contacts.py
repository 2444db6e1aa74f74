"""The API's requests and answers about contacts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, fields, validate, validates_schema
from marshmallow import ValidationError as Invalid

from gateway.desk.blocking import LONGEST_WHY
from gateway.desk.contact_fields import LONGEST_ADDRESS, LONGEST_LINE, LONGEST_NAME
from gateway.desk.upserting import LONGEST_ID
from gateway.domain.contact import Health, Stage
from gateway.domain.conversation import Priority
from gateway.store import tags
from gateway.web.schemas_shared import NULLABLE, Links, Warning, is_tag, is_text, text

MOST_AT_ONCE = 200
"""Customers of one batch: so many are one transaction, and no text waits for it."""
MOST_NUMBERS = 20
MOST_TAGS = 50
LONGEST_NUMBER = 40

_STAGES, _PRIORITIES = validate.OneOf(list(Stage)), validate.OneOf(list(Priority))


def _words(most: int, said: str = "Null forgets it.") -> fields.String:
    return fields.String(
        allow_none=True, validate=[validate.Length(max=most), is_text], metadata={"description": said}
    )


class _About(Schema):
    """What is known of somebody besides their numbers."""

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


class ChangedContact(_About):
    """What `PATCH /contacts/{id}` takes: what is to change. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

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


class Agreed(Schema):
    """That they agreed to be texted: never without its proof."""

    class Meta:
        unknown = RAISE

    source = text(LONGEST_LINE, required=True, metadata={"example": "Form at the counter"})
    on = fields.Date(required=True, metadata={"description": "The day they did.", "example": "2026-05-03"})


class PutContact(_About):
    """What `PUT /contacts/{external_id}` takes. What is left out stays as it is. Unknown fields are
    refused."""

    class Meta:
        unknown = RAISE

    numbers = fields.List(
        text(LONGEST_NUMBER),
        load_default=list,
        validate=validate.Length(max=MOST_NUMBERS),
        metadata={
            "description": "With their country code, or as the office's country writes them. They are added; "
            "none is taken away, and one that is somebody else's stays theirs."
        },
    )
    fields_ = fields.Dict(
        keys=fields.String(validate=is_text),
        values=fields.String(validate=is_text),
        data_key="fields",
        load_default=dict,
        metadata={"description": "The office's own fields: these are set, the others stay."},
    )
    tags = fields.List(
        fields.String(validate=[validate.Length(1, tags.LONGEST), is_tag]),
        load_default=list,
        validate=validate.Length(max=MOST_TAGS),
        metadata={"description": "They are added; none is taken off."},
    )
    opt_in = fields.Nested(
        Agreed,
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the first of `numbers`. It never wins against a STOP."},
    )
    overwrite = fields.Boolean(
        load_default=False, metadata={"description": "Also replace what staff entered by hand."}
    )

    @validates_schema(skip_on_field_errors=True)
    def _whose(self, data: dict[str, Any], **_: Any) -> None:
        if data["opt_in"] is not None and not data["numbers"]:
            raise Invalid("Say in numbers which number they agreed for.", "opt_in")


class BatchRow(PutContact):
    """One customer of a batch, as `PUT /contacts/{external_id}` takes them."""

    external_id = text(LONGEST_ID, required=True)


class _AsSent(fields.Nested):
    """Documented by its schema, and read row by row later, so that a bad one does not lose the others."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class PutBatch(Schema):
    """What `POST /contacts/batch` takes. A row that cannot be used loses no other."""

    class Meta:
        unknown = RAISE

    contacts = fields.List(_AsSent(BatchRow), required=True, validate=validate.Length(1, MOST_AT_ONCE))


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


class PutAnswer(StrEnum):
    """What came of one that was put."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


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

_CONTACT: dict[str, Any] = {
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
}
_RESULT = validate.OneOf([PutAnswer.CREATED, PutAnswer.UPDATED, PutAnswer.UNCHANGED])
_WARNINGS: dict[str, Any] = {
    "warnings": fields.List(
        fields.Nested(Warning),
        required=True,
        metadata={"description": "What was left out or kept, and why."},
    )
}
_TROUBLE = Schema.from_dict(
    {"pointer": fields.String(required=True), "detail": fields.String(required=True)}, name="RowTrouble"
)

Contact = Schema.from_dict(_CONTACT, name="Contact")
PutDone = Schema.from_dict(
    {**_CONTACT, "result": fields.String(required=True, validate=_RESULT), **_WARNINGS}, name="PutContactDone"
)
_BatchDone = Schema.from_dict(
    {
        "external_id": fields.String(**NULLABLE),
        "result": fields.String(required=True, validate=validate.OneOf(list(PutAnswer))),
        "id": fields.String(**NULLABLE, metadata={"description": "Of the contact; null when refused."}),
        **_WARNINGS,
        "errors": fields.List(fields.Nested(_TROUBLE), required=True),
    },
    name="PutRowDone",
)
BatchDone = Schema.from_dict(
    {
        "data": fields.List(fields.Nested(_BatchDone), required=True),
        "counts": fields.Dict(keys=fields.String(), values=fields.Integer(), required=True),
    },
    name="PutBatchDone",
)

ContactList = Schema.from_dict(
    {
        "data": fields.List(fields.Nested(Contact), required=True),
        "next_cursor": fields.String(**NULLABLE),
    },
    name="ContactList",
)
