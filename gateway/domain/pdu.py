"""SMS TPDUs: encode what we send, decode whatever a modem gives (3GPP TS 23.040 9.2).

Owns the layout of whole messages; their fields are in `pdu_fields`, the messages as nouns in
`pdu_messages`; both are re-exported here. Pure: no clock, no I/O. `decode_incoming` never raises: what
cannot be read comes back as `Undecodable`, to be kept and shown. Texts are always encodable as UTF-8.
"""

from __future__ import annotations

from datetime import timedelta

from gateway.domain.alphabet import Alphabet, CodedText, NotInAlphabet, NotText, encode_septets, encode_ucs2
from gateway.domain.pdu_fields import (
    Address,
    BadNumber,
    BadValidity,
    Concat,
    DataCoding,
    Header,
    MessageWaiting,
    NumberKind,
    Octets,
    Ports,
    Unreadable,
    decode_address,
    decode_data_coding,
    decode_header,
    decode_time_stamp,
    decode_validity,
    encode_address,
    encode_data_coding,
    encode_header,
    encode_validity,
    pack_septets,
    read_address,
    unpack_septets,
)
from gateway.domain.pdu_messages import (
    Deliver,
    Incoming,
    StatusClass,
    StatusReport,
    StoredSubmit,
    Undecodable,
    status_class,
)
from gateway.domain.pdu_picture import PictureNotice, read_picture_notice
from gateway.domain.segments import TooLong, segment

__all__ = [
    "Address",
    "BadNumber",
    "BadValidity",
    "Concat",
    "Deliver",
    "Header",
    "Incoming",
    "MessageWaiting",
    "NotInAlphabet",
    "NotText",
    "NumberKind",
    "PartTooLong",
    "PictureNotice",
    "Ports",
    "StatusClass",
    "StatusReport",
    "StoredSubmit",
    "TooLong",
    "Undecodable",
    "cmgs_length",
    "decode_incoming",
    "decode_validity",
    "encode_message",
    "encode_submit",
    "encode_validity",
    "read_picture_notice",
    "status_class",
    "with_validity",
]

# --- first octet (23.040 9.2.2) ----------------------------------------------------------------------

_TYPE = 0x03  # TP-MTI
_TYPE_SUBMIT, _TYPE_STATUS_REPORT = 0x01, 0x02  # 0 is DELIVER, and 3, reserved, is to be read as one
_NO_MORE_TO_COME = 0x04  # TP-MMS, in DELIVER and STATUS-REPORT
_VALIDITY_FORMAT = 0x18  # TP-VPF, in SUBMIT
_VALIDITY_RELATIVE = 0x10
_VALIDITY_OCTETS = {0x00: 0, 0x08: 7, _VALIDITY_RELATIVE: 1, 0x18: 7}
_REPORT = 0x20  # TP-SRR, TP-SRI or TP-SRQ
_HAS_HEADER = 0x40  # TP-UDHI
_REPLY_PATH = 0x80  # TP-RP

_MAX_USER_DATA = 140  # octets


# --- what comes in -----------------------------------------------------------------------------------


def decode_incoming(hex_text: str) -> Incoming:
    """Whatever a modem listed or announced: hex of a service centre address and a TPDU. Never raises.

    White space, NULs, lower case and a last odd digit are forgiven.
    """
    try:
        octets = Octets(_from_hex(hex_text))
    except ValueError:
        return Undecodable(hex_text, "it is not hexadecimal")
    try:
        return _read_tpdu(octets, _read_service_centre(octets))
    except Unreadable as error:
        return Undecodable(hex_text, str(error), octets.party)


def _from_hex(text: str) -> bytes:
    digits = "".join(text.replace("\0", "").split())
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


_MAX_CENTRE_OCTETS = 12


def _read_service_centre(octets: Octets) -> str | None:
    """The address before the TPDU; its length counts octets, the type octet included (24.011 8.2.5.2)."""
    length = octets.take_one("the service centre's address")
    if length > _MAX_CENTRE_OCTETS:
        raise Unreadable(f"a service centre's address of {length} octets cannot be right")
    if not length:
        return None
    kind, *value = octets.take(length, "the service centre's address")
    number = decode_address(kind, bytes(value), 2 * len(value)).number
    return number or None


