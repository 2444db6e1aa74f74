"""Text mode of 27.005: headers and bodies in the character set of +CSCS, SUBMITs made of typed text.

Knows the TPDU codec and the modem's settings.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from . import alphabet, tpdu
from .answers import Cms

if TYPE_CHECKING:
    from .modem import Modem
    from .stores import Slot

STATS = ["REC UNREAD", "REC READ", "STO UNSENT", "STO SENT", "ALL"]


def shown(modem: Modem, text: str) -> str:
    """A string as the character set wants it: numbers and names, too."""
    if modem.settings.cscs == "UCS2":
        return text.encode("utf-16-be", "replace").hex().upper()
    if modem.settings.cscs == "GSM" and alphabet.encodable(text):
        return alphabet.to_septets(text).decode("latin-1")
    return text.encode("ascii", "replace").decode()


def meant(modem: Modem, text: str) -> str:
    """The inverse, for strings typed in commands. Raises Cms 305."""
    if modem.settings.cscs != "UCS2":
        return text
    try:
        return bytes.fromhex(text).decode("utf-16-be")
    except (ValueError, UnicodeDecodeError):
        raise Cms(305) from None


def _kind(number: str) -> int:
    if number.startswith("+"):
        return 145
    return 129 if all(char in tpdu.DIGITS for char in number) else 208


def _time(scts: bytes) -> str:
    when = tpdu.decode_time(scts)
    if when is None:
        return "00/00/00,00:00:00+00"
    quarters = round((when.utcoffset() or timedelta()) / timedelta(minutes=15))
    return f"{when:%y/%m/%d,%H:%M:%S}{'-' if quarters < 0 else '+'}{abs(quarters):02d}"


def _body(modem: Modem, data: tpdu.UserData) -> str:
    if data.coding == tpdu.GSM7 and not data.elements:
        return shown(modem, data.text)
    if data.coding == tpdu.GSM7:
        return data.units.decode("latin-1")
    return data.units.hex().upper()


def stored(modem: Modem, slot: Slot, *, alone: bool = False) -> tuple[str, str]:
    """Header (after the index) and body of a stored message (27.005 3.4.2, 3.4.3)."""
    message = tpdu.decode(slot.octets)
    stat = f'"{STATS[slot.stat]}"'
    if isinstance(message, tpdu.Deliver):
        extra = _details(modem, message, alone) if modem.settings.switches.get("+CSDH") else ""
        head = f'{stat},"{shown(modem, message.sender)}",,"{_time(message.scts)}"{extra}'
        return head, _body(modem, message.data)
    if isinstance(message, tpdu.StatusReport):
        return f"{stat},{report_fields(modem, message)}", ""
    if isinstance(message, tpdu.Submit):
        return f'{stat},"{shown(modem, message.to)}",', _body(modem, message.data)
    raise Cms(320)


def _details(modem: Modem, message: tpdu.Deliver, alone: bool) -> str:
    length = len(message.data.units)
    if not alone:
        return f",{_kind(message.sender)},{length}"
    first = message.flags | (0x40 if message.data.elements else 0)
    smsc = f'"{shown(modem, modem.sim.smsc)}",{_kind(modem.sim.smsc)}'
    return f",{_kind(message.sender)},{first},{message.pid},{message.dcs},{smsc},{length}"


def report_fields(modem: Modem, report: tpdu.StatusReport) -> str:
    """fo, mr, ra, tora, scts, dt, st (27.005 3.1)."""
    number = f'"{shown(modem, report.recipient)}",{_kind(report.recipient)}'
    times = f'"{_time(report.scts)}","{_time(report.discharge)}"'
    return f"{report.flags | 2},{report.reference},{number},{times},{report.status}"


def direct_header(modem: Modem, name: str, octets: bytes) -> str:
    """+CMT or +CDS with what follows, in text mode."""
    if name == "+CDS":
        return f"+CDS: {report_fields(modem, tpdu.decode_report(octets))}"
    message = tpdu.decode_deliver(octets)
    extra = _details(modem, message, True) if modem.settings.switches.get("+CSDH") else ""
    header = f'+CMT: "{shown(modem, message.sender)}",,"{_time(message.scts)}"{extra}'
    return f"{header}\r\n{_body(modem, message.data)}"


# --- sending ------------------------------------------------------------------------------------------


def recipient(modem: Modem, args: tuple[str, ...]) -> str:
    """The number of AT+CMGS="<da>"[,<toda>]. Raises Cms 305."""
    number = meant(modem, args[0]) if args else ""
    if len(args) > 1 and args[1] == "145":
        number = "+" + number.lstrip("+")
    if not number.lstrip("+") or any(char not in tpdu.DIGITS for char in number.lstrip("+")):
        raise Cms(305)
    return number


def submit(modem: Modem, to: str, typed: bytes) -> bytes:
    """The SUBMIT of a typed text, with +CSMP's parameters. Raises Cms 305, 330 without service centre."""
    if not modem.sim.smsc:
        raise Cms(330)
    first, vp, pid, dcs = modem.settings.csmp
    coding = tpdu.alphabet_of(dcs)
    units = _units(modem, coding, typed)
    if len(units) > (160 if coding == tpdu.GSM7 else 140):
        raise Cms(305)
    head = bytes((first & ~0x40, 0)) + tpdu.encode_address(to) + bytes((pid, dcs))
    validity = b"" if not first & 0x18 else bytes((vp,))
    return head + validity + tpdu.encode_user_data(tpdu.UserData(coding, units))


def _units(modem: Modem, coding: str, typed: bytes) -> bytes:
    text = typed.replace(b"\r", b"\n").decode("latin-1")
    try:
        if coding != tpdu.GSM7:
            return bytes.fromhex(text)
        if modem.settings.cscs == "GSM":
            return bytes(byte & 0x7F for byte in text.encode("latin-1"))
        if modem.settings.cscs == "UCS2":
            return alphabet.to_septets(bytes.fromhex(text).decode("utf-16-be"))
        return alphabet.to_septets(text)
    except (ValueError, UnicodeDecodeError):
        raise Cms(305) from None
