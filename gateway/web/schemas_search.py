"""The API's question and answer of a search."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from gateway.domain.search import LONGEST, Kind
from gateway.web.schemas import Message
from gateway.web.schemas_contacts import Contact
from gateway.web.schemas_conversations import Conversation
from gateway.web.schemas_notes import Note
from gateway.web.schemas_shared import NULLABLE, is_text, text


class Search(Schema):
    """What `GET /search` is asked."""

    class Meta:
        unknown = RAISE

    q = text(LONGEST, required=True, metadata={"description": "Words and filters, as staff type them."})
    kind = fields.String(
        load_default=None,
        validate=validate.OneOf(list(Kind)),
        metadata={"description": "This group alone, to page through it."},
    )
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 200))
    cursor = fields.String(
        load_default=None,
        validate=[validate.Length(1, 64), is_text],
        metadata={"description": "As the group's `next_cursor` gave it; with `kind`."},
    )


def _group(of: type[Schema]) -> Any:
    name = f"{of.__name__.removesuffix('Schema')}sFound"
    return Schema.from_dict(
        {
            "data": fields.List(fields.Nested(of), required=True),
            "next_cursor": fields.String(**NULLABLE),
            "is_cut": fields.Boolean(
                required=True,
                metadata={"description": "Few fit among many that were looked at: go on with next_cursor."},
            ),
        },
        name=name,
    )


_Groups = Schema.from_dict(
    {
        Kind.PEOPLE.value: fields.Nested(_group(Contact)),
        Kind.CONVERSATIONS.value: fields.Nested(_group(Conversation)),
        Kind.TEXTS.value: fields.Nested(_group(Message)),
        Kind.NOTES.value: fields.Nested(_group(Note)),
    },
    name="GroupsFound",
)

Found = Schema.from_dict(
    {
        "groups": fields.Nested(_Groups, required=True),
        "not_understood": fields.List(
            fields.String(), required=True, metadata={"description": "Filters that were left out, and why."}
        ),
        "stopped": fields.Boolean(
            required=True, metadata={"description": "It took too long; not everything was looked through."}
        ),
    },
    name="Found",
)
