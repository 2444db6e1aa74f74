"""Lists in a file of comma-separated values, as office programs write them: bytes in, rows out, never
raising.

The cells are split by Python's csv (RFC 4180 and what Excel makes of it); here it is found out how the file
was written, since none says so itself.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

ENCODINGS = ("utf-8", "utf-16", "windows-1252")
"""How a list may be written; a byte order mark of either of the first two is taken off."""
SEPARATORS = (",", ";", "\t")
LONGEST_CELL = 100_000
"""Characters. What is longer is no cell: a quote was opened and never closed."""

_SAMPLE_LINES = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file; `number` counts from 1 and is what a spreadsheet shows beside it, as long as no cell
    before it holds a line end."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its rows but the empty ones. `broken_at`: the row from which it cannot be read,
    since a quote that was opened there is never closed; None: it could be read to its end."""

    rows: tuple[Row, ...]
    broken_at: int | None = None


def encoding_of(content: bytes) -> str:
    """How the bytes are most likely written, one of `ENCODINGS`."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-16" if _is_every_second_zero(content) else "windows-1252"
    return "utf-16" if _is_every_second_zero(content) else "utf-8"


def _is_every_second_zero(content: bytes) -> bool:
    """UTF-16 without a mark: of what Europeans write, one of two octets is almost always zero."""
    sample = content[:2000]
    half = len(sample) // 2
    return half > 0 and max(sample[0::2].count(0), sample[1::2].count(0)) > half * 0.7


def decoded(content: bytes, encoding: str) -> str:
    """The text; what the encoding has no character for becomes U+FFFD."""
    if encoding == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-be" if content[:2000:2].count(0) > content[1:2000:2].count(0) else "utf-16-le"
    elif encoding == "utf-8":
        encoding = "utf-8-sig"
    return content.decode(encoding, errors="replace").replace("\0", "")


def separator_of(text: str) -> str:
    """What most likely stands between the cells, one of `SEPARATORS`: what cuts the first lines into the same
    number of cells most often, and into most of them."""
    sample = "".join(text.splitlines(keepends=True)[:_SAMPLE_LINES])
    return max(SEPARATORS, key=lambda one: _evenness(sample, one))


def _evenness(sample: str, separator: str) -> tuple[float, int]:
    widths = Counter(len(row.cells) for row in table(sample, separator).rows)
    if not widths:
        return (0, 0)
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (times / widths.total() if width > 1 else 0, width)


def table(text: str, separator: str) -> Table:
    """The rows of a text, cells without the blanks round them."""
    rows: list[Row] = []
    number = 0
    # StringIO without translation: a line end within quotes belongs to its cell
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return Table(tuple(rows))
        except csv.Error:  # the one there is without `strict`: a cell beyond csv.field_size_limit()
            return Table(tuple(rows), broken_at=number)
        if any(len(cell) > LONGEST_CELL for cell in cells):
            return Table(tuple(rows), broken_at=number)
        kept = tuple(cell.strip() for cell in cells)
        if any(kept):
            rows.append(Row(number, kept))
