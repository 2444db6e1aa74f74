"""What a program asks to have sent, as the desk knows it; and whether its token may ask for that.

What a token may do is looked at before, where the request is at hand; the rest runs in a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, g
from sqlalchemy import Row

from gateway.desk import chosen_times, drafts, schedules, templates
from gateway.desk.drafts import Author, Draft
from gateway.domain import segments
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Kind, Schedule
from gateway.store.database import Tx
from gateway.web.schemas_requests import LONGEST_BODY, OF_OFFICE, OF_RECIPIENT

_SECOND = timedelta(seconds=1)

# --- what the token may do ---------------------------------------------------------------------------


def caller() -> Author:
    """The token of this request, as the author of what it does."""
    return Author("token", g.token.id, g.token.name)


def purposes() -> frozenset[str]:
    """The purposes of texts that the token of this request may send, and change."""
    return frozenset(g.token.purposes)


def check_purpose(purpose: str, allowed: frozenset[str]) -> None:
    """Raises:
    Refused: texts of that purpose are not this token's.
    """
    if purpose not in allowed:
        raise Refused("purpose", purpose=purpose, allowed=", ".join(sorted(allowed)) or "none")


def may_override() -> bool:
    """Whether the token of this request may send at night."""
    return has(Scope.MESSAGES_OVERRIDE)


def has(scope: Scope) -> bool:
    """Whether the token of this request has that scope."""
    return scope.value in g.token.scopes


def check_override(wanted: Mapping[str, Any]) -> None:
    """Only a token with the scope for it sends at night; answers 403 for others."""
    if wanted["quiet_hours"] == "override" and not may_override():
        abort(
            403, f"This token lacks the scope {Scope.MESSAGES_OVERRIDE}, which overriding quiet hours needs."
        )


def check_early(wanted: Mapping[str, Any]) -> None:
    """What can be said of a new text without the store is said before the writer's time is taken.

    Raises:
        Refused: its purpose is not this token's, or it is too long for any line.
    """
    purpose: Purpose = wanted["purpose"]
    check_purpose(purpose.value, purposes())
    check_override(wanted)
    check_length(wanted["body"] or "")


def check_length(body: str) -> None:
    """Raises:
    Refused: it is too long for any line, or no text.
    """
    if len(body) > LONGEST_BODY:
        try:
            segments.segment(body)
        except segments.TooLong as error:
            raise Refused("too_long", count=error.count) from None
        except ValueError:
            raise Refused("not_text") from None


# --- in a transaction --------------------------------------------------------------------------------


def draft(tx: Tx, wanted: Mapping[str, Any], author: Author, now: datetime) -> tuple[Row[Any], Draft]:
    """The line and the text that are asked for.

    Raises:
        Refused: there is no such line, number, template or time, or a place of the template has no value.
    """
    line = drafts.choose_line(tx, wanted["line"])
    number = drafts.parse_number(tx, wanted["to"], line)
    urgent = wanted["quiet_hours"] == "override"
    return line, Draft(
        to=number,
        body=_body(tx, wanted, number.text, line, author),
        purpose=wanted["purpose"],
        author=author,
        send_by=wanted["send_by"],
        on_unconfirmed=wanted["on_unconfirmed"],
        reference=wanted["reference"],
        when=chosen_time(tx, wanted, line, number.text, now),
        cancel_if_answered=wanted["cancel_if_answered"],
        priority=wanted["priority"],
        urgent_reason=schedules.urgent_reason(wanted["reason"]) if urgent else None,
    )


def _body(tx: Tx, wanted: Mapping[str, Any], number: str, line: Row[Any], author: Author) -> str:
    """The words that are asked for, or those of a template."""
    if wanted["template"] is None:
        return str(wanted["body"])
    return templates.rendered(tx, wanted["template"], wanted["vars"], number, line, author)


def chosen_time(
    tx: Tx, wanted: Mapping[str, Any], line: Row[Any], number: str, now: datetime
) -> Schedule | None:
    """The time that is asked for; None for as soon as the rules allow.

    Raises:
        Refused: there is no such time, or it lies in the past or too far ahead.
    """
    instant: datetime | None = wanted.get("scheduled_at")
    if instant is not None:
        if instant <= now:
            raise Refused("time_past")
        wall = _whole_second(instant.astimezone(UTC).replace(tzinfo=None))
        return chosen_times.choose(tx, Kind.AT, line, number, now, wall, "UTC")
    asked: Mapping[str, str] | None = wanted.get("schedule")
    if asked is None:
        return None
    if "when" in asked:
        return chosen_times.choose(tx, Kind(asked["when"]), line, number, now)
    wall = datetime.fromisoformat(asked["at"])
    if asked["zone"] == OF_RECIPIENT:
        return chosen_times.choose_theirs(tx, line, number, now, wall)
    zone = None if asked["zone"] == OF_OFFICE else asked["zone"]
    return chosen_times.choose(tx, Kind.AT, line, number, now, wall, zone)


def _whole_second(at: datetime) -> datetime:
    """The first whole second, as times are kept, that is not before that time."""
    whole = at.replace(microsecond=0)
    return whole if whole == at or at > datetime.max - _SECOND else whole + _SECOND
