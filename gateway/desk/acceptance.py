"""The one door for everything that goes out: what passes `accept` is promised, until somebody cancels it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import conversation_state, deciding
from gateway.desk.conversations import find_or_open
from gateway.desk.drafts import Author, Draft, about
from gateway.desk.encoding import encode
from gateway.domain import phone
from gateway.domain.events import Event
from gateway.domain.language import Day
from gateway.domain.message import Direction, Purpose, State, rank_of
from gateway.domain.message_words import STANDS
from gateway.domain.policy import Decision, Refuse, SendNow, WaitUntil
from gateway.domain.refusal_words import Refused
from gateway.store import consent, conversations, events, messages, outbox, team, turns
from gateway.store.database import Tx


def check(tx: Tx, line: Row[Any], draft: Draft, now: datetime) -> Decision:
    """What is decided about a text somebody wants sent; `accept` asks this, and whoever only wants to know.

    Raises:
        Refused: it may not be sent; that its line can carry it is `carrying.cut`'s to say.
    """
    if not draft.body.strip():
        raise Refused("empty")
    if not draft.to.can_be_texted:
        raise cannot_be_texted(draft.to)
    if draft.to.text in phone.EMERGENCY:
        raise Refused("emergency", number=draft.to.text)
    if draft.to.text == line.number:
        raise Refused("own_number", line=line.name)
    if draft.send_by is not None and draft.send_by <= now:
        raise Refused("send_by_past")
    if draft.purpose is not Purpose.COMPLIANCE or draft.author.kind != "rule":
        check_consent(tx, draft.to.text)
    if draft.urgent_reason is not None and draft.purpose is Purpose.MARKETING:
        raise Refused("urgent_marketing")
    decision = deciding.decide(tx, about(draft, now), line, now)
    if isinstance(decision, Refuse) and decision.state is State.BLOCKED:
        raise Refused(decision.reason, number=draft.to.text)
    _check_in_time(draft, decision)
    return decision


def accept(tx: Tx, line: Row[Any], draft: Draft, now: datetime) -> int:
    """Take a text to be sent: message, encoded parts and event, in this transaction. Returns its id.

    Raises:
        Refused: it may not or cannot be sent; nothing was stored.
    """
    decision = check(tx, line, draft, now)
    encoded = encode(tx, line, draft, now)
    conversation_id = find_or_open(tx, line.id, draft.to, now)
    priority = draft.priority or conversations.priority(tx, conversation_id)
    message_id = messages.add(
        tx,
        now,
        conversation_id=conversation_id,
        line_id=line.id,
        direction=Direction.OUTBOUND.value,
        purpose=draft.purpose.value,
        state=State.QUEUED.value,
        peer=draft.to.text,
        **encoded.columns(),
        author_kind=draft.author.kind,
        author_id=draft.author.id,
        author_name=draft.author.name,
        **deciding.placed(decision, draft.purpose, now),
        priority=priority.value,
        **(draft.when.columns() if draft.when else {}),
        cancel_if_answered=draft.cancel_if_answered,
        urgent_reason=draft.urgent_reason,
        send_by=draft.send_by,
        on_unconfirmed=draft.on_unconfirmed,
        reference=draft.reference,
        resend_of_id=draft.resend_of_id,
        reply_to_id=draft.reply_to_id,
        rule=draft.rule,
    )
    outbox.add_parts(tx, message_id, encoded.tpdus)
    if isinstance(decision, SendNow) and (draft.purpose is Purpose.CONVERSATIONAL or draft.priority):
        rank = rank_of(draft.purpose, held=False)
        turns.hurry_earlier(tx, conversation_id, message_id, rank, priority, now)
    deciding.note(tx, message_id, decision, now)
    if draft.urgent_reason is not None:
        _note_urgent(tx, message_id, draft, now)
    _note_outbound(tx, conversation_id, message_id, draft, now)
    events.record(
        tx,
        Event.MESSAGE_QUEUED,
        now,
        line_id=line.id,
        conversation_id=conversation_id,
        message_id=message_id,
    )
    return message_id


def _note_urgent(tx: Tx, message_id: int, draft: Draft, now: datetime) -> None:
    """Keep in the audit log who called a text urgent, and why."""
    message = messages.get(tx, message_id)
    target, after = message.public_id if message is not None else "", {"reason": draft.urgent_reason}
    team.note(tx, now, str(draft.author), "message.urgent", target, before=None, after=after)


def _check_in_time(draft: Draft, decision: Decision) -> None:
    """Refuse what could only go when it has become useless."""
    until = decision.until if isinstance(decision, WaitUntil) else None
    if until is not None and draft.send_by is not None and until > draft.send_by:
        raise Refused("never_in_time")


def cannot_be_texted(number: phone.Number) -> Refused:
    if number.kind is phone.Kind.WITHHELD:
        return Refused("withheld")
    if number.kind is phone.Kind.UNKNOWN:
        return Refused("unplaced", number=number.text)
    return Refused("cannot_answer", name=number.text)


def check_consent(tx: Tx, number: str) -> None:
    suppression = consent.suppression(tx, number)
    if suppression is not None:
        raise Refused("opted_out", since=Day(suppression.since))


def _note_outbound(tx: Tx, conversation_id: int, message_id: int, draft: Draft, now: datetime) -> None:
    changes: dict[str, Any] = {"last_message_id": message_id, "last_message_at": now}
    if draft.author.kind == "person":
        changes.update(waiting_since=None, seen_message_id=message_id)
    conversations.change(tx, conversation_id, **changes)
    if draft.author.kind == "person":
        conversation_state.somebody_wrote(tx, conversation_id, draft.author, now)


def cancel(tx: Tx, message_id: int, author: Author, now: datetime) -> None:
    """Cancel a text that waits; of one of which a part went, the rest.

    Raises:
        Refused: it is on its way or over.
    """
    message = messages.get(tx, message_id)
    interrupted = message is not None and message.state == State.SENDING.value and message.waiting_for
    if message is None or (message.state != State.QUEUED.value and not interrupted):
        raise Refused("not_waiting", state=STANDS[message.state if message else "gone"])
    outbox.end(tx, message_id, State.CANCELED, now, "canceled", str(author))
