"""What somebody types to search: words, and filters such as `from:anna`, `before:2026-05`, `is:failed`.
Whatever is typed means something: what is no filter is words, and what cannot be understood is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from gateway.domain import folding
from gateway.domain.language import Text, filled, t

LONGEST = 500
"""So many characters of what was typed are read."""
MOST_WORDS = 12
MOST_FILTERS = 12


class Kind(StrEnum):
    """The groups of what is found."""

    PEOPLE = "people"
    CONVERSATIONS = "conversations"
    TEXTS = "texts"
    NOTES = "notes"


class Name(StrEnum):
    """The filters."""

    FROM = "from"
    TO = "to"
    WITH = "with"
    BY = "by"
    BEFORE = "before"
    AFTER = "after"
    ON = "on"
    IS = "is"
    HAS = "has"
    TAG = "tag"
    LINE = "line"


class Is(StrEnum):
    """What a text, a conversation or a person can be."""

    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    SCHEDULED = "scheduled"
    STARRED = "starred"
    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    UNREAD = "unread"
    BLOCKED = "blocked"


OF_TEXTS = frozenset({Is.FAILED, Is.UNCONFIRMED, Is.SCHEDULED, Is.STARRED})
OF_PEOPLE = frozenset({Is.BLOCKED})
NOTE, ME = "note", "me"

WRITTEN: Mapping[Name, str] = {
    Name.FROM: t("from:"),
    Name.TO: t("to:"),
    Name.WITH: t("with:"),
    Name.BY: t("by:"),
    Name.BEFORE: t("before:"),
    Name.AFTER: t("after:"),
    Name.ON: t("on:"),
    Name.IS: t("is:"),
    Name.HAS: t("has:"),
    Name.TAG: t("tag:"),
    Name.LINE: t("line:"),
}
"""How each filter is typed, in the language of whoever types; the English ones are understood in all."""
STATES: Mapping[Is, str] = {
    Is.FAILED: t("is:failed"),
    Is.UNCONFIRMED: t("is:unconfirmed"),
    Is.SCHEDULED: t("is:scheduled"),
    Is.STARRED: t("is:starred"),
    Is.OPEN: t("is:open"),
    Is.WAITING: t("is:waiting"),
    Is.SNOOZED: t("is:snoozed"),
    Is.CLOSED: t("is:closed"),
    Is.MINE: t("is:mine"),
    Is.UNASSIGNED: t("is:unassigned"),
    Is.UNREAD: t("is:unread"),
    Is.BLOCKED: t("is:blocked"),
}
HAS_NOTE, FROM_ME, BEFORE_MAY = t("has:note"), t("from:me"), t("before:2026-05")


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter that was understood. `value`: the word of `Is`, `note`, `me`, or what was typed; of days
    `first` and `last` are the days it speaks of."""

    name: Name
    value: str
    typed: str
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `words`: in small letters, each once; `troubles`: what was not understood, a
    sentence each, and left out."""

    words: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    troubles: tuple[Text, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.filters

    def of(self, name: Name) -> tuple[Filter, ...]:
        """The filters of that name."""
        return tuple(one for one in self.filters if one.name is name)

    def states(self) -> frozenset[Is]:
        """All that it is said to be."""
        return frozenset(Is(one.value) for one in self.of(Name.IS))


_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_PIECE = re.compile(r'(?<!\S)([^\W\d_]+):(?:"([^"]*)"?|(\S*))|\S+')


@dataclass(slots=True)
class _Read:
    today: date
    words: dict[str, None] = field(default_factory=dict)
    filters: list[Filter] = field(default_factory=list)
    troubles: list[Text] = field(default_factory=list)

    def piece(self, found: re.Match[str]) -> None:
        name = _named(found[1]) if found[1] else None
        value = (found[2] if found[2] is not None else found[3] or "").strip()
        if name is not None:
            self.filter(name, value, found[0])
            return
        self.words |= dict.fromkeys(folding.words(found[0]))
        if value and not value.startswith("//"):
            self.troubles.append(filled(NO_FILTER, typed=f"{found[1]}:", those=_those(WRITTEN.values())))

    def filter(self, name: Name, value: str, typed: str) -> None:
        if not value:
            self.troubles.append(filled(NOTHING_BEHIND, typed=typed, example=_EXAMPLES[name]))
        elif name in (Name.BEFORE, Name.AFTER, Name.ON):
            self._days(name, value, typed)
        elif name is Name.IS:
            state = _state(value)
            if state is None:
                self.troubles.append(filled(NOT_KNOWN, typed=typed, those=_those(STATES.values())))
            else:
                self.filters.append(Filter(name, state, typed))
        elif name is Name.HAS and not _is_value(value, HAS_NOTE):
            self.troubles.append(filled(NOT_KNOWN, typed=typed, those=HAS_NOTE))
        elif name is Name.HAS:
            self.filters.append(Filter(name, NOTE, typed))
        else:
            of_me = name in (Name.FROM, Name.BY) and _is_value(value, FROM_ME)
            self.filters.append(Filter(name, ME if of_me else value, typed))

    def _days(self, name: Name, value: str, typed: str) -> None:
        days = span(value, self.today)
        if days is None:
            self.troubles.append(filled(NO_DAY, typed=typed))
        else:
            self.filters.append(Filter(name, value, typed, *days))


def parse(typed: str, today: date) -> Asked:
    """Read what was typed; `today` is the office's day."""
    done = _Read(today)
    for found in _PIECE.finditer(typed[:LONGEST].translate(_QUOTES)):
        done.piece(found)
    words = tuple(done.words)[:MOST_WORDS]
    return Asked(words, tuple(done.filters[:MOST_FILTERS]), tuple(dict.fromkeys(done.troubles)))


