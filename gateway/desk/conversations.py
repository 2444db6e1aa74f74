"""What staff and programs do to conversations: write, reply, decide about unclear texts, cancel, read.

`accept` is the one door for everything that goes out: what passes it is promised.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import carrying, deciding, validity
from gateway.domain import pdu, phone
from gateway.domain.events import Event
from gateway.domain.message import Direction, PartState, Purpose, Rank, State
from gateway.domain.policy import Decision, SendNow, WaitUntil
from gateway.domain.schedule import Schedule
from gateway.domain.wording import Refused, list_of
from gateway.store import (
    consent,
    contacts,
    conversations,
    events,
    lines,
    messages,
    outbox,
    settings,
    team,
    turns,
)
from gateway.store.database import Tx

SENT_AGAIN = "sent_again"
"""Reason shown on a text that was sent once more."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who is behind an outbound text. `kind`: person, token, rule or command."""

    kind: str
    id: int | None
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text somebody wants sent. `to` is a canonical number; times are aware."""

    to: phone.Number
    body: str
    purpose: Purpose
    author: Author
    send_by: datetime | None = None
    on_unconfirmed: str = "ask"
    reference: str | None = None
    resend_of_id: int | None = None
    reply_to_id: int | None = None
    rule: str | None = None
    when: Schedule | None = None
    cancel_if_answered: bool = False
    urgent_reason: str | None = None


def choose_line(tx: Tx, name: str | None) -> Row[Any]:
    """The line to send by: the named one, or the only one there is.

    Raises:
        Refused: there is none, no such one, or several and none was named.
    """
    if name is not None:
        found = lines.by_name(tx, name)
        if found is None:
            raise Refused("unknown_line", name=name, names=list_of([line.name for line in lines.every(tx)]))
        return found
    every = lines.every(tx)
    if not every:
        raise Refused("no_lines")
    if len(every) > 1:
        raise Refused("which_line", names=list_of([line.name for line in every]))
    return every[0]


def parse_number(tx: Tx, text: str, line: Row[Any]) -> phone.Number:
    """A number as typed, read with the line's or the office's country.

    Raises:
        Refused: it cannot be texted; the sentence says why.
    """
    country = line.country or settings.get(tx, "office.country") or None
    try:
        return phone.parse(text, country)
    except phone.NotANumber as error:
        raise Refused("bad_number", detail=str(error)) from None


def check(tx: Tx, line: Row[Any], draft: Draft, now: datetime) -> Decision:
    """What is decided about a text somebody wants sent; `accept` asks this, and whoever only wants to know.

    Raises:
        Refused: it may not be sent; that its line can carry it is `carrying.cut`'s to say.
    """
    if not draft.body.strip():
        raise Refused("empty")
    if not draft.to.can_be_texted:
        raise _cannot_be_texted(draft.to)
    if draft.to.text in phone.EMERGENCY:
        raise Refused("emergency", number=draft.to.text)
    if draft.to.text == line.number:
        raise Refused("own_number", line=line.name)
    if draft.send_by is not None and draft.send_by <= now:
        raise Refused("send_by_past")
    if draft.purpose is not Purpose.COMPLIANCE or draft.author.kind != "rule":
        _check_consent(tx, draft.to.text)
    if draft.urgent_reason is not None and draft.purpose is Purpose.MARKETING:
        raise Refused("urgent_marketing")
    decision = deciding.decide(tx, about(draft, now), line, now)
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
    if isinstance(decision, SendNow) and draft.purpose is Purpose.CONVERSATIONAL:
        turns.hurry_earlier(tx, conversation_id, message_id, Rank.ANSWER, now)
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


def about(draft: Draft, now: datetime) -> deciding.About:
    """What is decided about a text that is not accepted yet."""
    return deciding.About(
        purpose=draft.purpose,
        number=draft.to.text,
        written_at=now,
        not_before=draft.when.at if draft.when else None,
        send_by=draft.send_by,
        urgent=draft.urgent_reason is not None,
        answers=draft.reply_to_id is not None,
    )


def _check_in_time(draft: Draft, decision: Decision) -> None:
    """Refuse what could only go when it has become useless."""
    until = decision.until if isinstance(decision, WaitUntil) else None
    if until is not None and draft.send_by is not None and until > draft.send_by:
        raise Refused("never_in_time")


def _cannot_be_texted(number: phone.Number) -> Refused:
    if number.kind is phone.Kind.WITHHELD:
        return Refused("withheld")
    if number.kind is phone.Kind.UNKNOWN:
        return Refused("unplaced", number=number.text)
    return Refused("cannot_answer", name=number.text)


def _check_consent(tx: Tx, number: str) -> None:
    suppression = consent.suppression(tx, number)
    if suppression is not None:
        raise Refused("opted_out", since=f"{suppression.since:%d %B %Y}".lstrip("0"))


def _cut(line: Row[Any], draft: Draft) -> tuple[Draft, carrying.Cut]:
    """The text as it will be sent, in parts; a rule's answer has nobody who could write it anew."""
    if draft.rule is None:
        return draft, carrying.cut(line, draft.body)
    body, cut = carrying.cut_anyhow(line, draft.body)
    return replace(draft, body=body), cut


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as it goes out: its words, the alphabet they are written in, and a PDU for each part."""

    body: str
    alphabet: str
    tpdus: list[bytes]
    report_wanted: bool

    def columns(self) -> dict[str, Any]:
        """As it is stored with a message."""
        return {
            "body": self.body,
            "alphabet": self.alphabet,
            "segments": len(self.tpdus),
            "report_wanted": self.report_wanted,
        }


def encode(tx: Tx, line: Row[Any], draft: Draft, now: datetime) -> Encoded:
    """Cut and encode a text for its line.

    Raises:
        Refused: it is empty, or the line cannot carry it; the sentence says what is in the way.
    """
    if not draft.body.strip():
        raise Refused("empty")
    draft, cut = _cut(line, draft)
    report = carrying.abilities(line).delivery_reports
    return Encoded(draft.body, cut.alphabet.value, _tpdus(tx, draft, cut, report, now), report)


def _tpdus(tx: Tx, draft: Draft, cut: carrying.Cut, report: bool, now: datetime) -> list[bytes]:
    total = len(cut.texts)
    joined = cut.joined and total > 1
    reference = outbox.next_reference(tx, draft.to.text, secrets.randbelow(256)) if joined else 0
    return [
        pdu.encode_submit(
            draft.to.text,
            text,
            alphabet=cut.alphabet,
            concat=pdu.Concat(reference, total, sequence) if joined else None,
            report=report,
            validity=validity.asked_for(draft.send_by, now),  # told anew when it leaves
        )
        for sequence, text in enumerate(cut.texts, start=1)
    ]


def find_or_open(tx: Tx, line_id: int, number: phone.Number, now: datetime) -> int:
    """Id of the conversation with a number on a line; a new one is opened, with a new contact if need be."""
    contact_id = contacts.find_or_add(tx, number, now)
    found = conversations.find(tx, line_id, contact_id)
    if found is not None:
        return int(found.id)
    conversation_id = conversations.add(tx, line_id, contact_id, number.text, now)
    events.record(tx, Event.CONVERSATION_OPENED, now, line_id=line_id, conversation_id=conversation_id)
    return conversation_id


def _note_outbound(tx: Tx, conversation_id: int, message_id: int, draft: Draft, now: datetime) -> None:
    changes: dict[str, Any] = {"last_message_id": message_id, "last_message_at": now}
    if draft.author.kind == "person":
        changes.update(waiting_since=None, seen_message_id=message_id)
    conversations.change(tx, conversation_id, **changes)


def closed(tx: Tx, conversation: Row[Any]) -> Refused | None:
    """Why nobody can write in a conversation now; None when they can."""
    number = phone.Number(conversation.peer, phone.Kind(conversation.peer_kind))
    if not number.can_be_texted:
        return _cannot_be_texted(number)
    try:
        _line_in_use(tx, conversation.line_id)
        _check_consent(tx, number.text)
    except Refused as refused:
        return refused
    return None


def reply(
    tx: Tx,
    conversation: Row[Any],
    body: str,
    author: Author,
    now: datetime,
    *,
    when: Schedule | None = None,
    cancel_if_answered: bool = False,
    urgent_reason: str | None = None,
) -> int:
    """A person answers in a conversation, by the line it is held on. Returns the message's id.

    Raises:
        Refused: see `accept`.
    """
    line = _line_in_use(tx, conversation.line_id)
    draft = Draft(
        phone.Number(conversation.peer, phone.Kind(conversation.peer_kind)),
        body,
        Purpose.CONVERSATIONAL,
        author,
        when=when,
        cancel_if_answered=cancel_if_answered,
        urgent_reason=urgent_reason,
    )
    return accept(tx, line, draft, now)


def send_again(tx: Tx, message_id: int, author: Author, now: datetime) -> int:
    """A person decides that a text which may not have gone, or failed, is sent again. Returns the new id.

    The old text keeps its state, which a late report may still better, and is no longer asked about.

    Raises:
        Refused: it is neither unconfirmed, failed, undelivered nor expired, or was sent again; see `accept`.
    """
    message = messages.get(tx, message_id)
    again = {State.UNCONFIRMED, State.FAILED, State.UNDELIVERED, State.EXPIRED}
    if message is None or State(message.state) not in again:
        raise Refused("not_unconfirmed", state=message.state if message else "gone")
    if outbox.was_sent_again(tx, message_id):
        raise Refused("sent_again")
    return repeat(tx, message, author, now)


def repeat(tx: Tx, message: Row[Any], author: Author, now: datetime) -> int:
    """Send the whole text once more, as another message that says what it repeats. Returns its id.

    A rule repeats what its author wanted; a person decides anew whether it is urgent and until when useful.

    Raises:
        Refused: see `accept`; nothing was changed.
    """
    by_rule = author.kind == "rule"
    draft = Draft(
        to=phone.from_network(message.peer, is_name=False),
        body=message.body,
        purpose=Purpose(message.purpose),
        author=author,
        send_by=message.send_by if by_rule else None,  # a person who sends it late wants it
        reply_to_id=message.reply_to_id if by_rule else None,
        urgent_reason=message.urgent_reason if by_rule else None,
        reference=message.reference,
        resend_of_id=message.id,
    )
    new_id = accept(tx, _line_in_use(tx, message.line_id), draft, now)
    outbox.give_up_rest(tx, message.id, now, SENT_AGAIN, str(author))
    messages.change(tx, message.id, reason=SENT_AGAIN, unconfirmed_until=now)
    return new_id


def _line_in_use(tx: Tx, line_id: int) -> Row[Any]:
    line = lines.get(tx, line_id)
    if line is None or line.removed_at is not None:
        raise Refused("line_removed")
    return line


def mark_sent(tx: Tx, message_id: int, author: Author, now: datetime) -> None:
    """A person decides that an unconfirmed text did go.

    Raises:
        Refused: it is not unconfirmed any more; nothing was changed.
    """
    message = messages.get(tx, message_id)
    if message is None or message.state != State.UNCONFIRMED.value:
        raise Refused("not_unconfirmed", state=message.state if message else "gone")
    for part in messages.parts_of(tx, [message_id])[message_id]:
        if part.state == PartState.UNCONFIRMED.value:
            outbox.move(
                tx,
                part.id,
                PartState.ACCEPTED,
                now,
                "marked_sent",
                str(author),
                evidence="person",
                accepted_at=now,
            )


def cancel(tx: Tx, message_id: int, author: Author, now: datetime) -> None:
    """Cancel a text that waits; of one of which a part went, the rest.

    Raises:
        Refused: it is on its way or over.
    """
    message = messages.get(tx, message_id)
    interrupted = message is not None and message.state == State.SENDING.value and message.waiting_for
    if message is None or (message.state != State.QUEUED.value and not interrupted):
        raise Refused("not_waiting", state=message.state if message else "gone")
    outbox.end(tx, message_id, State.CANCELED, now, "canceled", str(author))


def mark_read(tx: Tx, conversation: Row[Any], now: datetime) -> None:
    """Somebody has the conversation open: what has come so far is read."""
    if conversation.last_inbound_id > conversation.seen_message_id:
        conversations.change(tx, conversation.id, seen_message_id=conversation.last_inbound_id)
        events.record(
            tx,
            Event.CONVERSATION_READ,
            now,
            line_id=conversation.line_id,
            conversation_id=conversation.id,
        )
