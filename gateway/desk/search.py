"""Searching: what was typed becomes questions to the store, each group's own, and their answers pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.domain import folding
from gateway.domain.language import Text, filled, t
from gateway.domain.search import ME, OF_PEOPLE, OF_TEXTS, Asked, Filter, Is, Kind, Name
from gateway.store import (
    contacts,
    conversations,
    lines,
    search,
    search_notes,
    search_people,
    search_texts,
    settings,
    tags,
)
from gateway.store.database import Tx
from gateway.store.search_people import MOST_CALLED
from gateway.store.search_texts import Authors
from gateway.store.search_where import Where

LASTS_AT_MOST = 2.0
"""Seconds after which a search is stopped."""
_LISTED = 12
"""So many tags or lines are named where one is not known."""

NO_SUCH_TAG = t("There is no tag “{typed}”. There are: {those}.")
NO_TAGS = t("There is no tag “{typed}”: there are none yet.")
NO_SUCH_LINE = t("There is no line “{typed}”. There are: {those}.")
NOBODY = t("Nobody is called “{typed}”.")
MANY = t("More than {most} people are called “{typed}”, and only so many were taken. Write more of it.")
NO_ME = t("“{typed}” needs somebody who is signed in.")


@dataclass(frozen=True, slots=True)
class Searcher:
    """Who searches: a colleague by their id and `users.reads_from_id` (None: a program), and the lines they
    may see (None: all)."""

    user_id: int | None = None
    joined_at_id: int = 0
    lines: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the store. `groups`: those in which it can find anything; `troubles`: all that was not
    understood, a sentence each."""

    words: tuple[str, ...]
    groups: tuple[Kind, ...]
    texts: search_texts.Wanted
    notes: search_notes.Wanted
    where: Where
    only_words: bool
    troubles: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A page of one group. `rows` are those of `store.contacts`, `store.conversations`, `search_texts.rows`
    or `search_notes.rows`; `following`: the public id after which the next page begins, None after the last;
    `is_cut`: few were found among many that were looked at, and from there one goes on."""

    rows: Sequence[Row[Any]]
    following: str | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by group. `stopped`: it took too long, and what is missing was not looked for."""

    groups: dict[Kind, Group] = field(default_factory=dict)
    stopped: bool = False


# --- what was asked for ------------------------------------------------------------------------------


def question(tx: Tx, asked: Asked, who: Searcher) -> Question:
    """What that person's search asks for: names are looked up, days are the office's."""
    read = _Read(tx, who)
    for one in asked.filters:
        read.filter(one)
    text_states, other_states = asked.states() & OF_TEXTS, asked.states() - OF_TEXTS
    where = Where(
        lines=who.lines,
        line_id=read.line_id,
        tag_ids=tuple(read.tag_ids),
        states=read.of_somebody(other_states),
        has_note=bool(asked.of(Name.HAS)),
        user_id=who.user_id or 0,
        joined_at_id=who.joined_at_id,
    )
    talks = tuple(read.talks)
    texts = search_texts.Wanted(
        words=asked.words,
        authors=tuple(read.authors),
        sent_to=tuple(read.sent_to),
        talks=talks,
        since=read.since,
        until=read.until,
        states=text_states,
        where=where,
    )
    notes = search_notes.Wanted(
        asked.words, tuple(one.user_ids for one in read.authors), talks, read.since, read.until, where
    )
    return Question(
        words=asked.words,
        groups=_groups(asked),
        texts=texts,
        notes=notes,
        where=where,
        only_words=not asked.filters,
        troubles=asked.troubles + tuple(dict.fromkeys(read.troubles)),
    )


_WHEN_OR_BY = frozenset({Name.FROM, Name.BY, Name.BEFORE, Name.AFTER, Name.ON})
_OF_PEOPLE = frozenset({Name.TAG, Name.LINE, Name.IS})


