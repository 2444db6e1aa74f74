"""When a window is open: the hours of a week as people write them, and those hours on the real clock of one
or several places at once.

A window is one stretch of real time. An edge that the clocks skip (they go forward) is the first instant
after the gap; an edge that comes twice (they go back) is the first of both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from gateway.domain import folding, hours_words
from gateway.domain.hours_words import DAILY, DAYS, HOLIDAYS, NONE
from gateway.domain.language import joined, spoken, t
from gateway.domain.typed import shown

Spans = tuple[tuple[int, int], ...]
"""Stretches of a local day in minutes from its midnight, in order, none touching another; ends excluded."""

_WHOLE_DAY: Spans = ((0, 24 * 60),)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HORIZON = timedelta(days=370)
_MOST_DAYS = 370
_SPAN = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?-([0-9]{1,2})(?:[:.]([0-9]{2}))?")
_EXAMPLE = t("Write it like Mon-Fri 10:00-18:00; Sat 10:00-17:00; holidays none")
_EXAMPLE_DAYS = t("Write them like 2026-12-24..2027-01-02, 2027-05-14")


class BadHours(ValueError):
    """What was written are no hours, or no days; the text says what is wrong and gives an example."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The hours of a week. `week` are the spans of Monday to Sunday, `on_holidays` those of a holiday
    (None: as on any such weekday)."""

    week: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    on_holidays: Spans | None = None

    def spans(self, day: date, is_holiday: bool) -> Spans:
        """When it is open on that local day."""
        if is_holiday and self.on_holidays is not None:
            return self.on_holidays
        return self.week[day.weekday()]

    def __str__(self) -> str:
        """The one way we keep it; `parse` understands it in every language."""
        return self._written(DAYS.__getitem__, str)

    def told(self) -> str:
        """The same in the language spoken; `parse` understands it there."""
        return self._written(hours_words.told_day, hours_words.told)

    def _written(self, day: Callable[[int], str], word: Callable[[str], str]) -> str:
        clauses = []
        if len(set(self.week)) == 1:
            clauses.append((word(DAILY), self.week[0]))
        else:
            for spans, group in groupby(range(7), key=self.week.__getitem__):
                run = list(group)
                days = day(run[0]) if len(run) == 1 else f"{day(run[0])}-{day(run[-1])}"
                clauses += [(days, spans)] if spans else []
        if self.on_holidays is not None:
            clauses.append((word(HOLIDAYS), self.on_holidays))
        return "; ".join(f"{days} {_clocks(spans) or word(NONE)}" for days, spans in clauses)


def _clocks(spans: Spans) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    return " ".join(f"{clock(start)}-{clock(end)}" for start, end in spans)


# --- what people write -------------------------------------------------------------------------------


def parse(text: str) -> Windows:
    """Hours as people write them, in English or the language spoken: "daily 08:00-20:00",
    "Mon-Fri 08:30-12:30 13:30-18:00; Sun none", "lun-ven 9-17".

    Days that are not named are closed. What is said of a day by its name goes before what is said of every
    day, and that it has none before the hours of more days: "Mon-Fri 09:00-17:00; Wed none".

    Raises:
        BadHours: it cannot be understood, or it would never be open.
    """
    return _parse(text, spoken().code)


@lru_cache(maxsize=512)
def _parse(text: str, _language: str) -> Windows:
    every: Spans | None = None
    named: dict[int, _Clause] = {}
    on_holidays: Spans | None = None
    for written in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        days, spans = _clause(written)
        if days == DAILY and every is None:
            every = spans
        elif days == HOLIDAYS and on_holidays is None:
            on_holidays = spans
        elif isinstance(days, str):
            raise _bad(t("{typed} stands there twice."), hours_words.told(days))
        else:
            clause = (frozenset(days), spans)
            if len(clause[0]) < len(days):
                raise _twice(max(days, key=days.count))
            for day in days:
                named[day] = _prevailing(day, named.get(day, clause), clause)
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
        named[day][1] if day in named else every or () for day in range(7)
    )
    week = (monday, tuesday, wednesday, thursday, friday, saturday, sunday)
    if not any(week):
        raise _bad(t("it would never be open."))
    return Windows(week, on_holidays)


_Clause = tuple[frozenset[int], Spans]
"""Days (0: Monday) and their hours."""


def _prevailing(day: int, one: _Clause, other: _Clause) -> _Clause:
    """The clause that counts for a day: the one that closes some of the days which the other opens. Hours
    beside hours could be meant instead of those, or besides.

    Raises:
        BadHours: it cannot be told which counts.
    """
    if one is other:
        return one
    few, many = sorted((one, other), key=lambda clause: len(clause[0]))
    if few[0] < many[0] and not few[1]:
        return few
    raise _twice(day)


def _twice(day: int) -> BadHours:
    return _bad(t("{typed} stands there twice."), hours_words.told_day(day))


def _bad(what: str, typed: str = "", **more: str) -> BadHours:
    """What is wrong with something that was typed, with an example."""
    return BadHours(joined(what.format(typed=typed, **more), _EXAMPLE))


def _clause(clause: str) -> tuple[str | list[int], Spans]:
    """The days that a clause names (or the word daily or holidays), and their spans."""
    tidy = folding.folded(re.sub(r"\s*[-‐-―]\s*", "-", clause))
    none = "|".join(map(re.escape, hours_words.ways(NONE)))
    match = re.fullmatch(rf"(?P<days>[^\d\s]\D*?)\s*(?P<spans>[0-9].*|{none})", tidy)
    if match is None:
        raise _bad(t("{typed} names no days, or no hours for them."), shown(clause))
    words = match["days"].replace(",", " ").replace(".", " ").split()
    spans = _spans(match["spans"]) if match["spans"][0].isdigit() else ()
    for special in (DAILY, HOLIDAYS):
        if " ".join(words) in hours_words.ways(special):
            return special, spans
    return [day for word in words for day in _days(word)], spans


def _days(word: str) -> list[int]:
    """One day, or the days from one to another; Sat-Mon goes over the end of the week."""
    first, *rest = (_day(name) for name in word.split("-"))
    if not rest:
        return [first]
    if len(rest) > 1:
        raise _bad(t("{typed} are no days."), shown(word))
    return [(first + step) % 7 for step in range((rest[0] - first) % 7 + 1)]


def _day(name: str) -> int:
    number = hours_words.day(name)
    if number is None:
        raise _bad(
            t("{typed} is no day: there are {days}, {daily} and {holidays}."),
            shown(name),
            days=", ".join(map(hours_words.told_day, range(7))),
            daily=hours_words.told(DAILY),
            holidays=hours_words.told(HOLIDAYS),
        )
    return number


def _spans(written: str) -> Spans:
    spans = sorted(_span(word) for word in written.replace(",", " ").split())
    joined = [spans[0]]
    for start, end in spans[1:]:
        if start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _span(word: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(word)
    if match is None:
        raise _bad(t("{typed} are no hours: they go by 24, as in 08:30-18:00."), shown(word))
    hour, minute, until_hour, until_minute = (int(number or 0) for number in match.groups())
    start, end = hour * 60 + minute, until_hour * 60 + until_minute
    if minute > 59 or until_minute > 59 or end > 24 * 60:
        raise _bad(t("{typed} is beyond the day, which goes from 00:00 to 24:00."), shown(word))
    if start >= end:
        raise BadHours(
            t(
                "{typed} must end after it begins: hours past midnight are those of two days, as in "
                "Fri 20:00-24:00; Sat 00:00-02:00"
            ).format(typed=shown(word))
        )
    return start, end


def parse_days(text: str) -> frozenset[date]:
    """Days and spans of days: "2026-12-24..2027-01-02, 2027-05-14"; empty text is no day.

    Raises:
        BadHours: it cannot be understood, or a span is longer than a year.
    """
    days: set[date] = set()
    for word in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        ends = [end.strip() for end in word.split("..")]
        try:
            start, end = (date.fromisoformat(ends[number]) for number in (0, -1))
            if len(ends) > 2:
                raise ValueError
        except ValueError:
            raise BadHours(
                joined(
                    t("{typed} is no day, nor two with .. between them.").format(typed=shown(word)),
                    _EXAMPLE_DAYS,
                )
            ) from None
        if not 0 <= (end - start).days < _MOST_DAYS:
            wrong = t("{typed} must end after it begins, within a year.").format(typed=shown(word))
            raise BadHours(joined(wrong, _EXAMPLE_DAYS))
        days.update(start + step * _DAY for step in range((end - start).days + 1))
    return frozenset(days)


def days_written(days: Iterable[date]) -> str:
    """The one way we write days; `parse_days` understands it."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == _DAY and len(runs[-1]) < _MOST_DAYS:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}..{run[-1]}" for run in runs)


