"""What the forms of the inbox and of a thread do with a conversation; a list of them at once as well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.desk import conversation_state as desk
from gateway.desk import office_hours, undoing, ways
from gateway.desk.drafts import Author
from gateway.domain import typed
from gateway.domain.conversation import Priority
from gateway.domain.hours import resolve
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import settings
from gateway.store.database import Tx
from gateway.web import rights
from gateway.web.access import needs
from gateway.web.list_tools import MOST_CHOSEN
from gateway.web.rights import conversation
from gateway.web.site import author, read, visitor, write

state_pages = Blueprint("conversation_state", __name__)

HOUR = timedelta(hours=1)

Change = Callable[[Tx, Row[Any], Author, datetime], object]
"""What is done with a conversation; False: it stood so already."""


@state_pages.post("/conversations/<public_id>/assign")
@needs(Right.NOTE)
def assign(public_id: str) -> ResponseReturnValue:
    return _one(public_id, _assigning())


@state_pages.post("/conversations/<public_id>/snooze")
@needs(Right.NOTE)
def snooze(public_id: str) -> ResponseReturnValue:
    return _one(public_id, _snoozing())


@state_pages.post("/conversations/<public_id>/close")
@needs(Right.NOTE)
def close(public_id: str) -> ResponseReturnValue:
    return _one(public_id, desk.close)


@state_pages.post("/conversations/<public_id>/reopen")
@needs(Right.NOTE)
def reopen(public_id: str) -> ResponseReturnValue:
    return _one(public_id, _reopening())


@state_pages.post("/conversations/<public_id>/priority")
@needs(Right.NOTE)
def set_priority(public_id: str) -> ResponseReturnValue:
    return _one(public_id, _pressing())


@state_pages.post("/conversations/<public_id>/tags")
@needs(Right.NOTE)
def tags(public_id: str) -> ResponseReturnValue:
    return _one(public_id, _untagging() if "remove" in request.form else _tagging())


@state_pages.post("/conversations/<public_id>/unread")
@needs(Right.READ)
def mark_unread(public_id: str) -> ResponseReturnValue:
    return _one(public_id, _unreading())


@state_pages.post("/conversations/bulk")
@needs(Right.NOTE)
def bulk() -> ResponseReturnValue:
    """The same with every conversation that is chosen in the list, all of them or none."""
    what, chosen = request.form.get("do", ""), request.form.getlist("id")
    what, _, given = what.partition(":")
    if what not in _BULK or len(chosen) > MOST_CHOSEN:
        abort(422)
    change = _BULK[what](given) if given else _BULK[what]()
    changed = _all(chosen, change)
    return redirect(_noting(_back(), what, changed) if changed else _back(), 303)


@state_pages.post("/account/ways")
@needs(Right.READ)
def set_ways() -> ResponseReturnValue:
    """Whether conversations may be given to them in turn, and whether single keys do things."""
    me, chosen = visitor().user_id, {name: name in request.form for name in ("available", "shortcuts")}
    actor = str(author())
    write(lambda tx, at: ways.set_ways(tx, me, **chosen, actor=actor, now=at))
    return redirect("/account#ways-card", 303)


# --- which change ------------------------------------------------------------------------------------


def _assigning(given: str | None = None) -> Change:
    to = request.form.get("to", "") if given is None else given
    if to not in ("", "me", "nobody") and not (to.isascii() and to.isdigit() and len(to) < 10):
        abort(422)
    user_id = visitor().user_id if to == "me" else int(to) if to.isdigit() else None
    return lambda tx, row, who, at: desk.assign(tx, row, user_id, who, at)


def _snoozing(given: str | None = None) -> Change:
    until, wall = given or request.form.get("until", ""), request.form.get("at", "")
    if until not in ("hour", "tomorrow", "monday", "reply", "at"):
        abort(422)
    return lambda tx, row, who, at: desk.snooze(tx, row, snoozed_until(tx, until, wall, at), who, at)


def _reopening(given: str | None = None) -> Change:
    why = given or request.form.get("why", "person")
    if why not in ("person", "undo"):
        abort(422)
    return lambda tx, row, who, at: desk.reopen(tx, row, why, who, at)


def _pressing(given: str | None = None) -> Change:
    try:
        priority = Priority(given or request.form.get("priority", ""))
    except ValueError:
        abort(422)
    return lambda tx, row, who, at: desk.set_priority(tx, row, priority, who, at)


def _tagging(given: str | None = None) -> Change:
    name = given or request.form.get("add", "")
    return lambda tx, row, who, at: desk.tag(tx, row, name, who, at)


def _untagging(given: str | None = None) -> Change:
    name = given or request.form.get("remove", "")
    return lambda tx, row, who, at: desk.untag(tx, row, name, who, at)


def _undoing(given: str = "") -> Change:
    if given not in undoing.ACTS:
        abort(422)
    return lambda tx, row, who, at: undoing.undo(tx, row, given, who, at)


def _unreading() -> Change:
    me = visitor().user_id
    return lambda tx, row, who, at: desk.mark_unread(tx, row, me, at)


_BULK: dict[str, Callable[..., Change]] = {
    "assign": _assigning,
    "snooze": _snoozing,
    "close": lambda: desk.close,
    "reopen": _reopening,
    "priority": _pressing,
    "tag": _tagging,
    "untag": _untagging,
    "unread": _unreading,
    "undo": _undoing,
}


def snoozed_until(tx: Tx, until: str, wall: str, now: datetime) -> datetime | None:
    """The time that a choice of the form means: one hour on; when the office opens tomorrow or on Monday, or
    next after that; a date and time (`wall`) in the office's zone; None: until they write.

    Raises:
        Refused: there is no such time.
    """
    if until == "reply":
        return None
    if until == "hour":
        return now + HOUR
    zone = ZoneInfo(settings.get(tx, "office.zone"))
    if until == "at":
        try:
            return resolve(typed.wall_clock(wall), zone)
        except typed.BadTime:
            raise Refused("no_time") from None
    days = 1 if until == "tomorrow" else 7 - now.astimezone(zone).weekday()
    found = office_hours.opens_on_or_after(office_hours.opening(tx), now, days)
    if found is None:
        raise Refused("no_opening")
    return found


# --- doing it ----------------------------------------------------------------------------------------


def _one(public_id: str, change: Change) -> ResponseReturnValue:
    _all([public_id], change)
    return redirect(_back(), 303)


def _all(public_ids: list[str], change: Change) -> list[str]:
    """Those that were changed: some may have stood so already."""
    who = author()
    read(lambda tx: [rights.conversation(tx, public_id) for public_id in public_ids])

    def act(tx: Tx, at: datetime) -> list[str]:
        return [
            public_id
            for public_id in public_ids
            if change(tx, conversation(tx, public_id), who, at) is not False
        ]

    try:
        return write(act)
    except Refused as refused:
        abort(409, refused.text)


def _back() -> str:
    """Where the form stood: a path of our own, else the inbox."""
    back = request.form.get("back", "")
    is_own = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    return back if is_own else "/"


def _noting(back: str, did: str, chosen: list[str]) -> str:
    """That path, saying what was done with which, so that the page offers to undo it."""
    parts = urlsplit(back)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("did", "of")]
    query = urlencode([*kept, ("did", did), ("of", ".".join(chosen))])
    return f"{parts.path}?{query}"
