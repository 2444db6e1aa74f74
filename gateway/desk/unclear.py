"""What people, and rules, decide about texts that may not have gone: they went, or are sent once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.desk.replies import line_in_use
from gateway.domain import phone
from gateway.domain.conversation import Priority
from gateway.domain.message import PartState, Purpose, State
from gateway.domain.message_words import STANDS
from gateway.domain.refusal_words import Refused
from gateway.store import erasures, messages, outbox
from gateway.store.database import Tx

SENT_AGAIN = "sent_again"
"""Reason shown on a text that was sent once more."""


def send_again(tx: Tx, message_id: int, author: Author, now: datetime) -> int:
    """A person decides that a text which may not have gone, or failed, is sent again. Returns the new id.

    The old text keeps its state, which a late report may still better, and is no longer asked about.

    Raises:
        Refused: it is neither unconfirmed, failed, undelivered nor expired, or was sent again; see `accept`.
    """
    message = messages.get(tx, message_id)
    again = {State.UNCONFIRMED, State.FAILED, State.UNDELIVERED, State.EXPIRED}
    if message is None or State(message.state) not in again:
        raise Refused("not_unconfirmed", state=STANDS[message.state if message else "gone"])
    if outbox.was_sent_again(tx, message_id):
        raise Refused("sent_again")
    return repeat(tx, message, author, now)


def repeat(tx: Tx, message: Row[Any], author: Author, now: datetime) -> int:
    """Send the whole text once more, as another message that says what it repeats. Returns its id.

    A rule repeats what its author wanted; a person decides anew whether it is urgent and until when useful.

    Raises:
        Refused: they are being erased, or see `accept`; nothing was changed.
    """
    if erasures.is_under_way(tx, message.conversation_id):
        raise Refused("being_erased")
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
        priority=Priority(message.priority),
        resend_of_id=message.id,
    )
    new_id = accept(tx, line_in_use(tx, message.line_id), draft, now)
    outbox.give_up_rest(tx, message.id, now, SENT_AGAIN, str(author))
    messages.change(tx, message.id, reason=SENT_AGAIN, unconfirmed_until=now)
    return new_id


def mark_sent(tx: Tx, message_id: int, author: Author, now: datetime) -> None:
    """A person decides that an unconfirmed text did go.

    Raises:
        Refused: it is not unconfirmed any more; nothing was changed.
    """
    message = messages.get(tx, message_id)
    if message is None or message.state != State.UNCONFIRMED.value:
        raise Refused("not_unconfirmed", state=STANDS[message.state if message else "gone"])
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
