"""SMS TPDUs of 3GPP TS 23.040 clause 9, written apart from the gateway's so that it can catch its mistakes.

Owns: decoding of SUBMIT (strict: every doubt becomes a complaint), decoding and building of DELIVER and
STATUS-REPORT. Knows no modem and no network. Decoders take a TPDU without service centre address.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from . import alphabet

GSM7, OCTETS, UCS2 = "gsm7", "8bit", "ucs2"
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
        return datetime(2000 + values[0], *values[1:], tzinfo=timezone(offset))
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


def alphabet_of(dcs: int) -> str:
    """The alphabet a TP-DCS names (23.038 clause 4); reserved groups read as GSM 7-bit."""
    group = dcs >> 4
    if group < 0x8:
        return (GSM7, OCTETS, UCS2, GSM7)[dcs >> 2 & 3]
    if group == 0xE:
        return UCS2
    return OCTETS if group == 0xF and dcs & 0x04 else GSM7


# --- user data ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Concat:
    """Reference, number of parts, this part (from 1), width of the reference in bits (9.2.3.24.1)."""

    ref: int
    total: int
    seq: int
    bits: int = 8


@dataclass
class UserData:
    """TP-UD taken apart. `units` are septets one per octet, or octets, without header and fill."""

    coding: str
    units: bytes
    elements: dict[int, bytes] = field(default_factory=dict)

    @property
    def concat(self) -> Concat | None:
        """The concatenation element, None where the message stands alone or the element lies."""
        if len(found := self.elements.get(0x00, b"")) == 3:
            concat = Concat(found[0], found[1], found[2], 8)
        elif len(found := self.elements.get(0x08, b"")) == 4:
            concat = Concat(int.from_bytes(found[:2], "big"), found[2], found[3], 16)
        else:
            return None
        return concat if 1 <= concat.seq <= concat.total else None

    @property
    def text(self) -> str:
        """The text of this part alone; 8-bit data as hex."""
        return text_of([self])


def text_of(parts: list[UserData]) -> str:
    """Parts joined as a phone joins them: units first, then decoded, where neighbours share a coding."""
    out: list[str] = []
    run: list[UserData] = []
    for part in [*parts, None]:
        if run and (part is None or _tables(part) != _tables(run[0])):
            out.append(_decode_run(run))
            run = []
        if part is not None:
            run.append(part)
    return "".join(out)


def _tables(part: UserData) -> tuple[str, int, int]:
    locking = part.elements.get(0x25, b"\x00")[0]
    single = part.elements.get(0x24, b"\x00")[0]
    return part.coding, locking, single


def _decode_run(run: list[UserData]) -> str:
    coding, locking, single = _tables(run[0])
    units = b"".join(part.units for part in run)
    if coding == UCS2:
        return units.decode("utf-16-be", "replace")
    if coding == OCTETS:
        return units.hex().upper()
    locking = locking if locking in alphabet.LOCKING else 0
    return alphabet.from_septets(units, locking=locking, single=single if single in alphabet.SINGLE else 0)


def read_user_data(reader: Reader, dcs: int, has_header: bool) -> UserData:
    """TP-UDL and TP-UD, to the end of the octets."""
    length = reader.take(1, "TP-UDL")[0]
    coding = alphabet_of(dcs)
    body = reader.rest()
    wanted = (length * 7 + 7) // 8 if coding == GSM7 else length
    reader.doubt(len(body) > wanted, f"TP-UD: {len(body)} octets where TP-UDL {length} tells {wanted}")
    reader.doubt(len(body) < wanted, f"TP-UD: cut, {len(body)} octets where TP-UDL {length} tells {wanted}")
    reader.doubt(wanted > 140, f"TP-UD: {wanted} octets, 140 are the most")
    body = body[:wanted]
    header = body[: body[0] + 1] if has_header and body else b""
    elements = _elements(reader, header, len(body)) if has_header else {}
    if coding != GSM7:
        units = body[len(header) :]
        reader.doubt(coding == UCS2 and len(units) % 2 == 1, "TP-UD: odd number of octets in UCS-2")
        return UserData(coding, units, elements)
    return UserData(coding, _septets(reader, body, length, len(header)), elements)


def _septets(reader: Reader, body: bytes, length: int, header: int) -> bytes:
    skipped = (header * 8 + 6) // 7
    fill = skipped * 7 - header * 8
    count = max(0, length - skipped)
    text = body[header:]
    reader.doubt(
        bool(text) and bool(text[0] & ((1 << fill) - 1)), "TP-UD: fill bits after the header are set"
    )
    reader.doubt(alphabet.fill_bits(text, count, fill) != 0, "TP-UD: bits after the last septet are set")
    return alphabet.unpack(text, count, fill)


def _elements(reader: Reader, header: bytes, available: int) -> dict[int, bytes]:
    if not header or header[0] + 1 > available:
        reader.doubt(True, "TP-UDHL runs past the user data")
        return {}
    elements: dict[int, bytes] = {}
    place = 1
    while place < len(header):
        if place + 2 > len(header) or place + 2 + header[place + 1] > len(header):
            reader.doubt(True, "TP-UDH: an element runs past the header")
            break
        name, size = header[place], header[place + 1]
        reader.doubt(name in elements, f"TP-UDH: element {name:02X} twice")
        elements[name] = header[place + 2 : place + 2 + size]
        place += 2 + size
    return elements


# --- SUBMIT -------------------------------------------------------------------------------------------


@dataclass
class Submit:
    """An SMS-SUBMIT (9.2.2.2) as a strict service centre reads it."""

    to: str
    reference: int
    pid: int
    dcs: int
    validity: bytes
    report: bool
    data: UserData
    complaints: list[str]

    @property
    def text(self) -> str:
        return self.data.text


def decode_submit(octets: bytes) -> Submit:
    """Raises Undecodable; whatever is readable but against the book stands in `complaints`."""
    reader = Reader(octets)
    first = reader.take(1, "first octet")[0]
    if first & 0x03 != 0x01:
        raise Undecodable(f"TP-MTI {first & 3} is not SUBMIT")
    reference = reader.take(1, "TP-MR")[0]
    to = reader.address("TP-DA")
    reader.doubt(not to.strip("+"), "TP-DA: no digits")
    pid, dcs = reader.take(2, "TP-PID and TP-DCS")
    _doubt_dcs(reader, pid, dcs)
    validity = reader.take((0, 7, 1, 7)[first >> 3 & 3], "TP-VP")
    data = read_user_data(reader, dcs, bool(first & 0x40))
    _doubt_parts(reader, data, bool(first & 0x40))
    return Submit(to, reference, pid, dcs, validity, bool(first & 0x20), data, reader.complaints)


def _doubt_dcs(reader: Reader, pid: int, dcs: int) -> None:
    reader.doubt(0x48 <= pid <= 0x7B and pid != 0x5F, f"TP-PID {pid:02X} is reserved")
    reader.doubt(0x80 <= dcs <= 0xBF, f"TP-DCS {dcs:02X} is reserved")
    reader.doubt(dcs < 0x80 and dcs & 0x0C == 0x0C, f"TP-DCS {dcs:02X}: reserved alphabet")
    reader.doubt(dcs < 0x80 and not dcs & 0x10 and bool(dcs & 0x03), f"TP-DCS {dcs:02X}: class without bit 4")
    reader.doubt(dcs < 0x80 and bool(dcs & 0x20), f"TP-DCS {dcs:02X}: compressed")
    reader.doubt(dcs >= 0xF0 and bool(dcs & 0x08), f"TP-DCS {dcs:02X}: reserved bit 3")


def _doubt_parts(reader: Reader, data: UserData, has_header: bool) -> None:
    reader.doubt(has_header and not data.elements, "TP-UDHI without elements")
    claims = 0x00 in data.elements or 0x08 in data.elements
    concat = data.concat
    reader.doubt(claims and concat is None, "concatenation: part or total impossible")
    reader.doubt(concat is not None and concat.total == 1, "concatenation of one part")
    units = data.units
    if data.coding == UCS2 and len(units) >= 2:
        reader.doubt(0xDC <= units[0] <= 0xDF, "UCS-2: begins inside a surrogate pair")
        reader.doubt(0xD8 <= units[len(units) - 2] <= 0xDB, "UCS-2: ends inside a surrogate pair")
        reader.doubt("\ufffd" in data.text, "UCS-2: lone surrogate")
    if data.coding == GSM7:
        reader.doubt(units.endswith(bytes((alphabet.ESCAPE,))), "GSM 7-bit: ends inside an escape pair")
        pairs = zip(units, units[1:], strict=False)
        known = alphabet.SINGLE.get(_tables(data)[2], alphabet.EXTENSION)
        unknown = any(one == alphabet.ESCAPE and two not in known for one, two in pairs)
        reader.doubt(unknown, "GSM 7-bit: unknown extension character")


# --- DELIVER and STATUS-REPORT ------------------------------------------------------------------------


@dataclass
class Deliver:
    """An SMS-DELIVER (9.2.2.1). `scts` is raw; `flags` the first octet without TP-MTI and TP-UDHI."""

    sender: str
    pid: int
    dcs: int
    scts: bytes
    data: UserData
    flags: int = 0x04
    complaints: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.data.text

    @property
    def time(self) -> datetime | None:
        return decode_time(self.scts)


def decode_deliver(octets: bytes) -> Deliver:
    """Raises Undecodable."""
    reader = Reader(octets)
    first = reader.take(1, "first octet")[0]
    if first & 0x03:
        raise Undecodable(f"TP-MTI {first & 3} is not DELIVER")
    sender = reader.address("TP-OA")
    pid, dcs = reader.take(2, "TP-PID and TP-DCS")
    scts = reader.take(7, "TP-SCTS")
    data = read_user_data(reader, dcs, bool(first & 0x40))
    return Deliver(sender, pid, dcs, scts, data, first & ~0x43, reader.complaints)


def encode_user_data(data: UserData) -> bytes:
    """TP-UDL and TP-UD."""
    elements = b"".join(bytes((name, len(body))) + body for name, body in data.elements.items())
    header = bytes((len(elements),)) + elements if elements else b""
    if data.coding != GSM7:
        return bytes((len(header) + len(data.units),)) + header + data.units
    skipped = (len(header) * 8 + 6) // 7
    packed = alphabet.pack(data.units, skipped * 7 - len(header) * 8)
    return bytes((skipped + len(data.units),)) + header + packed


def encode_deliver(message: Deliver) -> bytes:
    """The whole TPDU."""
    first = message.flags | (0x40 if message.data.elements else 0)
    head = bytes((first,)) + encode_address(message.sender)
    return head + bytes((message.pid, message.dcs)) + message.scts + encode_user_data(message.data)


def submit_to_deliver(submit: Submit, sender: str, when: datetime) -> bytes:
    """What the recipient's phone gets of a SUBMIT."""
    return encode_deliver(Deliver(sender, submit.pid, submit.dcs, encode_time(when), submit.data))


