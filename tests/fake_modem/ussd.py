"""A USSD conversation as +CUSD carries it (27.007 7.15), in every form seen in the field.

Knows the modem's character set and the network's codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import alphabet, textmode
from .answers import Answer, Cme, ok

if TYPE_CHECKING:
    from .modem import Modem

PLAIN, PACKED, UCS2, EIGHT_BIT, MULTI_LINE = "plain", "packed", "ucs2", "8-bit", "multi-line"
FORMS = (PLAIN, PACKED, UCS2, EIGHT_BIT, MULTI_LINE)
DONE, ASKS, NOT_SUPPORTED = 0, 1, 4  # <m> of +CUSD
MENU = "\r\n1 Top up\r\n2 Tariffs"
CR = 0x0D  # fills up packed septets (23.038 6.1.2.3.1)


@dataclass(frozen=True)
class Manner:
    """How a device and its network converse.

    `form`: how strings stand in +CUSD, of `FORMS`. `text`: what the network says, None what it says to that
    code. `before_ok`: the answer overtakes OK. `asks`: the network waits for a reply. `error`: <m> told
    instead of an answer. `never`: no answer comes. `after`: seconds to the answer.
    """

    form: str = PLAIN
    text: str | None = None
    before_ok: bool = False
    asks: bool = False
    error: int | None = None
    never: bool = False
    after: float = 0.0


def converse(modem: Modem, typed: str, manner: Manner) -> Answer:
    """Send a code or a reply. Raises Cme 50 where it is not in the device's form, 30 off the air."""
    code = _meant(modem, typed, manner.form)
    if not modem.on_air:
        raise Cme(30)
    if manner.never:
        return ok()
    known = modem.ussd_open or code in modem.world.network.ussd
    said = modem.world.network.ussd.get(code, f"You chose {code}") if manner.text is None else manner.text
    modem.ussd_open = manner.asks and not modem.ussd_open and manner.error is None
    if manner.error is not None or (manner.text is None and not known):
        line = f"+CUSD: {NOT_SUPPORTED if manner.error is None else manner.error}"
    else:
        line = f"+CUSD: {ASKS if modem.ussd_open else DONE},{_shown(modem, said, manner.form)}"
    if manner.before_ok:
        modem.terminal.urc(line)
    else:
        modem.world.later(manner.after, lambda: modem.terminal.urc(line))
    return ok()


def _meant(modem: Modem, typed: str, form: str) -> str:
    try:
        if form == PACKED:
            return unpacked(typed)
        if form == UCS2:
            return bytes.fromhex(typed).decode("utf-16-be")
    except (ValueError, UnicodeDecodeError):
        raise Cme(50) from None
    return textmode.meant(modem, typed)


def _shown(modem: Modem, text: str, form: str) -> str:
    if form == PACKED:
        return f'"{packed(text)}",15'
    if form == UCS2:
        return f'"{text.encode("utf-16-be").hex().upper()}",72'
    if form == EIGHT_BIT:
        return f'"{text.encode("latin-1", "replace").hex().upper()}",0'
    return f'"{textmode.shown(modem, text + MENU if form == MULTI_LINE else text)}",15'


def packed(text: str) -> str:
    """GSM 7-bit septets in hex, filled up with CR where seven bits are left (23.038 6.1.2.3.1)."""
    septets = alphabet.to_septets(text)
    if len(septets) % 8 == 7:
        septets += bytes((CR,))
    return alphabet.pack(septets).hex().upper()


def unpacked(typed: str) -> str:
    """The inverse. Raises ValueError where it is no hex."""
    octets = bytes.fromhex(typed)
    septets = alphabet.unpack(octets, len(octets) * 8 // 7)
    if len(septets) % 8 == 0 and septets.endswith(bytes((CR,))):
        septets = septets[:-1]
    return alphabet.from_septets(septets)
