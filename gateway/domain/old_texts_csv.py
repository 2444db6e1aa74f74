"""Texts of an old phone from a list: lines of a file in, texts out, a row at a time."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.domain.contact import folded
from gateway.domain.csv_lists import LONGEST_CELL
from gateway.domain.hours import resolve
from gateway.domain.old_texts import DIRECTIONS, NoHistory, NotTaken, OldRow, old_text


class OldColumn(StrEnum):
    """What a column of such a list can hold."""

    SKIP = ""
    AT = "at"
    TIME = "time"
    DIRECTION = "direction"
    NUMBER = "number"
    BODY = "body"


NEEDED = (OldColumn.AT, OldColumn.DIRECTION, OldColumn.NUMBER, OldColumn.BODY)

_HEADERS: Mapping[str, OldColumn] = {
    header: column
    for column, headers in {
        OldColumn.AT: "date|datetime|date time|timestamp|date et heure|when|sent at|received at|horodatage",
        OldColumn.TIME: "time|heure",
        OldColumn.DIRECTION: "direction|type|folder|sens|dossier|in out|sent received",
        OldColumn.NUMBER: "number|phone|phone number|address|numero|telephone|numero de telephone|tel|"
        "from to|contact number|adresse",
        OldColumn.BODY: "text|body|message|content|texte|contenu|corps|sms",
    }.items()
    for header in headers.split("|")
}


def guess(headers: Sequence[str]) -> tuple[str, ...]:
    """For each header what its column most likely holds; each once."""
    found: list[str] = []
    for header in headers:
        words = " ".join(re.sub(r"[^a-z0-9]+", " ", folded(header)).split())
        column = _HEADERS.get(words, OldColumn.SKIP)
        found.append(column.value if column not in found else OldColumn.SKIP.value)
    return tuple(found)


def is_usable(columns: Sequence[str]) -> bool:
    """Whether texts can be read by these columns."""
    chosen = [one for one in columns if one]
    return set(NEEDED) <= set(chosen) and len(chosen) == len(set(chosen))


def texts(lines: Iterable[str], separator: str, columns: Sequence[str], zone: ZoneInfo) -> Iterator[OldRow]:
    """The texts of a list without its headers, `lines` with their ends. Times without an offset are those of
    `zone`.

    Raises:
        NoHistory: it is no list from some row on.
    """
    reader = csv.reader(lines, delimiter=separator)
    place = {column: at for at, column in enumerate(columns) if column}
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise NoHistory("history_broken") from None
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise NoHistory("history_broken")
        if any(cells):
            yield _text(row, {name: cells[at].strip() for name, at in place.items() if at < len(cells)}, zone)


def _text(row: int, cells: Mapping[str, str], zone: ZoneInfo) -> OldRow:
    direction = DIRECTIONS.get(folded(cells.get(OldColumn.DIRECTION, "")))
    if direction is None:
        return NotTaken(row, "bad_direction", cells.get(OldColumn.DIRECTION, "")[:40])
    written = f"{cells.get(OldColumn.AT, '')} {cells.get(OldColumn.TIME, '')}".strip()
    at = instant(written, zone)
    if at is None:
        return NotTaken(row, "bad_time", written[:40])
    return old_text(row, cells.get(OldColumn.NUMBER, ""), at, direction, cells.get(OldColumn.BODY, ""))


_WRITTEN = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p",
)  # fmt: skip
"""Beside ISO 8601: the day first, but with AM and PM, which those write who put the month first."""


def instant(written: str, zone: ZoneInfo) -> datetime | None:
    """A time as lists write it (UTC); None for what is none. Digits alone are seconds or milliseconds since
    1970."""
    if re.fullmatch(r"[0-9]{9,10}|[0-9]{12,13}", written):
        seconds = int(written) / (1000 if len(written) > 10 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    found = _read(" ".join(written.replace(",", " ").split()))
    if found is None or not 1900 < found.year < 2200:
        return None
    return resolve(found, zone) if found.tzinfo is None else found.astimezone(UTC)


def _read(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if len(written) > 10 else None
    except ValueError:
        pass
    for form in _WRITTEN:
        try:
            return datetime.strptime(written, form)
        except ValueError:
            continue
    return None
