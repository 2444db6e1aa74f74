"""What helps while a reply is written, by forms and for the page's script: plain letters, templates, earlier
answers, other ways than a text. Nothing here sends anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.desk import handing, similar, team
from gateway.desk import templates as desk
from gateway.domain import advice_words, plain
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, lines
from gateway.store import templates as rows
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.advice import advice, offered
from gateway.web.beside import ready
from gateway.web.composer import later
from gateway.web.frame import page
from gateway.web.rights import conversation, visible_lines
from gateway.web.schemas_requests import LONGEST_BODY
from gateway.web.site import author, read, visitor, write
from gateway.web.thread_page import Tried, thread_page

writing_pages = Blueprint("writing", __name__)


_MADE: dict[str, Callable[[str], str]] = {"plain": plain.plain, "bare": plain.bare, "look": str}


def _typed() -> str:
    return request.form.get("body", "").replace("\r\n", "\n")[:LONGEST_BODY]


@writing_pages.post("/conversations/<public_id>/look")
@needs(Right.WRITE)
def look(public_id: str) -> ResponseReturnValue:
    """What is to be said of some words, for the page's script."""
    body = _typed()
    found = read(lambda tx: advice(tx, body, conversation(tx, public_id)))
    return render_template("advice.html", advice=found, place=f"/conversations/{public_id}")


@writing_pages.post("/conversations/<public_id>/write")
@needs(Right.WRITE)
def change(public_id: str) -> ResponseReturnValue:
    """The thread with other words in the box: made plain, with a template, an earlier answer or another way
    put in; or as they are, looked at."""
    do, typed = request.form.get("do", ""), _typed()
    if do in _MADE:
        body = _MADE[do](typed)
    elif do in advice_words.OFFERS:
        body = _joined(read(lambda tx: offered(tx, do, conversation(tx, public_id))), typed)
    else:
        body = _joined(typed, _put_in(public_id, do))
    return thread_page(public_id, tried=Tried(body, later(request.form)))


def _joined(before: str, after: str) -> str:
    return f"{before.rstrip()}\n{after}" if before.strip() and after.strip() else before.strip() or after


def _put_in(public_id: str, do: str) -> str:
    if do.startswith("answer-"):
        return _answer(public_id, do.removeprefix("answer-"))
    if do == "template":
        return _template(public_id, request.form.get("template", ""))
    return abort(422)


@writing_pages.get("/conversations/<public_id>/write")
@needs(Right.READ)
def reload_words(public_id: str) -> ResponseReturnValue:
    """Words that were changed stand at this address; whoever asks for it anew means the conversation."""
    return redirect(url_for("conversations.show", public_id=public_id), 303)


# --- templates ---------------------------------------------------------------------------------------


def _template(public_id: str, template_id: str) -> str:
    who = author()

    def fill(tx: Tx, _: datetime) -> str:
        row = desk.find(tx, template_id, who.id)
        here = conversation(tx, public_id)
        line = lines.get(tx, here.line_id)
        assert line is not None  # a conversation has a line, and no line is ever deleted
        texts = rows.texts(tx, [row.id])[row.id]
        rows.count_use(tx, row.id)
        return desk.filled(tx, texts, contacts.get(tx, here.contact_id), line, who.name)[1].text

    return write(fill)


@writing_pages.get("/conversations/<public_id>/templates")
@needs(Right.WRITE)
def templates(public_id: str) -> ResponseReturnValue:
    """The templates one has, filled for this contact, for the page's script."""
    me, name = visitor().user_id, visitor().name
    found = read(lambda tx: ready(tx, conversation(tx, public_id), me, name))
    return render_template("template_choices.html", ready=found)


@writing_pages.post("/conversations/<public_id>/templates/used")
@needs(Right.WRITE)
def used(public_id: str) -> ResponseReturnValue:
    """The page's script put a template into the box."""
    me, named = visitor().user_id, request.form.get("template", "")

    def count(tx: Tx, _: datetime) -> None:
        conversation(tx, public_id)
        rows.count_use(tx, desk.find(tx, named, me).id)

    write(count)
    return "", 204


# --- earlier answers ---------------------------------------------------------------------------------


def _found(tx: Tx, public_id: str, seen: frozenset[int] | None, me: str) -> list[similar.Answer]:
    here = conversation(tx, public_id)
    line = lines.get(tx, here.line_id)
    assert line is not None  # a conversation has a line, and no line is ever deleted
    return similar.answers(tx, here, line, me, seen)


@writing_pages.get("/conversations/<public_id>/similar")
@needs(Right.WRITE)
def similar_answers(public_id: str) -> ResponseReturnValue:
    """Answers that were given to texts with the same words; a page of its own without scripts."""
    seen, me = visible_lines(), visitor().name
    found = read(lambda tx: _found(tx, public_id, seen, me))
    here = read(lambda tx: conversation(tx, public_id))
    return page("similar.html", answers=found, conversation=here)


def _answer(public_id: str, message_id: str) -> str:
    seen, me = visible_lines(), visitor().name
    found = read(lambda tx: _found(tx, public_id, seen, me))
    for one in found:
        if one.id == message_id:
            return one.words
    return abort(404)


# --- hints about tone --------------------------------------------------------------------------------


@writing_pages.post("/account/hints")
@needs(Right.WRITE)
def set_hints() -> ResponseReturnValue:
    """Whether they are told of words that may read oddly."""
    username, actor, on = visitor().username, str(author()), request.form.get("hints") == "on"
    write(lambda tx, at: team.set_hints(tx, username, on=on, actor=actor, now=at))
    return redirect("/account#hints", 303)


# --- somebody else -----------------------------------------------------------------------------------


@writing_pages.post("/conversations/<public_id>/hand-over")
@needs(Right.NOTE)
def hand_over(public_id: str) -> ResponseReturnValue:
    """Give the conversation to a manager, with a note that speaks to them."""
    to, who = request.form.get("manager", ""), author()
    if not (to.isascii() and to.isdigit() and len(to) < 19):
        abort(422)

    def act(tx: Tx, at: datetime) -> Any:
        handing.hand_over(tx, conversation(tx, public_id), int(to), who, at)

    try:
        write(act)
    except Refused as refused:
        return thread_page(public_id, 409, Tried(refused=refused.text))
    return redirect(url_for("conversations.show", public_id=public_id), 303)
