"""What a modem may give, decoded: a received text, a delivery report, a text of ours, or what is none.

Owns these four nouns and what their fields mean (3GPP TS 23.040 9.2.2, 9.2.3). Knows nothing of the
layout of octets: `pdu` makes them, and callers import them from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.alphabet import Alphabet, CodedText
from gateway.domain.pdu_fields import Address, Concat, Header, MessageWaiting, Ports, decode_data_coding
from gateway.domain.pdu_picture import PictureNotice, read_picture_notice

_PID_SILENT = 0x40  # short message type 0
_PID_REPLACE = range(0x41, 0x48)
_PID_RETURN_CALL = 0x5F
_PID_SIM_DOWNLOAD = 0x7F
_PORT_WAP_PUSH = 2948
_PORTS_CARD = frozenset({226, 227, 9204, 9205})  # vCard and vCalendar, over 8-bit ports and WDP


@dataclass(frozen=True, slots=True)
class Deliver:
    """A received text (SMS-DELIVER, 9.2.2.1).

    `sent_at` is the service centre's time stamp, aware, None when it is no point in time; `scts_raw` its
    seven octets as hex. `truncated` is True when a length promised more than was there: the text is what
    could be read. `pid`, `dcs` and `header` are as sent; the properties say what they mean.
    """

    sender: Address
    service_centre: str | None
    sent_at: datetime | None
    scts_raw: str
    pid: int
    dcs: int
    header: Header
    user_data: CodedText
    truncated: bool
    more_to_come: bool
    report_indicated: bool
    reply_path: bool

    @property
    def text(self) -> str:
        """Text of this part alone; empty for 8-bit data. Parts are joined by `segments.join`."""
        return self.user_data.text

    @property
    def alphabet(self) -> Alphabet:
        """Alphabet of the user data."""
        return self.user_data.alphabet

    @property
    def message_class(self) -> int | None:
        """0 flash, 1 device, 2 SIM, 3 other equipment, None without class (23.038 4)."""
        return decode_data_coding(self.dcs).message_class

    @property
    def concat(self) -> Concat | None:
        """Which part of which message; None for a message of its own, or when the numbers cannot be."""
        return self.header.concat

    @property
    def ports(self) -> Ports | None:
        """Application ports: such a message is for a program, not for people."""
        return self.header.ports

    @property
    def waiting(self) -> MessageWaiting | None:
        """Voicemail and such; the header's indication goes before that of TP-DCS, for it may count."""
        return self.header.waiting or decode_data_coding(self.dcs).waiting

    @property
    def replace_type(self) -> int | None:
        """1 to 7: it replaces the former text of the same type and sender."""
        return self.pid - 0x40 if self.pid in _PID_REPLACE else None

    @property
    def silent(self) -> bool:
        """Type 0: to be acknowledged and shown to nobody."""
        return self.pid == _PID_SILENT

    @property
    def return_call(self) -> bool:
        """The network asks to be called back, mostly for voicemail."""
        return self.pid == _PID_RETURN_CALL

    @property
    def sim_data(self) -> bool:
        """Data for the SIM (9.2.3.9, SIM data download), not for people."""
        return self.pid == _PID_SIM_DOWNLOAD

    @property
    def card(self) -> bool:
        """A contact or an appointment (vCard, vCalendar) by its port."""
        return self.ports is not None and self.ports.destination in _PORTS_CARD

    @property
    def picture(self) -> PictureNotice | None:
        """The notice that somebody sent a picture (MMS), which cannot be fetched.

        Of the first part only, and of what that part holds; for a notice of several parts give their
        joined data to `read_picture_notice`.
        """
        if self.ports is None or self.ports.destination != _PORT_WAP_PUSH:
            return None
        if self.alphabet is not Alphabet.DATA:
            return None
        return read_picture_notice(self.user_data.units, self.sent_at)


class StatusClass(StrEnum):
    """What a TP-Status means for the text (9.2.3.15)."""

    DELIVERED = "delivered"
    FORWARDED = "forwarded"
    REPLACED = "replaced"
    PENDING = "pending"
    FAILED_PERMANENT = "failed_permanent"
    FAILED_TEMPORARY = "failed_temporary"


def status_class(status: int) -> StatusClass:
    """Class of a TP-Status; reserved values above 7F count as 63, service rejected."""
    if status < 0x20:
        special = {0x01: StatusClass.FORWARDED, 0x02: StatusClass.REPLACED}
        return special.get(status, StatusClass.DELIVERED)
    if status < 0x40:
        return StatusClass.PENDING
    return StatusClass.FAILED_PERMANENT if status < 0x60 else StatusClass.FAILED_TEMPORARY


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A delivery report (SMS-STATUS-REPORT, 9.2.2.3). `reference` is TP-MR, `status` TP-ST, both raw.

    Time stamps as in `Deliver`; `discharged_at` is when the text was delivered or given up. `text` is what
    little some networks add in words.
    """

    reference: int
    recipient: Address
    service_centre: str | None
    sent_at: datetime | None
    scts_raw: str
    discharged_at: datetime | None
    discharge_raw: str
    status: int
    text: str = ""

    @property
    def status_class(self) -> StatusClass:
        """Class of the status."""
        return status_class(self.status)


@dataclass(frozen=True, slots=True)
class StoredSubmit:
    """An outgoing text found in the device's store (SMS-SUBMIT, 9.2.2.2): never something received."""

    recipient: Address
    service_centre: str | None
    reference: int
    pid: int
    dcs: int
    header: Header
    user_data: CodedText
    truncated: bool
    report: bool
    validity: int | None  # relative TP-VP as it stands there

    @property
    def text(self) -> str:
        """Text of this part alone."""
        return self.user_data.text

    @property
    def alphabet(self) -> Alphabet:
        """Alphabet of the user data."""
        return self.user_data.alphabet

    @property
    def concat(self) -> Concat | None:
        """Which part of which message."""
        return self.header.concat


@dataclass(frozen=True, slots=True)
class Undecodable:
    """What could not be read: as it was given, why, and whose it is if that much could be told."""

    raw: str
    why: str
    sender: Address | None = None


Incoming = Deliver | StatusReport | StoredSubmit | Undecodable
