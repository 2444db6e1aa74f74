"""What stands above the list of conversations: tabs with counts, filters, orders, what can be done with
several; and the address that means all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from gateway.desk import undoing
from gateway.domain import happened_words, inbox_words
from gateway.domain.conversation import Priority
from gateway.domain.inbox import OF_OPEN, Sort, Tab, Wanted
from gateway.domain.language import t
from gateway.store import colleagues, lines
from gateway.store import conversation_list as stored
from gateway.store import tags as stored_tags
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx

MOST_CHOSEN = 80
"""Conversations that can be chosen at once: a form has a hundred fields at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """A way to look at the list: its words, the query that means it, whether it is looked at now."""

    words: str
    query: str
    is_on: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select: its value, its words, whether it is chosen."""

    value: str
    words: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What was just done: the sentence, its word in forms, and the conversations it can be undone for; none:
    it cannot."""

    words: str
    act: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tools:
    """All of it. `query` means what is shown, for links of rows; `total` is how many there are of all."""

    tab: Tab
    query: str
    total: int
    tabs: tuple[Place, ...]
    sorts: tuple[Choice, ...]
    filters: tuple[Place, ...]
    lines: tuple[Choice, ...]
    tags: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    people: tuple[Choice, ...]
    wanted: Wanted
    tag: str


def wanted(tx: Tx, asked: Mapping[str, str]) -> Wanted:
    """What a query string asks for; what it does not know, or what is there no longer, it leaves out."""
    line = lines.by_name(tx, asked["line"]) if asked.get("line") else None
    tag = stored_tags.find(tx, asked["tag"]) if asked.get("tag") else None
    return Wanted(
        tab=_one_of(Tab, asked.get("show")) or Tab.OPEN,
        sort=_one_of(Sort, asked.get("sort")),
        line_id=line.id if line is not None else None,
        tag_id=tag.id if tag is not None else None,
        priority=_one_of(Priority, asked.get("priority")),
        unread=asked.get("unread") == "1",
        failed=asked.get("failed") == "1",
        unclear=asked.get("unclear") == "1",
    )


def _one_of(kind: Any, value: str | None) -> Any:
    return next((one for one in kind if one.value == value), None)


def done(asked: Mapping[str, str]) -> Done | None:
    """What the address says was just done with several conversations, or with one of the list."""
    ids = tuple(asked.get("of", "").split("."))[:MOST_CHOSEN]
    act = asked.get("did", "")
    words = inbox_words.did(act, len(ids)) if ids[0] else ""
    if not words:
        return None
    return Done(words, act, ids if act in undoing.ACTS else ())


def tools(tx: Tx, reader: Reader, looked_at: Wanted) -> Tools:
    """What stands above the list as that person looks at it."""
    every_line = [row for row in lines.every(tx) if reader.lines is None or row.id in reader.lines]
    every_tag = stored_tags.every(tx)
    names = {row.id: row.name for row in every_line}
    tag_names = {row.id: row.name for row in every_tag}
    counts = stored.counts(tx, reader, looked_at.line_id)

    def query(**changed: Any) -> str:
        return _query(replace(looked_at, **changed), names, tag_names)

    tabs = tuple(
        Place(str(words), query(tab=tab), tab is looked_at.tab, counts[tab])
        for tab, words in inbox_words.TABS.items()
    )
    return Tools(
        tab=looked_at.tab,
        query=query(),
        total=counts[Tab.ALL],
        tabs=tabs,
        sorts=tuple(
            Choice(sort.value, str(words), sort is looked_at.order)
            for sort, words in inbox_words.SORTS.items()
            if looked_at.tab in OF_OPEN or sort is Sort.NEWEST
        ),
        filters=tuple(_on(looked_at, names, tag_names, query)),
        lines=tuple(Choice(row.name, row.name, row.id == looked_at.line_id) for row in every_line),
        tags=tuple(Choice(row.name, row.name, row.id == looked_at.tag_id) for row in every_tag),
        priorities=tuple(
            Choice(value, str(words), value == looked_at.priority)
            for value, words in happened_words.PRIORITIES.items()
        ),
        people=tuple(
            Choice(str(row.id), row.name) for row in colleagues.who_answer(tx) if row.id != reader.user_id
        ),
        wanted=looked_at,
        tag=tag_names.get(looked_at.tag_id or 0, ""),
    )


def _on(
    looked_at: Wanted, lines_by_id: dict[int, str], tags_by_id: dict[int, str], query: Any
) -> list[Place]:
    """The filters that are on; each leads to the list without it."""
    found = []
    if looked_at.line_id is not None:
        found.append(Place(lines_by_id.get(looked_at.line_id, ""), query(line_id=None), True))
    if looked_at.tag_id is not None:
        found.append(Place(tags_by_id[looked_at.tag_id], query(tag_id=None), True))
    if looked_at.priority is not None:
        words = happened_words.PRIORITIES[looked_at.priority]
        found.append(Place(str(words), query(priority=None), True))
    for name, words in (
        ("unread", t("Unread")),
        ("failed", t("Failed to send")),
        ("unclear", t("Unclear")),
    ):
        if getattr(looked_at, name):
            found.append(Place(str(words), query(**{name: False}), True))
    return found


def _query(looked_at: Wanted, lines_by_id: dict[int, str], tags_by_id: dict[int, str]) -> str:
    """The query string that `wanted` reads as this; empty for what is shown without one."""
    pairs: list[tuple[str, str]] = []
    if looked_at.tab is not Tab.OPEN:
        pairs.append(("show", looked_at.tab.value))
    if looked_at.sort is not None:
        pairs.append(("sort", looked_at.sort.value))
    if looked_at.line_id is not None:
        pairs.append(("line", lines_by_id.get(looked_at.line_id, "")))
    if looked_at.tag_id is not None:
        pairs.append(("tag", tags_by_id[looked_at.tag_id]))
    if looked_at.priority is not None:
        pairs.append(("priority", looked_at.priority.value))
    pairs += [(name, "1") for name in ("unread", "failed", "unclear") if getattr(looked_at, name)]
    return f"?{urlencode(pairs)}" if pairs else ""
