"""What is kept about a contact: a file of all of it, and its erasure. Both ask for the password again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import erasure as desk
from gateway.desk import export as desk_export
from gateway.domain import erasure_words, phone
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, conversations, plain_copies, rewriting, team
from gateway.store.database import Tx
from gateway.web import password_check
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.person import person
from gateway.web.plainness import EXPORTS, at_most
from gateway.web.rights import visible_lines
from gateway.web.site import author, may, read, site, write

contact_data_pages = Blueprint("contact_data", __name__)


@contact_data_pages.get("/conversations/<public_id>/data")
@needs(Right.CONTACT_EXPORT)
def of_conversation(public_id: str) -> ResponseReturnValue:
    """What is kept of whom a conversation is with."""
    row = read(lambda tx: conversations.by_public_id(tx, public_id))
    if row is None:
        abort(404)
    return redirect(url_for("contact_data.show", public_id=row.contact_public_id), 303)


@contact_data_pages.get("/contacts/<public_id>/data")
@needs(Right.CONTACT_EXPORT)
def show(public_id: str) -> ResponseReturnValue:
    return _page(public_id)


def _look(tx: Tx, public_id: str, seen: frozenset[int] | None) -> tuple[Row[Any], str, str, dict[str, int]]:
    """The contact, their number, what has to be typed to confirm, and how much there is."""
    contact = contacts.live(tx, person(tx, public_id, seen))
    number = next(iter(contacts.numbers_of(tx, contact.id)), "")
    counted = None if may(Right.CONTACT_ERASE) else seen  # an erasure goes by no lines
    return contact, number, desk.shown_name(contact, number), desk.counts(tx, contact.id, counted)


def _page(public_id: str, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    seen = visible_lines()
    contact, number, wanted, counts = read(lambda tx: _look(tx, public_id, seen))
    return page(
        "contact_data.html",
        status,
        address=f"/contacts/{contact.public_id}",
        number=phone.pretty(number),
        who=contact.name or phone.pretty(number) or str(t("No name")),
        wanted=wanted,
        counts=erasure_words.counted(counts),
        stays=erasure_words.STAYS,
        backups=erasure_words.BACKUPS,
        typed=request.form,
        longest_why=desk.LONGEST_WHY,
        may_erase=may(Right.CONTACT_ERASE),
        is_limited=seen is not None,
        errors=errors or {},
    )


@contact_data_pages.post("/contacts/<public_id>/export")
@needs(Right.CONTACT_EXPORT)
@at_most(EXPORTS)
def export(public_id: str) -> ResponseReturnValue:
    trouble = password_check.trouble(request.form.get("password", ""))
    if trouble:
        return _page(public_id, 422, {"export": trouble})
    who, as_text, seen = author(), request.form.get("form") == "text", visible_lines()

    def note(tx: Tx, at: datetime) -> datetime:
        contact = contacts.live(tx, person(tx, public_id, seen))
        team.note(tx, at, str(who), "contact.export", contact.public_id)
        return at

    def look(tx: Tx) -> dict[str, Any]:
        return desk_export.everything(tx, contacts.live(tx, person(tx, public_id, seen)).id, at, seen)

    at = write(note)
    found = read(look)  # much of it holds no writer up
    written = desk_export.readable(found) if as_text else json.dumps(found, ensure_ascii=False, indent=2)
    kind, suffix = ("text/plain", "txt") if as_text else ("application/json", "json")
    answer = Response(written, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="contact.{suffix}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@contact_data_pages.post("/contacts/<public_id>/erase")
@needs(Right.CONTACT_ERASE)
def erase(public_id: str) -> ResponseReturnValue:
    seen = visible_lines()
    contact, _, wanted, _ = read(lambda tx: _look(tx, public_id, seen))
    if " ".join(request.form.get("typed", "").split()).casefold() != wanted.casefold():
        return _page(public_id, 422, {"typed": Refused("not_typed", wanted=wanted).text})
    trouble = password_check.trouble(request.form.get("password", ""))
    if trouble:
        return _page(public_id, 422, {"erase": trouble})
    database, clock = site().database, site().clock
    try:
        why = request.form.get("why", "")
        desk.erase(database.read, database.write_now, contact.id, author(), why, clock)
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
