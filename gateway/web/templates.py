"""The templates of the office, and one's own: a list to search, a form, a preview for somebody, removal with
a way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import settings as desk_settings
from gateway.desk import templates as desk
from gateway.domain import folding, phone, templates
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, lines
from gateway.store import templates as rows
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.rights import message, visible_lines
from gateway.web.site import author, may, read, site, visitor, write

template_pages = Blueprint("templates", __name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A template in the list."""

    row: Row[Any]
    texts: Mapping[str, str]
    may_change: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form. `other`: the code of a language that has no field yet, with its words."""

    name: str = ""
    shared: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    other: tuple[str, str] = ("", "")
    preview_for: str = ""

    def words(self) -> dict[str, str]:
        """All the words there are, by language."""
        code, body = self.other
        return {**self.texts, **({code.strip().lower(): body} if body.strip() else {})}


@dataclass(frozen=True, slots=True)
class Preview:
    """A template as somebody would get it: the language, the words, and what is missing."""

    language: str
    words: str
    missing: str


# --- the list ----------------------------------------------------------------------------------------


@template_pages.get("/settings/templates")
@needs(Right.TEMPLATE_OWN)
def every() -> ResponseReturnValue:
    me, q = visitor().user_id, request.args.get("q", "")
    removed = request.args.get("removed", "")
    may_share = may(Right.TEMPLATE_SHARED)

    def look(tx: Tx) -> tuple[list[Listed], Row[Any] | None]:
        found = rows.of(tx, me)
        texts = rows.texts(tx, [row.id for row in found])
        listed = [Listed(row, texts[row.id], may_share or row.owner_id == me) for row in found]
        return [one for one in listed if _holds(one, q)], _gone(tx, removed, me)

    found, gone = read(look)
    return page("message_templates.html", templates=found, q=q, gone=gone)


def _holds(one: Listed, q: str) -> bool:
    return folding.holds(" ".join((one.row.name, *one.texts.values())), folding.folded(q).split())


def _gone(tx: Tx, public_id: str, me: int) -> Row[Any] | None:
    """The template that was removed just now, so that it can be brought back."""
    row = rows.by_public_id(tx, public_id) if public_id else None
    return row if row is not None and row.removed_at is not None and row.owner_id in (None, me) else None


# --- the form ----------------------------------------------------------------------------------------


@template_pages.get("/settings/templates/new")
@needs(Right.TEMPLATE_OWN)
def new() -> ResponseReturnValue:
    """An empty form, or one with the words of a text that was sent."""
    of = request.args.get("of", "")
    texts = read(lambda tx: _texts_of(tx, of)) if of else {}
    return _form(None, Form(texts=texts, shared=may(Right.TEMPLATE_SHARED)))


def _texts_of(tx: Tx, message_id: str) -> dict[str, str]:
    row = message(tx, message_id)
    wanted = desk.wanted_languages(tx, contacts.by_number(tx, row.peer))
    return {next(filter(None, wanted)): desk.made_of(tx, row)}


@template_pages.get("/settings/templates/<template_id>")
@needs(Right.TEMPLATE_OWN)
def show(template_id: str) -> ResponseReturnValue:
    row = _mine(template_id)
    texts = read(lambda tx: rows.texts(tx, [row.id])[row.id])
    return _form(row, Form(row.name, row.owner_id is None, texts))


@template_pages.post("/settings/templates/new")
@needs(Right.TEMPLATE_OWN)
def add() -> ResponseReturnValue:
    form = _typed()
    if request.form.get("do") == "preview":
        return _form(None, form, preview=True)
    who, owner = author(), _owner(form)
    try:
        write(lambda tx, at: desk.add(tx, form.name, form.words(), owner, who, at))
    except Refused as refused:
        return _form(None, form, 422, refused.text)
    return redirect(url_for("templates.every"), 303)


@template_pages.post("/settings/templates/<template_id>")
@needs(Right.TEMPLATE_OWN)
def change(template_id: str) -> ResponseReturnValue:
    row, form = _mine(template_id), _typed()
    if request.form.get("do") == "preview":
        return _form(row, form, preview=True)
    who, owner = author(), _owner(form)
    try:
        write(lambda tx, at: desk.change(tx, row, form.name, form.words(), owner, who, at))
    except Refused as refused:
        return _form(row, form, 422, refused.text)
    return redirect(url_for("templates.every"), 303)


@template_pages.post("/settings/templates/<template_id>/remove")
@needs(Right.TEMPLATE_OWN)
def remove(template_id: str) -> ResponseReturnValue:
    row, who = _mine(template_id), author()
    write(lambda tx, at: desk.remove(tx, row, who, at))
    return redirect(url_for("templates.every", removed=template_id), 303)


@template_pages.post("/settings/templates/<template_id>/restore")
@needs(Right.TEMPLATE_OWN)
def restore(template_id: str) -> ResponseReturnValue:
    row, who = _mine(template_id, removed=True), author()

    def act(tx: Tx, at: datetime) -> None:
        desk.restore(tx, row, who, at)

    write(act)
    return redirect(url_for("templates.every"), 303)


def _mine(template_id: str, *, removed: bool = False) -> Row[Any]:
    """A template one may change; answers 404 for what one cannot see, 403 for what is not one's to change."""
    row = read(lambda tx: rows.by_public_id(tx, template_id))
    me = visitor().user_id
    if row is None or row.owner_id not in (None, me) or (row.removed_at is not None) != removed:
        abort(404)
    if row.owner_id is None and not may(Right.TEMPLATE_SHARED):
        abort(403, t("Only a manager may change the office's templates. Make one of your own."))
    return row