def _groups(asked: Asked) -> tuple[Kind, ...]:
    """Where what is asked for can be: a person has no day, a note is sent to nobody."""
    names, states, words = {one.name for one in asked.filters}, asked.states(), bool(asked.words)
    of_texts = bool(names & (_WHEN_OR_BY | {Name.TO}) or states & OF_TEXTS)
    possible = {
        Kind.PEOPLE: names <= _OF_PEOPLE and states <= OF_PEOPLE and (words or names - {Name.LINE}),
        Kind.CONVERSATIONS: not of_texts and not asked.is_empty,
        Kind.TEXTS: words or of_texts or Name.WITH in names,
        Kind.NOTES: Name.TO not in names
        and not states & OF_TEXTS
        and (words or names & (_WHEN_OR_BY | {Name.WITH, Name.HAS})),
    }
    return tuple(kind for kind, is_so in possible.items() if is_so)


@dataclass(slots=True)
class _Read:
    """Filters as they are read, one after the other."""

    tx: Tx
    who: Searcher
    authors: list[Authors] = field(default_factory=list)
    sent_to: list[frozenset[int]] = field(default_factory=list)
    talks: list[frozenset[int]] = field(default_factory=list)
    tag_ids: list[int] = field(default_factory=list)
    line_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    troubles: list[Text] = field(default_factory=list)

    def filter(self, one: Filter) -> None:
        if one.first is not None and one.last is not None:
            self._days(one.name, one.first, one.last)
        elif one.name in (Name.FROM, Name.BY):
            self._wrote(one)
        elif one.name is Name.TO:
            self.sent_to.append(search_people.talks_with(self.tx, self._people(one, nobody=True)))
        elif one.name is Name.WITH:
            self.talks.append(search_people.talks_with(self.tx, self._people(one, nobody=True)))
        elif one.name is Name.TAG:
            self._tag(one)
        elif one.name is Name.LINE:
            self._line(one)

    def of_somebody(self, states: Collection[Is]) -> frozenset[Is]:
        """The states, those that are somebody's told of where nobody is signed in."""
        for state in sorted({Is.MINE, Is.UNREAD} & set(states)):
            if self.who.user_id is None:
                self.troubles.append(filled(NO_ME, typed=f"is:{state}"))
        return frozenset(states)

    def _days(self, name: Name, first: date, last: date) -> None:
        zone = ZoneInfo(settings.get(self.tx, "office.zone"))
        begin, end = (_midnight(day, zone) for day in (first, last + timedelta(days=1)))
        if name in (Name.AFTER, Name.ON):
            self.since = max(filter(None, (self.since, begin)))
        if name is Name.BEFORE:
            end = begin
        if name in (Name.BEFORE, Name.ON):
            self.until = min(filter(None, (self.until, end)))

    def _wrote(self, one: Filter) -> None:
        if one.value == ME:
            if self.who.user_id is None:
                self.troubles.append(filled(NO_ME, typed=one.typed))
            self.authors.append(Authors(frozenset(filter(None, [self.who.user_id]))))
            return
        colleagues = frozenset(search_people.colleagues_called(self.tx, folding.words(one.value)))
        people = self._people(one, nobody=not colleagues) if one.name is Name.FROM else []
        if one.name is Name.BY and not colleagues:
            self.troubles.append(filled(NOBODY, typed=one.value))
        self.authors.append(Authors(colleagues, search_people.talks_with(self.tx, people)))

    def _people(self, one: Filter, *, nobody: bool) -> list[int]:
        """Contacts of that name or number; `nobody`: told of where there are none."""
        words = folding.words(one.value)
        found = search_people.called(self.tx, words, self.who.lines) if words else []
        if not found and nobody:
            self.troubles.append(filled(NOBODY, typed=one.value))
        if len(found) > MOST_CALLED:
            self.troubles.append(filled(MANY, typed=one.value, most=MOST_CALLED))
        return found[:MOST_CALLED]

    def _tag(self, one: Filter) -> None:
        found = tags.find(self.tx, one.value)
        if found is None:
            those = [row.name for row in tags.every(self.tx)]
            sentence = NO_SUCH_TAG if those else NO_TAGS
            self.troubles.append(filled(sentence, typed=one.value, those=_listed(those)))
        self.tag_ids.append(found.id if found is not None else _NONE)

    def _line(self, one: Filter) -> None:
        every = [row for row in lines.every(self.tx) if self.who.lines is None or row.id in self.who.lines]
        wanted = folding.folded(one.value)
        found = next((row.id for row in every if folding.folded(row.name) == wanted), None)
        if found is None:
            those = _listed([row.name for row in every])
            self.troubles.append(filled(NO_SUCH_LINE, typed=one.value, those=those))
        self.line_id = found if found is not None and self.line_id in (None, found) else _NONE


