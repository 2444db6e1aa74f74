"""Idempotency-Key: a program's own name for a request, so that it may repeat it and have it done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, g, jsonify, request
from flask.wrappers import Response

from gateway.store.database import Tx
from gateway.web.once import Answer, KeyReused, fingerprint, once
from gateway.web.problems import problem
from gateway.web.site import write

LONGEST_KEY = 255
KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "Your name for this request; repeating it within 7 days answers what was answered.",
}


def ask_once(act: Callable[[Tx, datetime], dict[str, Any]], status: int) -> Response:
    """Have this request of a program done, or answer what was answered to it before."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        abort(422, f"Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
    caller, asked = f"token:{g.token.public_id}", fingerprint(request.get_json())

    def verb(tx: Tx, at: datetime) -> Answer:
        if key is None:
            return Answer(act(tx, at), replayed=False)
        return once(tx, caller, key, asked, at, lambda: act(tx, at), status)

    try:
        answer = write(verb)
    except KeyReused:
        detail = "This Idempotency-Key was used for another request. Use a fresh one. Nothing was done."
        return problem(422, detail, key="idempotency_key_reused", title="Key used before")
    response = jsonify(answer.body)
    response.status_code = status
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
