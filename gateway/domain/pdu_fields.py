"""The fields inside an SMS PDU: addresses, data coding, user data headers, time stamps, validity.

Owns the octets of each field (3GPP TS 23.040 9.1.2, 9.2.3; 23.038 4) and the nouns they become. Knows
nothing of whole messages: `pdu` composes these. A field that cannot be right raises `Unreadable`, which
never leaves the `pdu` module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from gateway.domain.alphabet import Alphabet, decode_septets


class Unreadable(Exception):
    """The octets cannot be what they should be; the message says which field and why."""


class BadNumber(ValueError):
    """The recipient is not a number that can be dialled."""


class BadValidity(ValueError):
    """The validity period cannot be expressed."""


class Octets:
    """Octets read from the front. `party` is the last address read, so that a later failure can name it."""

    def __init__(self, data: bytes) -> None:
        self.party: Address | None = None
        self._data = data
        self._at = 0

    def take(self, count: int, what: str) -> bytes:
        """The next `count` octets.

        Raises:
            Unreadable: fewer are left; nothing is taken.
        """
        end = self._at + count
        if end > len(self._data):
            raise Unreadable(f"it ends inside {what}")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def take_one(self, what: str) -> int:
        """The next octet, as `take`."""
        return self.take(1, what)[0]

    def rest(self) -> bytes:
        """All that is left, possibly nothing."""
        return self.take(len(self._data) - self._at, "nothing")

    def __bool__(self) -> bool:
        return self._at < len(self._data)


# --- septets in octets (23.038 6.1.2.1) --------------------------------------------------------------


def pack_septets(units: bytes, fill_bits: int = 0) -> bytes:
    """Octets of septets (given one per byte), after `fill_bits` zero bits."""
    value = 0
    for unit in reversed(units):
        value = value << 7 | unit
    bits = 7 * len(units) + fill_bits
    return (value << fill_bits).to_bytes((bits + 7) // 8, "little")


def unpack_septets(octets: bytes, count: int) -> bytes:
    """The first `count` septets, one per byte; fewer when the octets hold fewer."""
    value = int.from_bytes(octets, "little")
    count = min(count, len(octets) * 8 // 7)
    return bytes(value >> 7 * index & 0x7F for index in range(count))


# --- addresses (23.040 9.1.2.5) ----------------------------------------------------------------------


class NumberKind(StrEnum):
    """Type of number, in the order of its code."""

    UNKNOWN = "unknown"
    INTERNATIONAL = "international"
    NATIONAL = "national"
    NETWORK = "network"
    SUBSCRIBER = "subscriber"
    ALPHANUMERIC = "alphanumeric"
    ABBREVIATED = "abbreviated"
    RESERVED = "reserved"


_KINDS = tuple(NumberKind)
_TYPE_INTERNATIONAL = 0x91  # E.164
_TYPE_UNKNOWN = 0x81  # short codes and national numbers: the network knows what they are
_MAX_SEMI_OCTETS = 20
_DIGITS = "0123456789*#abc"  # 0xF is the filler
_DIALLABLE = re.compile(r"\+[0-9]{1,20}|[0-9*#]{1,20}")


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name as people write it: '+447700900123', '60777', 'HarbourDntl', or '' for none.

    `kind` is the type of number; `type` the raw octet it came from. An alphanumeric one cannot be answered.
    """

    number: str
    kind: NumberKind
    type: int


def encode_address(number: str) -> bytes:
    """TP-DA of a number: '+' and digits is international, anything else of type unknown.

    Raises:
        BadNumber: not 1 to 20 digits (`*` and `#` allowed without '+').
    """
    if not _DIALLABLE.fullmatch(number):
        raise BadNumber(f"{number!r} is not a number: '+' and up to 20 digits, or digits alone")
    digits = number.removeprefix("+")
    kind = _TYPE_INTERNATIONAL if number != digits else _TYPE_UNKNOWN
    return bytes([len(digits), kind]) + _to_semi_octets(digits)


