"""A text adapter on an analogue telephone line: a subset of 27.005, dummies, a call for each text (H.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import commands_general, commands_sim, commands_sms, commands_voice
from ..faults import SendPlan
from ..habits import Habit, Rewrites
from ..personality import Personality, register
from ..terminal import RESULT, Piece
from .common import dummy
from .plain import text_mode_only


class TelephoneCall(Habit):
    """A text takes a whole call of `call_seconds` (from, to); a failed one ends in a telephone's word."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._called = False

    def prompted(self) -> None:
        self._called = True

    def plan(self, plan: SendPlan) -> SendPlan:
        return replace(plan, air_time=self.modem.world.random.uniform(*self.parameter("call_seconds")))

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if not self._called or not any(piece.kind == RESULT for piece in pieces):
            return pieces
        self._called = False
        word = b"NO CARRIER" if self.modem.on_air else b"NO DIALTONE"
        return [replace(piece, data=piece.data.replace(b"ERROR", word)) for piece in pieces]


class CallerNumber(Habit):
    """The number of a caller after the first RING, without plus."""

    def ringing(self, urc: str) -> list[str]:
        call = self.modem.calls.now
        if urc != "RING" or call is None or call is self._told:
            return [urc]
        self._told = call
        return [urc, f"NMBR = {call.number.lstrip('+')}"] if call.number else [urc]

    _told: object = None


ANALOGUE = {
    "+CMGF", "+CMGS", "+CMGL", "+CMGR", "+CMGD", "+CPMS", "+CPIN", "+CREG", "+CSQ", "+CGMI", "+CGMM", "+CGMR",
    "E", "V", "Q", "Z", "&F", "&C", "&D", "&W", "&K", "X", "S", "H", "I",
}  # fmt: skip
KNOWN = (
    commands_general.COMMANDS.keys()
    | commands_sim.COMMANDS.keys()
    | commands_sms.COMMANDS.keys()
    | commands_voice.COMMANDS.keys()
)

register(
    Personality(
        "line-adapter-text",
        maker="INSYS",
        model="Modem 56k SMS",
        firmware="2.03",
        stores={"SM": 40},
        settings={"cmgf": 1},
        overrides={
            "+CMGF": text_mode_only,
            "+CPIN": dummy("+CPIN: READY"),
            "+CREG": dummy("+CREG: 0,1"),
            "+CSQ": dummy("+CSQ: 20.99"),
            "+CPMS": dummy('+CPMS: "MT",8,40,"MT",8,40,"MT",8,40'),
        },
        habits=(
            TelephoneCall,
            CallerNumber,
            lambda modem: Rewrites(
                modem,
                rules=(
                    (rb"^((?:\r\n)?\+CMGS: )\d+", rb"\g<1>000"),
                    (rb'^((?:\r\n)?\+CMG[LR]: .*,"\d\d/\d\d/\d\d,\d\d:\d\d):\d\d[+-]\d\d"', rb'\1"'),
                ),
            ),
        ),
        parameters={"call_seconds": (20.0, 60.0)},
        refuses=frozenset(KNOWN - ANALOGUE),
        extras=frozenset(("+VCID", "&Z")),
        iccid={},
        charsets=("GSM",),
        sim_out="",
        sim_open="",
    )
)
