"""The page of a thread: everything that stands on it, and what was just tried there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, request
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import carrying, newcomers, replies, undoing
from gateway.desk.newcomers import Arrived
from gateway.domain import composer_words, inbox_words
from gateway.domain.decision_words import Clocks
from gateway.domain.language import t, tn
from gateway.domain.message import Direction
from gateway.domain.people import Right
from gateway.store import (
    colleagues,
    consent,
    contacts,
    conversations,
    lines,
    messages,
    text_drafts,
    thread_places,
)
from gateway.store.database import Tx
from gateway.web import objects, thread_find
from gateway.web.composer import Later, composer
from gateway.web.contact_card import contact_card
from gateway.web.conversation_list import list_page
from gateway.web.frame import page, times
from gateway.web.hands import hands
from gateway.web.list_tools import Done, wanted
from gateway.web.presence import sentences
from gateway.web.present import Times, title
from gateway.web.reader import reader
from gateway.web.site import author, may, now, read, site, visitor
from gateway.web.thread_head import head
from gateway.web.threads import thread


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried on the page and did not go: words of a reply with the fields of its time, or of a note;
    the sentence why not. `urgent`: it was to go as urgent. `arrived`: it was stopped by what came."""

    reply: str = ""
    later: Later | None = None
    refused: str = ""
    note: str = ""
    note_refused: str = ""
    arrived: Arrived | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """What stands in the box for notes, and whether that is unfolded."""

    body: str
    open: bool