# --- on the clock ------------------------------------------------------------------------------------


def resolve(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in `zone` show `wall` (naive): the first one where they show it
    twice, the first after the gap where they never do."""
    late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return late
    # Never shown: with the offset before the gap it falls behind the gap, with the one after it before it.
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


@lru_cache(maxsize=16384)
def _on_day(
    windows: tuple[Windows, ...], zone: ZoneInfo, day: date, is_holiday: bool
) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches (UTC) of that local day in which every one of the windows is open; empty where the
    clocks skip it."""
    spans = _WHOLE_DAY
    for one in windows:
        spans = _common(spans, one.spans(day, is_holiday))
    midnight = datetime(day.year, day.month, day.day)
    return tuple(
        (resolve(midnight + timedelta(minutes=start), zone), resolve(midnight + timedelta(minutes=end), zone))
        for start, end in spans
    )


def _common(some: Spans, others: Spans) -> Spans:
    pairs = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return tuple((start, end) for start, end in pairs if start < end)


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours in places: open when every one of the windows is open in every one of the zones.

    `holidays` are days on which the windows' hours for holidays hold; `closed` those on which nothing is
    open, whatever the windows say.
    """

    windows: tuple[Windows, ...]
    zones: tuple[ZoneInfo, ...]
    holidays: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.zones:
            raise ValueError("hours need at least one zone")

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at that instant (aware)."""
        return all(self._end(zone, at) is not None for zone in self.zones)

    def next_open(self, at: datetime) -> datetime | None:
        """`at` itself when it is open then, else the first instant (UTC) of the next opening; None when
        there is none within 370 days."""
        last = at + _HORIZON
        found = at
        while found <= last:
            starts = [self._start(zone, found, last) for zone in self.zones]
            if None in starts:
                return None
            latest = max(start for start in starts if start is not None)
            if latest == found:
                return found
            found = latest
        return None

    def closes_at(self, at: datetime) -> datetime | None:
        """The first instant (UTC) after `at` at which it is closed; None when it is closed at `at` already,
        or does not close within 370 days."""
        last = at + _HORIZON
        found = at
        while found <= last:
            ends = [self._end(zone, found) for zone in self.zones]
            if None in ends:
                return None if found == at else found
            found = min(end for end in ends if end is not None)
        return None

    def _start(self, zone: ZoneInfo, at: datetime, last: datetime) -> datetime | None:
        """`at` when it is open in that zone then, else the next opening there, up to `last`."""
        day, last_day = at.astimezone(zone).date(), last.astimezone(zone).date() + _DAY
        while day <= last_day:
            for start, end in self._of_day(zone, day):
                if at < end:
                    return max(at, start)
            day += _DAY
        return None

    def _end(self, zone: ZoneInfo, at: datetime) -> datetime | None:
        """When the stretch of that zone ends that `at` lies in; None when it lies in none."""
        # Where the clocks go back over midnight, an hour that still shows one day is of the next one's.
        day = at.astimezone(zone).date()
        for one in (day, day + _DAY):
            for start, end in self._of_day(zone, one):
                if start <= at < end:
                    return end
                if at < start:
                    return None
        return None

    def _of_day(self, zone: ZoneInfo, day: date) -> tuple[tuple[datetime, datetime], ...]:
        if day in self.closed:
            return ()
        return _on_day(self.windows, zone, day, day in self.holidays)
