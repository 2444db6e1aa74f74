"""Bringing a customer list in: upload, columns, a look at what would become of each row, the result."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import importing as desk
from gateway.desk.settings import country
from gateway.domain import contact_words, csv_lists, import_words, phone
from gateway.domain.contact import Stage
from gateway.domain.contact_words import Mark
from gateway.domain.imports import CONTACTS, LARGEST, MOST_ROWS, OWN, Column, Form, Verdict
from gateway.domain.people import Right
from gateway.domain.refusal_words import REFUSALS, Refused
from gateway.domain.spreadsheet import cell
from gateway.store import imports
from gateway.store.database import Tx
from gateway.web import rights
from gateway.web.access import needs, takes
from gateway.web.frame import page
from gateway.web.plainness import EXPORTS, at_most
from gateway.web.site import author, now, read, site, write

import_pages = Blueprint("imports", __name__)

PAGE = 50
SAMPLES = 3
AT_ONCE = 3
"""Steps that the request itself does; a longer list is gone on with by the daemon."""
IMPORT_PATH = "/contacts/import"
LARGEST_FILE = LARGEST + (1 << 16)
"""Octets of the one request that brings a file, with the form round it."""
TO_LOOK_AT = (Verdict.INVALID.value, Verdict.DUPLICATE.value, Verdict.SUPPRESSED.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the table shows it."""

    row: int
    name: str
    numbers: str
    verdict: Mark
    why: str


def _found(tx: Tx, public_id: str) -> Row[Any]:
    row = imports.by_public_id(tx, public_id)
    if row is None or row.kind != CONTACTS:
        abort(404)
    return row


def _go_on(import_id: int) -> None:
    database = site().database
    desk.work(database.read, database.write_now, site().clock, import_id, AT_ONCE)


def _to(public_id: str) -> Response:
    return redirect(url_for("imports.show", public_id=public_id), 303)  # type: ignore[return-value]


# --- 1: the file -------------------------------------------------------------------------------------


@import_pages.get(IMPORT_PATH)
@needs(Right.CONTACT_IMPORT)
def begin() -> ResponseReturnValue:
    return _begin_page()


def _begin_page(status: int = 200, refused: str = "") -> Response:
    at = now()
    rows = read(lambda tx: [(row, desk.may_undo(row, at)) for row in imports.newest(tx, 10) if _is_seen(row)])
    return page(
        "import_upload.html", status, refused=refused, rows=rows, most=LARGEST >> 20, most_rows=MOST_ROWS
    )


def _is_seen(row: Row[Any]) -> bool:
    """Lists of customers are of no line; an old phone's texts are of one."""
    return row.kind == CONTACTS or rights.sees(Form.of(row.form).line_id or 0)


@import_pages.post(IMPORT_PATH)
@needs(Right.CONTACT_IMPORT)
@takes(LARGEST_FILE)
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    content, name = (file.read(), file.filename or "") if file is not None else (b"", "")
    if file is not None:
        file.close()
    who = author()
    try:
        form = desk.form_of(content)
        public_id = write(lambda tx, at: desk.add(tx, content, name, "upload", form, who, at))
    except Refused as refused:
        return _begin_page(422, refused.text)
    return _to(public_id)


# --- 2: columns --------------------------------------------------------------------------------------


@import_pages.get("/contacts/import/<public_id>")
@needs(Right.CONTACT_IMPORT)
def show(public_id: str) -> ResponseReturnValue:
    row = read(lambda tx: _found(tx, public_id))
    if row.state == "uploaded" or ("columns" in request.args and row.state == "looked"):
        return _columns_page(row)
    return _rows_page(row)


def _columns_page(row: Row[Any], status: int = 200, refused: str = "", form: Form | None = None) -> Response:
    form = form or Form.of(row.form)
    content = read(lambda tx: imports.content(tx, row.id))
    table = desk.table(content, form)
    headers = table.rows[0].cells if form.headers and table.rows else ()
    samples = table.rows[1 if form.headers else 0 :][:SAMPLES]
    columns = [
        {
            "head": headers[at] if at < len(headers) else "",
            "chosen": chosen,
            "own": chosen.removeprefix(OWN) if chosen.startswith(OWN) else "",
            "samples": [one.cells[at] for one in samples if at < len(one.cells) and one.cells[at]],
        }
        for at, chosen in enumerate(form.columns)
    ]
    return page(
        "import_columns.html",
        status,
        row=row,
        form=form,
        columns=columns,
        count=len(table.rows) - form.headers,
        broken_at=table.broken_at,
        choices=list(import_words.COLUMNS.items()),
        own=OWN,
        encodings=csv_lists.ENCODINGS,
        stages=contact_words.STAGES,
        refused=refused,
    )


