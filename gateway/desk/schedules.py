"""What people do with texts that wait: move them, change their words, call them urgent; and what the program
does with them when somebody writes first, or the rules have changed. When they may go: `chosen_times`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import conversation_state, deciding, encoding
from gateway.desk.chosen_times import renewed
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone, schedule
from gateway.domain.events import Event
from gateway.domain.message import Purpose, State, WaitingFor
from gateway.domain.message_words import STANDS
from gateway.domain.policy import Decision, Refuse, WaitUntil
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Schedule
from gateway.domain.typed import one_line
from gateway.store import decisions, events, lines, messages, outbox, schedules, team
from gateway.store.database import Tx

THEY_WROTE_FIRST = "they_wrote_first"
"""Reason shown on a text that was to go only if nothing was heard before."""

_LONGEST_REASON = 200


# --- what people change ------------------------------------------------------------------------------


def reschedule(
    tx: Tx, message_id: int, when: Schedule | None, who: Author, now: datetime, *, may_hurry: bool = False
) -> Decision:
    """Let a waiting text go at another time; None: as soon as the rules allow. An urgent one stays so only
    if who moves it may call it urgent (`may_hurry`): the reason was given for another time.

    Raises:
        Refused: it is on its way or over, or would then never go in time; nothing was changed.
    """
    message = _waiting(tx, message_id)
    before = _stored(message)
    messages.change(tx, message_id, **(when.columns() if when else schedule.UNSCHEDULED))
    _keep_urgent(tx, message, who, now, may_hurry)
    return _changed(tx, message, "reschedule", who, now, before=_told(before), after=_told(when))


def send_now(tx: Tx, message_id: int, who: Author, now: datetime, *, may_hurry: bool = False) -> Decision:
    """Let a waiting text go as soon as the rules allow: quiet hours still hold it. `may_hurry`: see
    `reschedule`.

    Raises:
        Refused: it is on its way or over; nothing was changed.
    """
    return reschedule(tx, message_id, None, who, now, may_hurry=may_hurry)


def edit(
    tx: Tx, message_id: int, body: str, who: Author, now: datetime, *, may_hurry: bool = False
) -> Decision:
    """Give a waiting text other words. A lane that was about to send the old ones finds that it may not.
    `may_hurry`: see `reschedule`; the reason was given for other words.

    Raises:
        Refused: something of it was tried, it is over, or its line cannot carry it; nothing was changed.
    """
    message = _waiting(tx, message_id)
    if schedules.was_tried(tx, message_id):
        raise Refused("was_tried")
    line = _line(tx, message)
    encoded = encoding.encode(tx, line, _draft(message, body), now)
    schedules.replace_parts(tx, message_id, encoded.tpdus)
    messages.change_body(tx, message_id, encoded.body)
    messages.change(tx, message_id, **encoded.columns())
    _keep_urgent(tx, message, who, now, may_hurry)
    # the audit log is for good, and customers' texts are not: it says that it was edited, not the words
    before, after = {"segments": message.segments}, {"segments": len(encoded.tpdus)}
    return _changed(tx, message, "edit", who, now, before=before, after=after)


def useful_until(tx: Tx, message_id: int, send_by: datetime | None, who: Author, now: datetime) -> Decision:
    """Say until when a waiting text is useful; None: at any time. The network is told so too.

    Raises:
        Refused: the time has passed, it would never go in time, something of it was tried, or it is over;
            nothing was changed.
    """
    message = _waiting(tx, message_id)
    if schedules.was_tried(tx, message_id):
        raise Refused("was_tried")
    if send_by is not None and send_by <= now:
        raise Refused("send_by_past")
    messages.change(tx, message_id, send_by=send_by)
    found = messages.get(tx, message_id) or message
    encoded = encoding.encode(tx, _line(tx, found), _draft(found, found.body), now)
    schedules.replace_parts(tx, message_id, encoded.tpdus)
    before, after = _iso(message.send_by), _iso(send_by)
    return _changed(tx, found, "send_by", who, now, before={"send_by": before}, after={"send_by": after})


def cancel_if_answered(tx: Tx, message_id: int, cancel: bool, who: Author, now: datetime) -> Decision:
    """Say whether a waiting text is canceled when they write before it goes; what they wrote already does not
    count.

    Raises:
        Refused: it is on its way or over; nothing was changed.
    """
    message = _waiting(tx, message_id)
    messages.change(tx, message_id, cancel_if_answered=cancel)
    before, after = message.cancel_if_answered, cancel
    changed = {"before": {"cancel": before}, "after": {"cancel": after}}
    return _changed(tx, message, "cancel_if_answered", who, now, **changed)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def make_urgent(tx: Tx, message_id: int, reason: str, who: Author, now: datetime) -> Decision:
    """Let a waiting text go at night, for a reason that is kept. A time that was chosen for it still holds.

    Raises:
        Refused: no reason was given, it is marketing, on its way or over; nothing was changed.
    """
    why = urgent_reason(reason)
    message = _waiting(tx, message_id)
    if message.purpose == Purpose.MARKETING.value:
        raise Refused("urgent_marketing")
    messages.change(tx, message_id, urgent_reason=why)
    before, after = {"reason": message.urgent_reason}, {"reason": why}
    return _changed(tx, message, "urgent", who, now, before=before, after=after)


def _keep_urgent(tx: Tx, message: Row[Any], who: Author, now: datetime, may_hurry: bool) -> None:
    """What somebody changed who may call nothing urgent is not urgent any more, which the audit log says."""
    if message.urgent_reason is None or may_hurry:
        return
    messages.change(tx, message.id, urgent_reason=None)
    schedules.note_change(tx, message.id, now, "not_urgent", str(who))
    before, after = {"reason": message.urgent_reason}, {"reason": None}
    team.note(tx, now, str(who), "message.not_urgent", message.public_id, before=before, after=after)


def urgent_reason(typed: str) -> str:
    """A reason as it is kept.

    Raises:
        Refused: it is empty, or longer than 200 characters.
    """
    why = one_line(typed)
    if not 0 < len(why) <= _LONGEST_REASON:
        raise Refused("no_reason", most=_LONGEST_REASON)
    return why


def is_fixed(message: Row[Any]) -> bool:
    """Whether a text answers by itself, as the confirmation of a STOP does: other words, or another time,
    would reach somebody who may want nothing more, so all that people may do with it is cancel it."""
    return message.rule is not None or message.purpose == Purpose.COMPLIANCE.value


def _waiting(tx: Tx, message_id: int) -> Row[Any]:
    """A text that waits: nothing of it is on its way."""
    message = messages.get(tx, message_id)
    if message is None:
        raise Refused("not_changeable", state=STANDS["gone"])
    if message.state == State.SENDING.value:
        raise Refused("on_its_way")
    if message.state != State.QUEUED.value:
        raise Refused("not_changeable", state=STANDS[message.state])
    if is_fixed(message):
        raise Refused("answers_by_itself")
    if message.waiting_for in _FIRST:
        raise Refused(_FIRST[message.waiting_for])
    return message


_FIRST = {
    WaitingFor.APPROVAL.value: "waits_for_approval",
    WaitingFor.DOUBT.value: "waits_for_a_look",
}
"""What people have to decide before a text can be changed: it would go without their decision."""


def _changed(
    tx: Tx,
    message: Row[Any],
    what: str,
    who: Author,
    now: datetime,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> Decision:
    """Decide anew about a text that somebody changed, and keep who changed what."""
    decision = _decide(tx, message.id, now)
    if isinstance(decision, Refuse):
        outbox.end(tx, message.id, decision.state, now, decision.reason)
    else:
        until = decision.until if isinstance(decision, WaitUntil) else None
        if until is not None and message.send_by is not None and until > message.send_by:
            raise Refused("never_in_time")
        placed = deciding.placed(decision, Purpose(message.purpose), now)
        messages.change(tx, message.id, **(placed | _paused(message, placed["due_at"])))
    deciding.note(tx, message.id, decision, now)
    schedules.note_change(tx, message.id, now, what, str(who))
    team.note(tx, now, str(who), f"message.{what}", message.public_id, before=before, after=after)
    _event(tx, message, now)
    return decision


def _paused(message: Row[Any], due_at: datetime) -> dict[str, Any]:
    """Columns of a text that was refused and is tried again later: people do not shorten that pause."""
    if message.waiting_for not in _PAUSES or message.due_at <= due_at:
        return {}
    return {"due_at": message.due_at, "waiting_for": message.waiting_for}


_PAUSES = (WaitingFor.RETRY.value, WaitingFor.LINE.value)


def _decide(tx: Tx, message_id: int, now: datetime) -> Decision:
    message = messages.get(tx, message_id)
    if message is None:
        raise LookupError(f"message {message_id} is not there")
    return deciding.decide(tx, deciding.about(tx, message, now), _line(tx, message), now)


def _line(tx: Tx, message: Row[Any]) -> Row[Any]:
    line = lines.get(tx, message.line_id)
    if line is None:
        raise LookupError(f"message {message.id} has no line")
    return line


def _draft(message: Row[Any], body: str) -> Draft:
    return Draft(
        to=phone.from_network(message.peer, is_name=False),
        body=body,
        purpose=Purpose(message.purpose),
        author=Author(message.author_kind, message.author_id, message.author_name),
        send_by=message.send_by,
        rule=message.rule,
    )


def _stored(message: Row[Any]) -> Schedule | None:
    return schedule.stored(message.not_before, message.schedule, message.schedule_wall, message.schedule_zone)


def _told(when: Schedule | None) -> dict[str, Any] | None:
    return None if when is None else {**when.columns(), "not_before": when.at.isoformat()}


def _event(tx: Tx, message: Row[Any], now: datetime) -> None:
    events.record(
        tx,
        Event.MESSAGE_CHANGED,
        now,
        line_id=message.line_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
    )


# --- what happens meanwhile --------------------------------------------------------------------------


def they_wrote(tx: Tx, conversation_id: int, now: datetime) -> None:
    """Somebody wrote: what was to go only if nothing was heard from them does not go, by whatever line."""
    for message_id in schedules.if_unanswered(tx, conversation_id):
        outbox.end(tx, message_id, State.CANCELED, now, THEY_WROTE_FIRST)


def _told_until(tx: Tx, message: Row[Any]) -> datetime | None:
    """Until when the newest decision about a text lets it wait; None where nobody can tell."""
    newest = next(reversed(decisions.of_message(tx, message.id)), None)
    return newest.until if newest is not None else None


def decide_anew(tx: Tx, message_id: int, now: datetime) -> bool:
    """Decide anew about a text that the rules hold, or let go; returns whether anything changed.

    A time that was meant by a wall clock is looked up again, for its zone may have other rules by now.
    """
    message = messages.get(tx, message_id)
    if message is None or message.state != State.QUEUED.value:
        return False
    if message.waiting_for is not None and WaitingFor(message.waiting_for) not in schedules.BY_RULES:
        return False
    before = _stored(message)
    meant = renewed(tx, before, _line(tx, message), message.peer, now) if before else None
    if meant == before or meant is None:
        decision = deciding.decide(tx, deciding.about(tx, message, now), _line(tx, message), now)
    else:
        messages.change(tx, message_id, **meant.columns())
        decision = _decide(tx, message_id, now)
    if isinstance(decision, Refuse):
        outbox.end(tx, message_id, decision.state, now, decision.reason)
        conversation_state.text_failed(tx, message_id, now)
        deciding.note(tx, message_id, decision, now)
        return True
    if isinstance(decision, WaitUntil):
        told = message.due_at if decision.until else _told_until(tx, message)
        if decision.why.value == message.waiting_for and decision.until == told:
            return meant != before
        deciding.hold(tx, message, decision, now)
        return True
    if message.waiting_for is None:
        return meant != before
    messages.change(tx, message_id, due_at=now, waiting_for=None)
    _event(tx, message, now)
    return True
