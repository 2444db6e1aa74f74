"""The alphabets of SMS (3GPP TS 23.038): tables, what a text costs, and which alphabet it needs.

Owns the characters: septets to text and back, national shift tables, UCS-2, plain replacements. Knows
nothing of messages, parts or bit packing; a septet is an int below 128, one per byte.

Outgoing text uses the default table and its extension alone, which every phone reads. Incoming text may
name a national table, see `alphabet_national`; a language unknown to it is read with the default tables,
its code kept in `CodedText`.

Control characters other than LF, CR and FF are not in the default alphabet, so they need UCS-2. That holds
for ESC (U+001B) too: as a septet it would change the meaning of the character after it, as a UCS-2 code
unit it is as harmless as any other, and the text arrives as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.alphabet_national import LOCKING_SHIFTS, SINGLE_SHIFTS


class Alphabet(StrEnum):
    """How a part's user data is coded."""

    GSM7 = "gsm7"
    DATA = "8bit"
    UCS2 = "ucs2"


class NotText(ValueError):
    """The string holds lone surrogates: it is no Unicode text and no alphabet can carry it."""


class NotInAlphabet(ValueError):
    """A character is not in the alphabet asked for. `character` is the first such."""

    def __init__(self, character: str) -> None:
        super().__init__(f"U+{ord(character):04X} is not in the GSM 7-bit default alphabet")
        self.character = character


# --- tables ------------------------------------------------------------------------------------------

ESCAPE = 0x1B
"""The next septet is from the extension (single shift) table (23.038 6.2.1.1)."""

# 23.038 6.2.1; position is the septet. ESC stands at its own place and is never looked up there.
DEFAULT_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

# 23.038 6.2.1.1
EXTENSION_TABLE: Mapping[int, str] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_SINGLE_SHIFTS: Mapping[int, Mapping[int, str]] = {
    language: {**EXTENSION_TABLE, **added} for language, added in SINGLE_SHIFTS.items()
}

_SEPTETS: Mapping[str, bytes] = {
    **{char: bytes([code]) for code, char in enumerate(DEFAULT_TABLE) if code != ESCAPE},
    **{char: bytes([ESCAPE, code]) for code, char in EXTENSION_TABLE.items()},
}

# Typography and invisible characters that phones and word processors put in by themselves. Letters are not
# here: a name without its accents is another name.
_PLAIN: Mapping[str, str] = {
    **dict.fromkeys("‘’‚‛′‵´`ʼ‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f", " "),
    **dict.fromkeys("\u205f\u3000", " "),
    **dict.fromkeys("\u2028\u2029\x85\v", "\n"),
    **dict.fromkeys("\x1b\u00ad\u200b\u200e\u200f\u2060\ufeff", ""),
    **{"…": "...", "•": "*", "·": "*", "⁄": "/", "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff"},
    **{"™": "(TM)", "©": "(C)", "®": "(R)", "→": "->", "←": "<-"},
}


# --- what a text needs -------------------------------------------------------------------------------


def septets(text: str) -> int | None:
    """Cost of the text in septets (extension characters cost 2), or None when it does not fit GSM-7."""
    try:
        return sum(len(_SEPTETS[char]) for char in text)
    except KeyError:
        return None


def code_units(text: str) -> int:
    """Cost of the text in UCS-2 code units; characters above U+FFFF cost 2."""
    return sum(2 if char > "\uffff" else 1 for char in text)


def fits_gsm7(text: str) -> bool:
    """Whether every character is in the default alphabet or its extension."""
    return all(char in _SEPTETS for char in text)


def alphabet_for(text: str) -> Alphabet:
    """The cheapest alphabet that carries the text unchanged: GSM7 or UCS2."""
    return Alphabet.GSM7 if fits_gsm7(text) else Alphabet.UCS2


def plain_replacement(char: str) -> str | None:
    """What a typographic or invisible character may be replaced by to stay in GSM-7.

    The replacement may be empty (the character is invisible). None when there is none without changing
    what the text says, or when none is needed.
    """
    return _PLAIN.get(char)


def check_text(text: str) -> None:
    """Raise NotText when the string holds lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotText(f"character {error.start + 1} is a lone surrogate, not a character") from None


# --- coding ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodedText:
    """User data of one part, header taken off, not yet decoded: so that parts can be joined first.

    `units` holds septets one per byte for GSM7, else octets; for UCS2 an even number. `single` and
    `locking` are national language identifiers from the user data header, 0 for the default table.
    """

    alphabet: Alphabet
    units: bytes
    single: int = 0
    locking: int = 0

    @property
    def text(self) -> str:
        """The characters, always encodable as UTF-8; empty for 8-bit data."""
        if self.alphabet is Alphabet.GSM7:
            return decode_septets(self.units, single=self.single, locking=self.locking)
        return decode_ucs2(self.units) if self.alphabet is Alphabet.UCS2 else ""


def encode_septets(text: str) -> bytes:
    """Septets of a text, one per byte, escapes included.

    Raises:
        NotInAlphabet: a character is not in the default alphabet or its extension.
    """
    try:
        return b"".join(_SEPTETS[char] for char in text)
    except KeyError as missing:
        raise NotInAlphabet(missing.args[0]) from None


def decode_septets(units: bytes, *, single: int = 0, locking: int = 0) -> str:
    """Text of septets (one per byte) in the given national tables; unknown tables are the default.

    A code that the extension table lacks shows its basic character, a second ESC a space, and an ESC at
    the very end nothing (23.038 6.2.1, 6.2.1.1).
    """
    basic = LOCKING_SHIFTS.get(locking, DEFAULT_TABLE)
    shifted = _SINGLE_SHIFTS.get(single, EXTENSION_TABLE)
    chars: list[str] = []
    escaped = False
    for unit in units:
        if escaped:
            chars.append(" " if unit == ESCAPE else shifted.get(unit, basic[unit]))
            escaped = False
        elif unit == ESCAPE:
            escaped = True
        else:
            chars.append(basic[unit])
    return "".join(chars)


def encode_ucs2(text: str) -> bytes:
    """UTF-16 big endian, which is UCS-2 plus surrogate pairs, as all phones in use read it.

    Raises:
        NotText: the string holds lone surrogates.
    """
    check_text(text)
    return text.encode("utf-16-be")


def decode_ucs2(octets: bytes) -> str:
    """Text of UCS-2 octets; pairs are joined, a lone surrogate or a last odd octet gives U+FFFD."""
    return octets.decode("utf-16-be", errors="replace")
