"""Rows of what happened to a conversation beside texts: assigned, snoozed, closed, tagged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from gateway.domain.conversation import Happened
from gateway.store.database import Tx
from gateway.store.tables import conversation_log


def add(
    tx: Tx,
    conversation_id: int,
    kind: Happened,
    actor: tuple[str, int | None, str | None],
    at: datetime,
    **detail: Any,
) -> None:
    """Note it. `actor` is (kind, id, name) of a `desk.drafts.Author`; `detail` is what the kind names."""
    values = {
        "conversation_id": conversation_id,
        "at": at,
        "kind": kind.value,
        "actor_kind": actor[0],
        "actor_id": actor[1],
        "actor_name": actor[2],
        "detail": detail,
    }
    tx.execute(insert(conversation_log), values)


def between(tx: Tx, conversation_id: int, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """What happened in that span, `until` left out, the oldest first."""
    here = (
        (conversation_log.c.conversation_id == conversation_id)
        & (conversation_log.c.at >= since)
        & (conversation_log.c.at < until)
    )
    query = select(conversation_log).where(here).order_by(conversation_log.c.at, conversation_log.c.id)
    return tx.execute(query).all()


def newest(tx: Tx, conversation_id: int, kind: Happened) -> Row[Any] | None:
    """The newest row of that kind."""
    log = conversation_log
    query = select(log).where(log.c.conversation_id == conversation_id, log.c.kind == kind.value)
    return tx.execute(query.order_by(log.c.at.desc(), log.c.id.desc()).limit(1)).one_or_none()
