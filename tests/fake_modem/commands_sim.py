"""Commands about the SIM: its locks and their counters, its names. `COMMANDS` is the table.

Handlers as in `commands_general`. Each family of devices tells the tries a PIN has left by a command of its
own, and the number of the SIM by another; a device refuses those of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .answers import READ, RUN, SET, TEST, Answer, Cme, Command, Fail, line, ok
from .commands_general import Handler

if TYPE_CHECKING:
    from .modem import Modem
    from .stores import Sim

COMMANDS: dict[str, Handler] = {}


def command(*names: str) -> Callable[[Handler], Handler]:
    """Enter a handler under its command names."""

    def enter(handler: Handler) -> Handler:
        COMMANDS.update(dict.fromkeys(names, handler))
        return handler

    return enter


# --- locks --------------------------------------------------------------------------------------------


@command("+CPIN")
def pin(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    if not modem.sim_present:
        raise Cme(10)
    if asked.kind == READ:
        return line(f"+CPIN: {modem.sim.state}")
    state = modem.sim.state
    if state not in ("SIM PIN", "SIM PUK") or asked.kind != SET:
        raise Cme(3)
    if not _unlock(modem, state, asked.args):
        raise Cme(12 if modem.sim.state == "SIM PUK" else 16)
    modem.world.later(0, modem.unlocked)
    return ok()


def _unlock(modem: Modem, state: str, args: tuple[str, ...]) -> bool:
    if state == "SIM PIN":
        return modem.sim.enter_pin(args[0])
    if len(args) != 2:
        raise Cme(12)
    return modem.sim.enter_puk(*args)


def _needed(sim: Sim) -> int:
    """Tries of the password that is wanted now."""
    return sim.puk_tries if sim.state == "SIM PUK" else sim.pin_tries


# Name, how it is asked, and the lines it answers (ofono, drivers/atmodem/sim.c).
COUNTERS: dict[str, tuple[str, Callable[[Sim], list[str]]]] = {
    "+CPINR": (RUN, lambda sim: [f"+CPINR: {name},{left},{of}" for name, left, of in _by_the_book(sim)]),
    "^CPIN": (READ, lambda sim: [f"^CPIN: {_huawei(sim)},{sim.puk_tries},{sim.pin_tries},10,3"]),
    "+ZPINPUK": (TEST, lambda sim: [f"+ZPINPUK: {sim.pin_tries},{sim.puk_tries}"]),
    "+SPIC": (RUN, lambda sim: [f"+SPIC: {sim.pin_tries},{sim.puk_tries},3,10"]),
    "^SPIC": (RUN, lambda sim: [f"^SPIC: {_needed(sim)}"]),
    "#PCT": (RUN, lambda sim: [f"#PCT: {_needed(sim)}"]),
    "+QPINC": (READ, lambda sim: [f'+QPINC: "SC",{sim.pin_tries},{sim.puk_tries}', '+QPINC: "P2",3,10']),
    "+UPINCNT": (RUN, lambda sim: [f"+UPINCNT: {sim.pin_tries},3,{sim.puk_tries},10"]),
    "_OERCN": (READ, lambda sim: [f"_OERCN: {sim.pin_tries},{sim.puk_tries}"]),
    "*EPIN": (READ, lambda sim: [f"*EPIN: {sim.pin_tries},{sim.puk_tries},3,10"]),
    "%PINNUM": (READ, lambda sim: [f"%PINNUM: {sim.pin_tries},{sim.puk_tries},3,10"]),
}


def _by_the_book(sim: Sim) -> list[tuple[str, int, int]]:
    return [("SIM PIN", sim.pin_tries, 3), ("SIM PUK", sim.puk_tries, 10)]


def _huawei(sim: Sim) -> str:
    """State, and the tries of what is wanted, nothing where nothing is."""
    return "READY," if sim.state == "READY" else f"{sim.state},{_needed(sim)}"


@command(*COUNTERS)
def tries(modem: Modem, asked: Command) -> Answer:
    """The tries left, where this is the device's command for it."""
    kind, told = COUNTERS[asked.name]
    if asked.name != modem.retry_counter or asked.kind != kind:
        raise Fail
    if not modem.sim_present:
        raise Cme(10)
    return Answer([[text] for text in told(modem.sim)])


# --- names --------------------------------------------------------------------------------------------


@command("+CIMI")
def imsi(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    modem.require_sim(Cme)
    return line(modem.sim.imsi)


@command("+CCID", "+ICCID", "^ICCID", "+CICCID", "+QCCID", "+ZGETICCID", "#CCID", "^SCID")
def iccid(modem: Modem, asked: Command) -> Answer:
    """Readable before the PIN (31.101: EF ICCID is free)."""
    form = modem.personality.iccid.get(asked.name)
    if form is None:
        raise Fail
    if asked.kind == TEST:
        return ok()
    if not modem.sim_present:
        raise Cme(10)
    return line(form.format(modem.sim.iccid))


@command("+CRSM")
def restricted_access(modem: Modem, asked: Command) -> Answer:
    """READ BINARY of EF ICCID, file 12258 (27.007 8.18): digits with swapped halves, filled with F."""
    if asked.kind == TEST:
        return ok()
    if not modem.sim_present:
        raise Cme(10)
    if asked.args[:2] != ("176", "12258"):
        return line("+CRSM: 106,130")
    digits = modem.sim.iccid.ljust(20, "F")
    swapped = "".join(digits[place + 1] + digits[place] for place in range(0, 20, 2))
    return line(f'+CRSM: 144,0,"{swapped}"')


@command("+CNUM")
def own_number(modem: Modem, asked: Command) -> Answer:
    modem.require_sim(Cme)
    kind = 145 if modem.number.startswith("+") else 129
    return line(f'+CNUM: "","{modem.number}",{kind}')
