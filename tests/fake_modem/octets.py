"""Reading and writing the small pieces of a TPDU: addresses, times, counted octets (3GPP TS 23.040 9.1).

Knows no kind of message. A `Reader` notes what is against the book instead of failing on it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from . import alphabet

INTERNATIONAL, UNKNOWN, ALPHANUMERIC = 0x91, 0x81, 0xD0
DIGITS = "0123456789*#abc"


class Undecodable(ValueError):
    """The octets are not a TPDU of the kind asked for."""


# --- addresses and times ------------------------------------------------------------------------------


def semi_octets(digits: str) -> bytes:
    """Digits swapped in pairs, filled up with F."""
    codes = [DIGITS.index(digit) for digit in digits]
    if len(codes) % 2:
        codes.append(0xF)
    return bytes(codes[place] | codes[place + 1] << 4 for place in range(0, len(codes), 2))


def encode_address(number: str) -> bytes:
    """TP-OA, TP-DA, TP-RA (9.1.2.5): "+digits", plain digits, or up to 11 letters."""
    if number.startswith("+") and number[1:].isdigit():
        return bytes((len(number) - 1, INTERNATIONAL)) + semi_octets(number[1:])
    if all(char in DIGITS for char in number):
        return bytes((len(number), UNKNOWN)) + semi_octets(number)
    packed = alphabet.pack(alphabet.to_septets(number))
    return bytes(((len(number) * 7 + 3) // 4, ALPHANUMERIC)) + packed


def encode_smsc(number: str) -> bytes:
    """Service centre address as it stands before a TPDU (27.005 3.1, 24.011 8.2.5.2); "" gives 00."""
    if not number:
        return b"\x00"
    body = semi_octets(number.lstrip("+"))
    return bytes((len(body) + 1, INTERNATIONAL if number.startswith("+") else UNKNOWN)) + body


def encode_time(when: datetime) -> bytes:
    """TP-SCTS (9.2.3.11): seven swapped octets, the zone in quarters of an hour."""
    offset = when.utcoffset() or timedelta()
    quarters = round(offset.total_seconds() / 900)
    fields = (when.year % 100, when.month, when.day, when.hour, when.minute, when.second)
    zone = int(str(abs(quarters)).zfill(2)[::-1], 16) | (0x08 if quarters < 0 else 0)
    return bytes(int(f"{value:02d}"[::-1], 16) for value in fields) + bytes((zone,))


def decode_time(octets: bytes) -> datetime | None:
    """TP-SCTS back to an aware time; None when no such time exists."""
    values = [(octet & 0x0F) * 10 + (octet >> 4) for octet in octets[:6]]
    zone = octets[6]
    quarters = (zone & 0x07) * 10 + (zone >> 4)
    offset = timedelta(minutes=15 * (-quarters if zone & 0x08 else quarters))
    try:
        year, month, day, hour, minute, second = values
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None


# --- reading octets -----------------------------------------------------------------------------------


class Reader:
    """A cursor over octets that notes what is against the book."""

    def __init__(self, octets: bytes) -> None:
        self.octets, self.place = octets, 0
        self.complaints: list[str] = []

    def doubt(self, condition: bool, words: str) -> None:
        """Note `words` if `condition` holds."""
        if condition:
            self.complaints.append(words)

    def take(self, count: int, what: str) -> bytes:
        """The next octets; Undecodable where there are too few."""
        taken = self.octets[self.place : self.place + count]
        if len(taken) < count:
            raise Undecodable(f"{what}: {count} octets wanted, {len(taken)} there")
        self.place += count
        return taken

    def rest(self) -> bytes:
        """Everything not yet taken."""
        taken, self.place = self.octets[self.place :], len(self.octets)
        return taken

    def address(self, what: str) -> str:
        """An address; doubts about its form are noted under the name `what`."""
        length, kind = self.take(2, what)
        body = self.take((length + 1) // 2, what)
        self.doubt(not kind & 0x80, f"{what}: bit 8 of the type of address is 0")
        ton, plan = kind >> 4 & 7, kind & 0x0F
        if ton == 5:
            return alphabet.from_septets(alphabet.unpack(body, length * 4 // 7)).rstrip("\x00")
        self.doubt(length > 20, f"{what}: {length} digits, 20 are the most")
        self.doubt(ton not in (0, 1, 2), f"{what}: type of number {ton}")
        self.doubt(plan != 1, f"{what}: numbering plan {plan} instead of E.164")
        return ("+" if ton == 1 else "") + self._digits(body, length, what)

    def _digits(self, body: bytes, length: int, what: str) -> str:
        nibbles = [nibble for octet in body for nibble in (octet & 0x0F, octet >> 4)]
        if length % 2:
            self.doubt(nibbles[-1] != 0xF, f"{what}: filler is not F")
        self.doubt(0xF in nibbles[:length], f"{what}: F within the digits")
        return "".join(DIGITS[nibble] for nibble in nibbles[:length] if nibble < 0xF)
