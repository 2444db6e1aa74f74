"""The office's templates in the API: which there are, so that a program can send them."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

from flask import jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from gateway.domain.people import Scope
from gateway.web.access import needs
from gateway.web.api_document import PREFIX, json_only, problems
from gateway.web.objects_templates import shared
from gateway.web.site import read

template_api = Blueprint(
    "template_api", __name__, url_prefix=PREFIX, description="Texts with places to fill in."
)
template_api.before_request(json_only)


class Template(Schema):
    """One of the office's templates."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "Its words by language.", "example": {"en": "Hello {first_name|there}"}},
    )
    places = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What is filled in, in any of its languages."},
    )
    used = fields.Integer(required=True)


class TemplateList(Schema):
    """All of them; there is no second page."""

    data = fields.List(fields.Nested(Template), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@template_api.route("/templates", methods=["GET"])
@needs(Scope.MESSAGES_SEND)
@template_api.doc(responses=problems())
@template_api.response(200, TemplateList)
def every() -> Response:
    """List the office's templates, by name

    What people keep for themselves is not among them."""
    return jsonify(data=read(shared), next_cursor=None)
