"""The API's requests and answers about conversations."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from gateway.domain.conversation import ConversationState, Priority
from gateway.domain.inbox import Tab
from gateway.web.schemas_shared import NULLABLE, Links, is_text

_STATES, _PRIORITIES = validate.OneOf(list(ConversationState)), validate.OneOf(list(Priority))
SHOWN = [tab for tab in Tab if tab is not Tab.MINE]
"""What a program can list: it has no conversations of its own."""


class ListConversations(Schema):
    """What `GET /conversations` is narrowed to."""

    class Meta:
        unknown = RAISE

    show = fields.String(
        load_default=Tab.ALL.value,
        validate=validate.OneOf(SHOWN),
        metadata={"description": "As the tabs of the inbox; waiting is ordered by who waits longest."},
    )
    line = fields.String(load_default=None, validate=[validate.Length(1, 60), is_text])
    tag = fields.String(load_default=None, validate=[validate.Length(1, 40), is_text])
    priority = fields.String(load_default=None, validate=_PRIORITIES)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = fields.String(
        load_default=None,
        validate=[validate.Length(1, 64), is_text],
        metadata={"description": "As `next_cursor` gave it."},
    )


class ListMessages(Schema):
    """What `GET /conversations/{id}/messages` can be asked."""

    class Meta:
        unknown = RAISE

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = fields.String(
        load_default=None,
        validate=[validate.Length(1, 64), is_text],
        metadata={"description": "As `next_cursor` gave it."},
    )


class Assignment(Schema):
    """What `POST /conversations/{id}/assign` takes."""

    class Meta:
        unknown = RAISE

    to = fields.String(
        required=True,
        allow_none=True,
        validate=[validate.Length(1, 40), is_text],
        metadata={"description": "Somebody's username; null gives it back to everybody.", "example": "anna"},
    )


class NewState(Schema):
    """What `POST /conversations/{id}/state` takes."""

    class Meta:
        unknown = RAISE

    state = fields.String(required=True, validate=_STATES)
    until = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "With snoozed: until when; null: until they write."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _only_snoozed(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("until") is not None and data["state"] != ConversationState.SNOOZED.value:
            raise ValidationError("Only what is snoozed has an end. Leave it out.", "until")


Conversation = Schema.from_dict(
    {
        "id": fields.String(required=True),
        "line": fields.String(required=True),
        "contact": fields.String(required=True),
        "name": fields.String(**NULLABLE),
        "number": fields.String(**NULLABLE),
        "state": fields.String(required=True, validate=_STATES),
        "snoozed_until": fields.DateTime(**NULLABLE),
        "assignee": fields.String(**NULLABLE, metadata={"description": "Their username."}),
        "priority": fields.String(required=True, validate=_PRIORITIES),
        "tags": fields.List(fields.String(), required=True),
        "waiting_since": fields.DateTime(
            **NULLABLE, metadata={"description": "Their first text that nobody has answered."}
        ),
        "last_message_at": fields.DateTime(**NULLABLE),
        "created_at": fields.DateTime(required=True),
        "links": fields.Nested(Links, required=True),
    },
    name="Conversation",
)

ConversationList = Schema.from_dict(
    {
        "data": fields.List(fields.Nested(Conversation), required=True),
        "next_cursor": fields.String(**NULLABLE),
    },
    name="ConversationList",
)
