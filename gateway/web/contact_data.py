"""What is kept about a contact: a file of all of it, and its erasure. Both ask for the password again."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import erasure as desk
from gateway.desk import export as desk_export
from gateway.domain import erasure_words
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, conversations, plain_copies, rewriting, team
from gateway.store.database import Tx
from gateway.web import password_check
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.site import author, may, read, site, write

contact_data_pages = Blueprint("contact_data", __name__)


@contact_data_pages.get("/conversations/<public_id>/data")
@needs(Right.CONTACT_EXPORT)
def show(public_id: str) -> ResponseReturnValue:
    return _page(public_id)


def _look(tx: Tx, public_id: str) -> tuple[Row[Any], str, dict[str, int]]:
    """The conversation, what has to be typed to confirm, and how much there is."""
    row = conversations.by_public_id(tx, public_id)
    contact = contacts.get(tx, row.contact_id) if row is not None else None
    if row is None or contact is None:
        abort(404)
    return row, desk.shown_name(contact, row.peer), desk.counts(tx, contact.id)


def _page(public_id: str, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    row, wanted, counts = read(lambda tx: _look(tx, public_id))
    return page(
        "contact_data.html",
        status,
        conversation=row,
        wanted=wanted,
        counts=erasure_words.counted(counts),
        stays=erasure_words.STAYS,
        backups=erasure_words.BACKUPS,
        typed=request.form,
        longest_why=desk.LONGEST_WHY,
        may_erase=may(Right.CONTACT_ERASE),
        errors=errors or {},
    )


@contact_data_pages.post("/conversations/<public_id>/export")
@needs(Right.CONTACT_EXPORT)
def export(public_id: str) -> ResponseReturnValue:
    trouble = password_check.trouble(request.form.get("password", ""))
    if trouble:
        return _page(public_id, 422, {"export": trouble})
    who, as_text = author(), request.form.get("form") == "text"

    def look(tx: Tx, at: Any) -> dict[str, Any]:
        row, _, _ = _look(tx, public_id)
        found = desk_export.everything(tx, row.contact_id, at)
        team.note(tx, at, str(who), "contact.export", row.public_id)
        return found

    found = write(look)
    written = desk_export.readable(found) if as_text else json.dumps(found, ensure_ascii=False, indent=2)
    kind, suffix = ("text/plain", "txt") if as_text else ("application/json", "json")
    answer = Response(written, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="contact.{suffix}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@contact_data_pages.post("/conversations/<public_id>/erase")
@needs(Right.CONTACT_ERASE)
def erase(public_id: str) -> ResponseReturnValue:
    row, wanted, _ = read(lambda tx: _look(tx, public_id))
    if " ".join(request.form.get("typed", "").split()).casefold() != wanted.casefold():
        return _page(public_id, 422, {"typed": Refused("not_typed", wanted=wanted).text})
    trouble = password_check.trouble(request.form.get("password", ""))
    if trouble:
        return _page(public_id, 422, {"erase": trouble})
    database, clock = site().database, site().clock
    try:
        why = request.form.get("why", "")
        desk.erase(database.read, database.write_now, row.contact_id, author(), why, clock)
    except Refused as refused:
        where = "why" if refused.key in ("no_why", "why_names_them") else "all"
        return _page(public_id, 422, {where: refused.text})
    is_cut = rewriting.cut_journal(database.path)
    return redirect(f"/erased?just={'now' if is_cut else 'uncut'}", 303)


@contact_data_pages.get("/erased")
@needs(Right.CONTACT_ERASE)
def erased() -> ResponseReturnValue:
    """What was removed for good so far; right after an erasure also what came of that one."""
    files = erasure_words.NOT_NOW if request.args.get("just") == "uncut" else erasure_words.TONIGHT
    just_now = (erasure_words.ERASED, erasure_words.STAYS, files, erasure_words.BACKUPS)
    settings, records = site().settings, read(desk.last)
    beside = plain_copies.every(settings.database_path, settings.data_dir) if records else ()
    return page(
        "erased.html",
        said=just_now if "just" in request.args else (),
        records=records,
        copies=erasure_words.copies(beside),
        counted=erasure_words.counted,
    )
