"""Words of strangers as a page shows them: as text and nothing else. What cannot be seen is named (controls,
marks that turn the direction of writing, zero-width signs: Unicode TR 36), accents stacked on one letter end
after a few, and of links only those of the web become links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from gateway.domain import folding

MOST_MARKS = 4
"""So many combining marks are shown on one letter; no writing in use needs more."""

_LINK = re.compile(r"\bhttps?://[^\s<>\"“”«»]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?)]}'’"

_FLAG = "\U0001f3f4"
"""The flag that is followed by the letters of a region, which are format characters."""


def shown(text: str, words: Sequence[str] = ()) -> Markup:
    """A text for a page, escaped; `words` (folded, see `domain.folding`) are marked in it."""
    marked = folding.places(text, words) if words else []
    pieces: list[Markup] = []
    for begin, end, href in _links(text):
        inner = Markup().join(_marked(text, begin, end, marked))
        if href:
            inner = Markup('<a href="{}" rel="noreferrer noopener nofollow" target="_blank">{}</a>').format(
                href, inner
            )
        pieces.append(inner)
    return Markup().join(pieces)


EXCERPT = 220
"""Characters of a text that was found."""


def excerpt(text: str, words: Sequence[str]) -> Markup:
    """The piece of a text where it first holds one of the words, which are folded already; they are marked
    where they begin a word. Its links are no links."""
    spans = folding.beginnings(text, words)
    first = spans[0][0] if spans else 0
    begin = 0 if first < EXCERPT // 2 else text.rfind(" ", 0, first - EXCERPT // 4) + 1
    piece = text[begin : begin + EXCERPT]
    moved = [(max(one - begin, 0), other - begin) for one, other in spans]
    inner = Markup().join(_marked(piece, 0, len(piece), moved))
    before, after = "… " if begin else "", "…" if begin + EXCERPT < len(text) else ""
    return Markup("{}{}{}").format(before, inner, after)


def hosts(text: str) -> list[str]:
    """Where the links of a text lead, in the letters of the web's own names (RFC 3492), each once."""
    found = (_host(href) for _, _, href in _links(text) if href)
    return list(dict.fromkeys(filter(None, found)))


def _links(text: str) -> Iterator[tuple[int, int, str]]:
    """The text in pieces: where each begins and ends, and the address of one that is a link."""
    begin = 0
    for match in _LINK.finditer(text):
        href = match.group().rstrip(_AFTER_LINK)
        if not _host(href) or not href.isprintable():
            continue
        if match.start() > begin:
            yield begin, match.start(), ""
        begin = match.start() + len(href)
        yield match.start(), begin, href
    if begin < len(text):
        yield begin, len(text), ""


def _host(href: str) -> str:
    """The host a link leads to; empty where it names none."""
    try:
        host = urlsplit(href).hostname or ""
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return ""


def _marked(text: str, begin: int, end: int, spans: Sequence[tuple[int, int]]) -> Iterator[Markup]:
    for first, last in spans:
        first, last = max(first, begin), min(last, end)
        if first < last:
            yield seen(text[begin:first])
            yield Markup("<mark>{}</mark>").format(seen(text[first:last]))
            begin = last
    yield seen(text[begin:end])


def seen(piece: str) -> Markup:
    """The same without links, for what is a link already, and for names."""
    if piece.isascii() and piece.replace("\n", "").replace("\t", "").isprintable():
        return escape(piece)
    return Markup().join(_characters(piece.replace("\r\n", "\n").replace("\r", "\n")))


def plainly(piece: str) -> str:
    """The same where there is no markup: titles of windows, notifications. Letters that run to the left turn
    nothing that stands beside them (Unicode TR 9, 2.4)."""
    words = seen(piece).replace(_BEGINS, Markup("[")).replace(_ENDS, Markup("]")).unescape()
    turns = any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in words)
    return f"\u2068{words}\u2069" if turns else words


def _characters(piece: str) -> Iterator[Markup]:
    marks = 0
    for place, char in enumerate(piece):
        kind = unicodedata.category(char)
        if kind[0] == "M":
            marks += 1
            if marks <= MOST_MARKS:
                yield escape(char)
            continue
        if marks > MOST_MARKS:
            yield _named(f"+{marks - MOST_MARKS}")
        marks = 0
        yield _named(f"U+{ord(char):04X}") if _is_unseen(piece, place, kind) else escape(char)
    if marks > MOST_MARKS:
        yield _named(f"+{marks - MOST_MARKS}")


def _is_unseen(piece: str, place: int, kind: str) -> bool:
    char = piece[place]
    if char in "\n\t":
        return False
    if char in "\u200c\u200d":  # they join letters of some scripts, and the pictures an emoji is made of
        round_it = piece[max(0, place - 1) : place] + piece[place + 1 : place + 2]
        return len(round_it) < 2 or round_it[0].isascii() or round_it[1].isascii()
    if "\U000e0020" <= char <= "\U000e007f":
        before = piece[:place].rstrip("".join(map(chr, range(0xE0020, 0xE0080))))
        return not before.endswith(_FLAG)
    return kind in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in "\u115f\u1160\u2800\u3164\uffa0"


_BEGINS, _ENDS = Markup('<span class="unseen" dir="ltr">'), Markup("</span>")


def _named(name: str) -> Markup:
    return _BEGINS + name + _ENDS
