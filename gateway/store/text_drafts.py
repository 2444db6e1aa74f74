"""What somebody began to write in a conversation and has not sent: one reply and one note for each person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from gateway.store.database import Tx
from gateway.store.tables import text_drafts

REPLY, NOTE = "reply", "note"
KINDS = (REPLY, NOTE)


def put(tx: Tx, user_id: int, conversation_id: int, kind: str, body: str, now: datetime) -> None:
    """Keep what stands in the box; an empty one is forgotten."""
    if not body.strip():
        remove(tx, user_id, conversation_id, kind)
        return
    this = and_(_this(user_id, conversation_id), text_drafts.c.kind == kind)
    values = {"body": body, "changed_at": now}
    if not tx.execute(update(text_drafts).where(this).values(**values)).rowcount:
        where = {"user_id": user_id, "conversation_id": conversation_id, "kind": kind}
        tx.execute(insert(text_drafts), {**where, **values})


def remove(tx: Tx, user_id: int, conversation_id: int, kind: str) -> None:
    """Forget it: it was sent, or thrown away."""
    tx.execute(delete(text_drafts).where(_this(user_id, conversation_id), text_drafts.c.kind == kind))


def of(tx: Tx, user_id: int, conversation_id: int) -> dict[str, str]:
    """What they began to write there, by kind."""
    query = select(text_drafts.c.kind, text_drafts.c.body).where(_this(user_id, conversation_id))
    return {row.kind: row.body for row in tx.execute(query)}


def _this(user_id: int, conversation_id: int) -> ColumnElement[bool]:
    return and_(text_drafts.c.user_id == user_id, text_drafts.c.conversation_id == conversation_id)
