"""The shapes of single lines: what a message header announces and where its continuation ends.

Pure helpers of the AT engine; they know no state of the exchange.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_LINE = 8192
"""Octets. No line of 27.005 is longer than some 700; what is longer is noise and is dropped whole."""

PDU_LENGTH_UNKNOWN = -1

_HEX = re.compile(r"[0-9A-Fa-f\s]+")
_FINAL_TAIL = re.compile(r"(?:\A|[\r\n])(OK|ERROR|\+CM[ES] ERROR: *[^\r\n]*)[\r\n]+\Z")
_NO_REFERENCE = "000"
"""What line adapters write where a modem writes TP-MR."""
_LISTED = re.compile(r'^\+CMGL: *\d+,"[^\r\n]*$', re.MULTILINE)


def fields(text: str) -> list[str]:
    """The comma-separated values after the prefix of a line, quotes taken off, commas in quotes kept."""
    values = text.partition(":")[2]
    return [
        quoted if quoted or '"' in whole else whole.strip()
        for whole, quoted in re.findall(r'((?:^|(?<=,))\s*(?:"([^"]*)"|[^,"]*))[^,]*', values)
    ]


def number(text: str) -> int | None:
    """A decimal number of up to five digits, the longest a device has reason to write; else None."""
    return int(text) if re.fullmatch("[0-9]{1,5}", text) else None


def reference(text: str) -> int | None:
    """The TP-MR of a `+CMGS: <mr>` line, 0 to 255 (27.005 4.3); None where the device tells none."""
    written = fields(text)[0]
    value = number(written) if written != _NO_REFERENCE else None
    return value if value is not None and value <= 255 else None


def tpdu_length(header: str) -> int | None:
    """`<length>` of a +CMGL, +CMGR, +CMT, +CDS or +CBM header in PDU mode, octets of the TPDU."""
    return number(header.replace(":", ",").rpartition(",")[2].strip())


def is_hex(text: str) -> bool:
    """Whether the line is hex digits, blanks between them allowed."""
    return _HEX.fullmatch(text) is not None


def pdu_digits(text: str) -> int | None:
    """Hex digits of the TPDU in a PDU line, service centre address not counted; None when it is not hex."""
    digits = "".join(text.split())
    if not is_hex(text) or len(digits) < 2:
        return None
    return len(digits) - 2 - 2 * int(digits[:2], 16)


class TextBody:
    """A message text being received in text mode (27.005 3.4).

    With `<length>` in the header (+CSDH=1) that many characters belong to it, whatever they say.
    Without, only silence ends it, and the last final result before the silence is the command's.
    """

    def __init__(self, header: str, listed: bool) -> None:
        self.header = header
        self.listed = listed
        self._raw = bytearray()
        self._length = _declared_characters(header)
        self._at_start = True

    @property
    def ends_by_silence(self) -> bool:
        """A counted text may, too: some count an escape as two characters, and then one is missing."""
        return self._length is None or self._raw.endswith((b"\r", b"\n"))

    def take(self, buffer: bytearray) -> bool:
        """Move what belongs to the text out of `buffer`; True when the declared length is reached."""
        if self._at_start and not self._skip_header_end(buffer):
            return False
        if self._length is None:
            self._raw += buffer
            buffer.clear()
            del self._raw[: max(0, len(self._raw) - 8 * MAX_LINE)]
            return False
        return self._take_counted(buffer, self._length)

    def text(self) -> str:
        """The characters received, line ends as LF."""
        return _unix(self._raw.decode("latin-1")).rstrip("\n")

    def split_final(self) -> tuple[str, str] | None:
        """Text and the final result that ends it; None while none has come."""
        raw = self._raw.decode("latin-1")
        match = _FINAL_TAIL.search(raw)
        if match is None:
            return None
        return _unix(raw[: match.start()]).rstrip("\n"), match[1]

    def _skip_header_end(self, buffer: bytearray) -> bool:
        """Past the rest of the header's own line end; False until the first octet of the text is there."""
        rest = buffer.lstrip(b"\r")
        if not rest:
            return False
        del buffer[: len(buffer) - len(rest) + rest.startswith(b"\n")]
        self._at_start = False
        return True

    def _take_counted(self, buffer: bytearray, length: int) -> bool:
        """`length` characters, then to the end of that line (hex of UCS-2 takes four a character)."""
        missing = max(0, length - len(self._raw))
        self._raw += buffer[:missing]
        del buffer[:missing]
        if len(self._raw) < length or not buffer:
            return False
        if self._raw.endswith((b"\r", b"\n")):  # counted too many: what follows is no longer the text
            return True
        end = next((at for at, octet in enumerate(buffer) if octet in b"\r\n"), None)
        rest = min(len(buffer) if end is None else end, MAX_LINE + 1 - len(self._raw))
        self._raw += buffer[:rest]
        del buffer[:rest]
        return end is not None or len(self._raw) > MAX_LINE


def split_listing(header: str, body: str) -> Iterator[tuple[str, str]]:
    """The messages of a +CMGL whose first header and remaining text are given (text mode, no lengths)."""
    at = 0
    for match in _LISTED.finditer(body) if header.startswith("+CMGL") else ():
        yield header, body[at : match.start()].rstrip("\n")
        header, at = match[0], match.end() + 1
    yield header, body[at:]


_FULL_HEADER = {"+CMGR": 11, "+CMT": 10}
"""Fields of a header that ends in <tosca>,<length> (+CSDH=1). Reports have fewer, and end in <st>."""


def _declared_characters(header: str) -> int | None:
    """The last field of a full header, None where the header is short."""
    values = fields(header)
    return number(values[-1]) if len(values) == _FULL_HEADER.get(header.partition(":")[0].strip()) else None


def _unix(text: str) -> str:
    return re.sub(r"\r\n|\r", "\n", text)