def _read_tpdu(octets: Octets, centre: str | None) -> Incoming:
    first = octets.take_one("the first octet")
    if first & _TYPE == _TYPE_STATUS_REPORT:
        return _read_status_report(octets, first, centre)
    if first & _TYPE == _TYPE_SUBMIT:
        return _read_submit(octets, first, centre)
    return _read_deliver(octets, first, centre)


def _read_deliver(octets: Octets, first: int, centre: str | None) -> Deliver:
    sender = read_address(octets, "the sender")
    pid = octets.take_one("the protocol identifier")
    dcs = octets.take_one("the data coding scheme")
    scts = octets.take(7, "the time stamp")
    header, user_data, truncated = _read_user_data(octets, decode_data_coding(dcs), first)
    return Deliver(
        sender=sender,
        service_centre=centre,
        sent_at=decode_time_stamp(scts),
        scts_raw=scts.hex().upper(),
        pid=pid,
        dcs=dcs,
        header=header,
        user_data=user_data,
        truncated=truncated,
        more_to_come=not first & _NO_MORE_TO_COME,
        report_indicated=bool(first & _REPORT),
        reply_path=bool(first & _REPLY_PATH),
    )


def _read_status_report(octets: Octets, first: int, centre: str | None) -> StatusReport:
    reference = octets.take_one("the reference")
    recipient = read_address(octets, "the recipient")
    scts = octets.take(7, "the time stamp")
    discharge = octets.take(7, "the discharge time")
    return StatusReport(
        reference=reference,
        recipient=recipient,
        service_centre=centre,
        sent_at=decode_time_stamp(scts),
        scts_raw=scts.hex().upper(),
        discharged_at=decode_time_stamp(discharge),
        discharge_raw=discharge.hex().upper(),
        status=octets.take_one("the status"),
        text=_read_report_text(octets, first),
    )


def _read_report_text(octets: Octets, first: int) -> str:
    """The optional rest of a report, as TP-PI announces it (9.2.3.27); nothing when it is cut short."""
    try:
        present = extension = octets.take_one("the parameter indicator")
        while extension & 0x80:
            extension = octets.take_one("the parameter indicator")
        if present & 0x01:
            octets.take_one("the protocol identifier")
        dcs = octets.take_one("the data coding scheme") if present & 0x02 else 0
        return _read_user_data(octets, decode_data_coding(dcs), first)[1].text if present & 0x04 else ""
    except Unreadable:
        return ""


def _read_submit(octets: Octets, first: int, centre: str | None) -> StoredSubmit:
    reference = octets.take_one("the reference")
    recipient = read_address(octets, "the recipient")
    pid = octets.take_one("the protocol identifier")
    dcs = octets.take_one("the data coding scheme")
    validity = octets.take(_VALIDITY_OCTETS[first & _VALIDITY_FORMAT], "the validity period")
    header, user_data, truncated = _read_user_data(octets, decode_data_coding(dcs), first)
    return StoredSubmit(
        recipient=recipient,
        service_centre=centre,
        reference=reference,
        pid=pid,
        dcs=dcs,
        header=header,
        user_data=user_data,
        truncated=truncated,
        report=bool(first & _REPORT),
        validity=validity[0] if len(validity) == 1 else None,
    )


def _read_user_data(octets: Octets, coding: DataCoding, first: int) -> tuple[Header, CodedText, bool]:
    """TP-UDL and TP-UD: header, text, and whether a length promised more than was there.

    A header longer than the data is no header: all is read as text, for behind some nonsense the words
    stand in their places.
    """
    length = octets.take_one("the length of the text")
    gsm7 = coding.alphabet is Alphabet.GSM7
    promised = (7 * length + 7) // 8 if gsm7 else length
    data = octets.rest()[:promised]
    truncated = len(data) < promised
    header, header_length = Header(), 0
    if first & _HAS_HEADER:
        header, header_length = _split_header(data)
        truncated = truncated or not header_length
    header_septets = (8 * header_length + 6) // 7
    units = unpack_septets(data, length)[header_septets:] if gsm7 else data[header_length:]
    if coding.alphabet is Alphabet.UCS2 and len(units) % 2:
        units, truncated = units[:-1], True
    return header, CodedText(coding.alphabet, units, header.single_shift, header.locking_shift), truncated


def _split_header(data: bytes) -> tuple[Header, int]:
    """The header and its length with the length octet; length 0 when it does not fit the data."""
    length = data[0] + 1 if data else 0
    if not data or length > len(data):
        return Header(), 0
    return decode_header(data[1:length]), length


