"""Commands of V.250 and 27.007: identity, settings, SIM, radio. `COMMANDS` is the table.

A handler takes the modem and the command and returns an answer, or raises a Refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .answers import READ, RUN, SET, TEST, Answer, Cme, Command, Fail, Later, Prompt, line, ok

if TYPE_CHECKING:
    from .modem import Modem

Handler = Callable[["Modem", Command], Answer | Prompt | Later]
COMMANDS: dict[str, Handler] = {}
LOCATION = ("00C3", "0000A1B2")  # area and cell, hex (27.007 7.2)


def command(*names: str) -> Callable[[Handler], Handler]:
    """Enter a handler under its command names."""

    def enter(handler: Handler) -> Handler:
        COMMANDS.update(dict.fromkeys(names, handler))
        return handler

    return enter


# --- the terminal (V.250) -----------------------------------------------------------------------------


def _flag(asked: Command) -> bool:
    value = int(asked.args[0]) if asked.args else 0
    if value > 1:
        raise Fail
    return bool(value)


@command("E")
def echo(modem: Modem, asked: Command) -> Answer:
    modem.settings.echo = _flag(asked)
    return ok()


@command("V")
def verbose(modem: Modem, asked: Command) -> Answer:
    modem.settings.verbose = _flag(asked)
    return ok()


@command("Q")
def quiet(modem: Modem, asked: Command) -> Answer:
    modem.settings.quiet = _flag(asked)
    return ok()


@command("&C", "&D", "X", "S", "&W", "&K")
def accepted(modem: Modem, asked: Command) -> Answer:
    return ok()


@command("Z", "&F")
def defaults(modem: Modem, asked: Command) -> Answer:
    modem.settings = type(modem.settings)(**modem.personality.settings)
    return ok()


@command("I")
def about(modem: Modem, asked: Command) -> Answer:
    device = modem.personality
    return Answer([[device.maker], [device.model], [f"Revision: {device.firmware}"]])


# --- identity -----------------------------------------------------------------------------------------


def _identity(read: Callable[[Modem], str]) -> Handler:
    def handler(modem: Modem, asked: Command) -> Answer:
        if asked.kind == TEST:
            return ok()
        if asked.kind != RUN:
            raise Fail
        return line(read(modem))

    return handler


COMMANDS["+CGMI"] = COMMANDS["+GMI"] = _identity(lambda modem: modem.personality.maker)
COMMANDS["+CGMM"] = COMMANDS["+GMM"] = _identity(lambda modem: modem.personality.model)
COMMANDS["+CGMR"] = COMMANDS["+GMR"] = _identity(lambda modem: modem.personality.firmware)
COMMANDS["+CGSN"] = COMMANDS["+GSN"] = _identity(lambda modem: modem.imei)


@command("+CIMI")
def imsi(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    modem.require_sim(Cme)
    return line(modem.sim.imsi)


@command("+CCID", "+ICCID", "^ICCID")
def iccid(modem: Modem, asked: Command) -> Answer:
    """Readable before the PIN (31.101: EF ICCID is free)."""
    if not modem.sim_present:
        raise Cme(10)
    return line(f"{asked.name}: {modem.sim.iccid}")


@command("+CNUM")
def own_number(modem: Modem, asked: Command) -> Answer:
    modem.require_sim(Cme)
    kind = 145 if modem.number.startswith("+") else 129
    return line(f'+CNUM: "","{modem.number}",{kind}')


# --- settings -----------------------------------------------------------------------------------------


@command("+CMEE")
def error_words(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return line("+CMEE: (0-2)")
    if asked.kind == READ:
        return line(f"+CMEE: {modem.settings.cmee}")
    value = asked.number(0, 0)
    if value > 2:
        raise Cme(50)
    modem.settings.cmee = value
    return ok()


@command("+CSCS")
def character_set(modem: Modem, asked: Command) -> Answer:
    offered = modem.personality.charsets
    if asked.kind == TEST:
        return line("+CSCS: ({})".format(",".join(f'"{name}"' for name in offered)))
    if asked.kind == READ:
        return line(f'+CSCS: "{modem.settings.cscs}"')
    name = asked.args[0] if asked.args else ""
    if modem.settings.cscs == "UCS2" and re.fullmatch("(?:[0-9A-Fa-f]{4})+", name):
        name = bytes.fromhex(name).decode("utf-16-be", "replace")
    if name not in offered:
        raise Cme(50)
    modem.settings.cscs = name
    return ok()


SWITCHES = {"+CMMS": 2, "+CLIP": 1, "+CRC": 1, "+CVHU": 2, "+CSDH": 1, "+CSAS": 255, "+CMER": 3}


@command(*SWITCHES)
def switch(modem: Modem, asked: Command) -> Answer:
    """Settings of one number that are kept and told."""
    name, most = asked.name, SWITCHES[asked.name]
    if asked.kind == TEST:
        return line(f"{name}: (0-{most})")
    if asked.kind == READ:
        value = modem.settings.switches.get(name, 0)
        return line(f"{name}: {value},1" if name == "+CLIP" else f"{name}: {value}")
    value = asked.number(0, 0)
    if value > most:
        raise Cme(50)
    modem.settings.switches[name] = value
    return ok()


# --- SIM ----------------------------------------------------------------------------------------------


@command("+CPIN")
def pin(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return ok()
    if not modem.sim_present:
        raise Cme(10)
    if asked.kind == READ:
        return line(f"+CPIN: {modem.sim.state}")
    state = modem.sim.state
    if state == "READY" or asked.kind != SET:
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


@command("+CPINR")
def pin_tries(modem: Modem, asked: Command) -> Answer:
    if not modem.sim_present:
        raise Cme(10)
    sim = modem.sim
    return Answer([[f"+CPINR: SIM PIN,{sim.pin_tries},3"], [f"+CPINR: SIM PUK,{sim.puk_tries},10"]])


# --- radio --------------------------------------------------------------------------------------------


@command("+CFUN")
def functionality(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return line("+CFUN: (0,1,4),(0,1)")
    if asked.kind == READ:
        return line(f"+CFUN: {modem.functionality}")
    level, reset = asked.number(0), asked.number(1, 0)
    if level not in (0, 1, 4) or reset > 1:
        raise Cme(50)
    if reset:
        modem.world.later(0, lambda: modem.reboot(banner=modem.personality.boot_banner))
        return ok()
    modem.set_functionality(level)
    return ok()


def place_of(modem: Modem, level: int) -> str:
    """Registration as URCs tell it: state, and at level 2 area and cell."""
    stat = modem.registration if modem.functionality == 1 and modem.sim_present else 0
    if level < 2 or stat not in (1, 5):
        return str(stat)
    return f'{stat},"{LOCATION[0]}","{LOCATION[1]}",7'


@command("+CREG", "+CGREG", "+CEREG")
def registration(modem: Modem, asked: Command) -> Answer:
    name, levels = asked.name, modem.settings.reports
    if asked.kind == TEST:
        return line(f"{name}: (0-2)")
    if asked.kind == READ:
        return line(f"{name}: {levels[name]},{place_of(modem, levels[name])}")
    level = asked.number(0, 0)
    if level > 2:
        raise Cme(50)
    levels[name] = level
    return ok()


@command("+COPS")
def operator(modem: Modem, asked: Command) -> Answer:
    settings = modem.settings
    code = modem.sim.imsi[:5]
    if asked.kind == TEST:
        return line(f'+COPS: (2,"{modem.operator}","Test","{code}",7),,(0-4),(0-2)')
    if asked.kind == READ:
        if not modem.on_air:
            return line("+COPS: 0")
        shown = (modem.operator, "Test", code)[settings.cops_format]
        return line(f'+COPS: 0,{settings.cops_format},"{shown}",7')
    mode = asked.number(0, 0)
    if mode == 3:
        settings.cops_format = min(2, asked.number(1, 0))
    elif mode > 4:
        raise Cme(50)
    return ok()


@command("+CSQ")
def signal(modem: Modem, asked: Command) -> Answer:
    if asked.kind == TEST:
        return line("+CSQ: (0-31,99),(0-7,99)")
    return line(f"+CSQ: {modem.signal if modem.functionality == 1 else 99},99")
