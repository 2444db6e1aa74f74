"""People and conversations that are searched for: by names and fields, pieces of numbers, tags, staff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, literal, or_, select, tuple_

from gateway.domain import folding
from gateway.store import contacts as rows_of_contacts
from gateway.store import tags as stored_tags
from gateway.store.database import Tx
from gateway.store.search_where import Where, conditions, listed
from gateway.store.tables import (
    contact_tags,
    contacts,
    conversation_tags,
    conversations,
    phone_numbers,
    users,
)

FEWEST_DIGITS = 3
"""Fewer digits are in nearly every number."""
MOST_CALLED = 200
"""So many people are taken where a filter names them."""
_c = conversations.c


# --- people ------------------------------------------------------------------------------------------


def page(
    tx: Tx,
    words: Sequence[str],
    where: Where,
    limit: int,
    after: tuple[str, int] | None = None,
) -> list[Row[Any]]:
    """Contacts whom all the words speak of, by name; `after` are `sought` and id of the last one shown. Of
    `where` only lines and tags count, and whether they are blocked."""
    query = select(contacts).where(contacts.c.merged_into_id.is_(None), *_spoken_of(tx, words), *_at(where))
    if after is not None:
        query = query.where(
            tuple_(contacts.c.sought, contacts.c.id) > tuple_(literal(after[0]), literal(after[1]))
        )
    return list(tx.execute(query.order_by(contacts.c.sought, contacts.c.id).limit(limit)))


def called(tx: Tx, words: Sequence[str], lines: frozenset[int] | None) -> list[int]:
    """Ids of contacts whom all the words speak of, `MOST_CALLED` and one at most."""
    return [row.id for row in page(tx, words, Where(lines), MOST_CALLED + 1)]


def _at(where: Where) -> Iterator[ColumnElement[bool]]:
    if where.lines is not None:
        yield rows_of_contacts.of_lines(where.lines)
    if where.line_id is not None:
        there = select(_c.contact_id).where(_c.contact_id == contacts.c.id, _c.line_id == where.line_id)
        yield there.exists()
    for tag_id in where.tag_ids:
        yield contacts.c.id.in_(select(contact_tags.c.contact_id).where(contact_tags.c.tag_id == tag_id))
    if where.states:
        yield contacts.c.blocked_at.is_not(None)


def _spoken_of(tx: Tx, words: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Each word stands in what is noted of them or begins a tag of theirs; digits one after another are a
    piece of a number, or begin what is noted."""
    for is_number, run in groupby(words, str.isdecimal):
        together = list(run)
        if not is_number:
            for word in together:
                yield _noted(tx, word)
            continue
        noted = and_(*(_begins(word) for word in together))
        digits = "".join(together).lstrip("0")
        yield or_(noted, _numbered(digits)) if len(digits) >= FEWEST_DIGITS else noted


def _noted(tx: Tx, word: str) -> ColumnElement[bool]:
    inside = contacts.c.sought.contains(folding.folded(word), autoescape=True)
    tag_ids = tags_called(tx, [word])
    if not tag_ids:
        return inside
    tagged = select(contact_tags.c.contact_id).where(contact_tags.c.tag_id.in_(tag_ids))
    return or_(inside, contacts.c.id.in_(tagged))


def _begins(word: str) -> ColumnElement[bool]:
    if len(word) >= FEWEST_DIGITS:
        return contacts.c.sought.contains(word, autoescape=True)
    return or_(
        contacts.c.sought.startswith(word, autoescape=True),
        contacts.c.sought.contains(f" {word}", autoescape=True),
    )


def _numbered(digits: str) -> ColumnElement[bool]:
    # the index of numbers is walked alone, and only what is found in it is looked up
    found = select(phone_numbers.c.id).where(phone_numbers.c.number.contains(digits, autoescape=True))
    theirs = select(phone_numbers.c.contact_id).where(phone_numbers.c.id.in_(found))
    return contacts.c.id.in_(theirs)


# --- conversations -----------------------------------------------------------------------------------


def talks_with(tx: Tx, contact_ids: Sequence[int]) -> frozenset[int]:
    """Ids of the conversations with these contacts."""
    return frozenset(tx.execute(select(_c.id).where(_c.contact_id.in_(listed(contact_ids)))).scalars())


def talks(
    tx: Tx,
    words: Sequence[str],
    where: Where,
    limit: int,
    after: Row[Any] | None = None,
    among: Sequence[frozenset[int]] = (),
    with_people: bool = True,
) -> list[int]:
    """Ids of conversations the words speak of, the one that moved last first: by whom they are with (where
    `with_people`), or by their own tags and whose they are. `among`: of each of these sets; `after` is the
    row of `conversations` shown last."""
    query = select(_c.id).where(_c.last_message_at.is_not(None), *conditions(where))
    for ids in among:
        query = query.where(_c.id.in_(listed(ids)))
    if words:
        ways = [*_by_people(tx, words, with_people), *_by_office(tx, words)]
        if not ways:
            return []
        query = query.where(or_(*ways))
    if after is not None:
        at = literal(after.last_message_at, _c.last_message_at.type)
        query = query.where(tuple_(_c.last_message_at, _c.id) < tuple_(at, literal(after.id)))
    return list(tx.execute(query.order_by(_c.last_message_at.desc(), _c.id.desc()).limit(limit)).scalars())


def _by_people(tx: Tx, words: Sequence[str], wanted: bool) -> Iterator[ColumnElement[bool]]:
    if wanted:
        yield _c.contact_id.in_(
            select(contacts.c.id).where(contacts.c.merged_into_id.is_(None), *_spoken_of(tx, words))
        )


def _by_office(tx: Tx, words: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    tag_ids, user_ids = tags_called(tx, words), colleagues_called(tx, words)
    if tag_ids:
        yield _c.id.in_(
            select(conversation_tags.c.conversation_id).where(conversation_tags.c.tag_id.in_(tag_ids))
        )
    if user_ids:
        yield _c.assignee_id.in_(user_ids)


def newest_with(tx: Tx, contact_ids: Sequence[int], lines: frozenset[int] | None) -> dict[int, Row[Any]]:
    """Of each of these contacts the conversation that moved last, on lines one may see (None: all)."""
    here = [_c.contact_id.in_(contact_ids), _c.last_message_at.is_not(None)]
    if lines is not None:
        here.append(_c.line_id.in_(sorted(lines)))
    query = select(_c.contact_id, _c.public_id, _c.last_message_at, _c.peer).where(*here)
    return {row.contact_id: row for row in tx.execute(query.order_by(_c.last_message_at))}


# --- names -------------------------------------------------------------------------------------------


def tags_called(tx: Tx, words: Sequence[str]) -> list[int]:
    """Ids of the tags with words that begin like all of these."""
    wanted = [folding.folded(word) for word in words]
    return [row.id for row in stored_tags.every(tx) if folding.begin(row.folded, wanted)]


def colleagues_called(tx: Tx, words: Sequence[str]) -> list[int]:
    """Ids of the colleagues, those who left included, with names that begin like all of these words."""
    wanted = [folding.folded(word) for word in words]
    every = tx.execute(select(users.c.id, users.c.name, users.c.username).order_by(users.c.id))
    return [row.id for row in every if folding.begin(f"{row.name} {row.username}", wanted)]