@import_pages.post("/contacts/import/<public_id>/reading")
@needs(Right.CONTACT_IMPORT)
def read_otherwise(public_id: str) -> ResponseReturnValue:
    """Encoding, separator or headers are others than was thought."""
    row = read(lambda tx: _found(tx, public_id))
    encoding, separator = request.form.get("encoding", ""), request.form.get("separator", "")
    separator = "\t" if separator == "tab" else separator
    if encoding not in csv_lists.ENCODINGS or separator not in csv_lists.SEPARATORS:
        abort(400)
    content = read(lambda tx: imports.content(tx, row.id))
    try:
        form = desk.guessed(content, replace(Form.of(row.form), encoding=encoding, separator=separator))
        if ("headers" in request.form) != form.headers:
            form = replace(form, headers="headers" in request.form)
        write(lambda tx, at: desk.set_form(tx, _found(tx, public_id), form))
    except Refused as refused:
        return _columns_page(row, 422, refused.text)
    return _to(public_id)


@import_pages.post("/contacts/import/<public_id>/columns")
@needs(Right.CONTACT_IMPORT)
@takes(1 << 20)
def choose(public_id: str) -> ResponseReturnValue:
    row = read(lambda tx: _found(tx, public_id))
    form = _chosen(Form.of(row.form))
    try:
        write(lambda tx, at: desk.look(tx, _found(tx, public_id), form, at))
    except Refused as refused:
        return _columns_page(row, 422, refused.text, form)
    _go_on(row.id)
    return _to(public_id)


def _chosen(form: Form) -> Form:
    typed, columns = request.form, []
    for at in range(len(form.columns)):
        chosen, own = typed.get(f"column-{at}", ""), " ".join(typed.get(f"own-{at}", "").split())
        columns.append(f"{OWN}{own}" if chosen == OWN and own else _known_column(chosen))
    stage = typed.get("stage", "")
    return replace(
        form,
        columns=tuple(columns),
        overwrites="overwrites" in typed,
        stage=stage if stage in set(Stage) else Stage.PROSPECT.value,
    )


def _known_column(chosen: str) -> str:
    return chosen if chosen in set(Column) else Column.SKIP.value


# --- 3 and 4: what becomes of each row ---------------------------------------------------------------


def _rows_page(row: Row[Any], status: int = 200, refused: str = "") -> Response:
    wanted, at = request.args.get("only", ""), now()
    after = request.args.get("after", 0, int)
    verdicts = {"look": list(TO_LOOK_AT)}.get(wanted) or ([wanted] if wanted in set(Verdict) else None)

    def look(tx: Tx) -> tuple[list[Row[Any]], dict[str, int], str | None]:
        some = imports.rows(tx, row.id, after, PAGE + 1, verdicts, noted=wanted == "look")
        return some, imports.tally(tx, row.id), country(tx)

    rows, tally, region = read(look)
    lines = [_line(one, region) for one in rows[:PAGE]]
    problem = REFUSALS.get(row.problem or "")
    return page(
        "import_rows.html",
        status,
        row=row,
        form=Form.of(row.form),
        lines=lines,
        tally=tally,
        total=sum(tally.values()),
        people=tally[Verdict.NEW] + tally[Verdict.UPDATE],
        verdicts=import_words.VERDICTS,
        only=wanted,
        older=lines[-1].row if len(rows) > PAGE else None,
        is_busy=row.state in imports.AT_WORK,
        may_undo=desk.may_undo(row, at),
        problem=problem.text if problem else "",
        refused=refused,
    )


def _line(row: Row[Any], region: str | None) -> Line:
    return Line(
        row.row,
        row.given["name"],
        ", ".join(phone.pretty(number) for number in row.given["numbers"]),
        import_words.VERDICTS[row.verdict],
        import_words.why(json.loads(row.why or "[]"), region),
    )


@import_pages.post("/contacts/import/<public_id>/start")
@needs(Right.CONTACT_IMPORT)
def start(public_id: str) -> ResponseReturnValue:
    who = author()
    return _do(public_id, lambda tx, row, at: desk.start(tx, row, who, at))


@import_pages.post("/contacts/import/<public_id>/undo")
@needs(Right.CONTACT_IMPORT)
def undo(public_id: str) -> ResponseReturnValue:
    who = author()
    return _do(public_id, lambda tx, row, at: desk.undo(tx, row, who, at))


def _do(public_id: str, verb: Any) -> ResponseReturnValue:
    def act(tx: Tx, at: datetime) -> int:
        row = _found(tx, public_id)
        verb(tx, row, at)
        return int(row.id)

    try:
        _go_on(write(act))
    except Refused as refused:
        return _rows_page(read(lambda tx: _found(tx, public_id)), 422, refused.text)
    return _to(public_id)


@import_pages.get("/contacts/import/<public_id>/rows.csv")
@needs(Right.CONTACT_IMPORT)
@at_most(EXPORTS)
def download(public_id: str) -> ResponseReturnValue:
    """The rows to look at, as they were in the file, with why."""
    row = read(lambda tx: _found(tx, public_id))
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for cells in _download_rows(row):
        writer.writerow([cell(one) for one in cells])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="rows-to-look-at.csv"'
    return answer


def _download_rows(row: Row[Any]) -> Iterator[list[str]]:
    def look(tx: Tx) -> tuple[list[Row[Any]], str | None]:
        return imports.rows(tx, row.id, 0, MOST_ROWS, TO_LOOK_AT, noted=True), country(tx)

    rows, region = read(look)
    for one in rows:
        line = _line(one, region)
        yield [str(line.row), str(line.verdict.words), line.why, *one.given["cells"]]
