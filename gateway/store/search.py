"""Full-text search over the words of texts and of notes (SQLite FTS5; words without accents, word starts).

What was typed never reaches FTS5 as syntax: it is cut into words, and each is quoted.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, ScalarResult, select, text
from sqlalchemy.exc import OperationalError

from gateway.domain import folding
from gateway.store.database import Tx
from gateway.store.tables import contacts, conversations, messages


class Index(StrEnum):
    """The full-text indexes, each of the column `body` of a table."""

    TEXTS = "messages_fts"
    NOTES = "notes_fts"


def _made(index: Index, table: str) -> str:
    return (
        f"CREATE VIRTUAL TABLE {index.value} USING fts5("
        f"body, content='{table}', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )


CREATE = (_made(Index.TEXTS, "messages"), _made(Index.NOTES, "notes"))


# --- keeping them ------------------------------------------------------------------------------------


def add(tx: Tx, row_id: int, body: str, index: Index = Index.TEXTS) -> None:
    """Index the body of a new message, or note."""
    tx.execute(_ADD[index], {"id": row_id, "body": body})


_ADD = {one: text(f"INSERT INTO {one.value} (rowid, body) VALUES (:id, :body)") for one in Index}  # noqa: S608


def replace(tx: Tx, message_id: int, was: str, body: str) -> None:
    """Index a body that changed, as when a late part arrives."""
    remove(tx, [(message_id, was)])
    add(tx, message_id, body)


def remove(tx: Tx, bodies: Sequence[tuple[int, str]], index: Index = Index.TEXTS) -> None:
    """Take messages, or notes, out of the index, each with the body it was indexed with. Their words are
    marked as gone and stay in the index's own rows until `squeeze`."""
    name = index.value
    forget = text(f"INSERT INTO {name} ({name}, rowid, body) VALUES ('delete', :id, :body)")  # noqa: S608
    if bodies:
        tx.execute(forget, [{"id": row_id, "body": body} for row_id, body in bodies])


SQUEEZED_AT_ONCE = 500
"""Pages of an index written in one transaction of `squeeze`."""


def squeeze(tx: Tx) -> bool:
    """Write a piece of the indexes anew without what was removed from them (FTS5's `merge` with a negative
    count); returns whether there is more to do."""
    more = [_squeezed(tx, index.value) for index in Index]
    return any(more)


def _squeezed(tx: Tx, name: str) -> bool:
    connection = tx.connection.connection.driver_connection
    before = connection.total_changes  # type: ignore[union-attr]
    merge = text(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', :pages)")  # noqa: S608
    tx.execute(merge, {"pages": -SQUEEZED_AT_ONCE})
    return bool(connection.total_changes - before > 1)  # type: ignore[union-attr]


# --- asking them -------------------------------------------------------------------------------------

_SPELT = (("oe", "œ"), ("ae", "æ"), ("ss", "ß"))
"""Letters that stand for others, which the index keeps as they were written."""


def match(words: Iterable[str]) -> str:
    """An FTS5 query in which every word is only a word, each matched by its beginning; one letter alone only
    as a whole word, or half of all words would have to be looked through."""
    return " AND ".join(f"({' OR '.join(_terms(word))})" for word in words)


def _terms(word: str) -> list[str]:
    folded = folding.folded(word)
    if len(word) == len(folded) == 1:
        return [f'"{one}"' for one in dict.fromkeys((word, folded))]
    return [f'"{one}"*' for one in dict.fromkeys((word, *_spellings(folded)))]


_SPELLINGS = 32
"""At most so many of one word: a thousand times "oe" may be typed."""


def _spellings(word: str) -> list[str]:
    """A folded word with each of its pairs written as one letter or as two; its end may be half of one."""
    found = {word: None, **{word[:-1] + special: None for plain, special in _SPELT if word[-1:] == plain[0]}}
    for one in (ways := list(found)):
        for plain, special in _SPELT:
            for place in re.finditer(plain, one):
                way = one[: place.start()] + special + one[place.end() :]
                if way not in found and len(ways) < _SPELLINGS:
                    found[way] = None
                    ways.append(way)
    return ways


def newest(
    tx: Tx, index: Index, words: Sequence[str], first: int, before: int, limit: int
) -> Iterator[Sequence[int]]:
    """Ids of the rows that hold all the words, newest first, in portions; from `first` on, below `before`."""
    name = index.value
    hits = text(
        f"SELECT rowid FROM {name} WHERE {name} MATCH :match "  # noqa: S608 - ours
        "AND rowid >= :first AND rowid < :before ORDER BY rowid DESC LIMIT :limit"
    )
    given = {"match": match(words), "first": first, "before": before, "limit": limit}
    yield from portions(tx.execute(hits, given).scalars())


LOWEST = -(2**62)
"""Below every id: texts of old phones have ids below zero."""
_FIRST, _PORTION = 100, 1000


def portions(ids: ScalarResult[int]) -> Iterator[Sequence[int]]:
    """Ids as they are read, a few first: often these are enough."""
    yield ids.fetchmany(_FIRST)
    while some := ids.fetchmany(_PORTION):
        yield some


def find(tx: Tx, words: str, limit: int = 50) -> list[Row[Any]]:
    """Messages holding all the words, newest first, with their conversation and contact."""
    sought = folding.words(words)
    if not sought:
        return []
    ids = [one for portion in newest(tx, Index.TEXTS, sought, LOWEST, 2**62, limit) for one in portion]
    query = (
        select(messages, conversations.c.public_id.label("conversation_public_id"), contacts.c.name)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(messages.c.id.in_(ids))
        .order_by(messages.c.id.desc())
    )
    return list(tx.execute(query))


# --- how long it may take ----------------------------------------------------------------------------


class TookTooLong(Exception):
    """A search was stopped."""


_STEPS = 20_000
"""SQLite's own steps between two looks at the time."""


@contextlib.contextmanager
def within(tx: Tx, end: float) -> Iterator[None]:
    """Let what is asked meanwhile take until `end`, a value of `time.monotonic()`.

    Raises:
        TookTooLong: it was stopped then.
    """
    connection: sqlite3.Connection = tx.connection.connection.driver_connection  # type: ignore[assignment]
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise TookTooLong from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


# --- a page of what was found ------------------------------------------------------------------------

LOOKED_AT = 20_000
"""So many rows are looked at for one page; where few of them are wanted, one goes on from there."""


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of what was found, newest first. `beyond`: the id the next page begins below, None when there is
    nothing more; `is_cut`: not all was looked through that is newer than it."""

    ids: tuple[int, ...]
    beyond: int | None = None
    is_cut: bool = False


def gathered(
    portions: Iterable[Sequence[int]], keep: Callable[[Sequence[int]], Sequence[int]], limit: int
) -> Page:
    """A page of the rows that are kept of those looked at, both newest first."""
    found: list[int] = []
    looked_at, last = 0, None
    for portion in portions:
        if portion:
            found += sorted(keep(portion), reverse=True)
            looked_at, last = looked_at + len(portion), portion[-1]
        if len(found) > limit:
            return Page(tuple(found[:limit]), found[limit - 1])
    if looked_at >= LOOKED_AT:
        return Page(tuple(found), last, is_cut=True)
    return Page(tuple(found))
