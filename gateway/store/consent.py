"""The consent ledger (append-only) and the suppressions derived from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select

from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import consent_events, suppressions

_OF_NUMBER = Prepared(select(suppressions).where(suppressions.c.number_hash == bindparam("number_hash")))


def record(tx: Tx, **values: Any) -> int:
    """Append one consent event and return its id."""
    return tx.insert(consent_events, values)


def suppression(tx: Tx, number: str) -> Row[Any] | None:
    """The suppression of a number, when there is one."""
    return tx.row(_OF_NUMBER, {"number_hash": tx.keys.number_hash(number)})


def suppressed_among(tx: Tx, numbers: list[str]) -> set[str]:
    """Those of the numbers that said stop."""
    hashes = {tx.keys.number_hash(number): number for number in numbers}
    query = select(suppressions.c.number_hash).where(suppressions.c.number_hash.in_(list(hashes)))
    return {hashes[found] for found in tx.execute(query).scalars()}


def suppress(tx: Tx, number: str, since: datetime, consent_event_id: int) -> None:
    """Nothing may be sent to the number from now on. Logged outside the database first."""
    number_hash = tx.keys.number_hash(number)
    tx.keys.log_suppression("opt_out", number_hash, since)
    values = {"number_hash": number_hash, "since": since, "consent_event_id": consent_event_id}
    tx.execute(insert(suppressions), values)


def lift(tx: Tx, number: str, now: datetime) -> None:
    """Texts may be sent to the number again."""
    number_hash = tx.keys.number_hash(number)
    # logged only when it counts: a lost line keeps somebody stopped after a restore, which is the safe side
    tx.after_commit.append(lambda: tx.keys.log_suppression("opt_in", number_hash, now))
    tx.execute(delete(suppressions).where(suppressions.c.number_hash == number_hash))


def last_starts(tx: Tx) -> dict[str, datetime]:
    """By the number's hash: when they wanted texts again, of everybody whose last word that was."""
    theirs = consent_events.c.kind.in_(("opt_in", "opt_out"))  # what a list says is no word of theirs
    newest = select(func.max(consent_events.c.id)).where(theirs).group_by(consent_events.c.number)
    query = select(consent_events.c.number, consent_events.c.at).where(
        consent_events.c.id.in_(newest), consent_events.c.kind == "opt_in"
    )
    return {tx.keys.number_hash(row.number): row.at for row in tx.execute(query)}


def history(tx: Tx, number: str) -> list[Row[Any]]:
    """Consent events of a number, oldest first."""
    query = select(consent_events).where(consent_events.c.number == number).order_by(consent_events.c.id)
    return list(tx.execute(query))


def between(tx: Tx, number: str, since: datetime, until: datetime) -> list[Row[Any]]:
    """Consent events of a number in that span, `until` left out, the oldest first."""
    in_span = (consent_events.c.at >= since) & (consent_events.c.at < until)
    here = (consent_events.c.number == number) & in_span
    return list(tx.execute(select(consent_events).where(here).order_by(consent_events.c.id)))