@dataclass(frozen=True, slots=True)
class News:
    """One thing that came meanwhile: who, how long ago, and the words."""

    who: str
    ago: str
    body: str
    is_note: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why Send was stopped: the sentence, and what came, the oldest first."""

    said: str
    news: tuple[News, ...]
    urgent: bool


def conversation(tx: Tx, public_id: str) -> Row[Any]:
    """A conversation by the id in its address; answers 404 where there is none."""
    row = conversations.by_public_id(tx, public_id)
    if row is None:
        abort(404)
    return row


def thread_page(public_id: str, status: int = 200, tried: Tried | None = None) -> Response:
    """The thread beside the list, with what was tried on it standing in its boxes again."""
    me, may_do, tried = visitor().user_id, hands(), tried or Tried()
    others = site().presence.others(public_id, me)

    def look(tx: Tx) -> dict[str, Any]:
        row = conversation(tx, public_id)
        return _everything(tx, row, tried, me, may_do, times(tx, now()))

    return page(
        "thread.html",
        status,
        later=tried.later or Later(),
        refused=tried.refused,
        note_refused=tried.note_refused,
        may_hurry=may_do.may_hurry,
        may_note=may(Right.NOTE),
        may_export=may(Right.CONTACT_EXPORT),
        may_block=may(Right.BLOCK),
        texts=composer_words,
        may_set_contact=may(Right.CONTACT_SET),
        others=sentences(others),
        **read(look),
    )


def _everything(tx: Tx, row: Row[Any], tried: Tried, me: int, may_do: Any, said: Times) -> dict[str, Any]:
    line, contact = lines.get(tx, row.line_id), contacts.get(tx, row.contact_id)
    round_box = composer(tx, row.peer, row.name, line, said, tried.later) if line is not None else None
    there = round_box.clocks if round_box else Clocks(said.now, said.zone)
    find = thread_find.find(tx, row.id, request.args.get("find", ""), request.args.get("at", ""))
    hit, oldest = (_text(tx, row, one) if one else None for one in _place(tx, row, find, said))
    drafts = text_drafts.of(tx, me, row.id)
    note = tried.note or drafts.get(text_drafts.NOTE, "")
    language = contact.language or "" if contact is not None else ""
    return {
        "list": list_page(tx, reader(), wanted(tx, request.args), said.now),
        "conversation": row,
        "contact_row": contact,
        "line": line,
        "no_reports": _no_reports(line),
        "thread": thread(tx, row, said, there, may_do, hit, oldest, language),
        "find": find,
        "words_found": find.words if find else (),
        "undoable": _undoable(tx, row, said),
        "head": head(tx, row, contact, me, said, consent.suppression(tx, row.peer) is not None),
        "composer": round_box,
        "contact": contact_card(tx, row, line),
        "closed": replies.closed(tx, row),
        "doubts": objects.warnings(row.peer, None, None, said.now) if "begun" in request.args else [],
        "typed": tried.reply or _words_of(tx, row) or drafts.get(text_drafts.REPLY, ""),
        "tried": tried.reply,
        "note_draft": NoteDraft(note, bool(tried.note_refused) or "note" in request.args),
        "people": [[one.username, one.name] for one in colleagues.on_line(tx, row.line_id) if one.id != me],
        "seen_up_to": str(newcomers.newest(tx, row)),
        "stopped": _stopped(tried, row, said) if tried.arrived else None,
    }


def _undoable(tx: Tx, row: Row[Any], said: Times) -> Done | None:
    """What the address says they just did with it, where that can be taken back."""
    act = request.args.get("done", "")
    if not may(Right.NOTE) or not undoing.can_undo(tx, row, act, author(), said.now):
        return None
    return Done(inbox_words.did(act, 1), act, (row.public_id,))


def _text(tx: Tx, row: Row[Any], public_id: str) -> Row[Any] | None:
    """The text with that id, or the one beside a note with that id."""
    beside = thread_places.text_before_note(tx, row.id, public_id)
    return messages.by_public_id(tx, beside or public_id)


def _place(tx: Tx, row: Row[Any], find: thread_find.Found | None, said: Times) -> tuple[str, str]:
    """The text the page is to hold, and the one it is to end before; empty for none."""
    if find is not None and find.at:
        return find.at, ""
    day = request.args.get("on", "")
    if day:
        return thread_find.on_day(tx, row.id, day, said), ""
    return request.args.get("at", ""), request.args.get("before", "")


def _words_of(tx: Tx, conversation: Row[Any]) -> str:
    """The words of a text that did not go, to be written anew."""
    public_id = request.args.get("use", "")
    row = messages.by_public_id(tx, public_id) if public_id else None
    return row.body if row is not None and row.conversation_id == conversation.id else ""


def _no_reports(line: Row[Any] | None) -> str:
    """Said where one writes on a line that is not told whether texts arrive."""
    if line is None or carrying.abilities(line).delivery_reports:
        return ""
    return composer_words.NO_REPORTS.format(line=line.name)


# --- stopped at Send ---------------------------------------------------------------------------------


def _stopped(tried: Tried, conversation: Row[Any], said: Times) -> Stopped:
    assert tried.arrived is not None
    them = title(conversation.name, conversation.peer)
    came = [
        (
            row.created_at,
            _wrote(row, them),
            News(_who(row, them), _ago(said, row.created_at), row.body, False),
        )
        for row in tried.arrived.texts
    ]
    came += [
        (
            row.created_at,
            t("{who} left a note {ago}. Read it before sending yours."),
            News(row.author_name, _ago(said, row.created_at), row.body, True),
        )
        for row in tried.arrived.notes
    ]
    came.sort(key=lambda one: one[0])
    _, sentence, last = came[-1]
    words = sentence.format(who=last.who, ago=last.ago)
    return Stopped(words, tuple(news for _, _, news in came), tried.urgent)


def _who(row: Row[Any], them: str) -> str:
    return them if row.direction == Direction.INBOUND.value else row.author_name or ""


def _wrote(row: Row[Any], them: str) -> str:
    if row.direction == Direction.INBOUND.value:
        return t("{who} wrote {ago}. Read it before sending yours.")
    return t("{who} answered {ago}. Read it before sending yours.")


def _ago(said: Times, at: datetime) -> str:
    seconds = int((said.now - at).total_seconds())
    if 0 < seconds < 60:
        return tn("{count} second ago", "{count} seconds ago", seconds)
    return said.ago(at)
