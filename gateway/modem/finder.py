"""Finds the port a line's modem answers on: by its IMEI, else by its SIM's ICCID, else the first modem.

Ports in use are left alone, and so are the sticks of other lines. The sticks of one round are asked
together, the ports of one stick one after the other: some crash when two are spoken to at once.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.domain.line import LineSetup

from .candidates import DEV, SYSFS, Candidate, Stick, in_order, is_last_resort, list_candidates, without
from .driver import Timing
from .holders import Holder, holders_of
from .probe import ProbeResult, probe
from .usb_ids import BRIDGES

FOUND = "found"
PTYS = "/dev/pts/"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds a port may stay silent before it is taken for no modem.

    `sibling` is for the other ports of a stick of which one has answered: it is awake.
    """

    silent: float = 3.0
    sibling: float = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """Where the modem is, or why it was not found.

    `code` is FOUND, or a key of the wording table: port_missing, port_denied, port_busy, not_a_modem,
    other_modem, other_sim. `facts` as in `LineState`: device (the path) and usb, what the device said of
    itself; the holder of a busy port.
    """

    code: str
    path: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One port and what it answered."""

    port: Candidate
    result: ProbeResult

    @property
    def facts(self) -> dict[str, str]:
        """What is known of the device, from itself and from USB."""
        where = {"device": self.port.path, "usb": self.port.usb}
        return {**self.result.facts, **{name: value for name, value in where.items() if value}}


Ask = Callable[[str, float], Awaitable[ProbeResult]]
"""Asks the port at a path who it is, giving it so many seconds for its first word."""


async def find(
    setup: LineSetup,
    patterns: Sequence[str] = (),
    taken: Collection[str] = (),
    usb: str = "",
    *,
    timing: Timing | None = None,
    patience: Patience | None = None,
    sysfs: Path = SYSFS,
    dev: Path = DEV,
) -> Found:
    """Look for the modem of a line; tells, never raises.

    `patterns`: globs of the ports that may be asked (`list_candidates`). `taken`: ports of other lines.
    `usb`: the id the device had when it was last seen, so that it is asked first.
    """

    async def ask(path: str, silent_s: float) -> ProbeResult:
        return await probe(path, timing, silent_s=silent_s, briefly=True)

    every = without(await asyncio.to_thread(list_candidates, patterns, sysfs, dev), taken)
    held = await asyncio.to_thread(held_ports, every)
    free = [one for one in every if one.path not in held]
    return await _search(setup, free, held, usb, ask, patience or Patience(), every)


def held_ports(candidates: Collection[Candidate]) -> dict[str, Holder]:
    """Ports other programs have open, by path. Not ptys: the program behind one may keep it open itself."""
    real = {one.path: os.path.realpath(one.path) for one in candidates}
    held = holders_of([path for path in real.values() if not path.startswith(PTYS)])
    return {path: held[device] for path, device in real.items() if device in held}


async def _search(
    setup: LineSetup,
    free: list[Candidate],
    held: dict[str, Holder],
    usb: str,
    ask: Ask,
    patience: Patience,
    every: list[Candidate],
) -> Found:
    answered: list[Asked] = []
    for sticks in in_order(free, usb):
        first = sticks[0][0]
        if is_last_resort(first) and first.usb != usb and not _may_ask_anything(setup, usb):
            continue
        answered += await _ask_round(sticks, ask, patience, setup)
        if _is_it(setup, answered[-1]):
            return _found(answered[-1])
    match = next((one for one in answered if setup.iccid and one.facts.get("iccid") == setup.iccid), None)
    return _found(match) if match is not None else _not_found(setup, answered, held, usb, every)


def _may_ask_anything(setup: LineSetup, usb: str) -> bool:
    """Whether to write AT to a device that may be a scale: not for a modem that is known to be none such."""
    return not (setup.imei or setup.iccid) or not usb or usb.partition(":")[0] in BRIDGES


def _is_it(setup: LineSetup, asked: Asked) -> bool:
    """Whether this is surely the line's modem; a known SIM in another modem has to wait for the others."""
    if not asked.result.takes_texts:
        return False
    if setup.imei:
        return asked.facts.get("imei") == setup.imei
    return not setup.iccid or asked.facts.get("iccid") == setup.iccid


async def _ask_round(sticks: list[Stick], ask: Ask, patience: Patience, setup: LineSetup) -> list[Asked]:
    """Ask sticks together until the line's modem has answered; that one is the last of the answers.

    A line that has no modem yet takes the first in order, any other the first that is its own.
    """
    tasks = [asyncio.create_task(ask_stick(stick, ask, patience)) for stick in sticks]
    any_will_do = not (setup.imei or setup.iccid)
    answered: list[Asked] = []
    try:
        for task in tasks if any_will_do else asyncio.as_completed(tasks):
            answered.append(await task)
            if _is_it(setup, answered[-1]):
                break
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return answered


async def ask_stick(stick: Stick, ask: Ask, patience: Patience) -> Asked:
    """Ask the ports of one device in turn; the one to use, or the one that tells most."""
    asked: list[Asked] = []
    awake = False
    for port in stick:
        result = await ask(port.path, patience.sibling if awake else patience.silent)
        asked.append(Asked(port, result))
        if result.takes_texts and (port.is_preferred or result.notices):
            return asked[-1]
        awake = awake or result.takes_texts or result.code == "data_port"
    return min(asked, key=_worth)


_TELLING = ("port_busy", "port_denied", "data_port")
"""Codes that tell more than that nothing answered, the most telling first."""


def _worth(asked: Asked) -> tuple[bool, int]:
    code = asked.result.code
    return not asked.result.takes_texts, _TELLING.index(code) if code in _TELLING else len(_TELLING)


def _found(asked: Asked) -> Found:
    return Found(FOUND, asked.port.path, asked.facts)


def _not_found(
    setup: LineSetup, answered: list[Asked], held: dict[str, Holder], usb: str, every: list[Candidate]
) -> Found:
    busy = {one.port.path: one.facts.get("holder", "") for one in answered if one.result.code == "port_busy"}
    busy |= {path: str(holder) for path, holder in held.items()}
    ours = [one.path for one in every if usb and one.usb == usb and one.path in busy]
    good = [one for one in answered if one.result.takes_texts]
    if ours or (busy and not good):
        return _busy(next(iter(ours or busy)), busy)
    if good:
        return Found("other_modem" if setup.imei else "other_sim", facts=good[0].facts)
    if not answered:
        return Found("port_missing")
    best = min(answered, key=_worth)
    return Found("port_denied" if best.result.code == "port_denied" else "not_a_modem", facts=best.facts)


def _busy(path: str, busy: dict[str, str]) -> Found:
    holder = {"holder": busy[path]} if busy[path] else {}
    return Found("port_busy", facts={"device": path, **holder})
