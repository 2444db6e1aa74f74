"""SMS TPDUs of 3GPP TS 23.040 clause 9, written apart from the gateway's so that it can catch its mistakes.

Owns: decoding of SUBMIT (strict: every doubt becomes a complaint), decoding and building of DELIVER and
STATUS-REPORT. Knows no modem and no network. Decoders take a TPDU without service centre address.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime

from . import alphabet
from .octets import (
    DIGITS,
    Reader,
    Undecodable,
    decode_time,
    encode_address,
    encode_smsc,
    encode_time,
)
from .userdata import (
    GSM7,
    OCTETS,
    UCS2,
    UserData,
    alphabet_of,
    encode_user_data,
    read_user_data,
    split_text,
    tables_of,
    text_of,
)

__all__ = [
    "DIGITS",
    "GSM7",
    "OCTETS",
    "UCS2",
    "Deliver",
    "StatusReport",
    "Submit",
    "Undecodable",
    "UserData",
    "alphabet_of",
    "decode",
    "decode_deliver",
    "decode_report",
    "decode_submit",
    "decode_time",
    "deliver_parts",
    "encode_address",
    "encode_deliver",
    "encode_report",
    "encode_smsc",
    "encode_time",
    "encode_user_data",
    "split_text",
    "submit_to_deliver",
    "text_of",
]

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
        pairs = itertools.pairwise(units)
        known = alphabet.SINGLE.get(tables_of(data)[2], alphabet.EXTENSION)
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