_NONE = 0
"""The id of no row."""


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock_time(), zone)


# --- what is found -----------------------------------------------------------------------------------


def find(tx: Tx, wanted: Question, kinds: Collection[Kind], limit: int, after: str | None = None) -> Found:
    """A page of each of these groups, of so many rows; `after`: the public id the page before ended with.
    What is not done after `LASTS_AT_MOST` seconds is left out."""
    end, groups = time.monotonic() + LASTS_AT_MOST, {}
    for kind in wanted.groups:
        if kind in kinds:
            try:
                with search.within(tx, end):
                    groups[kind] = _PAGES[kind](tx, wanted, limit, after)
            except search.TookTooLong:
                return Found(groups, stopped=True)
    return Found(groups)


def _people(tx: Tx, wanted: Question, limit: int, after: str | None) -> Group:
    last = contacts.by_public_id(tx, after) if after else None
    beyond = (last.sought, last.id) if last is not None else None
    rows = search_people.page(tx, wanted.words, wanted.where, limit + 1, beyond)
    return Group(rows[:limit], rows[limit - 1].public_id if len(rows) > limit else None)


def _conversations(tx: Tx, wanted: Question, limit: int, after: str | None) -> Group:
    last = conversations.by_public_id(tx, after) if after else None
    ids = search_people.talks(
        tx,
        wanted.words,
        wanted.where,
        limit + 1,
        last,
        wanted.texts.talks,
        with_people=not wanted.only_words,  # whom words alone speak of stands among the people
    )
    rows = conversations.rows(tx, ids[:limit])
    return Group(rows, rows[-1].public_id if len(ids) > limit else None)


def _texts(tx: Tx, wanted: Question, limit: int, after: str | None) -> Group:
    before = search_texts.id_of(tx, after) if after else None
    page = search_texts.page(tx, wanted.texts, limit, before)
    following = search_texts.public_id_of(tx, page.beyond) if page.beyond is not None else None
    return Group(search_texts.rows(tx, page.ids), following, page.is_cut)


def _notes(tx: Tx, wanted: Question, limit: int, after: str | None) -> Group:
    before = search_notes.id_of(tx, after) if after else None
    page = search_notes.page(tx, wanted.notes, limit, before)
    following = search_notes.public_id_of(tx, page.beyond) if page.beyond is not None else None
    return Group(search_notes.rows(tx, page.ids), following, page.is_cut)


_PAGES: dict[Kind, Callable[[Tx, Question, int, str | None], Group]] = {
    Kind.PEOPLE: _people,
    Kind.CONVERSATIONS: _conversations,
    Kind.TEXTS: _texts,
    Kind.NOTES: _notes,
}


def is_known(tx: Tx, kind: Kind, public_id: str) -> bool:
    """Whether a page of that group can begin after that id."""
    if kind is Kind.PEOPLE:
        return contacts.by_public_id(tx, public_id) is not None
    if kind is Kind.CONVERSATIONS:
        return conversations.by_public_id(tx, public_id) is not None
    look = search_texts.id_of if kind is Kind.TEXTS else search_notes.id_of
    return look(tx, public_id) is not None
