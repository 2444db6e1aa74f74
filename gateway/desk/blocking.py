"""Blocking somebody: what they write is kept and makes no noise, and nothing goes to them by itself.
Their STOP still counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import hygiene
from gateway.desk.drafts import Author
from gateway.desk.undoing import WITHIN
from gateway.domain.conversation import Happened
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import one_line
from gateway.store import contacts, conversation_log, conversations, team
from gateway.store.database import Tx

LONGEST_WHY = 200


def is_silent(tx: Tx, contact_id: int) -> bool:
    """Whether what a contact does makes no noise."""
    row = contacts.get(tx, contact_id)
    return row is not None and row.blocked_at is not None


def block(tx: Tx, contact_id: int, why: str, who: Author, now: datetime) -> None:
    """Block a contact. Nobody is waited for in their conversations any longer; blocked already, the reason is
    another from now on.

    Raises:
        Refused: there is no reason, or it is too long; nothing was changed.
    """
    reason = one_line(why)
    if not reason or len(reason) > LONGEST_WHY:
        raise Refused("no_block_why", most=LONGEST_WHY)
    row = _contact(tx, contact_id)
    since = row.blocked_at or now
    contacts.change(tx, contact_id, blocked_at=since, blocked_by=str(who), blocked_why=reason)
    was = {"blocked": row.blocked_why} if row.blocked_at else None
    team.note(tx, now, str(who), "contact.block", row.public_id, before=was, after={"blocked": reason})
    for conversation_id in contacts.conversations_of(tx, contact_id):
        conversations.change(tx, conversation_id, waiting_since=None)
    _tell(tx, contact_id, Happened.BLOCKED, who, now, why=reason)


def unblock(tx: Tx, contact_id: int, who: Author, now: datetime) -> None:
    """End it. What they wrote meanwhile stays read: nobody has to catch up with it."""
    row = _contact(tx, contact_id)
    if row.blocked_at is None:
        return
    contacts.change(tx, contact_id, blocked_at=None, blocked_by=None, blocked_why=None)
    team.note(tx, now, str(who), "contact.unblock", row.public_id, before={"blocked": row.blocked_why})
    for conversation_id in contacts.conversations_of(tx, contact_id):
        conversations.show_newest(tx, conversation_id)
    _tell(tx, contact_id, Happened.UNBLOCKED, who, now)


def can_take_back(contact: Row[Any], who: Author, now: datetime) -> bool:
    """Whether they blocked somebody just now: that they may undo, whether or not they may unblock others."""
    is_theirs = contact.blocked_at is not None and contact.blocked_by == str(who)
    return is_theirs and abs(now - contact.blocked_at) <= WITHIN


def take_back(tx: Tx, contact_id: int, who: Author, now: datetime) -> None:
    """Undo a block of their own, made a moment ago; any other stays."""
    if can_take_back(_contact(tx, contact_id), who, now):
        unblock(tx, contact_id, who, now)


def _contact(tx: Tx, contact_id: int) -> Row[Any]:
    row = contacts.get(tx, contact_id)
    if row is None:
        raise LookupError(f"contact {contact_id} is not there")
    return row


def _tell(tx: Tx, contact_id: int, kind: Happened, who: Author, now: datetime, **detail: Any) -> None:
    actor = (who.kind, who.id, who.name)
    for conversation_id in contacts.conversations_of(tx, contact_id):
        conversation_log.add(tx, conversation_id, kind, actor, now, **detail)
    hygiene.announce(tx, contact_id, now)
