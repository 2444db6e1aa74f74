"""Rows of invitations: links by which colleagues choose a name and a password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from gateway.store.database import Tx
from gateway.store.tables import invitations


def add(tx: Tx, **values: Any) -> int:
    """Insert one and return its id."""
    return tx.insert(invitations, values)


def change(tx: Tx, invitation_id: int, **values: Any) -> None:
    """Update columns of one."""
    tx.execute(update(invitations).where(invitations.c.id == invitation_id).values(**values))


def by_hash(tx: Tx, secret_hash: str, now: datetime) -> Row[Any] | None:
    """One that still counts, by the hash of its secret."""
    here = (invitations.c.secret_hash == secret_hash) & _counts(now)
    return tx.execute(select(invitations).where(here)).one_or_none()


def counting(tx: Tx, now: datetime) -> list[Row[Any]]:
    """Those that still count, oldest first."""
    return list(tx.execute(select(invitations).where(_counts(now)).order_by(invitations.c.id)))


def counting_of(tx: Tx, user_id: int, now: datetime) -> list[Row[Any]]:
    """Those a user made, or by which they may choose a password, that still count."""
    theirs = (invitations.c.created_by_id == user_id) | (invitations.c.for_user_id == user_id)
    here = theirs & _counts(now)
    return list(tx.execute(select(invitations).where(here).order_by(invitations.c.id)))


def resets_of(tx: Tx, user_id: int, now: datetime) -> list[Row[Any]]:
    """Those by which a user may choose another password, that still count."""
    here = (invitations.c.for_user_id == user_id) & _counts(now)
    return list(tx.execute(select(invitations).where(here)))


def _counts(now: datetime) -> Any:
    unused = invitations.c.used_at.is_(None) & invitations.c.revoked_at.is_(None)
    return unused & (invitations.c.expires_at > now)