@dataclass
class StatusReport:
    """An SMS-STATUS-REPORT (9.2.2.3)."""

    reference: int
    recipient: str
    scts: bytes
    discharge: bytes
    status: int
    flags: int = 0x04


def decode_report(octets: bytes) -> StatusReport:
    """Raises Undecodable."""
    reader = Reader(octets)
    first, reference = reader.take(2, "first octet and TP-MR")
    if first & 0x03 != 0x02:
        raise Undecodable(f"TP-MTI {first & 3} is not STATUS-REPORT")
    recipient = reader.address("TP-RA")
    scts, discharge = reader.take(7, "TP-SCTS"), reader.take(7, "TP-DT")
    return StatusReport(reference, recipient, scts, discharge, reader.take(1, "TP-ST")[0], first & ~0x03)


def encode_report(report: StatusReport) -> bytes:
    """The whole TPDU, without optional parameters."""
    head = bytes((report.flags | 0x02, report.reference)) + encode_address(report.recipient)
    return head + report.scts + report.discharge + bytes((report.status,))


def decode(octets: bytes) -> Deliver | StatusReport | Submit | None:
    """A stored TPDU of whatever kind; None where it is none."""
    try:
        kind = octets[0] & 0x03 if octets else 3
        if kind == 0:
            return decode_deliver(octets)
        return decode_report(octets) if kind == 2 else decode_submit(octets)
    except Undecodable:
        return None


