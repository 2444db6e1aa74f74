"""The contacts that a filter shows, as a file for a spreadsheet (CSV) or a program (JSON). Asks for the
password again; that somebody took it is in the audit log."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.domain.people import Right
from gateway.domain.spreadsheet import cell
from gateway.store import contact_list, team
from gateway.store.database import Tx
from gateway.web import objects_contacts, password_check
from gateway.web.access import needs
from gateway.web.contacts import asked_for, wanted_by
from gateway.web.frame import page
from gateway.web.plainness import EXPORTS, at_most
from gateway.web.rights import visible_lines
from gateway.web.site import author, read, write

contact_export_pages = Blueprint("contact_export", __name__)

_AT_ONCE = 500
_MOST_NUMBERS = 4
"""Columns for numbers, as a list that is brought in has; further ones stand in the last of them."""
_COLUMNS = (
    "External id", "Name", *("Phone",) * _MOST_NUMBERS, "Stage", "Priority", "Language", "Time zone",
    "Company", "E-mail", "Address", "Tags", "Opted out", "Blocked", "Last heard at", "Created at",
    "Own fields",
)  # fmt: skip


@contact_export_pages.get("/contacts/export")
@needs(Right.CONTACT_EXPORT)
def show() -> ResponseReturnValue:
    return _page()


def _page(status: int = 200, wrong: str = "") -> Response:
    asked, lines = asked_for(request.values), visible_lines()
    count = read(lambda tx: contact_list.count(tx, wanted_by(tx, asked, lines)))
    most = contact_list.COUNTED
    return page("contact_export.html", status, asked=asked, count=count, most=most, wrong=wrong)


@contact_export_pages.post("/contacts/export")
@needs(Right.CONTACT_EXPORT)
@at_most(EXPORTS)
def export() -> ResponseReturnValue:
    trouble = password_check.trouble(request.form.get("password", ""))
    if trouble:
        return _page(422, trouble)
    asked, lines, who = asked_for(request.form), visible_lines(), str(author())
    form = "json" if request.form.get("form") == "json" else "csv"
    after = {"form": form, "narrowed_by": ", ".join(asked)}  # by what, in no words: they may be a name
    write(lambda tx, at: team.note(tx, at, who, "contacts.export", "", after=after))
    found = read(lambda tx: list(_every(tx, asked, lines)))
    written = json.dumps(found, ensure_ascii=False, indent=2) if form == "json" else _as_csv(found)
    answer = Response(written, mimetype="application/json" if form == "json" else "text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="contacts.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _every(tx: Tx, asked: dict[str, str], lines: frozenset[int] | None) -> Iterator[dict[str, Any]]:
    """All of them by name, as the API shows them."""
    wanted, after = wanted_by(tx, asked, lines), None
    while rows := contact_list.page(tx, wanted, _AT_ONCE, after):
        for found in objects_contacts.contacts(tx, rows):
            del found["links"]
            yield found
        after = (rows[-1].sought, rows[-1].id)


def _as_csv(found: list[dict[str, Any]]) -> str:
    """Headers that a list brought in is recognised by; no value is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    writer.writerows([cell(str(value)) for value in _cells(one)] for one in found)
    return "\ufeff" + out.getvalue()


def _cells(one: dict[str, Any]) -> list[Any]:
    numbers = one["numbers"]
    shown = [*numbers[: _MOST_NUMBERS - 1], " ".join(numbers[_MOST_NUMBERS - 1 :])]
    stopped = [each["number"] for each in one["phone_numbers"] if each["opted_out"]]
    written = json.dumps(one["fields"], ensure_ascii=False) if one["fields"] else ""
    plain = ("stage", "priority", "language", "time_zone", "company", "email", "address")
    return [
        one["external_id"] or "",
        one["name"] or "",
        *(shown + [""] * _MOST_NUMBERS)[:_MOST_NUMBERS],
        *(one[name] or "" for name in plain),
        "; ".join(one["tags"]),
        " ".join(stopped),
        one["blocked"]["why"] if one["blocked"] else "",
        one["last_heard_at"] or "",
        one["created_at"],
        written,
    ]
