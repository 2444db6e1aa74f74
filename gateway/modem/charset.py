"""Character sets of the strings a device writes and takes in text mode (3GPP TS 27.007 5.5, +CSCS).

Strings are the octets on the wire as latin-1 characters, as the AT engine gives and takes them. Knows no
commands; the alphabets of the air are in `gateway.domain.alphabet`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from gateway.domain.alphabet import (
    DEFAULT_TABLE,
    EXTENSION_TABLE,
    decode_septets,
    decode_ucs2,
    encode_septets,
    encode_ucs2,
)

_BACKSPACE, _CTRL_Z, _ESCAPE = 0x08, 0x1A, 0x1B
_BREAKS = re.compile(r"\r\n|[\r\n\f]")
_BREAK_CHARACTERS = "\r\n\f"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{4})+")
_DECIMAL = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"\+?[0-9*#]+")


class NotTypeable(ValueError):
    """Characters that cannot be typed in this set."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"not in this character set: {characters}")
        self.characters = characters


class Charset(StrEnum):
    """A value of +CSCS that we use, best first; UNKNOWN where a device does not tell."""

    UCS2 = "UCS2"
    GSM = "GSM"
    IRA = "IRA"
    UNKNOWN = "unknown"

    @property
    def lacks(self) -> str:
        """Characters of the GSM 7-bit alphabet that cannot be typed at the prompt.

        In GSM an octet is a septet, so that ESC, and with it the whole extension table, would cancel the
        text, 1A would send half of it and 08 rub out the letter before. IRA is ASCII. Of an unknown set only
        what those two write alike is sure.
        """
        basic = [char for code, char in enumerate(DEFAULT_TABLE) if code != _ESCAPE]
        every = "".join([*basic, *EXTENSION_TABLE.values()])
        return "".join(char for char in every if not self._types(char))

    def _types(self, char: str) -> bool:
        if self is Charset.UCS2 or char in _BREAK_CHARACTERS:
            return True
        if self is Charset.IRA:
            return " " <= char <= "~"
        if self is Charset.UNKNOWN:
            return " " <= char <= "~" and char == DEFAULT_TABLE[ord(char)]
        return char in DEFAULT_TABLE and DEFAULT_TABLE.index(char) not in (_BACKSPACE, _CTRL_Z, _ESCAPE)

    def typed(self, text: str, line_break: str = "\r") -> str:
        """A message text as it is typed at the prompt; `line_break` is what the device takes for one.

        Raises:
            NotTypeable: it has characters that this set lacks.
        """
        plain = _BREAKS.sub("\n", text)
        if self is Charset.UCS2:
            return self.argument(plain)
        missing = "".join(dict.fromkeys(char for char in plain if not self._types(char)))
        if missing:
            raise NotTypeable(missing)
        return line_break.join(map(self.argument, plain.split("\n")))

    def argument(self, text: str) -> str:
        """A string inside the quotes of a command: a number, a name of a set.

        Raises:
            ValueError: it has characters that this set lacks.
        """
        if self is Charset.UCS2:
            return encode_ucs2(text).hex().upper()
        return encode_septets(text).decode("latin-1") if self is Charset.GSM else text

    def read(self, text: str) -> str:
        """What a string of the device says. Never raises; what is not in the set is kept as it came."""
        if self is Charset.UCS2:
            return decode_ucs2(bytes.fromhex(text)) if _HEX.fullmatch(text) else text
        if self is Charset.IRA:
            return text
        # of an unknown set only control characters, which no ASCII text has, must be septets
        septets = r"[\x00-\x7f]+" if self is Charset.GSM else r"\x1b[\x00-\x7f]|[\x00-\x1f]"
        return re.sub(septets, lambda run: decode_septets(run[0].encode("latin-1")), text)

    def read_number(self, text: str) -> str:
        """As `read`, for a number or name: some write numbers in digits where they should write hex."""
        meant = self.read(text)
        return text if _DECIMAL.fullmatch(text) and not _NUMBER.fullmatch(meant) else meant
