"""Whether what a device gave up is in the history: by its PDU, or by its words where it shows no PDUs."""

from __future__ import annotations

from collections.abc import Iterator, Set

from tests.fake_modem import Modem, World, textmode, tpdu
from tests.fake_modem.stores import Slot


def lost_inbound(world: World, known: Set[str]) -> list[str]:
    """PDUs that a device deleted or told once, of which nothing is `known`, all as they were kept."""
    pdus = {one.upper() for one in known}
    return [
        pdu
        for modem in world.modems.values()
        for pdu in modem.lost_inbound(pdus)
        if not (modem.settings.cmgf and _is_shown(modem, pdu, known))
    ]


def _is_shown(modem: Modem, pdu: str, known: Set[str]) -> bool:
    return any(all(words in one for words in _shown(modem, pdu)) for one in known)


def _shown(modem: Modem, pdu: str) -> Iterator[str]:
    """What a device in text mode writes of a message and keeps the same from one reading to the next."""
    slot = Slot(pdu, 0)
    message = tpdu.decode(slot.octets)
    if isinstance(message, tpdu.StatusReport):
        yield f'"{message.reference}","{textmode.shown(modem, message.recipient)}"'
    elif isinstance(message, tpdu.Deliver):
        yield f'"{textmode.shown(modem, message.sender)}"'
        yield "\n" + textmode.stored(modem, slot)[1]
