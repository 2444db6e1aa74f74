"""What goes by itself: the page that shows it all, and what people do with one such text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import acceptance, schedules
from gateway.desk.waiting import waits
from gateway.domain import agenda_words, composer_words, refusal_words
from gateway.domain.decision_words import Clocks
from gateway.domain.message import Purpose, State, WaitingFor
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import conversations, lines, messages
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.agenda import agenda_of
from gateway.web.composer import FIELD_OF, Later, chosen, composer, later
from gateway.web.frame import page, times
from gateway.web.hands import hands
from gateway.web.present import Times, title
from gateway.web.rights import sees, visible_lines
from gateway.web.site import author, may, now, read, write
from gateway.web.threads import said_of

schedule_pages = Blueprint("schedule", __name__)

KEEP, NOW = "keep", "now"
"""Values of the field that leaves the time as it is, or drops it."""

# --- the page ----------------------------------------------------------------------------------------


@schedule_pages.get("/schedule")
@needs(Right.READ)
def show() -> ResponseReturnValue:
    theirs, after = request.args.get("clock") == "theirs", request.args.get("after")
    day, at, mine, seen = _day(request.args.get("day", "")), now(), hands(), visible_lines()

    def look(tx: Tx) -> dict[str, Any]:
        said = times(tx, at)
        return {
            "agenda": agenda_of(tx, said, mine, theirs=theirs, day=day, after=after, seen=seen),
            "done": _done_words(tx, said, request.args.get("did", ""), request.args.get("text", "")),
        }

    empty = agenda_words.EMPTY_FROM if day else agenda_words.EMPTY
    return page("schedule.html", theirs=theirs, day=day, after=after, empty=empty, **read(look))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _done_words(tx: Tx, said: Times, did: str, public_id: str) -> str:
    """What was just done with a text, as it is now."""
    row = messages.by_public_id(tx, public_id) if did in composer_words.DONE else None
    conversation = conversations.get(tx, row.conversation_id) if row is not None else None
    if row is None or conversation is None or not sees(row.line_id):
        return ""
    wait = waits(tx, [row], said.now).get(row.id)
    line = lines.get(tx, row.line_id)
    round_box = composer(tx, conversation.peer, conversation.name, line, said) if line is not None else None
    when = round_box.clocks.when(wait.until) if round_box and wait and wait.until else ""
    if did == "moved" and not when:
        did = "now"
    elif did == "urgent" and when:
        did = "moved"
    return composer_words.DONE[did].format(who=title(conversation.name, row.peer), when=when)


# --- one text ----------------------------------------------------------------------------------------


def _text(public_id: str) -> Row[Any]:
    """A text that went out or will, which whoever asks may change."""
    row = read(lambda tx: messages.by_public_id(tx, public_id))
    if row is None or row.purpose is None:
        abort(404)
    if not hands().may_change(row):
        abort(403, composer_words.NOT_YOURS)
    return row


def _back(row: Row[Any], did: str) -> ResponseReturnValue:
    """To the page that one came from."""
    if request.values.get("back") == "schedule":
        return redirect(url_for("schedule.show", did=did, text=row.public_id), 303)
    return redirect(url_for("conversations.show", public_id=row.conversation_public_id), 303)


@schedule_pages.get("/messages/<public_id>/change")
@needs(Right.SCHEDULE)
def change(public_id: str) -> ResponseReturnValue:
    return _change_page(_text(public_id))


def _change_page(
    row: Row[Any],
    status: int = 200,
    *,
    typed: str | None = None,
    later: Later | None = None,
    refused: str = "",
) -> Response:
    """The form; what was typed into one that came too late stands in it still."""

    def look(tx: Tx) -> dict[str, Any]:
        conversation, line = conversations.get(tx, row.conversation_id), lines.get(tx, row.line_id)
        if conversation is None or line is None:
            abort(404)
        said = times(tx, now())
        wait = waits(tx, [row], said.now).get(row.id)
        round_box = composer(tx, conversation.peer, conversation.name, line, said)
        return {
            "later": later or _as_it_is(row, round_box.clocks),
            "chosen": round_box.clocks.when(row.not_before) if row.not_before else "",
            "conversation": conversation,
            "line": line,
            "composer": round_box,
            "state": said_of(row, 0, said, wait, round_box.clocks),
            "is_timed": row.not_before is not None and row.not_before > said.now,
            "by_hours": wait is not None and wait.why is WaitingFor.QUIET_HOURS,
        }

    return page(
        "change.html",
        status,
        text=row,
        waits=row.state == State.QUEUED.value,
        fixed=refusal_words.REFUSALS["answers_by_itself"].text if schedules.is_fixed(row) else "",
        typed=row.body if typed is None else typed,
        refused=refused,
        at_once=request.form.get("when") == NOW,
        back=request.values.get("back", ""),
        not_entitled=composer_words.NOT_ENTITLED,
        may_hurry=may(Right.URGENT) and row.purpose != Purpose.MARKETING.value,
        **read(look),
    )


def _as_it_is(row: Row[Any], clocks: Clocks) -> Later:
    """A form that leaves the time as it is, the one that is chosen standing in its field: on their clock
    where it was chosen on that, else on ours."""
    cancel = row.cancel_if_answered
    if row.not_before is None:
        return Later(when=KEEP, cancel=cancel)
    is_theirs = row.schedule_zone in [zone.key for zone in clocks.theirs]
    wall = row.not_before.astimezone(ZoneInfo(row.schedule_zone) if is_theirs else clocks.here)
    clock = "theirs" if is_theirs else "ours"
    return Later(when=KEEP, at=f"{wall:%Y-%m-%dT%H:%M}", clock=clock, cancel=cancel)


@schedule_pages.post("/messages/<public_id>/change")
@needs(Right.SCHEDULE)
def save(public_id: str) -> ResponseReturnValue:
    row, who, timed = _text(public_id), author(), later(request.form)
    body = request.form.get("body", row.body).replace("\r\n", "\n")
    may_hurry = may(Right.URGENT)

    def act(tx: Tx, at: Any) -> None:
        line = lines.get(tx, row.line_id)
        assert line is not None  # a message has a line, and no line is ever deleted
        if timed.when != KEEP:
            when = chosen(tx, timed, line, row.peer, at)
            schedules.reschedule(tx, row.id, when, who, at, may_hurry=may_hurry)
        if body != row.body:
            schedules.edit(tx, row.id, body, who, at, may_hurry=may_hurry)
        if timed.cancel != row.cancel_if_answered:
            schedules.cancel_if_answered(tx, row.id, timed.cancel, who, at)

    return _do(row, act, "moved", body=body, later=timed)


@schedule_pages.post("/messages/<public_id>/send-now")
@needs(Right.SCHEDULE)
def send_now(public_id: str) -> ResponseReturnValue:
    row, who, may_hurry = _text(public_id), author(), may(Right.URGENT)
    return _do(row, lambda tx, at: schedules.send_now(tx, row.id, who, at, may_hurry=may_hurry), "moved")


@schedule_pages.post("/messages/<public_id>/urgent")
@needs(Right.URGENT)
def urgent(public_id: str) -> ResponseReturnValue:
    row, who, timed = _text(public_id), author(), later(request.form)

    def act(tx: Tx, at: Any) -> None:
        schedules.make_urgent(tx, row.id, timed.reason, who, at)
        if timed.when == NOW:
            schedules.send_now(tx, row.id, who, at, may_hurry=True)

    kept = replace(timed, when=KEEP, cancel=row.cancel_if_answered)
    return _do(row, act, "urgent", later=kept)


@schedule_pages.post("/messages/<public_id>/cancel")
@needs(Right.WRITE)
def cancel(public_id: str) -> ResponseReturnValue:
    row, who = read(lambda tx: messages.by_public_id(tx, public_id)), author()
    if row is None or row.purpose is None:
        abort(404)
    wait = read(lambda tx: waits(tx, [row], now())).get(row.id)
    if wait is not None and not hands().may_handle(row, wait):
        abort(403, composer_words.NOT_YOURS)
    return _do(row, lambda tx, at: acceptance.cancel(tx, row.id, who, at), "canceled")


def _do(
    row: Row[Any], act: Any, did: str, *, body: str | None = None, later: Later | None = None
) -> ResponseReturnValue:
    """Do something with a text that waits; where that is refused, say why, and keep what was typed."""
    try:
        write(act)
    except Refused as refused:
        where = FIELD_OF.get(refused.key) if later else None
        kept = replace(later, errors={where: refused.text} if where else {}) if later else None
        fresh = read(lambda tx: messages.get(tx, row.id)) or row
        said = "" if where else refused.text
        return _change_page(fresh, 409, typed=body, later=kept, refused=said)
    return _back(row, did)
