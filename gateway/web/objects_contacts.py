"""Contacts as the API shows them, which the command line prints too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from gateway.domain.contact import first_name
from gateway.store import consent, numbers, tags
from gateway.store.database import Tx
from gateway.web.objects import time


def contact(tx: Tx, row: Row[Any]) -> dict[str, Any]:
    """One contact with their numbers."""
    return contacts(tx, [row])[0]


def contacts(tx: Tx, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Several, read together."""
    ids = [row.id for row in rows]
    of, tagged = numbers.of(tx, ids), tags.of_contacts(tx, ids)
    stopped = consent.suppressed_among(tx, [one.number for theirs in of.values() for one in theirs])
    return [_contact(row, of[row.id], tagged[row.id], stopped) for row in rows]


def _contact(row: Row[Any], theirs: list[Row[Any]], tagged: list[str], stopped: set[str]) -> dict[str, Any]:
    own = row._mapping["fields"]
    return {
        "id": row.public_id,
        "external_id": row.external_id,
        "name": row.name,
        "first_name": first_name(row.name, own) or None,
        "numbers": [one.number for one in theirs],
        "phone_numbers": [
            {
                "number": one.number,
                "health": one.health,
                "opted_out": one.number in stopped,
                "last_heard_at": time(one.heard_at),
            }
            for one in theirs
        ],
        "stage": row.stage,
        "priority": row.priority,
        "language": row.language,
        "time_zone": row.zone,
        "company": row.company,
        "email": row.email,
        "address": row.address,
        "fields": own,
        "tags": tagged,
        "blocked": {"since": time(row.blocked_at), "why": row.blocked_why} if row.blocked_at else None,
        "last_heard_at": time(row.heard_at),
        "created_at": time(row.created_at),
        "links": {"self": f"/api/v1/contacts/{row.public_id}"},
    }
