"""What the notice of a waiting picture says: from whom, how large, until when it is kept.

A picture message (MMS) is announced by a WAP push: WSP headers (WAP-230-WSP 8.2.4, 8.4) and then an
M-Notification.ind (OMA-TS-MMS-ENC 6.2, 7). A gateway cannot fetch the picture, but staff can ask for it.
Nothing here raises: what cannot be read is left empty, and what came before it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from gateway.domain.pdu_fields import Octets, Unreadable

_PUSH = 0x06
_CONTENT_TYPES = (b"application/vnd.wap.mms-message", b"\xbe")  # in words; WSP's short form

_TYPE = 0x8C  # X-Mms-Message-Type
_NOTIFICATION = 0x82
_ADDRESS_PRESENT = 0x80
_ABSOLUTE, _RELATIVE = 0x80, 0x81

_CHARSETS = {3: "ascii", 4: "latin-1", 106: "utf-8", 1000: "utf-16-be", 1015: "utf-16"}
"""By IANA MIBenum."""


class _Field(IntEnum):
    """Fields of the notice, as written (MMS-ENC 7.4, table 12): the top bit set."""

    LOCATION = 0x83
    EXPIRY = 0x88
    SENDER = 0x89
    SIZE = 0x8E
    SUBJECT = 0x96


@dataclass(frozen=True, slots=True)
class PictureNotice:
    """A picture that waits at their network. Empty or None is what the notice does not say.

    `sender` is a number or address as the network wrote it, `size` is in octets, `expires_at` is aware,
    `location` is where a phone would fetch it.
    """

    sender: str = ""
    subject: str = ""
    size: int | None = None
    expires_at: datetime | None = None
    location: str = ""


def read_picture_notice(data: bytes, sent_at: datetime | None) -> PictureNotice | None:
    """The notice in the 8-bit data of a WAP push, joined from its parts or of the first part alone.

    `sent_at` is when it was sent, for an expiry given as a span. None when it announces no picture.
    """
    octets = Octets(data)
    try:
        octets.take_one("the push")
        if octets.take_one("the push") != _PUSH:
            return None
        headers = octets.take(_uintvar(octets), "the push")
    except Unreadable:
        return None
    if not headers.startswith(_CONTENT_TYPES):
        return None
    return _read_notification(octets, sent_at)


def _read_notification(octets: Octets, sent_at: datetime | None) -> PictureNotice | None:
    notice = PictureNotice()
    try:
        while octets:
            name = octets.take_one("a field")
            if name < 0x80:  # a field of the sender's own, named in words
                _text(octets, name)
            value = _value(octets)
            if name == _TYPE and value != bytes([_NOTIFICATION]):
                return None
            notice = _with_field(notice, name, value, sent_at)
    except Unreadable:
        return notice
    return notice


# --- fields ------------------------------------------------------------------------------------------


def _with_field(notice: PictureNotice, name: int, value: bytes, sent_at: datetime | None) -> PictureNotice:
    """The notice with what one field adds; unchanged where that cannot be read."""
    try:
        match name:
            case _Field.SENDER:
                return replace(notice, sender=_sender(value))
            case _Field.SUBJECT:
                return replace(notice, subject=_string(value))
            case _Field.LOCATION:
                return replace(notice, location=_string(value))
            case _Field.SIZE:
                return replace(notice, size=_integer(value))
            case _Field.EXPIRY:
                return replace(notice, expires_at=_expiry(value, sent_at))
    except (Unreadable, OverflowError):
        pass
    return notice


def _sender(value: bytes) -> str:
    """An address without its type, "+447700900456/TYPE=PLMN"; empty when they hide it."""
    octets = Octets(value)
    if octets.take_one("the sender") != _ADDRESS_PRESENT:
        return ""
    return _string(_value(octets)).partition("/TYPE=")[0]


def _expiry(value: bytes, sent_at: datetime | None) -> datetime | None:
    octets = Octets(value)
    kind = octets.take_one("the expiry")
    base = {_ABSOLUTE: datetime(1970, 1, 1, tzinfo=UTC), _RELATIVE: sent_at}.get(kind)
    seconds = timedelta(seconds=_integer(_value(octets)))
    return base + seconds if base is not None else None


# --- values (WSP 8.4.2) ------------------------------------------------------------------------------

_MAX_INTEGER_OCTETS = 4


def _uintvar(octets: Octets) -> int:
    """An unsigned integer of 7 bits an octet, most significant first, at most five of them (8.1.2)."""
    value = 0
    for _ in range(5):
        octet = octets.take_one("a length")
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            return value
    raise Unreadable("a length has no end")


def _value(octets: Octets) -> bytes:
    """One field value without its length or end (8.4.1.2): text, one octet, or as many as it says."""
    first = octets.take_one("a value")
    if first >= 0x80:
        return bytes([first])
    if first >= 0x20:
        return _text(octets, first)
    return octets.take(_uintvar(octets) if first == 0x1F else first, "a value")


def _text(octets: Octets, first: int) -> bytes:
    """Text up to its NUL."""
    text = bytearray([first])
    while octet := octets.take_one("a text"):
        text.append(octet)
    return bytes(text)


def _string(value: bytes) -> str:
    """Text, or a charset and text (Encoded-string-value). A quote before the first octet goes."""
    if not value or 0x20 <= value[0] < 0x80:
        return _decoded(value, "utf-8")
    octets = Octets(value)
    first = octets.take_one("a charset")
    charset = first & 0x7F if first >= 0x80 else int.from_bytes(octets.take(first, "a charset"), "big")
    return _decoded(octets.rest(), _CHARSETS.get(charset, "utf-8"))


def _decoded(text: bytes, charset: str) -> str:
    text = text.removeprefix(b"\x7f")
    if charset.startswith("utf-16"):
        text = text[: len(text) // 2 * 2]
    return text.decode(charset, errors="replace").rstrip("\0")


def _integer(value: bytes) -> int:
    """A long integer, its length taken off."""
    if not value or len(value) > _MAX_INTEGER_OCTETS:
        raise Unreadable("a number of no size a picture or a span can have")
    return int.from_bytes(value, "big")
