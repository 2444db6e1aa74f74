"""Notes in a thread, drafts, who is there, stars; and the pages that gather what is for somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import notes as desk
from gateway.desk import stars
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import messages, starred, text_drafts
from gateway.store import notes as stored
from gateway.store.database import Tx
from gateway.web import for_you
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.once import fingerprint, once
from gateway.web.presence import Doing
from gateway.web.rights import visible_lines
from gateway.web.schemas_requests import LONGEST_BODY
from gateway.web.site import author, may, now, read, site, visitor, write
from gateway.web.thread_page import Tried, conversation, thread_page

note_pages = Blueprint("notes", __name__)

PAGE = 50


def _typed() -> str:
    return request.form.get("body", "").replace("\r\n", "\n")


def _back(public_id: str, note: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("conversations.show", public_id=public_id, note=note), 303)


# --- notes and drafts --------------------------------------------------------------------------------


@note_pages.post("/conversations/<public_id>/notes")
@needs(Right.NOTE)
def add(public_id: str) -> ResponseReturnValue:
    who, body, key = author(), _typed(), request.form.get("key", "")

    def act(tx: Tx, at: datetime) -> None:
        row = conversation(tx, public_id)
        asked = fingerprint([public_id, body])

        def keep() -> dict[str, Any]:
            desk.add(tx, row, body, who, at)
            return {}

        once(tx, f"person:{who.id}", f"{key}.note.{asked[:16]}", asked, at, keep)

    try:
        write(act)
    except Refused as refused:
        return thread_page(public_id, 422, Tried(note=body, note_refused=refused.text))
    return _back(public_id)


@note_pages.get("/conversations/<public_id>/notes")
@needs(Right.READ)
def reload_note(public_id: str) -> ResponseReturnValue:
    """A refused note stands at this address; whoever asks for it anew means the conversation."""
    return _back(public_id)


@note_pages.post("/conversations/<public_id>/draft")
@needs(Right.NOTE)
def draft(public_id: str) -> ResponseReturnValue:
    """Keep what stands in a box, or throw it away; a script that saves wants no page."""
    me, body = visitor().user_id, _typed()[:LONGEST_BODY]
    discard, kind = request.form.get("discard"), request.form.get("kind")
    what = discard or kind
    if what not in text_drafts.KINDS:
        abort(422)

    def act(tx: Tx, at: datetime) -> None:
        row = conversation(tx, public_id)
        if discard:
            text_drafts.remove(tx, me, row.id, what)
        else:
            text_drafts.put(tx, me, row.id, what, body, at)

    write(act)
    if "Live" in request.headers:
        return Response(status=204)
    return _back(public_id, "1" if kind == text_drafts.NOTE else None)


# --- who is there ------------------------------------------------------------------------------------


@note_pages.post("/conversations/<public_id>/presence")
@needs(Right.READ)
def presence(public_id: str) -> ResponseReturnValue:
    """A page says what its reader does."""
    try:
        doing = Doing(request.form.get("doing", ""))
    except ValueError:
        abort(422)
    row = read(lambda tx: conversation(tx, public_id))
    site().presence.say(public_id, row.line_id, visitor().user_id, visitor().name, doing)
    return Response(status=204)


# --- stars -------------------------------------------------------------------------------------------


def _message(tx: Tx, public_id: str) -> Row[Any]:
    row = messages.by_public_id(tx, public_id)
    if row is None:
        abort(404)
    conversation(tx, row.conversation_public_id)
    return row


def _at(row: Row[Any]) -> ResponseReturnValue:
    place = url_for("conversations.show", public_id=row.conversation_public_id, at=row.public_id)
    return redirect(f"{place}#{row.public_id}", 303)


@note_pages.post("/messages/<public_id>/star")
@needs(Right.NOTE)
def star(public_id: str) -> ResponseReturnValue:
    row, who = read(lambda tx: _message(tx, public_id)), author()
    write(lambda tx, at: stars.star(tx, row, who, at))
    return _at(row)


@note_pages.post("/messages/<public_id>/unstar")
@needs(Right.NOTE)
def unstar(public_id: str) -> ResponseReturnValue:
    row = read(lambda tx: _message(tx, public_id))
    write(lambda tx, at: stars.unstar(tx, row, at))
    return _at(row)


@note_pages.get("/starred")
@needs(Right.READ)
def every_star() -> ResponseReturnValue:
    before = _micros(request.args.get("before", ""))
    rows = read(lambda tx: starred.page(tx, visible_lines(), PAGE + 1, before))
    older = int(rows[PAGE - 1].starred_at.timestamp() * 1_000_000) if len(rows) > PAGE else None
    return page("starred.html", rows=rows[:PAGE], older=older, may_template=may(Right.TEMPLATE_OWN))


def _micros(typed: str) -> datetime | None:
    """A time as the link to older ones has it."""
    if not typed.isascii() or not typed.isdigit() or len(typed) > 17:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(typed))


# --- for somebody ------------------------------------------------------------------------------------


@note_pages.get("/mentions")
@needs(Right.READ)
def mentions() -> ResponseReturnValue:
    """Notes that speak to whoever asks, and answers of others in what is assigned to them."""
    me, typed = visitor().user_id, request.args.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
    at = now()
    rows = read(lambda tx: stored.mentions_of(tx, me, visible_lines(), PAGE + 1, before))
    others = read(lambda tx: for_you.answers(tx, me, at, visible_lines()))
    return page(
        "mentions.html",
        rows=rows[:PAGE],
        answered=others,
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
    )
