"""The inbox, a thread, writing in it, a new conversation, and what people decide about a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import carrying, schedules
from gateway.desk import conversations as desk
from gateway.desk.conversations import Author, Draft
from gateway.domain import wording
from gateway.domain.decision_words import Clocks
from gateway.domain.message import Purpose
from gateway.domain.people import Right
from gateway.domain.wording import Refused
from gateway.store import conversations, lines, messages
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.access import needs
from gateway.web.composer import FIELD_OF, Later, chosen, composer, later
from gateway.web.contacts import contact_card
from gateway.web.conversation_list import list_page
from gateway.web.frame import page, times
from gateway.web.hands import hands
from gateway.web.once import fingerprint, once
from gateway.web.site import author, may, now, read, visitor, write
from gateway.web.threads import thread

desk_pages = Blueprint("conversations", __name__)

# --- reading -----------------------------------------------------------------------------------------


@desk_pages.get("/")
@needs(Right.READ)
def inbox() -> ResponseReturnValue:
    after, me = request.args.get("after"), visitor().user_id
    return page("inbox.html", list=read(lambda tx: list_page(tx, me, after)), after=after)


@desk_pages.get("/conversations/<public_id>")
@needs(Right.READ)
def show(public_id: str) -> ResponseReturnValue:
    if may(Right.WRITE):
        _mark_read(public_id)
    return _thread_page(public_id)


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
        closed = desk.closed(tx, row)
        round_box = composer(tx, row, line, said) if line is not None else None
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
        not_entitled=wording.NOT_ENTITLED,
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
    return wording.NO_REPORTS.format(line=line.name)


# --- writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wrote in a form, and the key that form was given when it was shown."""

    who: Author
    key: str
    body: str
    later: Later
    to: str = ""
    line: str = ""

    def send_once(self, tx: Tx, at: datetime, to: str, send: Callable[[], int]) -> dict[str, Any]:
        """Send it unless this form sent it before; the same form with other words, or for another time, is
        another text."""
        when = self.later
        timed = [when.when, when.at, when.clock] if when.when else []
        asked = fingerprint([to, self.body, *timed])

        def act() -> dict[str, Any]:
            sent = messages.get(tx, send())
            return {"conversation": sent.conversation_public_id if sent else ""}

        return once(tx, f"person:{self.who.id}", f"{self.key}.{asked[:16]}", asked, at, act).body


def _typed() -> Typed:
    form = request.form
    body = form.get("body", "").replace("\r\n", "\n")  # browsers send CR LF, texts have LF
    return Typed(author(), form.get("key", ""), body, later(form), form.get("to", ""), form.get("line", ""))


@desk_pages.post("/conversations/<public_id>/messages")
@needs(Right.WRITE)
def reply(public_id: str) -> ResponseReturnValue:
    typed = _typed()
    urgent = request.form.get("do") == "urgent"
    if urgent and not may(Right.URGENT):
        abort(403, wording.NOT_ENTITLED)

    def send(tx: Tx, at: datetime) -> None:
        row = _conversation(tx, public_id)
        line = lines.get(tx, row.line_id)
        assert line is not None  # a conversation has a line, and no line is ever deleted
        how = _how(tx, typed.later, line, row.peer, at, urgent=urgent)
        typed.send_once(tx, at, public_id, lambda: desk.reply(tx, row, typed.body, typed.who, at, **how))

    try:
        write(send)
    except Refused as refused:
        kept = replace(typed.later, errors=_errors(refused))
        said = "" if kept.errors else refused.text
        return _thread_page(public_id, 422, typed=typed.body, later=kept, refused=said)
    return redirect(url_for("conversations.show", public_id=public_id), 303)


def _how(tx: Tx, typed: Later, line: Row[Any], number: str, at: datetime, *, urgent: bool) -> dict[str, Any]:
    """When a reply is to go, and past what."""
    if urgent:
        return {"urgent_reason": schedules.urgent_reason(typed.reason)}
    return {"when": chosen(tx, typed, line, number, at), "cancel_if_answered": typed.cancel}


def _errors(refused: Refused) -> dict[str, str]:
    """A refusal that belongs to a field of its own."""
    where = FIELD_OF.get(refused.key)
    return {where: refused.text} if where else {}


@desk_pages.get("/conversations/<public_id>/messages")
@needs(Right.READ)
def reload_reply(public_id: str) -> ResponseReturnValue:
    """A refused reply stands at this address; whoever asks for it anew means the conversation."""
    return redirect(url_for("conversations.show", public_id=public_id), 303)


@desk_pages.get("/conversations/new")
@needs(Right.WRITE)
def new() -> ResponseReturnValue:
    return _new_page()


def _new_page(status: int = 200, refused: str = "") -> Response:
    typed, every = _typed(), read(lines.every)
    working = [line for line in every if wording.line_now(line.status, line.code, line.paused_at) == "ready"]
    first = next(iter([*working, *every]), None)
    chosen = next((line for line in every if line.name == typed.line), first)
    ids = {line.id for line in working}
    return page("new.html", status, lines=every, line=chosen, working=ids, typed=typed, refused=refused)


@desk_pages.post("/conversations/new")
@needs(Right.WRITE)
def begin() -> ResponseReturnValue:
    typed = _typed()

    def send(tx: Tx, at: datetime) -> dict[str, Any]:
        line = desk.choose_line(tx, typed.line or None)
        number = desk.parse_number(tx, typed.to, line)
        draft = Draft(number, typed.body, Purpose.CONVERSATIONAL, typed.who)
        return typed.send_once(tx, at, number.text, lambda: desk.accept(tx, line, draft, at))

    try:
        sent = write(send)
    except Refused as refused:
        return _new_page(422, refused.text)
    return redirect(url_for("conversations.show", public_id=sent["conversation"], begun=1), 303)


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
    return _decide(public_id, desk.mark_sent)


@desk_pages.post("/messages/<public_id>/send-again")
@needs(Right.WRITE)
def send_again(public_id: str) -> ResponseReturnValue:
    return _decide(public_id, desk.send_again)
