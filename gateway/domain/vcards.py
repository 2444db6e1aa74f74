"""Address books in vCards: versions 2.1 (with quoted-printable), 3.0 (RFC 2426) and 4.0 (RFC 6350), as phones
and mail programs write them: bytes in, a table out, never raising. What is not known is passed over."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.domain import csv_lists
from gateway.domain.csv_lists import Row, Table

HEADERS = (
    "Name", "First name", "Last name", "Phone", "Phone", "Phone", "Phone", "Company", "E-mail", "Address",
    "Language", "Tags", "External id",
)  # fmt: skip
"""What a card is laid out as: the headers of the table that `table` gives."""
MOST_NUMBERS = HEADERS.count("Phone")

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_IS_QUOTED = re.compile(r"(?im)^[^:\r\n]*;(?:ENCODING=)?QUOTED-PRINTABLE[^:\r\n]*:")


@dataclass(slots=True)
class _Card:
    values: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    number: int = 0

    def set(self, name: str, value: str) -> None:
        if value and name not in self.values:
            self.values[name] = value

    def row(self) -> Row:
        numbers = iter((self.numbers + [""] * MOST_NUMBERS)[:MOST_NUMBERS])
        cells = (next(numbers) if one == "Phone" else self.values.get(one, "") for one in HEADERS)
        return Row(self.number, tuple(cells))


def is_vcard(content: bytes) -> bool:
    """Whether the bytes begin as a vCard does."""
    text = csv_lists.decoded(content[:400], csv_lists.encoding_of(content[:400]))
    return text.lstrip().upper().startswith("BEGIN:VCARD")


def table(content: bytes, encoding: str) -> Table:
    """The cards as a table with a first row of headers; its rows are counted by cards, from 1."""
    cards = list(_cards(csv_lists.decoded(content, encoding)))
    return Table((Row(0, HEADERS), *(card.row() for card in cards)))


def _cards(text: str) -> Iterator[_Card]:
    card: _Card | None = None
    number = 0
    for line in _lines(text):
        head, colon, value = _cut(line)
        if not colon:
            continue
        name, *parameters = head.split(";")
        name = name.rpartition(".")[2].strip().upper()  # a group, as Apple writes: item1.TEL
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            number += 1
            card = _Card(number=number)
        elif name == "END" and card is not None:
            yield card
            card = None
        elif card is not None:
            _take(card, name, _plain(value, parameters))


def _cut(line: str) -> tuple[str, str, str]:
    """What stands before and after the first colon that is not within quotes."""
    quoted = False
    for place, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[:place], ":", line[place + 1 :]
    return line, "", ""


def _lines(text: str) -> Iterator[str]:
    """The lines of the file, those that were folded made whole; a quoted-printable one goes on after each `=`
    at its end, as it was before folding was invented."""
    kept: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        if kept and _IS_QUOTED.match(kept[0]) and kept[-1].endswith("="):
            kept[-1] = kept[-1][:-1]
            kept.append(line.lstrip(" \t"))
        elif kept and line[:1] in (" ", "\t"):
            kept.append(line[1:])
        else:
            yield "".join(kept)
            kept = [line]
    yield "".join(kept)


def _plain(value: str, parameters: list[str]) -> str:
    given = [one.strip().upper() for one in parameters]
    if not any(one in ("QUOTED-PRINTABLE", "ENCODING=QUOTED-PRINTABLE") for one in given):
        return value
    octets = quopri.decodestring(value.encode("utf-8", errors="replace"))
    charset = next((one.partition("=")[2] for one in given if one.startswith("CHARSET=")), "")
    encoding = charset.lower() if charset.lower() in _CHARSETS else csv_lists.encoding_of(octets)
    return octets.decode(encoding, errors="replace")


_CHARSETS = frozenset({"utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"})


def _take(card: _Card, name: str, value: str) -> None:
    match name:
        case "FN":
            card.set("Name", _text(value))
        case "N":
            last, first, *_ = [*_pieces(value), "", ""]
            card.set("Last name", last)
            card.set("First name", first)
        case "TEL":
            number = re.sub(r"(?i)^tel:", "", _text(value)).partition(";")[0].strip()
            if number and number not in card.numbers:
                card.numbers.append(number)
        case "ORG":
            card.set("Company", next(iter(_pieces(value)), ""))
        case "EMAIL":
            card.set("E-mail", _text(value))
        case "ADR":
            card.set("Address", "\n".join(piece for piece in _pieces(value) if piece))
        case "LANG":
            card.set("Language", _text(value))
        case "CATEGORIES":
            card.set("Tags", ";".join(piece for piece in _pieces(value, ",") if piece))
        case "UID":
            card.set("External id", _text(value))


def _pieces(value: str, separator: str = ";") -> list[str]:
    """The pieces of a structured value, each unescaped."""
    return [_text(piece) for piece in re.split(rf"(?<!\\){separator}", value)]


def _text(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
