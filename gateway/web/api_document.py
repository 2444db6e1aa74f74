"""What all of the API has in common: its document, its problem answers, and JSON as its only language."""

# flask-smorest ships no types:
# mypy: disable-error-code="untyped-decorator, misc"
from __future__ import annotations

import threading
from typing import Any

from flask import Flask, abort, jsonify, request
from flask.wrappers import Response
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import BadRequest

from gateway import __version__
from gateway.web import schemas
from gateway.web.access import PUBLIC, needs
from gateway.web.problems import PROBLEM

PREFIX = "/api/v1"


class _Documented(Api):
    """flask-smorest's document without its error handlers: `problems` answers all errors alike. It is written
    when it is first asked for, which takes longer than all else that an application needs to begin."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.spec.components.schema("ProblemDetails", schema=schemas.Problem)
        self._unwritten: list[Blueprint] = []
        self._writing = threading.Lock()

    def _register_error_handlers(self) -> None:
        """Ours are registered by the application."""

    def register_blueprint(self, part: Blueprint) -> None:
        """Let the application answer these routes, and the document name them."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][part.name] = self
        self._app.register_blueprint(part)
        self._unwritten.append(part)

    def written(self) -> dict[str, Any]:
        """The document."""
        with self._writing:
            for part in self._unwritten:
                part.register_views_in_doc(self, self._app, self.spec, name=part.name, parameters=None)
                self.spec.tag({"name": part.name, "description": part.description})
            self._unwritten.clear()
            found: dict[str, Any] = self.spec.to_dict()
            return found


def install_api(app: Flask, *parts: Blueprint) -> None:
    """Register the API's parts and their description."""
    app.config.update(
        API_TITLE="sms-gateway",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "security": [{"token": []}],
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "responses": {"Problem": _problem_answer()},
            },
        },
    )
    documented = _Documented(app)
    for part in parts:
        documented.register_blueprint(part)

    @app.get("/api/openapi.json")
    @needs(PUBLIC)
    def openapi() -> Response:
        return jsonify(documented.written())


def _problem_answer() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": "What is wrong, and what to do.", "content": {PROBLEM: {"schema": schema}}}


def problems(*statuses: int) -> dict[str, Any]:
    """Problem answers of a route, beside those that every route has."""
    every = (400, 401, 403, *statuses)
    return {str(status): {"$ref": "#/components/responses/Problem"} for status in every}


def json_only() -> None:
    """A body in another type is refused, so that no form of a foreign page is ever understood."""
    if request.method not in ("POST", "PUT", "PATCH") or not request.content_length:
        return
    if not request.is_json:
        abort(415, "Send JSON, with Content-Type: application/json.")
    try:
        request.get_json()
    except (BadRequest, RecursionError):  # the latter is what a thousand nested lists raise
        abort(400, "The body cannot be read as JSON.")
