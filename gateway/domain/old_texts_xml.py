"""Texts of an old phone from the XML of "SMS Backup & Restore", the common backup of Android: octets in,
texts out, an element at a time, so that a file of any length takes no memory.

The parser is expat itself. A document type, and with it every entity of the file's own, ends the reading:
that is how XML is made to grow without end or to read other files, and these backups have none. The app
writes an emoji as two references to halves of it, which XML forbids; they are put together before the parser
sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

from gateway.domain.old_texts import NoHistory, NotTaken, OldRow, old_text

BEGINNINGS = (b"<?xml", b"<smses", b"<allsms")
LARGEST_ELEMENT = 64 << 20
"""Octets without an end of an element. A picture that somebody sent is one, of a few MiB."""

_RECEIVED, _SENT = "1", "2"
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_HIGH = rb"&#(?:x[dD][89abAB][0-9A-Fa-f]{2}|55[3-9][0-9]{2}|5529[6-9]|56[0-2][0-9]{2}|563[01][0-9]);"
_LOW = (
    rb"&#(?:x[dD][c-fC-F][0-9A-Fa-f]{2}|56[4-9][0-9]{2}|563[2-9][0-9]|57[0-2][0-9]{2}|573[0-3][0-9]"
    rb"|5734[0-3]);"
)
_PAIR = re.compile(rb"(" + _HIGH + rb")(" + _LOW + rb")")
_UNFINISHED = re.compile(rb"(?:" + _HIGH + rb")?&[#xX0-9A-Fa-f]{0,8}\Z|" + _HIGH + rb"\Z")
_LONGEST_PAIR = 32


def is_xml(content: bytes) -> bool:
    """Whether a file begins like such a backup."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(BEGINNINGS)


def texts(chunks: Iterable[bytes]) -> Iterator[OldRow]:
    """The texts of a backup, in its order; what it holds besides is counted by rows that are not taken.

    Raises:
        NoHistory: it is no such backup, it is broken, or it has a document type.
    """
    reader = _Reader()
    held = b""
    for chunk in chunks:
        held += chunk
        cut = _safe_end(held)
        reader.feed(_mended(held[:cut]))
        held = held[cut:]
        yield from reader.taken()
    reader.feed(_mended(held), last=True)
    yield from reader.taken()
    if not reader.is_backup:
        raise NoHistory("history_unknown")


def _safe_end(held: bytes) -> int:
    """Where what is there can be cut without cutting two references that belong together."""
    found = _UNFINISHED.search(held, max(0, len(held) - _LONGEST_PAIR))
    return found.start() if found else len(held)


def _mended(octets: bytes) -> bytes:
    """The octets with pairs of halves as one character, and without characters XML cannot have."""
    return _REFERENCE.sub(_allowed, _PAIR.sub(_joined, octets))


def _joined(found: re.Match[bytes]) -> bytes:
    high, low = (_number(one) for one in _REFERENCE.finditer(found[0]))
    return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _number(found: re.Match[bytes]) -> int:
    return int(found[1], 16) if found[1] else int(found[2])


def _allowed(found: re.Match[bytes]) -> bytes:
    code = _number(found)
    is_sign = code in (0x9, 0xA, 0xD) or code >= 0x20
    is_char = is_sign and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF) and code <= 0x10FFFF
    return found[0] if is_char else b"&#65533;" if code >= 0x20 else b""


class _Reader:
    """expat, and what it has found since it was last asked."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._found: list[OldRow] = []
        self._row = self._since = 0
        self.is_backup = False

    def _refuse(self, *_: Any) -> int:
        raise NoHistory("history_doctype")

    def feed(self, octets: bytes, *, last: bool = False) -> None:
        """Read on."""
        self._since += len(octets)
        if self._since > LARGEST_ELEMENT:
            raise NoHistory("history_broken")
        try:
            self._parser.Parse(octets, last)
        except expat.ExpatError:
            raise NoHistory("history_broken" if self.is_backup else "history_unknown") from None

    def taken(self) -> list[OldRow]:
        """What was found since."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, given: Mapping[str, str]) -> None:
        self._since = 0
        if not self.is_backup:
            if name not in ("smses", "allsms"):
                raise NoHistory("history_unknown")
            self.is_backup = True
        elif name in ("sms", "mms"):
            self._row += 1
            self._found.append(_text(self._row, given) if name == "sms" else NotTaken(self._row, "picture"))


def _text(row: int, given: Mapping[str, str]) -> OldRow:
    """An element `sms`: `date` is in milliseconds since 1970; `type` 1 came in, 2 went out, the others never
    left (drafts, failures)."""
    kind = given.get("type")
    if kind not in (_RECEIVED, _SENT):
        return NotTaken(row, "unsent")
    return old_text(
        row, given.get("address", ""), _at(given.get("date", "")), kind == _SENT, given.get("body", "")
    )


def _at(written: str) -> datetime | None:
    if not re.fullmatch(r"[0-9]{1,14}", written):
        return None
    return datetime.fromtimestamp(int(written) / 1000, UTC)
