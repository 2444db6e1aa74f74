"""What happened since a page knew last, as one answer: for tabs that can have no event stream, for the count
in a window's title, and for what is told to somebody who does not look (desktop notifications).

Nobody is told of people who are blocked, of a flood, of what the network says, or of what they have read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.desk import ways
from gateway.domain import message_words
from gateway.domain.events import Event
from gateway.domain.labels import NOTICES
from gateway.domain.language import t, tn
from gateway.domain.message import Direction
from gateway.domain.people import Notify, Right
from gateway.store import conversation_list, conversations, events, messages, notes, reads
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.conversation_list import EMPTY
from gateway.web.known import mark
from gateway.web.present import title
from gateway.web.reader import reader
from gateway.web.shown import plainly
from gateway.web.site import now, read, site, visitor, write

news_pages = Blueprint("news", __name__)

FRESH = timedelta(minutes=15)
"""What is older is told to nobody: a computer that slept does not tell of the whole night."""
MOST_TOLD = 3
"""So many things are told each by itself, the newest; of the others how many they are."""
MOST_EVENTS = 500
"""So many events are looked at, the newest."""
MOST_WORDS = 120
"""Characters of a text in a notification."""
LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Told:
    """One notification: whose words, the words, and where they stand."""

    id: str
    title: str
    body: str
    href: str


@news_pages.get("/news")
@needs(Right.READ)
def news() -> ResponseReturnValue:
    """What happened after the event `after` and the change of presence `moved`."""
    me, at, wants = reader(), now(), Notify(visitor().notify)
    after, moved = _number("after"), _number("moved")
    people, moves = (
        site().presence.since(moved, me.lines) if moved is not None else ([], site().presence.last)
    )

    def look(tx: Tx) -> dict[str, Any]:
        found = list(_told(tx, me, wants, after, at)) if after is not None else []
        others = len(found) - MOST_TOLD
        return {
            "last": events.last_id(tx),
            "unread": conversation_list.unread_count(tx, me),
            "texts": [asdict(one) for one in found[-MOST_TOLD:]],
            "others": tn("{count} more is new", "{count} more are new", others) if others > 0 else "",
        }

    return {**read(look), "presence": people, "moved": moves}


@news_pages.post("/account/notify")
@needs(Right.READ)
def set_notify() -> ResponseReturnValue:
    """What they want to be told of while they do not look."""
    me, chosen = visitor().user_id, request.form.get("notify", "")
    if chosen not in set(Notify):
        abort(400)  # no form of ours says that
    write(lambda tx, at: ways.set_notify(tx, me, Notify(chosen), at))
    return redirect("/account#notify", 303)


def _number(name: str) -> int | None:
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_ID else None


def stream_name() -> str:
    """What tabs of one session share their stream by: nobody's session can be guessed from it."""
    return hashlib.sha256(f"stream {visitor().id_hash}".encode()).hexdigest()[:16]


# --- what is told ------------------------------------------------------------------------------------


def _told(tx: Tx, me: Reader, wants: Notify, after: int, at: datetime) -> Iterator[Told]:
    for event in events.after(tx, max(after, events.last_id(tx) - MOST_EVENTS), MOST_EVENTS):
        if wants is Notify.NOTHING or event.at < at - FRESH or event.conversation_id is None:
            continue
        if event.kind == Event.MESSAGE_RECEIVED:
            found = _text(tx, me, wants, event)
        elif event.kind == Event.CONVERSATION_CHANGED:
            found = _mention(tx, me, event)
        else:
            continue
        if found is not None:
            yield found


def _conversation(tx: Tx, me: Reader, event: Row[Any]) -> Row[Any] | None:
    """The conversation of an event, where they may see it."""
    row = conversations.get(tx, event.conversation_id)
    if row is None or (me.lines is not None and row.line_id not in me.lines):
        return None
    return row


def _text(tx: Tx, me: Reader, wants: Notify, event: Row[Any]) -> Told | None:
    row, text = _conversation(tx, me, event), messages.get(tx, event.message_id)
    if row is None or text is None or text.direction != Direction.INBOUND.value:
        return None
    is_silent = row.blocked_at is not None or row.flood_texts or text.label in NOTICES or text.twin_of_id
    is_mine = wants is Notify.ALL or (wants is Notify.MINE and row.assignee_id in (me.user_id, None))
    if is_silent or not is_mine or reads.upto(tx, me.user_id, row.id) >= text.id:
        return None
    who, known = plainly(title(row.name, row.peer)), mark(row)
    words = text.body or str(message_words.LABELS.get(text.label or "", EMPTY))
    return Told(
        id=text.public_id,
        title=t("{name} ({who})").format(name=who, who=known.words) if known else who,
        body=_short(words),
        href=f"/conversations/{row.public_id}",
    )


def _mention(tx: Tx, me: Reader, event: Row[Any]) -> Told | None:
    row = _conversation(tx, me, event)
    note = notes.speaking_to(tx, me.user_id, event.conversation_id, event.at)
    if row is None or note is None:
        return None
    return Told(
        id=note.public_id,
        title=t("{who} mentions you: {name}").format(
            who=plainly(note.author_name), name=plainly(title(row.name, row.peer))
        ),
        body=_short(note.body),
        href=f"/conversations/{row.public_id}",
    )


def _short(words: str) -> str:
    return plainly(words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS].rstrip()}…")
