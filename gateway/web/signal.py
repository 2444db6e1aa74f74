"""The signal of a line over 24 hours: what its samples say, as a drawing and as a table. No Flask, no SQL.

A stretch ends where the line went down or came back, or where nothing was told for a while (the program was
not running). The drawing has no words in it: they stand round it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from sqlalchemy import Row

from gateway.desk.line_history import SAMPLE_EVERY
from gateway.domain import line_words
from gateway.domain.language import joined, t, tn
from gateway.store.line_history import UP_CODE
from gateway.web.present import Times, dbm_words, signal_words

SPAN = timedelta(hours=24)
WIDTH, HEIGHT = 720, 180
TOP_DBM, BOTTOM_DBM = -70, -115
"""Ends of the scale; good, fair and weak take a third of it each."""
SILENT_AFTER = 3 * SAMPLE_EVERY
"""Without a sample for so long it is not known how the line was."""
_ON_THE_WAY = frozenset({"opening", "restarting", "recovering"})
"""States on the way back from a trouble, or of a program that was just started: no trouble by themselves."""
_NARROWEST = 4
"""Width at which a short outage still shows."""
_NAMED = 3
"""Outages told in words; more would hide the graph."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a line was one thing: `code` of its state, empty where it is not known. `dbm` holds
    the samples of a line that worked."""

    start: datetime
    end: datetime
    code: str
    dbm: tuple[tuple[datetime, int], ...] = ()

    @property
    def is_outage(self) -> bool:
        """Whether the line could not send."""
        return self.code not in ("", UP_CODE)


@dataclass(frozen=True, slots=True)
class Bar:
    """An outage as drawn."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table that says the same."""

    hours: str
    words: str
    middle: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The signal as the page shows it: paths and bars of a drawing of WIDTH by HEIGHT, and words for it."""

    paths: tuple[str, ...]
    bars: tuple[Bar, ...]
    hours: tuple[str, ...]
    rows: tuple[TableRow, ...]
    outages: tuple[str, ...]
    summary: str


def graph(samples: Sequence[Row[Any]], times: Times) -> Graph | None:
    """The drawing of samples (`at`, `code`, `signal_dbm`), oldest first; None when none tells a signal."""
    if not any(sample.signal_dbm is not None for sample in samples):
        return None
    start = times.now - SPAN
    stretches = _stretches(samples, start, times.now)
    rows = _rows(stretches, times)
    outages = _outages(stretches, times)
    return Graph(
        paths=tuple(path for stretch in stretches if (path := _path(stretch, start))),
        bars=tuple(_bar(stretch, start) for stretch in stretches if stretch.is_outage),
        hours=(*(times.clock(start + SPAN * n / 4) for n in range(4)), str(t("now"))),
        rows=rows,
        outages=outages,
        summary=joined(_mostly(stretches), *outages),
    )


def _stretches(samples: Sequence[Row[Any]], start: datetime, now: datetime) -> list[Stretch]:
    ends = [*(sample.at for sample in samples[1:]), now]
    found: list[Stretch] = []
    if samples[0].at - start > SILENT_AFTER:
        found.append(Stretch(start, samples[0].at, ""))
    for sample, following in zip(samples, ends, strict=True):
        # a line that is down says nothing more until that changes; one that works tells of it all the time
        lasts = following if sample.code != UP_CODE else min(following, sample.at + SILENT_AFTER)
        told = ((sample.at, sample.signal_dbm),) if sample.signal_dbm is not None else ()
        found.append(Stretch(sample.at, lasts, sample.code, told if sample.code == UP_CODE else ()))
        if lasts < following:
            found.append(Stretch(lasts, following, ""))
    return _merged(_merged(found))  # an outage that was none joins the silence round it


def _merged(stretches: list[Stretch]) -> list[Stretch]:
    return [_joined(list(group)) for _, group in groupby(stretches, key=_kind)]


def _kind(stretch: Stretch) -> str:
    """What stands as one: an outage is one whatever its trouble was called while it lasted."""
    return "outage" if stretch.is_outage else stretch.code


def _joined(group: list[Stretch]) -> Stretch:
    dbm = tuple(told for stretch in group for told in stretch.dbm)
    causes = [stretch.code for stretch in group if stretch.code not in _ON_THE_WAY]
    code = causes[0] if causes else "" if group[0].is_outage else group[0].code
    return Stretch(group[0].start, group[-1].end, code, dbm)


def _x(at: datetime, start: datetime) -> int:
    return max(0, min(WIDTH, round((at - start) / SPAN * WIDTH)))


def _y(dbm: int) -> int:
    within = max(BOTTOM_DBM, min(TOP_DBM, dbm))
    return round((TOP_DBM - within) / (TOP_DBM - BOTTOM_DBM) * HEIGHT)


def _path(stretch: Stretch, start: datetime) -> str:
    """A line through the samples, drawn on to the end of the stretch."""
    if not stretch.dbm:
        return ""
    points = [(_x(at, start), _y(dbm)) for at, dbm in stretch.dbm]
    points.append((max(_x(stretch.end, start), points[-1][0] + 1), points[-1][1]))
    return "M" + " L".join(f"{x} {y}" for x, y in points)


def _bar(stretch: Stretch, start: datetime) -> Bar:
    x = _x(stretch.start, start)
    return Bar(min(x, WIDTH - _NARROWEST), max(_NARROWEST, _x(stretch.end, start) - x))


# --- words -------------------------------------------------------------------------------------------


def _said(code: str) -> str:
    return str(line_words.line_sentence(code)).rstrip(".") if code else str(t("Not known"))


def _ends(stretch: Stretch, times: Times) -> dict[str, str]:
    end = str(t("now")) if stretch.end == times.now else times.clock(stretch.end)
    return {"start": times.clock(stretch.start), "end": end}


def _rows(stretches: list[Stretch], times: Times) -> tuple[TableRow, ...]:
    rows: list[tuple[Stretch, str]] = []
    for stretch in stretches:
        for piece in _by_hour(stretch, times) if stretch.dbm else [stretch]:
            words = str(signal_words(_middle(piece))).capitalize() if piece.dbm else _said(piece.code)
            if rows and rows[-1][1] == words and piece.dbm:
                rows[-1] = (_joined([rows[-1][0], piece]), words)
            else:
                rows.append((piece, words))
    return tuple(
        TableRow(
            t("{start} to {end}").format(**_ends(piece, times)),
            words,
            dbm_words(_middle(piece)) if piece.dbm else str(t("none")),
        )
        for piece, words in rows
    )


def _by_hour(stretch: Stretch, times: Times) -> list[Stretch]:
    """A stretch cut at the full hours, so that one word can be said of each piece."""
    groups = [list(group) for _, group in groupby(stretch.dbm, key=lambda told: times.local(told[0]).hour)]
    starts = [stretch.start, *(group[0][0] for group in groups[1:]), stretch.end]
    return [
        Stretch(begin, end, stretch.code, tuple(group))
        for (begin, end), group in zip(pairwise(starts), groups, strict=True)
    ]


def _middle(stretch: Stretch) -> str:
    return str(round(median(dbm for _, dbm in stretch.dbm)))


def _outages(stretches: list[Stretch], times: Times) -> tuple[str, ...]:
    found = [stretch for stretch in stretches if stretch.is_outage]
    outage = t("{what} from {start} to {end}.")
    named = [outage.format(what=_said(one.code), **_ends(one, times)) for one in found[-_NAMED:]]
    before = len(found) - len(named)
    more = tn("{count} more before that.", "{count} more before that.", before)
    return (*[more] * bool(before), *named)


def _mostly(stretches: list[Stretch]) -> str:
    told = [dbm for stretch in stretches for _, dbm in stretch.dbm]
    if not told:
        return str(t("Signal of the last 24 hours: not known."))
    level = signal_words(str(round(median(told))))
    return t("Signal of the last 24 hours: {level} in the middle.").format(level=level)