def _owner(form: Form) -> int | None:
    if form.shared and not may(Right.TEMPLATE_SHARED):
        abort(403, t("Only a manager may change the office's templates. Make one of your own."))
    return None if form.shared else visitor().user_id


def _typed() -> Form:
    given = request.form
    begin = "text-"
    texts = {
        name.removeprefix(begin): value.replace("\r\n", "\n")
        for name, value in given.items()
        if name.startswith(begin)
    }
    return Form(
        given.get("name", ""),
        given.get("whose") == "office",
        texts,
        (given.get("other-language", ""), given.get("other-text", "").replace("\r\n", "\n")),
        given.get("for", "").strip(),
    )


def _form(
    row: Row[Any] | None, form: Form, status: int = 200, refused: str = "", *, preview: bool = False
) -> Response:
    known = site().languages.NAMES
    names = {**known, **{code: code for code in form.texts if code not in known}}
    shown, said = read(lambda tx: _previews(tx, form)) if preview else ([], "")
    return page(
        "message_template.html",
        status,
        kept=row,
        form=form,
        languages_of=names,
        places=templates.PLACES,
        longest=templates.LONGEST,
        may_share=may(Right.TEMPLATE_SHARED),
        refused=refused,
        previews=shown,
        preview_of=said,
    )


def _previews(tx: Tx, form: Form) -> tuple[list[Preview], str]:
    """The words as somebody would get them, and who that is: whoever has the number that was typed."""
    line = next(iter(lines.every(tx, visible_lines())), None)
    if line is None:
        return [], str(t("There is no line yet, so there is nothing to show."))
    person = _person(tx, form.preview_for)
    values = desk.values(tx, person, line, visitor().name)
    made = []
    for code, body in form.words().items():
        if body.strip():
            done = templates.fill(body, values)
            made.append(Preview(code, done.text, ", ".join(f"{{{name}}}" for name in done.missing)))
    return made, (person.name or form.preview_for) if person is not None else str(
        t("somebody we do not know")
    )


def _person(tx: Tx, typed: str) -> Row[Any] | None:
    try:
        number = phone.parse(typed, desk_settings.country(tx)).text
    except phone.NotANumber:
        return None
    person = contacts.by_number(tx, number)
    if person is None or not contacts.is_seen(tx, person.id, visible_lines()):
        return None
    return person