def read_address(octets: Octets, what: str) -> Address:
    """An address whose length counts semi-octets (TP-OA, TP-DA, TP-RA); a length of 0 gives number ''.

    Raises:
        Unreadable: it ends early, is longer than any can be, or its type octet cannot be one.
    """
    length = octets.take_one(what)
    kind = octets.take_one(what)
    if length > _MAX_SEMI_OCTETS:
        raise Unreadable(f"{what} of {length} digits cannot be right")
    if length and not kind & 0x80:
        raise Unreadable(f"{what} has the impossible type {kind:02X}")
    octets.party = decode_address(kind, octets.take((length + 1) // 2, what), length)
    return octets.party


def decode_address(kind: int, value: bytes, semi_octets: int) -> Address:
    """An address from its type octet and value."""
    number_kind = _KINDS[kind >> 4 & 0x07]
    if number_kind is NumberKind.ALPHANUMERIC:
        return Address(_decode_name(value, semi_octets), number_kind, kind)
    digits = _from_semi_octets(value)[:semi_octets]
    plus = "+" if digits and number_kind is NumberKind.INTERNATIONAL else ""
    return Address(plus + digits, number_kind, kind)


def _decode_name(value: bytes, semi_octets: int) -> str:
    """An alphanumeric sender. Seven letters given as 8 septets carry a filler that reads as a last '@'."""
    units = unpack_septets(value, semi_octets * 4 // 7)
    name = decode_septets(units)
    return name.removesuffix("@") if len(units) == 8 else name


def _to_semi_octets(digits: str) -> bytes:
    nibbles = [_DIGITS.index(digit) for digit in digits] + [0xF] * (len(digits) % 2)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _from_semi_octets(value: bytes) -> str:
    """Digits up to the first filler."""
    digits = ""
    for octet in value:
        for nibble in (octet & 0x0F, octet >> 4):
            if nibble == 0xF:
                return digits
            digits += _DIGITS[nibble]
    return digits


# --- data coding scheme (23.038 4) -------------------------------------------------------------------

WAITING_KINDS = ("voice", "fax", "email", "other")


@dataclass(frozen=True, slots=True)
class MessageWaiting:
    """An indication of waiting messages; `kind` is voice, fax, email or other.

    `count` is None where only "some" or "none" is told. `keep` is False when the text may be discarded.
    """

    kind: str
    active: bool
    keep: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class DataCoding:
    """What TP-DCS says. Compressed text is given as DATA: nobody we know of can read it."""

    alphabet: Alphabet
    message_class: int | None = None
    compressed: bool = False
    waiting: MessageWaiting | None = None


# Code 3 is reserved and to be read as the default alphabet
_ALPHABETS = (Alphabet.GSM7, Alphabet.DATA, Alphabet.UCS2, Alphabet.GSM7)


def decode_data_coding(dcs: int) -> DataCoding:
    """Meaning of a TP-DCS octet; every one of the 256 has one. Reserved groups are GSM-7."""
    group = dcs >> 4
    if group < 0x8:  # general, and the same marked for automatic deletion
        return _general_coding(dcs)
    if group == 0xF:
        return DataCoding(Alphabet.DATA if dcs & 0x04 else Alphabet.GSM7, message_class=dcs & 0x03)
    if group >= 0xC:
        waiting = MessageWaiting(WAITING_KINDS[dcs & 0x03], active=bool(dcs & 0x08), keep=group != 0xC)
        return DataCoding(Alphabet.UCS2 if group == 0xE else Alphabet.GSM7, waiting=waiting)
    return DataCoding(Alphabet.GSM7)


def _general_coding(dcs: int) -> DataCoding:
    compressed = bool(dcs & 0x20)
    alphabet = Alphabet.DATA if compressed else _ALPHABETS[dcs >> 2 & 0x03]
    return DataCoding(alphabet, message_class=dcs & 0x03 if dcs & 0x10 else None, compressed=compressed)


def encode_data_coding(alphabet: Alphabet, *, flash: bool = False) -> int:
    """TP-DCS of a text we send; `flash` is class 0, shown at once and not kept by the phone."""
    return _ALPHABETS.index(alphabet) << 2 | (0x10 if flash else 0x00)


# --- user data header (23.040 9.2.3.24) --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Concat:
    """Which part of which message this is; `wide` when the reference has 16 bits.

    Raises:
        ValueError: not 1 <= sequence <= total <= 255 with total above 1, or the reference does not fit.
    """

    reference: int
    total: int
    sequence: int
    wide: bool = False

    def __post_init__(self) -> None:
        if not (2 <= self.total <= 255 and 1 <= self.sequence <= self.total):
            raise ValueError(f"part {self.sequence} of {self.total} cannot be")
        if not 0 <= self.reference <= (0xFFFF if self.wide else 0xFF):
            raise ValueError(f"reference {self.reference} does not fit {16 if self.wide else 8} bits")


@dataclass(frozen=True, slots=True)
class Ports:
    """Application ports: 2948 is WAP push (pictures)."""

    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class Header:
    """A user data header. `elements` are all information elements as (identifier, data), unknown ones too.

    The properties read the last element of their kind that makes sense (23.040 9.2.3.24).
    """

    elements: tuple[tuple[int, bytes], ...] = ()

    @property
    def concat(self) -> Concat | None:
        """None when absent, or when its numbers cannot be: the part then stands alone."""
        narrow = [(data[0], data[1], data[2], False) for data in self._all(0x00, 3)]
        wide = [(data[0] << 8 | data[1], data[2], data[3], True) for data in self._all(0x08, 4)]
        for fields in (narrow + wide)[::-1]:
            try:
                return Concat(*fields)
            except ValueError:
                continue
        return None

    @property
    def ports(self) -> Ports | None:
        """Ports of 8 or 16 bits."""
        short = [Ports(data[0], data[1]) for data in self._all(0x04, 2)]
        long = [Ports(data[0] << 8 | data[1], data[2] << 8 | data[3]) for data in self._all(0x05, 4)]
        return next(reversed(short + long), None)

    @property
    def waiting(self) -> MessageWaiting | None:
        """The special message indication (9.2.3.24.2)."""
        told = self._all(0x01, 2)
        if not told:
            return None
        what, count = told[-1]
        return MessageWaiting(
            WAITING_KINDS[what & 0x03], active=count > 0, keep=bool(what & 0x80), count=count
        )

    @property
    def single_shift(self) -> int:
        """National language identifier of the single shift table, 0 when none."""
        return (self._all(0x24, 1) or [b"\0"])[-1][0]

    @property
    def locking_shift(self) -> int:
        """National language identifier of the locking shift table, 0 when none."""
        return (self._all(0x25, 1) or [b"\0"])[-1][0]

    def _all(self, identifier: int, length: int) -> list[bytes]:
        return [data for kind, data in self.elements if kind == identifier and len(data) == length]


def encode_header(concat: Concat) -> bytes:
    """The header of one part of many, its length octet included."""
    width = 2 if concat.wide else 1
    data = concat.reference.to_bytes(width, "big") + bytes([concat.total, concat.sequence])
    element = bytes([0x08 if concat.wide else 0x00, len(data)]) + data
    return bytes([len(element)]) + element


def decode_header(octets: bytes) -> Header:
    """A header given without its length octet; an element that runs over its end is left out."""
    elements: list[tuple[int, bytes]] = []
    reader = Octets(octets)
    try:
        while reader:
            identifier = reader.take_one("the header")
            elements.append((identifier, reader.take(reader.take_one("the header"), "the header")))
    except Unreadable:
        return Header(tuple(elements))
    return Header(tuple(elements))


# --- time stamps and validity (23.040 9.2.3.11, 9.2.3.12.1) ------------------------------------------

_MAX_ZONE_QUARTERS = 14 * 4


def decode_time_stamp(octets: bytes) -> datetime | None:
    """Seven octets as an aware datetime of this century, or None when they are no point in time."""
    *fields, zone = octets
    if any(octet & 0x0F > 9 or octet >> 4 > 9 for octet in (*fields, zone & 0xF7)):
        return None
    year, month, day, hour, minute, second = ((octet & 0x0F) * 10 + (octet >> 4) for octet in fields)
    quarters = (zone & 0x07) * 10 + (zone >> 4)
    if quarters > _MAX_ZONE_QUARTERS:
        return None
    offset = timedelta(minutes=-15 * quarters if zone & 0x08 else 15 * quarters)
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None


_FIVE_MINUTES = timedelta(minutes=5)
_HALF_HOUR = timedelta(minutes=30)
_HALF_DAY = timedelta(hours=12)
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


def encode_validity(period: timedelta) -> int:
    """Relative TP-VP: the first step that is not shorter than the period, at least 5 minutes.

    Raises:
        BadValidity: the period is not positive, or longer than 63 weeks.
    """
    if period <= timedelta(0):
        raise BadValidity("the text would have expired before it was sent")
    if period > 63 * _WEEK:
        raise BadValidity("a text can be kept for delivery for 63 weeks at most")
    if period <= _HALF_DAY:
        return _steps(period, _FIVE_MINUTES) - 1
    if period <= _DAY:
        return 143 + _steps(period - _HALF_DAY, _HALF_HOUR)
    if period <= 30 * _DAY:
        return 166 + _steps(period, _DAY)
    return 192 + _steps(period, _WEEK)


def decode_validity(octet: int) -> timedelta:
    """How long a relative TP-VP lasts (9.2.3.12.1)."""
    if octet <= 143:
        return (octet + 1) * _FIVE_MINUTES
    if octet <= 167:
        return _HALF_DAY + (octet - 143) * _HALF_HOUR
    if octet <= 196:
        return (octet - 166) * _DAY
    return (octet - 192) * _WEEK


def _steps(period: timedelta, step: timedelta) -> int:
    return -(-period // step)