def span(typed: str, today: date) -> tuple[date, date] | None:
    """The first and the last day of a day, a month or a year (ISO 8601), of today or yesterday; None for what
    is none of them."""
    value = folding.folded(typed)
    for words, ago in ((TODAY, 0), (YESTERDAY, 1)):
        if value in (str.__str__(words), folding.folded(str(words))):
            day = today - timedelta(days=ago)
            return day, day
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", value, re.ASCII)
    if found is None:
        return None
    year, month, day_ = (int(one) if one else None for one in found.groups())
    try:
        first = date(year or 0, month or 1, day_ or 1)
        last = first if day_ else _last_of(first, whole_year=month is None)
        _ = last + timedelta(days=1)  # its midnight is asked for; there is none after 9999
    except (ValueError, OverflowError):
        return None
    return first, last


def _last_of(first: date, *, whole_year: bool) -> date:
    if whole_year:
        return date(first.year, 12, 31)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def _named(typed: str) -> Name | None:
    wanted = folding.folded(typed) + ":"
    return next(
        (name for name, words in WRITTEN.items() if wanted in (f"{name}:", folding.folded(str(words)))), None
    )


def _state(value: str) -> Is | None:
    return next((state for state, words in STATES.items() if _is_value(value, words)), None)


def _is_value(value: str, words: str) -> bool:
    """Whether a value is the one that stands behind the colon of these words, in English or as spoken."""
    known = (str.__str__(words), folding.folded(str(words)))
    return folding.folded(value) in [one.partition(":")[2] for one in known]


class _Those:
    """A list of words, joined when it is read."""

    def __init__(self, words: Iterator[str]) -> None:
        self._words = tuple(words)

    def __str__(self) -> str:
        return ", ".join(map(str, self._words))


def _those(words: object) -> _Those:
    return _Those(iter(words))  # type: ignore[call-overload]


# --- what is said of what was not understood ---------------------------------------------------------

TODAY, YESTERDAY = t("today"), t("yesterday")
NO_FILTER = t("There is no filter “{typed}”, so it was looked for as words. There are: {those}.")
NOTHING_BEHIND = t("Nothing stands behind “{typed}”, so it was left out. Write it like {example}.")
NOT_KNOWN = t("“{typed}” was left out. There are: {those}.")
NO_DAY = t(
    "“{typed}” names no day and was left out. Write a day like 2026-05-03, a month like 2026-05, or 2026."
)
_EXAMPLES: Mapping[Name, str] = {
    Name.FROM: FROM_ME,
    Name.TO: t("to:anna"),
    Name.WITH: t("with:anna"),
    Name.BY: t("by:me"),
    Name.BEFORE: BEFORE_MAY,
    Name.AFTER: t("after:2026-05-03"),
    Name.ON: t("on:2026-05-03"),
    Name.IS: STATES[Is.FAILED],
    Name.HAS: HAS_NOTE,
    Name.TAG: t("tag:recall"),
    Name.LINE: t('line:"front desk"'),
}
