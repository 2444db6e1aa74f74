"""The API's request and answers about internal notes."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from gateway.desk.notes import LONGEST
from gateway.web.schemas_shared import NULLABLE, Links, text


class NewNote(Schema):
    """What `POST /conversations/{id}/notes` takes. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    body = text(
        LONGEST,
        required=True,
        metadata={"description": "For colleagues only; it is never sent. @ and a name mentions somebody."},
    )


class NotesQuery(Schema):
    """What `GET /conversations/{id}/notes` can be asked."""

    class Meta:
        unknown = RAISE

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = fields.String(
        load_default=None, validate=validate.Regexp(r"^[1-9][0-9]{0,17}\Z"), metadata={"example": "120"}
    )


Note = Schema.from_dict(
    {
        "id": fields.String(required=True),
        "conversation": fields.String(required=True),
        "body": fields.String(required=True),
        "author": fields.String(required=True, metadata={"description": "Who wrote it."}),
        "created_at": fields.DateTime(required=True),
        "links": fields.Nested(Links, required=True),
    },
    name="Note",
)

Notes = Schema.from_dict(
    {
        "data": fields.List(fields.Nested(Note), required=True),
        "next_cursor": fields.String(**NULLABLE),
    },
    name="Notes",
)
