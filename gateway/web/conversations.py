"""The inbox, a thread, writing in it, a new conversation, and what people decide about a text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import conversations as desk
from gateway.desk import newcomers, notes, replies, second_factor, unclear
from gateway.desk.drafts import Author
from gateway.desk.newcomers import Arrived, Seen
from gateway.domain import setup_words
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import conversations, lines, messages, text_drafts
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.composer import later
from gateway.web.conversation_list import list_page
from gateway.web.frame import page
from gateway.web.list_tools import done, wanted
from gateway.web.reader import reader
from gateway.web.site import author, may, now, read, visitor, write
from gateway.web.thread_page import Tried, conversation, thread_page
from gateway.web.written import written

desk_pages = Blueprint("conversations", __name__)

# --- reading -----------------------------------------------------------------------------------------


@desk_pages.get("/")
@needs(Right.READ)
def inbox() -> ResponseReturnValue:
    asked, me, at = request.args, reader(), now()
    asked_for = setup_words.ASKED_FOR if second_factor.is_wanted(visitor()) else ""
    found = read(lambda tx: list_page(tx, me, wanted(tx, asked), at, asked.get("after")))
    return page("inbox.html", list=found, did=done(asked), asked_for=asked_for)


@desk_pages.get("/conversations/<public_id>")
@needs(Right.READ)
def show(public_id: str) -> ResponseReturnValue:
    kept = read(lambda tx: _kept(tx, public_id))
    if kept is not None:
        return redirect(url_for("conversations.show", public_id=kept), 303)
    _look_at(public_id)
    return thread_page(public_id)


def _kept(tx: Tx, public_id: str) -> str | None:
    """Of somebody who is one with another since: the conversation that holds what this one held."""
    row = conversations.by_public_id(tx, public_id)
    if row is None or row.merged_into_id is None:
        return None
    found = conversations.kept(tx, row)
    return found.public_id if found is not None else None


@desk_pages.post("/conversations/<public_id>")
@needs(Right.READ)
def ask(public_id: str) -> ResponseReturnValue:
    """The same page, as a text would go at the time that is chosen in its form; nothing is sent."""
    _look_at(public_id)
    return thread_page(public_id, tried=Tried(later=later(request.form)))


def _look_at(public_id: str) -> None:
    """Opening a thread is reading it; a viewer's look leaves it unread for those who answer. What speaks to
    somebody is seen whatever their role."""
    me = visitor().user_id
    row, is_spoken_to = read(lambda tx: _seen_so_far(tx, public_id, me))
    answers = may(Right.WRITE)
    is_unread = read(lambda tx: desk.is_news(tx, row, me, answers=answers))

    def note(tx: Tx, at: datetime) -> None:
        if is_unread:
            desk.mark_read(tx, conversation(tx, public_id), me, at, answers=answers)
        if is_spoken_to:
            notes.see(tx, row, me, at)

    if is_unread or is_spoken_to:
        write(note)


def _seen_so_far(tx: Tx, public_id: str, reader_id: int) -> tuple[Row[Any], bool]:
    row = conversation(tx, public_id)
    return row, notes.is_news(tx, row, reader_id)


# --- writing -----------------------------------------------------------------------------------------


@desk_pages.post("/conversations/<public_id>/messages")
@needs(Right.WRITE)
def reply(public_id: str) -> ResponseReturnValue:
    typed, seen = written(), request.form.get("seen_up_to")

    def send(tx: Tx, at: datetime) -> None:
        row = conversation(tx, public_id)
        line = lines.get(tx, row.line_id)
        assert line is not None  # a conversation has a line, and no line is ever deleted
        how = typed.how(tx, line, row.peer, at)

        def act() -> int:
            sent = replies.reply(tx, row, typed.body, typed.who, at, **how)
            _check_seen(tx, row, seen, typed.who)  # after it: what cannot be sent at all is said first
            return sent

        typed.send_once(tx, at, public_id, act)
        text_drafts.remove(tx, visitor_id, row.id, text_drafts.REPLY)

    visitor_id = visitor().user_id
    try:
        write(send)
    except Arrived as arrived:
        tried = Tried(typed.body, typed.later, arrived=arrived, urgent=typed.urgent)
        return _not_sent(public_id, 409, tried)
    except Refused as refused:
        kept, said = typed.refused(refused)
        return _not_sent(public_id, 422, Tried(typed.body, kept, said))
    return redirect(url_for("conversations.show", public_id=public_id), 303)


def _check_seen(tx: Tx, row: Row[Any], seen: str | None, who: Author) -> None:
    """Stop a reply where something arrived that the page it was written on did not show."""
    if seen is None:
        return
    with suppress(newcomers.NotHere):  # what the page showed last is gone for good
        newcomers.check(tx, row, Seen.parse(seen), who)


def _not_sent(public_id: str, status: int, tried: Tried) -> Response:
    """The thread with the words that did not go; they are kept as a draft as well."""
    me = visitor().user_id
    write(lambda tx, at: _keep(tx, conversation(tx, public_id).id, me, tried.reply, at))
    return thread_page(public_id, status, tried)


def _keep(tx: Tx, conversation_id: int, user_id: int, body: str, at: datetime) -> None:
    text_drafts.put(tx, user_id, conversation_id, text_drafts.REPLY, body, at)


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
        return thread_page(row.conversation_public_id, 409, Tried(refused=refused.text))
    return redirect(url_for("conversations.show", public_id=row.conversation_public_id), 303)


@desk_pages.post("/messages/<public_id>/mark-sent")
@needs(Right.WRITE)
def mark_sent(public_id: str) -> ResponseReturnValue:
    return _decide(public_id, unclear.mark_sent)


@desk_pages.post("/messages/<public_id>/send-again")
@needs(Right.WRITE)
def send_again(public_id: str) -> ResponseReturnValue:
    return _decide(public_id, unclear.send_again)
