"""A thread as a file: a page to print, CSV for a spreadsheet, JSON. Asks for the password again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import thread_export as desk
from gateway.domain import message_words, phone
from gateway.domain.people import Right
from gateway.domain.spreadsheet import cell
from gateway.store import settings
from gateway.store.database import Tx
from gateway.web import password_check
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.plainness import EXPORTS, at_most
from gateway.web.present import Times, title
from gateway.web.rights import conversation
from gateway.web.site import author, read, visitor, write

thread_export_pages = Blueprint("thread_export", __name__)

_KINDS = {"html": "text/html", "csv": "text/csv", "json": "application/json"}


@thread_export_pages.get("/conversations/<public_id>/thread-export")
@needs(Right.CONTACT_EXPORT)
def show(public_id: str) -> ResponseReturnValue:
    return _page(public_id)


def _page(public_id: str, status: int = 200, wrong: str = "") -> Response:
    row = read(lambda tx: conversation(tx, public_id))
    return page("thread_export.html", status, conversation=row, wrong=wrong, notes="notes" in request.form)


@thread_export_pages.post("/conversations/<public_id>/thread-export")
@needs(Right.CONTACT_EXPORT)
@at_most(EXPORTS)
def export(public_id: str) -> ResponseReturnValue:
    trouble = password_check.trouble(request.form.get("password", ""))
    if trouble:
        return _page(public_id, 422, trouble)
    who, with_notes = author(), "notes" in request.form
    form = request.form.get("form", "")
    form = form if form in _KINDS else "html"

    def note(tx: Tx, at: datetime) -> datetime:
        desk.note(tx, conversation(tx, public_id), form, who, at)
        return at

    def look(tx: Tx) -> tuple[Row[Any], list[dict[str, Any]], str, Times]:
        row = conversation(tx, public_id)
        office = settings.get(tx, "office.name")
        return row, desk.rows(tx, row, at, with_notes=with_notes), office, times(tx, at)

    at = write(note)
    row, rows, office, said = read(look)  # a long thread holds no writer up
    if form == "csv":
        written = as_csv(rows, said)
    elif form == "json":
        written = json.dumps(_object(row, rows, office, said), ensure_ascii=False, indent=2)
    else:
        written = render_template(
            "thread_file.html",
            rows=rows,
            office=office,
            times=said,
            title=title(row.name, row.peer),
            number=phone.pretty(row.peer),
            line=row.line_name,
            who=visitor().name,
            states={state.value: words for state, (words, _) in message_words.STATES.items()},
        )
    answer = Response(written, mimetype=_KINDS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="thread.{form}"'
    return answer


COLUMNS = (
    "kind",
    "our_time",
    "our_time_office",
    "network_time",
    "sent_time",
    "delivery_time",
    "direction",
    "by",
    "what",
    "reason",
    "words",
    "id",
)


def as_csv(rows: Sequence[dict[str, Any]], said: Times) -> str:
    """The rows for a spreadsheet: every value in quotes, none that could be taken for a formula."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = {**row, "our_time_office": said.local(row["our_time"]).isoformat(timespec="seconds")}
        writer.writerow([cell(_plain(values[name])) for name in COLUMNS])
    return "\ufeff" + written.getvalue()  # without it a spreadsheet takes it for another encoding


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return "" if value is None else str(value)


def _object(row: Row[Any], rows: Sequence[dict[str, Any]], office: str, said: Times) -> dict[str, Any]:
    def told(values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
        }

    return {
        "office": office,
        "made_at": said.now.astimezone(UTC).isoformat(),
        "zone": said.zone.key,
        "line": row.line_name,
        "with": {"name": row.name, "number": row.peer},
        "entries": [told(values) for values in rows],
    }
