"""TP-UD: header elements, septets and octets, splitting a text and joining parts (23.040 9.2.3.24)."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import alphabet
from .octets import Reader

GSM7, OCTETS, UCS2 = "gsm7", "8bit", "ucs2"


def alphabet_of(dcs: int) -> str:
    """The alphabet a TP-DCS names (23.038 clause 4); reserved groups read as GSM 7-bit."""
    group = dcs >> 4
    if group < 0x8:
        return (GSM7, OCTETS, UCS2, GSM7)[dcs >> 2 & 3]
    if group == 0xE:
        return UCS2
    return OCTETS if group == 0xF and dcs & 0x04 else GSM7


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
        if run and (part is None or tables_of(part) != tables_of(run[0])):
            out.append(_decode_run(run))
            run = []
        if part is not None:
            run.append(part)
    return "".join(out)


def tables_of(part: UserData) -> tuple[str, int, int]:
    locking = (part.elements.get(0x25) or b"\x00")[0]
    single = (part.elements.get(0x24) or b"\x00")[0]
    return part.coding, locking, single


def _decode_run(run: list[UserData]) -> str:
    coding, locking, single = tables_of(run[0])
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


def encode_user_data(data: UserData) -> bytes:
    """TP-UDL and TP-UD."""
    elements = b"".join(bytes((name, len(body))) + body for name, body in data.elements.items())
    header = bytes((len(elements),)) + elements if elements else b""
    if data.coding != GSM7:
        return bytes((len(header) + len(data.units),)) + header + data.units
    skipped = (len(header) * 8 + 6) // 7
    packed = alphabet.pack(data.units, skipped * 7 - len(header) * 8)
    return bytes((skipped + len(data.units),)) + header + packed


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
