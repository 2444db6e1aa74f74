"""What stands in the list of conversations where it holds none: that, and where to go from there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from gateway.domain import inbox_words
from gateway.domain.inbox import Tab
from gateway.domain.inbox_words import Empty
from gateway.store import lines
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.web.list_tools import Place, Tools


@dataclass(frozen=True, slots=True)
class Way:
    """Somewhere to go: its words and its address. `writes`: only for whoever may write."""

    words: str
    address: str
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """The sentences, and the ways on."""

    said: Empty
    ways: tuple[Way, ...] = ()


def first_day(tx: Tx, reader: Reader) -> Nothing:
    """Before the first text or call on any line they see."""
    seen = lines.every(tx, reader.lines)
    if not seen:
        return Nothing(inbox_words.NO_LINE, (Way(str(inbox_words.SEE_LINES), url_for("lines.every")),))
    line = next((row for row in seen if row.number), seen[0])
    known = Way(str(inbox_words.MAKE_KNOWN), url_for("make_known.show", line_id=line.id))
    write = Way(str(inbox_words.WRITE_FIRST), url_for("beginning.new"), writes=True)
    return Nothing(inbox_words.FIRST_DAY, (known, write))


def nothing(shelf: Tools, *, is_narrowed: bool) -> Nothing:
    """Of a tab that holds nothing, or nothing that is like the filters."""
    return Nothing(
        inbox_words.NOT_FOUND if is_narrowed else inbox_words.EMPTY[shelf.tab],
        _wider(shelf) if is_narrowed else _elsewhere(shelf),
    )


def _wider(shelf: Tools) -> tuple[Way, ...]:
    ways = [Way(str(inbox_words.ALL_FILTERS_OFF), f"/?show={shelf.tab.value}")]
    if shelf.tab is not Tab.ALL:
        ways.append(Way(str(inbox_words.AMONG_ALL), f"/{_tab(shelf, Tab.ALL).query}"))
    return tuple(ways)


def _elsewhere(shelf: Tools) -> tuple[Way, ...]:
    """The first tab that holds something; what is nobody's, for whoever has nothing."""
    first = (Tab.UNASSIGNED,) if shelf.tab is Tab.MINE else ()
    for tab in (*first, Tab.WAITING, Tab.OPEN, Tab.SNOOZED, Tab.CLOSED):
        place = _tab(shelf, tab)
        if place.count:
            return (Way(str(inbox_words.LEADS[tab]), f"/{place.query or '?show=open'}"),)
    return ()


def _tab(shelf: Tools, tab: Tab) -> Place:
    return shelf.tabs[list(inbox_words.TABS).index(tab)]
