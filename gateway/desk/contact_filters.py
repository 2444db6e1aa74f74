"""Saved filters of the table of contacts: a name for a question, asked anew whenever it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.desk.drafts import Author
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import one_line
from gateway.store import contact_list, team
from gateway.store.database import Tx
from gateway.store.ids import new_id

LONGEST_NAME = 60


def save(tx: Tx, name: str, query: Mapping[str, str], who: Author, now: datetime) -> str:
    """Keep a filter under a name and return its public id; `query` are the fields of the form.

    Raises:
        Refused: it has no name, or too long a one.
    """
    kept = one_line(name)
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        raise Refused("bad_filter", most=LONGEST_NAME)
    public_id = new_id("flt", now)
    values = {"public_id": public_id, "name": kept, "query": dict(query), "created_at": now}
    contact_list.add_filter(tx, **values, created_by_id=who.id if who.kind == "person" else None)
    team.note(tx, now, str(who), "contact_filter.save", kept, after=dict(query))
    return public_id


def remove(tx: Tx, public_id: str, who: Author, now: datetime) -> None:
    """Forget a saved filter."""
    row = contact_list.filter_by(tx, public_id)
    if row is None:
        return
    contact_list.remove_filter(tx, row.id)
    team.note(tx, now, str(who), "contact_filter.remove", row.name, before=row.query)
