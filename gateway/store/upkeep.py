"""Forgetting what has served its time. Nothing of the history is among it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from gateway.store import line_history
from gateway.store.database import Tx
from gateway.store.tables import events, idempotency_keys, sessions, sign_in_failures

KEEP_EVENTS = timedelta(days=30)
KEEP_IDEMPOTENCY_KEYS = timedelta(days=7)
KEEP_SIGN_IN_FAILURES = timedelta(days=1)


def forget_old(tx: Tx, now: datetime) -> None:
    """Delete events, idempotency keys, failed sign-ins, sessions and lines' pasts that are over."""
    tx.execute(delete(events).where(events.c.at < now - KEEP_EVENTS))
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < now - KEEP_IDEMPOTENCY_KEYS))
    ahead = sign_in_failures.c.at > now  # by a clock that was
    tx.execute(delete(sign_in_failures).where((sign_in_failures.c.at < now - KEEP_SIGN_IN_FAILURES) | ahead))
    tx.execute(delete(sessions).where(sessions.c.expires_at < now))
    line_history.forget_old(tx, now)
