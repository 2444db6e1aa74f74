"""Commands of V.250 and 27.007: identity, settings, radio, clock. `COMMANDS` is the table.

A handler takes the modem and the command and returns an answer, or raises a Refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from .answers import READ, RUN, SET, TEST, Answer, Cme, Command, Fail, Later, Prompt, line, ok
from .personality import REFUSE, REPLUG, RESTART

if TYPE_CHECKING:
    from .modem import Modem

Handler = Callable[["Modem", Command], Answer | Prompt | Later]
COMMANDS: dict[str, Handler] = {}
LINGER = 0.05  # seconds from the OK of a reset until the device is off the bus, so that the OK can be read


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


@command("&C", "&D", "X", "S", "&W", "&K", "\\Q")
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


SWITCHES = {
    "+CMMS": 2, "+CLIP": 1, "+CRC": 1, "+CVHU": 2, "+CSDH": 1, "+CSAS": 255, "+CMER": 3, "+CTZU": 1,
    "+CTZR": 2, "+CGSMS": 3,
}  # fmt: skip


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
        return reset_device(modem)
    modem.set_functionality(level)
    return ok()


def reset_device(modem: Modem) -> Answer:
    """AT+CFUN=1,1 as this device takes it."""
    how = modem.personality.on_reset
    if how == REFUSE:
        raise Cme(4)
    if how == RESTART:
        modem.world.later(0, modem.restart)
    elif how == REPLUG:
        away = modem.parameters.get("reset_seconds", 10.0) * modem.world.boot_pace
        modem.world.later(LINGER, lambda: modem.vanish(back_after=away))
    return ok()


@command("+CREG", "+CGREG", "+CEREG")
def registration(modem: Modem, asked: Command) -> Answer:
    name, levels = asked.name, modem.settings.reports
    if asked.kind == TEST:
        return line(f"{name}: (0-2)")
    if asked.kind == READ:
        return line(f"{name}: {levels[name]},{modem.radio.told(name, levels[name])}")
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


# --- clock --------------------------------------------------------------------------------------------


@command("+CCLK")
def clock(modem: Modem, asked: Command) -> Answer:
    """The device's clock, "yy/MM/dd,hh:mm:ss+zz" with the zone in quarters of an hour (27.007 8.15)."""
    if asked.kind == TEST:
        return ok()
    if asked.kind == READ:
        return line(f'+CCLK: "{stamp(modem.world.now() + modem.clock_error)}"')
    try:
        modem.clock_error = read_stamp(asked.args[0] if asked.args else "") - modem.world.now()
    except ValueError:
        raise Cme(50) from None
    return ok()


def stamp(when: datetime) -> str:
    """A time as +CCLK writes it."""
    quarters = round((when.utcoffset() or timedelta()) / timedelta(minutes=15))
    return f"{when:%y/%m/%d,%H:%M:%S}{'-' if quarters < 0 else '+'}{abs(quarters):02d}"


def read_stamp(text: str) -> datetime:
    """The inverse. Raises ValueError."""
    found = re.fullmatch(r"(\d\d/\d\d/\d\d,\d\d:\d\d:\d\d)([+-]\d\d)", text)
    if not found:
        raise ValueError(f"no time: {text!r}")
    zone = timezone(int(found[2]) * timedelta(minutes=15))
    return datetime.strptime(found[1], "%y/%m/%d,%H:%M:%S").replace(tzinfo=zone)


# --- the maker's own ----------------------------------------------------------------------------------


def extra(modem: Modem, asked: Command) -> Answer:
    """A command of the maker that this device knows: kept, told, and without effect here."""
    kept = modem.settings.extras
    if asked.kind == READ:
        return line(f"{asked.name}: {','.join(kept.get(asked.name, ('0',)))}")
    if asked.kind == SET:
        kept[asked.name] = asked.args
    return ok()
