"""Commands of 27.005: settings, lists, reading, deleting, sending. `COMMANDS` is the table.

Handlers as in `commands_general`; what is written in text mode is in `textmode`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import textmode
from .answers import READ, RUN, TEST, Answer, Cme, Cms, Command, Fail, Later, Prompt, line, ok
from .commands_general import Handler
from .stores import ALL, SENT, UNREAD, UNSENT, Deleted, Slot, Store
from .stores import READ as WAS_READ

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS: dict[str, Handler] = {}


def command(*names: str) -> Callable[[Handler], Handler]:
    """Enter a handler under its command names; each needs a SIM that is open."""

    def enter(handler: Handler) -> Handler:
        def with_sim(modem: Modem, asked: Command) -> Answer | Prompt | Later:
            if asked.kind != TEST:
                modem.require_sim()
            return handler(modem, asked)

        COMMANDS.update(dict.fromkeys(names, with_sim))
        return handler

    return enter


# --- settings -----------------------------------------------------------------------------------------


@command("+CMGF")
def message_format(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return line("+CMGF: (0,1)")
    if asked.kind == READ:
        return line(f"+CMGF: {modem.settings.cmgf}")
    value = asked.number(0, 0)
    if value > 1:
        raise Cms(303)
    modem.settings.cmgf = value
    return ok()


@command("+CSMS")
def service(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return line("+CSMS: (0,1)")
    if asked.kind == READ:
        return line(f"+CSMS: {modem.settings.csms},1,1,1")
    value = asked.number(0)
    if value > 1:
        raise Cms(303)
    modem.settings.csms = value
    return line("+CSMS: 1,1,1")


@command("+CNMI")
def indications(modem: Modem, asked: Command) -> Answer:
    ranges = modem.personality.cnmi
    if asked.kind == TEST:
        return line("+CNMI: " + ",".join("({})".format(",".join(map(str, one))) for one in ranges))
    if asked.kind == READ:
        return line("+CNMI: " + ",".join(map(str, modem.settings.cnmi)))
    given = [asked.number(place, 0) for place in range(max(1, len(asked.args)))]
    taken = modem.personality.cnmi_taken or ranges
    if len(given) > 5 or any(value not in offer for value, offer in zip(given, taken, strict=False)):
        raise Cms(303)
    mode, mt, bm, ds, bfr = [*given, *modem.settings.cnmi[len(given) :]]
    modem.settings.cnmi = (mode, mt, bm, ds, bfr)
    if mode:
        modem.flush_notices()
    return ok()


@command("+CSCA")
def service_centre(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    if asked.kind == READ:
        number = modem.sim.smsc
        shown = textmode.shown(modem, number)
        return line(f'+CSCA: "{shown}",{145 if number.startswith("+") else 129}')
    number = textmode.meant(modem, asked.args[0] if asked.args else "")
    if not re.fullmatch(r"\+?[0-9]{0,20}", number):
        raise Cme(50)
    international = len(asked.args) > 1 and asked.number(1) == 145
    modem.sim.smsc = "+" + number.lstrip("+") if international else number
    return ok()


@command("+CSMP")
def text_parameters(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    if asked.kind == READ:
        return line("+CSMP: " + ",".join(map(str, modem.settings.csmp)))
    old = modem.settings.csmp
    first, vp, pid, dcs = (asked.number(place, old[place]) for place in range(4))
    if first & 0x03 != 0x01 or max(first, vp, pid, dcs) > 255:
        raise Cms(305)
    modem.settings.csmp = (first, vp, pid, dcs)
    return ok()


# --- stores -------------------------------------------------------------------------------------------


def _census(modem: Modem, *, named: bool) -> str:
    parts = []
    for name in modem.settings.memories:
        store = modem.stores[name]
        parts.append((f'"{name}",' if named else "") + f"{store.used},{store.capacity}")
    return "+CPMS: " + ",".join(parts)


@command("+CPMS")
def memories(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        names = ",".join(f'"{name}"' for name in modem.stores)
        kept = ",".join(f'"{name}"' for name in modem.stores if name != "SR")
        return line(f"+CPMS: ({names}),({kept}),({kept})")
    if asked.kind == READ:
        return line(_census(modem, named=True))
    old = modem.settings.memories
    chosen = [*asked.args, *old[len(asked.args) :]]
    if len(chosen) != 3 or any(name not in modem.stores for name in chosen) or "SR" in chosen[1:]:
        raise Cms(302)
    modem.settings.memories = (chosen[0], chosen[1], chosen[2])
    return line(_census(modem, named=False))


def _reading(modem: Modem) -> Store:
    return modem.stores[modem.settings.memories[0]]


def _slot(modem: Modem, index: int) -> Slot:
    slot = _reading(modem).slots.get(index)
    if slot is None or not slot.readable:
        raise Cms(321)
    return slot


@command("+CMGL")
def list_messages(modem: Modem, asked: Command) -> Answer:
    text = modem.settings.cmgf
    if asked.kind == TEST:
        stats = ",".join(f'"{name}"' for name in textmode.STATS) if text else "0-4"
        return line(f"+CMGL: ({stats})")
    stat = _asked_stat(modem, asked)
    items = []
    for index, slot in sorted(_reading(modem).slots.items()):
        if slot.readable and stat in (ALL, slot.stat):
            items.append(_listed(modem, index, slot))
            slot.stat = WAS_READ if slot.stat == UNREAD else slot.stat
    return Answer(items)


def _asked_stat(modem: Modem, asked: Command) -> int:
    if not modem.settings.cmgf:
        stat = asked.number(0, UNREAD)
        if stat > ALL:
            raise Cms(304)
        return stat
    word = textmode.meant(modem, asked.args[0]) if asked.args else "REC UNREAD"
    if word not in textmode.STATS:
        raise Cms(305)
    return textmode.STATS.index(word)


def _listed(modem: Modem, index: int, slot: Slot) -> list[str]:
    if modem.settings.cmgf:
        header, body = textmode.stored(modem, slot)
        return [f"+CMGL: {index},{header}", body]
    return [f"+CMGL: {index},{slot.stat},,{slot.length}", slot.pdu]


@command("+CMGR")
def read_message(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    slot = _slot(modem, asked.number(0))
    if modem.settings.cmgf:
        header, body = textmode.stored(modem, slot, alone=True)
        item = [f"+CMGR: {header}", body]
    else:
        item = [f"+CMGR: {slot.stat},,{slot.length}", slot.pdu]
    slot.stat = WAS_READ if slot.stat == UNREAD else slot.stat
    return Answer([item])


@command("+CMGD")
def delete_message(modem: Modem, asked: Command) -> Answer:
    """Index, and 27.005 3.5.4 delflag: 1 read, 2 and sent, 3 and unsent, 4 all."""
    store = _reading(modem)
    if asked.kind == TEST:
        return line("+CMGD: ({}),(0-4)".format(",".join(map(str, sorted(store.slots)))))
    index, flag = asked.number(0), asked.number(1, 0)
    if flag:
        gone = ((), (WAS_READ,), (WAS_READ, SENT), (WAS_READ, SENT, UNSENT), (0, 1, 2, 3))[min(flag, 4)]
        indexes = [index for index, slot in store.slots.items() if slot.stat in gone]
    else:
        if not store.base <= index < store.base + store.capacity:
            raise Cms(321)
        indexes = [index] if index in store.slots else []
    for one in indexes:
        slot = store.slots.pop(one)
        modem.deleted.append(Deleted(time.time(), store.name, one, slot.pdu, slot.stat))
    if indexes:
        modem.world.later(0, modem.space_made)
    return ok()


# --- sending ------------------------------------------------------------------------------------------


def _octets(modem: Modem, typed: bytes, length: int) -> bytes:
    """The TPDU out of what was typed in PDU mode. Raises Cms 304 where it is no hex or of another length."""
    try:
        whole = bytes.fromhex(typed.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        modem.world.complain(modem, "PDU is not hex", typed)
        raise Cms(304) from None
    if not whole or len(whole) - 1 - whole[0] != length:
        modem.world.complain(modem, f"PDU is not of the announced length {length}", whole)
        raise Cms(304)
    if whole[0] == 0 and not modem.sim.smsc:
        raise Cms(330)
    return whole[1 + whole[0] :]


def pdu_taker(modem: Modem, length: int) -> Callable[[bytes], Answer | Later]:
    """What happens on Ctrl-Z after AT+CMGS=<length>."""
    return lambda typed: modem.send(_octets(modem, typed, length))


def text_taker(modem: Modem, to: str) -> Callable[[bytes], Answer | Later]:
    """What happens on Ctrl-Z after AT+CMGS="<to>"."""
    return lambda typed: modem.send(textmode.submit(modem, to, typed))


@command("+CMGS")
def send_message(modem: Modem, asked: Command) -> Answer | Prompt:
    if asked.kind == TEST:
        return ok()
    if asked.kind in (READ, RUN):
        raise Fail
    if modem.settings.cmgf:
        return Prompt(text_taker(modem, textmode.recipient(modem, asked.args)))
    return Prompt(pdu_taker(modem, _length(asked)))


def _length(asked: Command) -> int:
    try:
        length = asked.number(0)
    except Cme:
        raise Cms(304) from None
    if not 7 <= length <= 164:
        raise Cms(304)
    return length


@command("+CMGW")
def write_message(modem: Modem, asked: Command) -> Answer | Prompt:
    if asked.kind == TEST:
        return ok()
    if modem.settings.cmgf:
        to = textmode.recipient(modem, asked.args)
        return Prompt(lambda typed: _write(modem, textmode.submit(modem, to, typed), UNSENT))
    length, stat = _length(asked), asked.number(1, UNSENT)
    return Prompt(lambda typed: _write(modem, _octets(modem, typed, length), stat))


def _write(modem: Modem, octets: bytes, stat: int) -> Answer:
    store = modem.stores[modem.settings.memories[1]]
    index = store.put(Slot("00" + octets.hex().upper(), len(octets), stat))
    if index is None:
        raise Cms(322)
    return line(f"+CMGW: {index}")


@command("+CMSS")
def send_stored(modem: Modem, asked: Command) -> Answer | Later:
    if asked.kind == TEST:
        return ok()
    slot = modem.stores[modem.settings.memories[1]].slots.get(asked.number(0))
    if slot is None or slot.stat < UNSENT:
        raise Cms(321)
    return modem.send(slot.octets, stored=slot)


@command("+CNMA")
def acknowledge(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return line("+CNMA: (0-2)")
    kind = asked.number(0, 0) if asked.args else 0
    modem.acknowledge(kind < 2)
    return ok()
