"""Errors, in the two languages the outside reads: problem details (RFC 9457) and pages."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from flask import g, jsonify, make_response, render_template, request
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.http import HTTP_STATUS_CODES

from gateway.domain.language import t
from gateway.domain.refusal_words import Refused
from gateway.store.database import DatabaseError
from gateway.web.frame import page

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
DESCRIPTION = "/api/openapi.json"
UNKNOWN = "Unknown field."
"""What marshmallow says of a field or parameter that no schema has."""
API_PATHS = ("/api/", "/healthz/", "/metrics")

CODES: dict[int, int] = {
    400: 20001,
    401: 20003,
    403: 20006,
    404: 20404,
    405: 20004,
    409: 20409,
    413: 20413,
    415: 20415,
    422: 20422,
    500: 20500,
    503: 20503,
}
"""Number of a plain HTTP error, Twilio's where it has one; a refusal brings its own."""

CONFLICTS = frozenset(
    {
        "import_over",
        "import_undo_late",
        "not_waiting",
        "not_unconfirmed",
        "sent_again",
        "line_removed",
        "not_running",
        "nothing_to_confirm",
        "no_modem_yet",
        "not_changeable",
        "on_its_way",
        "answers_by_itself",
        "waits_for_a_look",
        "being_erased",
        "text_on_its_way",
        "under_hold",
        "waits_for_approval",
        "was_tried",
        "number_taken",
        "other_external_id",
        "number_moved",
        "last_number",
        "not_mergeable",
        "merged_since",
        "not_merged",
    }
)
"""Refusals for the state a text or a line is in rather than for what was asked."""

MISSING = frozenset({"no_contact", "no_import", "no_list_folder", "no_message"})
"""Refusals because what was asked about is not there."""

FIELD: dict[str, str] = {
    "empty": "/body",
    "bad_template": "/template",
    "cannot_assign": "/to",
    "no_template": "/template",
    "place_missing": "/vars",
    "reserved_word": "/template",
    "template_name_taken": "/name",
    "not_text": "/body",
    "note_empty": "/body",
    "note_long": "/body",
    "not_seen": "/seen_up_to",
    "too_long": "/body",
    "cannot_join": "/body",
    "cannot_write": "/body",
    "bad_number": "/to",
    "emergency": "/to",
    "own_number": "/to",
    "opted_out": "/to",
    "cannot_answer": "/to",
    "withheld": "/to",
    "unplaced": "/to",
    "no_why": "/why",
    "why_names_them": "/why",
    "not_typed": "/typed",
    "wrong_password": "/password",
    "send_by_past": "/send_by",
    "no_lines": "/line",
    "unknown_line": "/line",
    "which_line": "/line",
    "purpose": "/purpose",
    "not_a_service_code": "/code",
    "changes_calls": "/code",
    "pin_code": "/code",
    "never_in_time": "/send_by",
    "urgent_marketing": "/quiet_hours",
    "no_reason": "/reason",
    "no_time": "/schedule",
    "time_past": "/schedule",
    "time_far": "/schedule",
    "never_asleep": "/schedule",
    "always_open": "/schedule",
    "no_opening": "/schedule",
    "unknown_zone": "/time_zone",
    "bad_name": "/name",
    "blocked_contact": "/to",
    "number_bad": "/to",
    "number_confirm": "/to",
    "number_wrong": "/to",
    "no_block_why": "/why",
    "bad_email": "/email",
    "bad_choice": "/stage",
    "bad_language": "/language",
    "bad_tag": "/tag",
    "bad_filter": "/name",
    "many_fields": "/fields",
    "bad_external_id": "/external_id",
    "other_external_id": "/numbers",
    "no_number_given": "/numbers",
    "import_consent": "/columns",
    "import_empty": "/file",
    "import_erased": "/file",
    "import_large": "/file",
    "import_long": "/file",
    "import_many": "/file",
    "import_no_number": "/columns",
    "import_twice": "/columns",
    "history_broken": "/file",
    "history_columns": "/columns",
    "history_doctype": "/file",
    "history_gone": "/file",
    "history_line": "/line",
    "history_not_kept": "/file",
    "history_unknown": "/file",
    "list_folder": "/folder",
    "list_name": "/name",
}
"""Which field a refusal is about, as a JSON pointer."""


MOST_ERRORS = 20
"""So many fields that cannot be used are named in one answer."""


def new_request_id() -> str:
    """A name for a request, unlike any other."""
    return secrets.token_hex(8)


def request_id() -> str:
    """Name of this request in answers and in the log."""
    if "request_id" not in g:
        g.request_id = new_request_id()
    return str(g.request_id)


def plain_problem(status: int, detail: str, path: str, name: str) -> dict[str, Any]:
    """Problem details of an HTTP status at a path; `name` is the request's, in the answer and in the log."""
    return {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "instance": path,
        "code": CODES.get(status, 20000 + status),
        "errors": [],
        "request_id": name,
        "message": detail,
        "more_info": DESCRIPTION,
    }


