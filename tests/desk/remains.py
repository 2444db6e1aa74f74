"""Looking for what must be gone: in every value of every table, and in every octet of the files."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Traces:
    """What somebody leaves. `words`: written by or to them; `octets`: as they went by radio."""

    words: set[str] = field(default_factory=set)
    octets: set[bytes] = field(default_factory=set)

    @classmethod
    def of_number(cls, number: str) -> Traces:
        """A number, as digits and as semi-octets (TS 23.040 9.1.2.3)."""
        digits = number.lstrip("+")
        padded = digits + "F" * (len(digits) % 2)
        swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
        return cls({digits, digits[-9:], swapped}, {bytes.fromhex(swapped)})

    def note_radio(self, path: Path, number: str) -> None:
        """Note the ends of all PDUs to and from a number; each ends in words of its own."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            # what a rule answers is written to everybody
            theirs = "JOIN messages ON messages.id = message_id WHERE peer = ? AND rule IS NULL"
            parts, raw = f"SELECT tpdu FROM parts {theirs}", f"SELECT pdu FROM raw_pdus {theirs}"
            self.octets |= {row[0][-10:] for row in connection.execute(parts, [number])}
            self.words |= {row[0][-20:] for row in connection.execute(raw, [number])}

    def in_rows(self, path: Path) -> list[str]:
        """Where they stand in rows, shadow tables of the index included."""
        return [f"{where}: {needle}" for where, value in _values(path) for needle in self._found(value)]

    def in_files(self, path: Path) -> list[str]:
        """Which of them stand anywhere in the files of the database."""
        files = [path, path.with_name(f"{path.name}-wal")]
        return [
            f"{file.name}: {needle}"
            for file in files
            if file.exists()
            for needle in self._found(file.read_bytes())
        ]

    def _found(self, value: object) -> Iterator[str]:
        octets = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        small = octets.lower()
        for word in self.words:
            # the index keeps a word without the beginning it shares with the word before
            if any(end.lower().encode() in small for end in _ends(word)):
                yield word
        yield from (needle.hex() for needle in self.octets if needle in octets)


def _ends(word: str) -> Collection[str]:
    return (word, word[-10:]) if len(word) > 12 and not re.fullmatch(r"[0-9A-F]+", word) else (word,)


def _values(path: Path) -> Iterator[tuple[str, object]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for (table,) in connection.execute(names).fetchall():
            rows = connection.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in rows.description]
            for row in rows:
                yield from ((f"{table}.{name}", value) for name, value in zip(columns, row, strict=True))
