"""A PDU without its numbers and words: the same layout, the same lengths, nothing private.

Types, references, coding, time stamps, lengths and the known parts of a header stay as they are, so that
a decoder does with the masked PDU what it did with the real one (3GPP TS 23.040 9.2). Digits become 5,
letters x.
"""

from __future__ import annotations

from gateway.domain.alphabet import ESCAPE, Alphabet
from gateway.domain.pdu_fields import Octets, Unreadable, decode_data_coding, pack_septets, unpack_septets

_X, _FIVE, _SPACE, _EURO = ord("x"), ord("5"), ord(" "), 0x65
_KEPT_ELEMENTS = frozenset({0x00, 0x01, 0x04, 0x05, 0x08, 0x24, 0x25})
"""Header elements of parts, ports, waiting messages and languages: they say nothing of anybody."""
_ALPHANUMERIC = 0x50
_DELIVER, _SUBMIT, _STATUS_REPORT = 0, 1, 2
_VALIDITY_OCTETS = {0x00: 0, 0x10: 1, 0x08: 7, 0x18: 7}


def masked_pdu(octets: bytes) -> bytes:
    """The PDU, service centre address included, masked and as long as it was.

    Raises:
        Unreadable: it is no PDU.
    """
    reader = Octets(octets)
    out = bytearray(_masked_centre(reader))
    first = reader.take_one("the first octet")
    out.append(first)
    kind = first & 0x03
    if kind in (_SUBMIT, _STATUS_REPORT):
        out += reader.take(1, "the reference")
    out += _masked_address(reader)
    if kind == _STATUS_REPORT:
        out += reader.take(15, "the times and the status")
        return bytes(out) + _neutral(reader.rest())
    pid_and_dcs = reader.take(2, "the coding")
    out += pid_and_dcs
    out += reader.take(_VALIDITY_OCTETS[first & 0x18] if kind == _SUBMIT else 7, "the time stamp")
    length = reader.take_one("the length of the text")
    out.append(length)
    out += _masked_user_data(reader.rest(), length, pid_and_dcs[1], has_header=bool(first & 0x40))
    return bytes(out)


def _neutral(octets: bytes) -> bytes:
    return bytes(len(octets))


def _masked_digits(octets: bytes) -> bytes:
    """Semi-octets: digits become 5, fillers and signs stay."""
    return bytes(
        (octet & 0xF0 if octet >> 4 > 9 else 0x50) | (octet & 0x0F if octet & 0x0F > 9 else 0x05)
        for octet in octets
    )


def _masked_centre(reader: Octets) -> bytes:
    length = reader.take_one("the service centre")
    if length > 12:
        raise Unreadable("no service centre has such a length")
    value = reader.take(length, "the service centre")
    return bytes([length]) + value[:1] + _masked_digits(value[1:])


def _masked_address(reader: Octets) -> bytes:
    length, kind = reader.take(2, "the address")
    if length > 20:
        raise Unreadable("no address has such a length")
    value = reader.take((length + 1) // 2, "the address")
    if kind & 0x70 == _ALPHANUMERIC:
        units = unpack_septets(value, length * 4 // 7)
        return bytes([length, kind]) + _packed(_masked_septets(units), 0, len(value))
    return bytes([length, kind]) + _masked_digits(value)


def _packed(units: bytes, fill_bits: int, length: int) -> bytes:
    return pack_septets(units, fill_bits)[:length].ljust(length, b"\0")


# --- user data ---------------------------------------------------------------------------------------


def _masked_user_data(data: bytes, length: int, dcs: int, *, has_header: bool) -> bytes:
    header = b""
    if has_header and data and data[0] < len(data):
        header = _masked_header(data[: data[0] + 1])
    rest = data[len(header) :]
    alphabet = decode_data_coding(dcs).alphabet
    if alphabet is Alphabet.UCS2:
        return header + _masked_wide(rest)
    if alphabet is Alphabet.DATA:
        return header + bytes([_X]) * len(rest)
    septets = (8 * len(header) + 6) // 7
    units = unpack_septets(data, length)[septets:]
    return header + _packed(_masked_septets(units), 7 * septets - 8 * len(header), len(rest))


def _masked_header(header: bytes) -> bytes:
    """A header with its length octet; what unknown elements hold is emptied, their lengths stay."""
    out = bytearray(header[:1])
    at = 1
    while at < len(header):
        element, data = (
            header[at : at + 2],
            header[at + 2 : at + 2 + header[at + 1]] if at + 1 < len(header) else b"",
        )
        out += element + (data if element[0] in _KEPT_ELEMENTS else _neutral(data))
        at += len(element) + len(data)
    return bytes(out)


def _masked_septets(units: bytes) -> bytes:
    out = bytearray()
    escaped = False
    for unit in units:
        keep = unit in (ESCAPE, _SPACE, 0x0A, 0x0D)
        out.append(_EURO if escaped else unit if keep else _FIVE if 0x30 <= unit <= 0x39 else _X)
        escaped = unit == ESCAPE and not escaped
    return bytes(out)


def _masked_wide(data: bytes) -> bytes:
    """UCS-2: every unit keeps its kind, halves of a pair too."""
    out = bytearray()
    for at in range(0, len(data) - 1, 2):
        unit = data[at] << 8 | data[at + 1]
        out += _wide(unit).to_bytes(2, "big")
    return bytes(out) + _neutral(data[len(out) :])


def _wide(unit: int) -> int:
    if 0xD800 <= unit < 0xE000:
        return 0xD83D if unit < 0xDC00 else 0xDE42
    if unit in (_SPACE, 0x0A, 0x0D):
        return unit
    return _FIVE if 0x30 <= unit <= 0x39 else _X
