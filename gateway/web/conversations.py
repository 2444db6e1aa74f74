"""The inbox, a thread, writing in it, a new conversation, and what people decide about a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import carrying, replies, second_factor, unclear
from gateway.desk import conversations as desk
from gateway.desk.drafts import Author
from gateway.domain import composer_words, setup_words
from gateway.domain.decision_words import Clocks
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import conversations, lines, messages
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.access import needs
from gateway.web.composer import Later, composer, later
from gateway.web.contacts import contact_card
from gateway.web.conversation_list import list_page
from gateway.web.frame import page, times
from gateway.web.hands import hands
from gateway.web.site import author, may, now, read, visitor, write
from gateway.web.threads import thread
from gateway.web.written import written

desk_pages = Blueprint("conversations", __name__)

# --- reading -----------------------------------------------------------------------------------------


@desk_pages.get("/")
@needs(Right.READ)
def inbox() -> ResponseReturnValue:
    after, me = request.args.get("after"), visitor().user_id
    asked_for = setup_words.ASKED_FOR if second_factor.is_wanted(visitor()) else ""
    found = read(lambda tx: list_page(tx, me, after))
    return page("inbox.html", list=found, after=after, asked_for=asked_for)


@desk_pages.get("/conversations/<public_id>")
@needs(Right.READ)
def show(public_id: str) -> ResponseReturnValue:
    if may(Right.WRITE):
        _mark_read(public_id)
    return _thread_page(public_id)


@desk_pages.post("/conversations/<public_id>")
@needs(Right.READ)
def ask(public_id: str) -> ResponseReturnValue:
    """The same page, as a text would go at the time that is chosen in its form; nothing is sent."""
    if may(Right.WRITE):
        _mark_read(public_id)
    return _thread_page(public_id, later=later(request.form))


def _mark_read(public_id: str) -> None:
    """Opening a thread is reading it; a viewer's look leaves it unread for those who answer."""
    row = read(lambda tx: conversations.by_public_id(tx, public_id))
    if row is not None and row.last_inbound_id > row.seen_message_id:
        write(lambda tx, at: desk.mark_read(tx, _conversation(tx, public_id), at))


def _conversation(tx: Tx, public_id: str) -> Row[Any]:
    row = conversations.by_public_id(tx, public_id)
    if row is None:
        abort(404)
    return row


def _thread_page(
    public_id: str, status: int = 200, *, typed: str = "", later: Later | None = None, refused: str = ""
) -> Response:
    """The thread beside the list. `typed` stands in the box again when it could not be sent, and `later` in
    the fields of its time."""
    at, before, words_of = (request.args.get(name, "") for name in ("at", "before", "use"))
    me, may_do = visitor().user_id, hands()

    def look(tx: Tx) -> dict[str, Any]:
        row = _conversation(tx, public_id)
        line, said = lines.get(tx, row.line_id), times(tx, now())
        doubts = objects.warnings(row.peer, None, None, said.now) if "begun" in request.args else []
        hit, oldest = (messages.by_public_id(tx, one) if one else None for one in (at, before))
        closed = replies.closed(tx, row)
        round_box = composer(tx, row.peer, row.name, line, said, later) if line is not None else None
        there = round_box.clocks if round_box else Clocks(said.now, said.zone)
        return {
            "list": list_page(tx, me),
            "conversation": row,
            "line": line,
            "no_reports": _no_reports(line),
            "thread": thread(tx, row, said, there, may_do, hit, oldest),
            "composer": round_box,
            "contact": contact_card(tx, row, line),
            "closed": closed,
            "doubts": doubts,
            "typed": typed or _words_of(tx, row, words_of),
        }

    return page(
        "thread.html",
        status,
        later=later or Later(),
        refused=refused,
        may_hurry=may_do.may_hurry,
        texts=composer_words,
        may_set_contact=may(Right.CONTACT_SET),
        **read(look),
    )


def _words_of(tx: Tx, conversation: Row[Any], public_id: str) -> str:
    """The words of a text that did not go, to be written anew."""
    row = messages.by_public_id(tx, public_id) if public_id else None
    return row.body if row is not None and row.conversation_id == conversation.id else ""


def _no_reports(line: Row[Any] | None) -> str:
    """Said where one writes on a line that is not told whether texts arrive."""
    if line is None or carrying.abilities(line).delivery_reports:
        return ""
    return composer_words.NO_REPORTS.format(line=line.name)


# --- writing -----------------------------------------------------------------------------------------


@desk_pages.post("/conversations/<public_id>/messages")
@needs(Right.WRITE)
def reply(public_id: str) -> ResponseReturnValue:
    typed = written()

    def send(tx: Tx, at: datetime) -> None:
        row = _conversation(tx, public_id)
        line = lines.get(tx, row.line_id)
        assert line is not None  # a conversation has a line, and no line is ever deleted
        how = typed.how(tx, line, row.peer, at)
        typed.send_once(tx, at, public_id, lambda: replies.reply(tx, row, typed.body, typed.who, at, **how))

    try:
        write(send)
    except Refused as refused:
        kept, said = typed.refused(refused)
        return _thread_page(public_id, 422, typed=typed.body, later=kept, refused=said)
    return redirect(url_for("conversations.show", public_id=public_id), 303)


@desk_pages.get("/conversations/<public_id>/messages")
@needs(Right.READ)
def reload_reply(public_id: str) -> ResponseReturnValue:
    """A refused reply stands at this address; whoever asks for it anew means the conversation."""
    return redirect(url_for("conversations.show", public_id=public_id), 303)


# --- deciding ----------------------------------------------------------------------------------------

Decision = Callable[[Tx, int, Author, datetime], object]


def _decide(public_id: str, decision: Decision) -> ResponseReturnValue:
    who = author()
    row = read(lambda tx: messages.by_public_id(tx, public_id))
    if row is None:
        abort(404)
    try:
        write(lambda tx, at: decision(tx, row.id, who, at))
    except Refused as refused:
        return _thread_page(row.conversation_public_id, 409, refused=refused.text)
    return redirect(url_for("conversations.show", public_id=row.conversation_public_id), 303)


@desk_pages.post("/messages/<public_id>/mark-sent")
@needs(Right.WRITE)
def mark_sent(public_id: str) -> ResponseReturnValue:
    return _decide(public_id, unclear.mark_sent)


@desk_pages.post("/messages/<public_id>/send-again")
@needs(Right.WRITE)
def send_again(public_id: str) -> ResponseReturnValue:
    return _decide(public_id, unclear.send_again)
