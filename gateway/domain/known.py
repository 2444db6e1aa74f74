"""What makes a line's number known: the link that begins a text to it, and its entry for an address book."""

from __future__ import annotations

import re
from urllib.parse import quote

LONGEST_WORDS = 160
"""So many characters a link may have written already: a code that phones read from a card."""
_OCTETS = 75
"""Of one line of a vCard (RFC 2426, 2.6)."""


def sms_uri(number: str, words: str = "") -> str:
    """The address that opens a text to a number, with these words written already (RFC 5724).

    The `&` after the question mark is for iPhones, which since iOS 8 look for `&body=`; everybody else looks
    for a field named `body` among those after the `?`, and passes over the empty one.
    """
    return f"sms:{number}" + (f"?&body={quote(words, safe='')}" if words else "")


def vcard(name: str, number: str, company: str) -> str:
    """A card of version 3.0 (RFC 2426), which all address books read, with one number."""
    written = [_escaped(one) for one in (name, company)]
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"FN:{written[0]}",
        f"N:{written[0]};;;;",
        f"ORG:{written[1]}",
        f"TEL;TYPE=CELL,PREF:{number}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines if line != "ORG:")


def _escaped(value: str) -> str:
    return re.sub(r"([\\,;])", r"\\\1", " ".join(value.split()))


def _folded(line: str) -> str:
    """The line in pieces that are short enough, none cut within a character."""
    pieces, piece = [], ""
    for char in line:
        if len((piece + char).encode()) > _OCTETS:
            pieces.append(piece)
            piece = " "
        piece += char
    return "\r\n".join([*pieces, piece])
