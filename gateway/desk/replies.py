"""What people write in a conversation, by the line it is held on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.acceptance import accept, cannot_be_texted, check_consent
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Schedule
from gateway.store import contacts, lines
from gateway.store.database import Tx


def closed(tx: Tx, conversation: Row[Any]) -> Refused | None:
    """Why nobody can write in a conversation now; None when they can."""
    number = phone.Number(conversation.peer, phone.Kind(conversation.peer_kind))
    if not number.can_be_texted:
        return cannot_be_texted(number)
    try:
        line_in_use(tx, conversation.line_id)
        _check_owner(tx, conversation)
        check_consent(tx, number.text)
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
    line = line_in_use(tx, conversation.line_id)
    _check_owner(tx, conversation)
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


def _check_owner(tx: Tx, conversation: Row[Any]) -> None:
    """Refuse to write to a number that changed hands: it is somebody else's phone."""
    owner = contacts.by_number(tx, conversation.peer)
    if owner is not None and owner.id != conversation.contact_id:
        raise Refused("number_moved", number=conversation.peer, name=owner.name or conversation.peer)


def line_in_use(tx: Tx, line_id: int) -> Row[Any]:
    line = lines.get(tx, line_id)
    if line is None or line.removed_at is not None:
        raise Refused("line_removed")
    return line