# --- what goes out -----------------------------------------------------------------------------------


class PartTooLong(ValueError):
    """The text does not fit the 140 octets of one part; cut it with `segments.segment` first."""


def encode_submit(
    to: str,
    segment_text: str,
    *,
    alphabet: Alphabet,
    concat: Concat | None,
    report: bool,
    validity: timedelta | None,
    flash: bool = False,
) -> bytes:
    """One SMS-SUBMIT (9.2.2.2), without a service centre address; TP-MR is 0, the modem sets its own.

    `to` is '+' and digits, or a short code or national number as dialled. `validity` is rounded up to the
    next step that can be expressed, at least 5 minutes; None leaves it to the network.

    Raises (all ValueError):
        BadNumber, BadValidity: see there.
        PartTooLong: the text and its header are longer than one part.
        NotInAlphabet, NotText: the alphabet cannot carry the text.
    """
    header = encode_header(concat) if concat else b""
    length, user_data = _encode_user_data(segment_text, alphabet, header)
    first = _TYPE_SUBMIT
    first |= _VALIDITY_RELATIVE if validity is not None else 0
    first |= _REPORT if report else 0
    first |= _HAS_HEADER if concat else 0
    return b"".join(
        (
            bytes([first, 0]),
            encode_address(to),
            bytes([0, encode_data_coding(alphabet, flash=flash)]),
            b"" if validity is None else bytes([encode_validity(validity)]),
            bytes([length]),
            user_data,
        )
    )


def with_validity(tpdu: bytes, validity: timedelta) -> bytes:
    """An SMS-SUBMIT as `encode_submit` makes it, kept for delivery for another period.

    Raises:
        BadValidity: see there.
        ValueError: it is no SMS-SUBMIT.
    """
    first = tpdu[0] if tpdu else 0
    if first & _TYPE != _TYPE_SUBMIT:
        raise ValueError("only what goes out has a validity")
    octets = Octets(tpdu[2:])
    try:
        read_address(octets, "the recipient")
        octets.take(2, "the protocol identifier and the data coding scheme")
        before = tpdu[: len(tpdu) - len(rest := octets.rest())]
        after = rest[_VALIDITY_OCTETS[first & _VALIDITY_FORMAT] :]
    except Unreadable as error:
        raise ValueError(str(error)) from None
    relative = first & ~_VALIDITY_FORMAT | _VALIDITY_RELATIVE
    return bytes([relative]) + before[1:] + bytes([encode_validity(validity)]) + after


def _encode_user_data(text: str, alphabet: Alphabet, header: bytes) -> tuple[int, bytes]:
    """TP-UDL and TP-UD. For GSM-7 the length counts septets, and the text starts on a septet border."""
    if alphabet is Alphabet.DATA:
        raise ValueError("a text cannot be sent as 8-bit data")
    if alphabet is Alphabet.GSM7:
        units = encode_septets(text)
        header_septets = (8 * len(header) + 6) // 7
        length = header_septets + len(units)
        data = header + pack_septets(units, fill_bits=7 * header_septets - 8 * len(header))
    else:
        data = header + encode_ucs2(text)
        length = len(data)
    if len(data) > _MAX_USER_DATA:
        raise PartTooLong(f"the part takes {len(data)} octets; {_MAX_USER_DATA} fit")
    return length, data


def encode_message(
    to: str,
    text: str,
    *,
    reference: int,
    report: bool,
    validity: timedelta | None,
    flash: bool = False,
) -> list[bytes]:
    """All parts of a text, in order, joined on the phone by an 8-bit `reference` (0 to 255, yours to vary).

    Raises (all ValueError):
        TooLong, NotText, BadNumber, BadValidity: see there.
        ValueError: the reference does not fit 8 bits.
    """
    cut = segment(text)
    total = len(cut.texts)
    return [
        encode_submit(
            to,
            part,
            alphabet=cut.alphabet,
            concat=Concat(reference, total, sequence) if total > 1 else None,
            report=report,
            validity=validity,
            flash=flash,
        )
        for sequence, part in enumerate(cut.texts, start=1)
    ]


def cmgs_length(tpdu: bytes) -> int:
    """The number to give to AT+CMGS: octets of the TPDU without service centre (27.005 4.3)."""
    return len(tpdu)
