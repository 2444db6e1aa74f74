"""Messages as a device in text mode writes them (27.005 3.1, 3.4): headers and bodies become events.

Pure; nothing a device writes makes it raise, and every character of a text is in its event's `raw`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from gateway.domain.line import ReceivedText, ReportedText, Slot

from .charset import Charset
from .lines import fields, number

STORED_BY_US = ("STO UNSENT", "STO SENT")
"""<stat> of what lies on the device and was never received."""

_TIME = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{2}),([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:([+-])([0-9]{2}))?"
)
_MAX_ZONE_QUARTERS = 14 * 4
_REPORT_FIELDS = 7  # fo, mr, ra, tora, scts, dt, st
_INTERNATIONAL, _ALPHANUMERIC = 0x10, 0x50  # type of number, 23.040 9.1.2.5
_TYPE_OF_NUMBER = 0x70


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a listing: where it lies, its <stat>, and the fields that say whose it is."""

    index: int | None
    stat: str
    about: tuple[str, ...]


def entry(header: str) -> Entry:
    """The header of +CMGL or +CMGR."""
    values = fields(header)
    index = None
    if header.startswith("+CMGL"):
        index, values = number(values[0]), values[1:]
    return Entry(index, values[0] if values else "", tuple(values[1:]))


def direct(header: str) -> tuple[str, ...]:
    """The fields of a +CMT or +CDS header, as `Entry.about`."""
    return tuple(fields(header))


def event(
    about: tuple[str, ...], body: str, charset: Charset, slot: Slot | None, sim: str
) -> ReceivedText | ReportedText:
    """What the fields and the body of one message say. What is no report is a text, readable or not."""
    return _report(about, body, charset, slot, sim) or _text(about, body, charset, slot, sim)


def _text(about: tuple[str, ...], body: str, charset: Charset, slot: Slot | None, sim: str) -> ReceivedText:
    sender = about[0] if about else ""
    kind = (number(about[3]) or 0) if len(about) > 3 else 0  # <tooa>, with +CSDH=1
    return ReceivedText(
        sender=_sender(charset.read_number(sender), kind),
        body=charset.read(body),
        sent_at=time_stamp(",".join(about[1:])),
        raw=_raw(about[:3], body),
        slot=slot,
        sim=sim,
        is_name=kind & _TYPE_OF_NUMBER == _ALPHANUMERIC,
    )


def _sender(written: str, kind: int) -> str:
    """With the plus that some leave to the type of number."""
    international = kind & _TYPE_OF_NUMBER == _INTERNATIONAL
    return f"+{written}" if international and re.fullmatch("[0-9]+", written) else written


def _raw(about: tuple[str, ...], body: str) -> str:
    """Sender, name and time as written, then the body. Without the fields that differ from one reading to
    the next (index, read or unread) and from +CMGL to +CMGR, or a re-read would not be known."""
    head = ",".join(f'"{value}"' for value in about)
    return f"{head}\n{body}"


def _report(
    about: tuple[str, ...], body: str, charset: Charset, slot: Slot | None, sim: str
) -> ReportedText | None:
    if len(about) != _REPORT_FIELDS:
        return None
    first, reference, status = (number(about[at]) for at in (0, 1, 6))
    if first is None or reference is None or status is None or max(first, reference, status) > 0xFF:
        return None
    return ReportedText(
        reference=reference,
        recipient=_sender(charset.read_number(about[2]), number(about[3]) or 0),
        status=status,
        sent_at=time_stamp(about[4]),
        discharged_at=time_stamp(about[5]),
        raw=_raw(about, body),
        slot=slot,
        sim=sim,
    )


def time_stamp(text: str) -> datetime | None:
    """The first "yy/MM/dd,hh:mm:ss+zz" in the text (27.005 3.1, quarters of an hour); None without a zone,
    since nobody can tell which clock it was read from, and where it is no point in time."""
    match = _TIME.search(text)
    if match is None or match[7] is None:
        return None
    year, month, day, hour, minute, second, quarters = (int(match[at] or 0) for at in (1, 2, 3, 4, 5, 6, 8))
    if quarters > _MAX_ZONE_QUARTERS:
        return None
    offset = timedelta(minutes=(-15 if match[7] == "-" else 15) * quarters)
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None
