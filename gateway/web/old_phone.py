"""Bringing in the texts of an old phone: the file and its line, columns, a look, the result."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import IO, Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import old_phone as desk
from gateway.desk import old_phone_files as files
from gateway.desk.importing import may_undo
from gateway.desk.settings import country
from gateway.domain import import_words, phone
from gateway.domain.contact_words import Mark
from gateway.domain.imports import HISTORY, Form
from gateway.domain.old_texts_csv import OldColumn
from gateway.domain.people import Right
from gateway.domain.refusal_words import REFUSALS, Refused
from gateway.store import imports, lines
from gateway.store.database import Tx
from gateway.web import rights
from gateway.web.access import needs, takes
from gateway.web.frame import page
from gateway.web.site import author, now, read, site, write

old_phone_pages = Blueprint("old_phone", __name__)

OLD_PHONE_PATH = "/contacts/import/texts"
LARGEST = 32 << 20
"""Octets of a file that comes by the page, which holds it in memory; a larger one comes by the command."""
LARGEST_UPLOAD = LARGEST + (1 << 16)
AT_ONCE = 3
"""Steps that the request itself does; the daemon does the rest."""


def _found(tx: Tx, public_id: str) -> Row[Any]:
    row = imports.by_public_id(tx, public_id)
    if row is None or row.kind != HISTORY or not rights.sees(Form.of(row.form).line_id or 0):
        abort(404)
    return row


def _go_on(import_id: int) -> None:
    database = site().database
    desk.work(database.read, database.write_now, site().clock, database.keys.folder, import_id, AT_ONCE)


def _to(public_id: str) -> Response:
    return redirect(url_for("old_phone.show", public_id=public_id), 303)  # type: ignore[return-value]


@old_phone_pages.get(OLD_PHONE_PATH)
@needs(Right.CONTACT_IMPORT)
def begin() -> ResponseReturnValue:
    return _begin_page()


def _begin_page(status: int = 200, refused: str = "") -> Response:
    found = read(lambda tx: [line for line in lines.every(tx) if rights.sees(line.id)])
    return page("old_phone_upload.html", status, refused=refused, lines=found, most=LARGEST >> 20)


@old_phone_pages.post(OLD_PHONE_PATH)
@needs(Right.CONTACT_IMPORT)
@takes(LARGEST_UPLOAD)
def upload() -> ResponseReturnValue:
    file, line_id = request.files.get("file"), request.form.get("line", 0, int)
    if file is None:
        return _begin_page(422, str(REFUSALS["history_unknown"].text))
    who = author()
    try:
        if not rights.sees(line_id):
            raise Refused("history_line")
        sample = file.stream.read(1 << 16)
        file.stream.seek(0)
        form = files.form_of(sample, line_id)
        public_id = write(lambda tx, at: desk.add(tx, file.filename or "", "upload", form, who, at))
        _put_aside(public_id, file.stream)
        if form.format == "xml":
            _go_on(write(lambda tx, at: _look(tx, public_id, form, at)))
    except Refused as refused:
        return _begin_page(422, refused.text)
    finally:
        file.close()
    return _to(public_id)


def _put_aside(public_id: str, content: IO[bytes]) -> None:
    try:
        files.put_aside(site().database.keys.folder, public_id, content)
    except (Refused, OSError) as error:
        write(lambda tx, at: desk.give_up(tx, public_id, at))
        raise error if isinstance(error, Refused) else Refused("history_not_kept") from None


def _look(tx: Tx, public_id: str, form: Form, at: datetime) -> int:
    row = _found(tx, public_id)
    desk.look(tx, row, form, at)
    return int(row.id)


@old_phone_pages.get("/contacts/import/texts/<public_id>")
@needs(Right.CONTACT_IMPORT)
def show(public_id: str) -> ResponseReturnValue:
    row = read(lambda tx: _found(tx, public_id))
    if row.state == "uploaded" or ("columns" in request.args and row.state == "looked"):
        return _columns_page(row)
    return _result_page(row)


def _columns_page(row: Row[Any], status: int = 200, refused: str = "", form: Form | None = None) -> Response:
    form = form or Form.of(row.form)
    rows = files.first_rows(site().database.keys.folder, row.public_id, form)
    headers, samples = rows[0] if rows else (), rows[1:4]
    columns = [
        {
            "head": headers[at] if at < len(headers) else "",
            "chosen": chosen,
            "samples": [cells[at] for cells in samples if at < len(cells) and cells[at]],
        }
        for at, chosen in enumerate(form.columns)
    ]
    choices = [(column.value, import_words.OLD_COLUMNS[column]) for column in OldColumn]
    return page("old_phone_columns.html", status, row=row, columns=columns, choices=choices, refused=refused)


@old_phone_pages.post("/contacts/import/texts/<public_id>/columns")
@needs(Right.CONTACT_IMPORT)
def choose(public_id: str) -> ResponseReturnValue:
    row = read(lambda tx: _found(tx, public_id))
    form = Form.of(row.form)
    typed = (request.form.get(f"column-{at}", "") for at in range(len(form.columns)))
    form = replace(form, columns=tuple(one if one in set(OldColumn) else "" for one in typed))
    try:
        _go_on(write(lambda tx, at: _look(tx, public_id, form, at)))
    except Refused as refused:
        return _columns_page(row, 422, refused.text, form)
    return _to(public_id)


def _result_page(row: Row[Any], status: int = 200, refused: str = "") -> Response:
    def look(tx: Tx) -> tuple[list[Row[Any]], str | None, Row[Any] | None]:
        return imports.rows(tx, row.id, 0, 500), country(tx), lines.get(tx, Form.of(row.form).line_id or 0)

    rows, region, line = read(look)
    span = [datetime.fromisoformat(row.counts[name]) for name in ("first", "last") if name in row.counts]
    problem = REFUSALS.get(row.problem or "")
    return page(
        "old_phone_rows.html",
        status,
        row=row,
        line=line,
        counts=row.counts,
        verdicts=[(import_words.VERDICTS[name], row.counts.get(name, 0)) for name in _VERDICTS],
        passed=[(said, row.counts.get(name, 0)) for name, said in import_words.PASSED.items()],
        span=span,
        lines=[_line(one, region) for one in rows],
        is_busy=row.state in imports.AT_WORK,
        may_undo=may_undo(row, now()),
        problem=problem.text if problem else "",
        refused=refused,
    )


_VERDICTS = ("new", "same", "invalid", "suppressed")


def _line(row: Row[Any], region: str | None) -> tuple[int, str, Mark, str]:
    numbers = ", ".join(phone.pretty(number) for number in row.given["numbers"])
    why = import_words.why(json.loads(row.why or "[]"), region)
    return row.row, numbers, import_words.VERDICTS[row.verdict], why


@old_phone_pages.post("/contacts/import/texts/<public_id>/start")
@needs(Right.CONTACT_IMPORT)
def start(public_id: str) -> ResponseReturnValue:
    return _do(public_id, desk.start)


@old_phone_pages.post("/contacts/import/texts/<public_id>/undo")
@needs(Right.CONTACT_IMPORT)
def undo(public_id: str) -> ResponseReturnValue:
    return _do(public_id, desk.undo)


def _do(public_id: str, verb: Any) -> ResponseReturnValue:
    who = author()

    def act(tx: Tx, at: datetime) -> int:
        row = _found(tx, public_id)
        verb(tx, row, who, at)
        return int(row.id)

    try:
        _go_on(write(act))
    except Refused as refused:
        return _result_page(read(lambda tx: _found(tx, public_id)), 422, refused.text)
    return _to(public_id)
