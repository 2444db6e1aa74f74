"""What several of the API's schemas are made of."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from gateway.domain import refusal_words

NULLABLE: dict[str, Any] = {"required": True, "allow_none": True}
"""Of a field that is always there and may be null."""


def is_text(value: str) -> None:
    """Refuse lone surrogates, which are no characters and cannot be stored."""
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValidationError(refusal_words.REFUSALS["not_text"].text)


def is_tag(value: str) -> None:
    """Refuse what cannot be seen, or would be another word when it is."""
    if not value.isprintable() or value != " ".join(value.split()):
        raise ValidationError("A tag is a word or a few, all of which can be seen.")


def text(most: int, **more: Any) -> fields.String:
    """A field of 1 to `most` characters."""
    return fields.String(validate=[validate.Length(min=1, max=most), is_text], **more)


class Reason(Schema):
    """A stored reason and its sentence."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class Warning(Schema):
    """What is worth a look though it was accepted, and its sentence."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class Links(Schema):
    """Where it can be read again."""

    self = fields.String(required=True)
