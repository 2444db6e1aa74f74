"""Devices of no maker: strict to the book, phase 2 only, and text mode only (H.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import READ, SET, TEST, Answer, Command, Fail, line, ok
from ..habits import Habit, Rewrites
from ..personality import Personality, register
from .common import needs_sim

if TYPE_CHECKING:
    from ..modem import Modem


def phase_2_only(modem: Modem, asked: Command) -> Answer:
    """+CSMS of a device that knows no phase 2+ (27.005 3.2.1)."""
    if asked.kind == TEST:
        return line("+CSMS: (0)")
    if asked.kind == READ:
        return line("+CSMS: 0,1,1,1")
    if asked.number(0):
        raise Fail
    return line("+CSMS: 1,1,1")


def text_mode_only(modem: Modem, asked: Command) -> Answer:
    """+CMGF of a device that has no PDU mode."""
    if asked.kind == TEST:
        return line("+CMGF: (1)")
    if asked.kind == SET and asked.args[0] != "1":
        raise Fail
    return line(f"+CMGF: {modem.settings.cmgf}") if asked.kind == READ else ok()


class Numeric(Habit):
    """Results are numbers from power-on, where `numeric` says so."""

    def started(self) -> None:
        self.modem.settings.verbose = not self.parameter("numeric")


LATER_THAN_PHASE_2 = (
    "+CNMI +CNMA +CMEE +CMMS +CSDH +CGREG +CEREG +CGSMS +CPINR +CVHU +CCLK +CTZU +CTZR +CUSD +CIMI"
)

register(
    Personality("generic-27005"),
    Personality(
        "minimal-gsm",
        maker="GSM",
        model="Phase 2",
        stores={"SM": 10},
        overrides={"+CSMS": phase_2_only},
        refuses=frozenset(LATER_THAN_PHASE_2.split()),
        habits=(Numeric,),
        parameters={"numeric": False},
        iccid={},
        charsets=("GSM", "IRA"),
        sim_out="",
        sim_open="",
        location='"00C3","A1B2"',
    ),
    Personality(
        "text-gsm-ucs2",
        maker="Generic",
        model="Text mode",
        settings={"cmgf": 1},
        overrides={"+CMGF": needs_sim(text_mode_only)},
        habits=(lambda modem: Rewrites(modem, rules=((rb'^(\r\n\+CMT: "[^"]*"),,', rb'\1,"",'),)),),
    ),
)
