"""A new conversation: whom it is to, when the text would go, and sending it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import acceptance, drafts
from gateway.desk.drafts import Draft
from gateway.domain import composer_words, line_words
from gateway.domain.language import joined
from gateway.domain.message import Purpose
from gateway.domain.message_words import Tone
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, lines
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.access import needs
from gateway.web.composer import Composer, Later, Notice, composer
from gateway.web.frame import page, times
from gateway.web.rights import visible_lines
from gateway.web.site import may, now, read, write
from gateway.web.written import Written, written

begin_pages = Blueprint("beginning", __name__)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who was typed, as far as is known before anything is sent. `about`: their name and the time there;
    `notice` stands above Send: when it would go, or why nothing can be sent; `doubt`: what is odd about a
    number nobody is known by; `composer` is None where it is no number."""

    about: str
    notice: Notice | None
    doubt: str
    composer: Composer | None


@begin_pages.get("/conversations/new")
@needs(Right.WRITE)
def new() -> ResponseReturnValue:
    return _page(written())


@begin_pages.post("/conversations/new")
@needs(Right.WRITE)
def begin() -> ResponseReturnValue:
    """Send it, or only say when it would go."""
    typed = written()
    if request.form.get("do") == "when":
        return _page(typed)

    def send(tx: Tx, at: datetime) -> dict[str, Any]:
        line = drafts.choose_line(tx, typed.line or None, visible_lines())
        number = drafts.parse_number(tx, typed.to, line)
        how = typed.how(tx, line, number.text, at)
        draft = Draft(number, typed.body, Purpose.CONVERSATIONAL, typed.who, **how)
        return typed.send_once(tx, at, number.text, lambda: acceptance.accept(tx, line, draft, at))

    try:
        sent = write(send)
    except Refused as refused:
        kept, said = typed.refused(refused)
        return _page(typed, 422, later=kept, refused=said)
    return redirect(url_for("conversations.show", public_id=sent["conversation"], begun=1), 303)


def _page(typed: Written, status: int = 200, *, later: Later | None = None, refused: str = "") -> Response:
    """The form with what was typed, and what would happen to it."""

    def look(tx: Tx) -> dict[str, Any]:
        every = lines.every(tx, visible_lines())
        working = [
            one for one in every if line_words.line_now(one.status, one.code, one.paused_at) == "ready"
        ]
        line = _line(typed, [*working, *every])
        return {
            "lines": every,
            "line": line,
            "working": {one.id for one in working},
            "recipient": _recipient(tx, typed, line) if line is not None and typed.to else None,
        }

    return page(
        "new.html",
        status,
        typed=typed,
        later=later or typed.later,
        refused=refused,
        may_hurry=may(Right.URGENT),
        texts=composer_words,
        **read(look),
    )


def _line(typed: Written, best_first: Sequence[Row[Any]]) -> Row[Any] | None:
    """The line that was chosen, else the best."""
    chosen = (line for line in best_first if line.name == typed.line)
    return next(chosen, next(iter(best_first), None))


def _recipient(tx: Tx, typed: Written, line: Row[Any]) -> Recipient:
    said = times(tx, now())
    try:
        number = drafts.parse_number(tx, typed.to, line)
    except Refused as refused:
        return Recipient("", Notice(refused.text, Tone.WARN), "", None)
    contact = contacts.by_number(tx, number.text)
    if contact is not None and not contacts.is_seen(tx, contact.id, visible_lines()):
        contact = None
    name = contact.name if contact is not None else None
    try:  # any words: those that are sent may not be written yet
        acceptance.check(tx, line, Draft(number, "any", Purpose.CONVERSATIONAL, typed.who), said.now)
    except Refused as refused:
        return Recipient(name or "", Notice(refused.text, Tone.WARN), "", None)
    found = composer(tx, number.text, name, line, said, typed.later)
    doubts = objects.warnings(number.text, None, None, said.now) if contact is None else []
    about = ", ".join(filter(None, (name, found.there)))
    return Recipient(about, found.notice, joined(*(one["text"] for one in doubts)), found)