# --- building texts -----------------------------------------------------------------------------------


def split_text(text: str, *, ref: int, ref_bits: int = 8, coding: str | None = None) -> list[UserData]:
    """User data of each part of `text`, one alone without header where it fits.

    `coding` None picks GSM 7-bit where every character fits it. Neither escape nor surrogate pairs are cut.
    """
    coding = coding or (GSM7 if alphabet.encodable(text) else UCS2)
    step, room_alone, room_part = (1, 160, 153 if ref_bits == 8 else 152)
    units = b""
    if coding == GSM7:
        units = alphabet.to_septets(text)
    else:
        step, room_alone, room_part = (2, 140, 134 if ref_bits == 8 else 132)
        units = text.encode("utf-16-be")
    if len(units) <= room_alone:
        return [UserData(coding, units)]
    chunks = _chunks(units, room_part, step)
    total = len(chunks)
    return [
        UserData(coding, chunk, _concat(ref, total, seq, ref_bits)) for seq, chunk in enumerate(chunks, 1)
    ]


def _chunks(units: bytes, room: int, step: int) -> list[bytes]:
    chunks: list[bytes] = []
    while units:
        end = min(room, len(units))
        cut_pair = 0xD8 <= units[end - 2] <= 0xDB if step == 2 else units[end - 1] == alphabet.ESCAPE
        end -= step if cut_pair else 0
        chunks.append(units[:end])
        units = units[end:]
    return chunks


def _concat(ref: int, total: int, seq: int, bits: int) -> dict[int, bytes]:
    if bits == 8:
        return {0x00: bytes((ref & 0xFF, total, seq))}
    return {0x08: (ref & 0xFFFF).to_bytes(2, "big") + bytes((total, seq))}


def deliver_parts(
    sender: str,
    text: str,
    when: datetime | None = None,
    *,
    ref: int = 0,
    ref_bits: int = 8,
    coding: str | None = None,
    message_class: int | None = None,
) -> list[bytes]:
    """SMS-DELIVER TPDUs that carry `text` from `sender`; a part that is not the last has TP-MMS 0."""
    scts = encode_time(when or datetime.now(UTC))
    datas = split_text(text, ref=ref, ref_bits=ref_bits, coding=coding)
    dcs = 0x08 if datas[0].coding == UCS2 else 0x00
    if message_class is not None:
        dcs |= 0x10 | message_class
    message = Deliver(sender, 0, dcs, scts, datas[0])
    return [
        encode_deliver(dataclasses.replace(message, data=data, flags=0x04 if data is datas[-1] else 0x00))
        for data in datas
    ]
