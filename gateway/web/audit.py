"""The audit log: who changed what, from what to what, from where. On a page, and as a CSV or JSON file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.domain.hours import resolve
from gateway.domain.people import Right
from gateway.domain.spreadsheet import cell
from gateway.store import audit, team
from gateway.store.audit import Wanted
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.plainness import EXPORTS, at_most
from gateway.web.present import Times
from gateway.web.site import author, now, read, write

audit_pages = Blueprint("audit", __name__)

PAGE = 100
MOST = 100_000
"""Rows that are taken along at once, the newest."""
COLUMNS = ("at", "who", "from", "action", "object", "before", "after")


@audit_pages.get("/settings/audit")
@needs(Right.AUDIT_READ)
def show() -> ResponseReturnValue:
    given, at = request.args, now()
    before = given.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None

    def look(tx: Tx) -> dict[str, Any]:
        rows = audit.page(tx, _wanted(given, times(tx, at)), PAGE + 1, place)
        return {"rows": rows[:PAGE], "older": rows[PAGE - 1].id if len(rows) > PAGE else None}

    names = ("who", "what", "since", "until")
    return page("audit.html", given={name: given.get(name, "") for name in names}, value=_value, **read(look))


@audit_pages.post("/settings/audit/export")
@needs(Right.AUDIT_READ)
@at_most(EXPORTS)
def export() -> ResponseReturnValue:
    """What the filters show, as a file; that it was taken along is noted first."""
    form, actor, given = request.form.get("form", "csv"), str(author()), request.form

    def look(tx: Tx, at: datetime) -> Sequence[Row[Any]]:
        team.note(tx, at, actor, "audit.export", "", after={"form": form})
        return audit.page(tx, _wanted(given, times(tx, at)), MOST)

    entries = [_entry(row) for row in write(look)]
    if form == "json":
        answer = Response(json.dumps(entries, ensure_ascii=False, indent=2), mimetype="application/json")
    else:
        form = "csv"
        answer = Response(_as_csv(entries), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="audit.{form}"'
    return answer


def _wanted(given: Any, said: Times) -> Wanted:
    """The filters of a form; days are the office's, the last one counts whole."""
    since, until = (_day(given.get(name, "")) for name in ("since", "until"))
    return Wanted(
        who=given.get("who", "").strip()[:100],
        what=given.get("what", "").strip()[:60],
        since=_midnight(since, said) if since else None,
        until=_midnight(until + timedelta(days=1), said) if until else None,
    )


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _midnight(day: date, said: Times) -> datetime:
    return resolve(datetime(day.year, day.month, day.day), said.zone)


def _entry(row: Row[Any]) -> dict[str, Any]:
    at = row.at.astimezone(UTC).isoformat(timespec="seconds")
    values = (at, row.actor, row.address, row.action, row.object, row.before, row.after)
    return dict(zip(COLUMNS, values, strict=True))


def _value(value: Any) -> str:
    """A value before or after as it is read: words as they are, what has parts as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_csv(entries: Sequence[dict[str, Any]]) -> str:
    """For a spreadsheet: every value in quotes, none that could be taken for a formula."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(entries))
    return "\ufeff" + written.getvalue()  # without it a spreadsheet takes it for another encoding


def _cells(entries: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    for entry in entries:
        yield [cell(_value(value)) for value in entry.values()]