def problem(
    status: int,
    detail: str,
    *,
    code: int | None = None,
    key: str | None = None,
    title: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An error answer. `key` names the kind of problem; without it the status says all."""
    body = plain_problem(status, detail, request.path, request_id())
    body |= {"code": code or body["code"], "title": title or body["title"], "errors": errors or []}
    if key:
        body["type"] = f"urn:sms-gateway:problem:{key}"
    answer = jsonify(body)
    answer.status_code = status
    answer.mimetype = PROBLEM
    answer.headers.update(headers or {})
    return answer


_STATUS = {409: CONFLICTS, 404: MISSING, 403: frozenset({"purpose"})}


def status_of(key: str) -> int:
    """The HTTP status of a refusal, by its key."""
    return next((status for status, keys in _STATUS.items() if key in keys), 422)


def refusal(refused: Refused) -> Response:
    """A desk's refusal as a problem."""
    status, pointer = status_of(refused.key), _asked_as(pointer_of(refused))
    errors = [{"pointer": pointer, "detail": refused.text}] if pointer else []
    row = refused.refusal
    return problem(status, refused.text, code=row.number, key=refused.key, title=row.title, errors=errors)


_FIELDS = {"zone": "time_zone"}


def pointer_of(refused: Refused) -> str | None:
    """The field a refusal is about, as a JSON pointer."""
    field = str(refused.data.get("field", ""))  # of a contact's several
    return f"/{_FIELDS.get(field, field)}" if field else FIELD.get(refused.key)


def _asked_as(pointer: str | None) -> str | None:
    """The same field as this request has it: a time can be given in two."""
    asked = request.get_json(silent=True)
    if pointer == "/schedule" and isinstance(asked, dict) and asked.get("scheduled_at") is not None:
        return "/scheduled_at"
    return pointer


def is_api(path: str) -> bool:
    """Whether programs ask here, who read problem details."""
    return path.startswith(API_PATHS)


def on_http_error(error: HTTPException) -> Response:
    """Answer any HTTP error."""
    errors = _field_errors(error)
    status = error.code or 500
    if any(UNKNOWN in found.values() for found in errors):
        status = 400  # nobody meant that: mass assignment, or a client of another version
    if not is_api(request.path):
        answer = _page(status, _page_sentence(error))
        if wait := getattr(error, "retry_after", None):
            answer.headers["Retry-After"] = str(wait)
        return answer
    if status >= 500:
        log.error("request %s ended with %s", request_id(), status)
    headers = {"WWW-Authenticate": 'Bearer realm="sms-gateway"'} if status == 401 else {}
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        headers["Allow"] = ", ".join(sorted(allowed))
    return problem(status, _sentence(error), errors=errors, headers=headers)


def _page(status: int, sentence: str) -> Response:
    """An error as a page: in its frame where somebody who is signed in asked for what is not there, or not
    theirs; on its own where the frame might not come about either."""
    if status in (403, 404) and g.get("visitor") is not None:
        return page("refused.html", status, number=status, sentence=sentence)
    name = request_id() if status >= 500 else ""
    return make_response(render_template("error.html", status=status, sentence=sentence, name=name), status)


def on_store_error(error: DatabaseError) -> Response:
    """The store takes nothing now, as on a full disk: the same request may be repeated later."""
    return on_http_error(ServiceUnavailable(t("Nothing was accepted: {trouble}.").format(trouble=error)))


_SENTENCES: dict[int, str] = {
    404: t("There is nothing at this address."),
    405: t("This address does not take that method."),
    413: t("This is too large: a request may have 1 MiB."),
    422: t("Some fields cannot be used."),
    500: t("Something went wrong here. Nothing was accepted. The log tells more."),
}


def _sentence(error: HTTPException) -> str:
    said = error.description
    if said is None or said == type(error).description:
        return _SENTENCES.get(error.code or 500, said or "This could not be done.")
    return said


def _page_sentence(error: HTTPException) -> str:
    """What a person reads: never the words of a library, which are English and about requests."""
    if error.description != type(error).description and error.description:
        return error.description
    return _SENTENCES.get(error.code or 500, t("This could not be done."))


def _field_errors(error: HTTPException) -> list[dict[str, str]]:
    return flat((getattr(error, "data", None) or {}).get("messages") or {})


def flat(messages: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the argument parser found, such as {"json": {"to": ["..."]}}, one entry for each sentence."""
    found = []
    for location, fields in messages.items():
        where = "pointer" if location == "json" else "parameter"
        for path, sentence in _leaves(fields):
            found.append({where: f"/{path}" if path and where == "pointer" else path, "detail": sentence})
    return found[:MOST_ERRORS]


def _leaves(found: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(found, dict):
        return [leaf for key, value in found.items() for leaf in _leaves(value, f"{path}/{key}".lstrip("/"))]
    if isinstance(found, list):
        return [leaf for value in found for leaf in _leaves(value, path)]
    return [(path.removesuffix("_schema").rstrip("/"), str(found))]
