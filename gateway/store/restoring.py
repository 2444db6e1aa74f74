"""What a restore changes in the database it brought back, as one transaction's statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from gateway.domain.message import PartState, State, WaitingFor
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import backups, messages, parts, sessions, suppressions

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def untried(tx: Tx) -> list[Row[Any]]:
    """Parts that are still to go, with their message's id."""
    query = (
        select(parts.c.id, parts.c.message_id)
        .join(messages, messages.c.id == parts.c.message_id)
        .where(one_of(messages.c.state, _TO_GO), parts.c.state == PartState.READY.value)
        .order_by(parts.c.id)
    )
    return list(tx.execute(query))


def ask_about_all(tx: Tx) -> None:
    """No text repeats itself: whether it did so since the backup nobody knows."""
    tx.execute(update(messages).where(messages.c.on_unconfirmed != "ask").values(on_unconfirmed="ask"))


def end_sessions(tx: Tx) -> None:
    """Everybody signs in again: who signed out since is signed out."""
    tx.execute(delete(sessions))


def suppress(tx: Tx, number_hash: str, since: datetime) -> bool:
    """Whoever has the number of that hash is sent nothing; returns whether that is news."""
    if tx.scalar(select(suppressions.c.since).where(suppressions.c.number_hash == number_hash)) is not None:
        return False
    tx.execute(insert(suppressions), {"number_hash": number_hash, "since": since})
    return True


def lift(tx: Tx, number_hash: str) -> bool:
    """They wanted texts again; returns whether that is news."""
    return bool(tx.execute(delete(suppressions).where(suppressions.c.number_hash == number_hash)).rowcount)


def unclear(tx: Tx) -> int:
    """How many texts there are of which nobody knows whether they went."""
    query = select(func.count()).where(one_of(messages.c.state, [State.UNCONFIRMED]))
    return int(tx.scalar(query) or 0)


def forget_backups(tx: Tx, missing: list[int], now: datetime) -> None:
    """Backups whose files are not on this box."""
    tx.execute(update(backups).where(backups.c.id.in_(missing)).values(removed_at=now, ended_at=now))


def every_backup(tx: Tx) -> list[Row[Any]]:
    """Backups that the box which is gone had."""
    return list(tx.execute(select(backups).where(backups.c.removed_at.is_(None))))


def make_due(tx: Tx, now: datetime) -> None:
    """What waited for an admin's look is decided anew."""
    waits = update(messages).where(
        one_of(messages.c.state, _TO_GO), messages.c.waiting_for == WaitingFor.APPROVAL.value
    )
    tx.execute(waits.values(due_at=now))
