"""What a restore changes in the database it brought back, as one transaction's statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from gateway.domain.message import PartState, State, WaitingFor
from gateway.store.database import Tx
from gateway.store.sql import one_of
from gateway.store.tables import alarm_notices, backups, invitations, messages, parts, sessions, suppressions

_TO_GO = [State.QUEUED, State.SENDING]  # as the partial indexes write it


def untried(tx: Tx) -> list[Row[Any]]:
    """Parts that are still to go, with their message's id; also of texts that are in doubt already, whose
    later parts go once somebody knows of the earlier ones."""
    query = (
        select(parts.c.id, parts.c.message_id)
        .join(messages, messages.c.id == parts.c.message_id)
        .where(one_of(messages.c.state, [*_TO_GO, State.UNCONFIRMED]), parts.c.state == PartState.READY.value)
        .order_by(parts.c.id)
    )
    return list(tx.execute(query))


def ask_about_all(tx: Tx) -> None:
    """No text repeats itself: whether it did so since the backup nobody knows."""
    tx.execute(update(messages).where(messages.c.on_unconfirmed != "ask").values(on_unconfirmed="ask"))


def end_sessions(tx: Tx) -> None:
    """Everybody signs in again: who signed out since is signed out."""
    tx.execute(delete(sessions))


def revoke_invitations(tx: Tx, now: datetime) -> None:
    """No invitation counts: which were used or taken back since the backup nobody knows."""
    open_ones = invitations.c.used_at.is_(None) & invitations.c.revoked_at.is_(None)
    tx.execute(update(invitations).where(open_ones).values(revoked_at=now))


def settle_notices(tx: Tx, why: str) -> None:
    """What was yet to be told of alarms may have been told since, and is not told again. Of a text that a
    line took, the text itself says what became of it."""
    is_open, untold = alarm_notices.c.due_at.is_not(None), alarm_notices.c.message_id.is_(None)
    tx.execute(update(alarm_notices).where(is_open, untold).values(problem=why))
    tx.execute(update(alarm_notices).where(is_open).values(due_at=None))


def suppress(tx: Tx, number_hash: str, since: datetime) -> bool:
    """Whoever has the number of that hash is sent nothing; returns whether that is news."""
    if tx.scalar(select(suppressions.c.since).where(suppressions.c.number_hash == number_hash)) is not None:
        return False
    tx.execute(insert(suppressions), {"number_hash": number_hash, "since": since})
    return True


def lift(tx: Tx, number_hash: str, at: datetime) -> bool:
    """They wanted texts again then; returns whether that is news. Who said STOP later stays stopped."""
    older = (suppressions.c.number_hash == number_hash) & (suppressions.c.since <= at)
    return bool(tx.execute(delete(suppressions).where(older)).rowcount)


def unclear(tx: Tx) -> int:
    """How many texts there are of which nobody knows whether they went; not those that were sent again."""
    again = messages.alias()
    repeated = select(again.c.id).where(again.c.resend_of_id == messages.c.id).exists()
    query = select(func.count()).where(one_of(messages.c.state, [State.UNCONFIRMED]), ~repeated)
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
