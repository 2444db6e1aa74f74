"""Texts of an old phone: what a row of its list, or a mark of its backup, says. Pure: what was read in, texts
out; how the two kinds of files are read is `old_texts_csv` and `old_texts_xml`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before it nobody's phone kept texts: such a time is a mistake of the file."""
LONGEST = 40_000
"""Characters of a text."""


@dataclass(frozen=True, slots=True)
class OldText:
    """One text. `row` counts from 1 through the file; `number` as it stands there; `at` is when it came or
    went."""

    row: int
    number: str
    at: datetime
    outbound: bool
    body: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row that becomes no text; `why`: a word of `import_words.NOTES`, or of what is only counted
    (picture, unsent); `what` it is about."""

    row: int
    why: str
    what: str = ""


OldRow = OldText | NotTaken


class NoHistory(ValueError):
    """The file cannot be read; `key` says why, a word of `refusal_words.REFUSALS`."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def old_text(row: int, number: str, at: datetime | None, outbound: bool, body: str) -> OldRow:
    """A row of a file as a text, or why it is none. What is no character becomes U+FFFD."""
    body = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in body).replace("\0", "")
    number = " ".join(number.split())
    if at is None or at < EARLIEST:
        return NotTaken(row, "bad_time")
    if not number:
        return NotTaken(row, "no_number")
    if not number.isprintable() or len(number) > 40:
        return NotTaken(row, "bad_number", number[:40])
    if not body.strip() or len(body) > LONGEST:
        return NotTaken(row, "empty" if not body.strip() else "long")
    return OldText(row, number, at, outbound, body)


def digest(number: str, text: OldText) -> bytes:
    """What two copies of one text have in common: with whom (canonical), when, which way, its words."""
    said = (number, str(milliseconds(text.at)), "out" if text.outbound else "in", text.body)
    return hashlib.sha256("\0".join(said).encode()).digest()


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return round(at.timestamp() * 1000)


_BEFORE_ALL = 1 << 52


def place(at: datetime) -> int:
    """The id of an old text: before every text of our own, and among old ones by their time. Every whole
    number up to there is exact in a float, which is what JSON makes of it."""
    return milliseconds(at) - _BEFORE_ALL


DIRECTIONS: Mapping[str, bool] = {
    **dict.fromkeys(
        (
            "received",
            "receive",
            "in",
            "incoming",
            "inbox",
            "inbound",
            "from",
            "1",
            "recu",
            "entrant",
            "reception",
        ),
        False,
    ),
    **dict.fromkeys(
        ("sent", "send", "out", "outgoing", "outbox", "outbound", "to", "2", "envoye", "sortant", "emis"),
        True,
    ),
}
"""Words for the way a text went, folded: whether it went out."""
