"""ZTE sticks: +CNMI mode 1 only, a stray comma in +CDS, and a flood that only AT+CPMS? stops."""

from __future__ import annotations

from typing import Any

from ..answers import READ, SET, Command
from ..faults import Outcome, Proceed
from ..habits import Repeats, Rewrites
from ..personality import REPLUG, Personality, register
from ..terminal import Piece


class Flood(Repeats):
    """+ZUSIMR:2 every `flood_every` seconds from power-on and from the PIN until AT+CPMS?.

    After `flood_crash` of them the stick is dead until it loses its power (ModemManager, zte plugin).
    """

    every = "flood_every"

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._said, self.crashed = 0, False

    def started(self) -> None:
        self._said, self.crashed = 0, False
        self.talk()

    def say(self) -> None:
        self._said += 1
        self.modem.terminal.urc("+ZUSIMR:2")
        if self._said >= self.parameter("flood_crash"):
            self.hush()
            self.modem.terminal.reset()
            self.crashed = True

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name == "+CPMS" and asked.kind == READ:
            self._said = 0
            self.hush()
        outcome = proceed(asked)
        if asked.name == "+CPIN" and asked.kind == SET:
            self.talk()
        return outcome

    def hears(self, data: bytes) -> bytes:
        return b"" if self.crashed else data

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return [] if self.crashed else pieces


register(
    Personality(
        "zte-mf190",
        maker="ZTE INCORPORATED",
        model="MF190",
        firmware="BD_MF190V1.0.0B03",
        cnmi=((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1)),
        cnmi_taken=((0, 1), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1)),
        offers={"+CPMS": '+CPMS:     ( "SM"  , "ME" ), ( "SM" , "ME" ),   ( "SM" , "ME" )'},
        on_reset=REPLUG,
        habits=(Flood, lambda modem: Rewrites(modem, rules=((rb"^(\r\n\+CDS: )(\d+\r\n)", rb"\1,\2"),))),
        parameters={"flood_every": 0.5, "flood_crash": 200, "reset_seconds": 15.0},
        refuses=frozenset(("+CNMA", "+CEREG", "+CGSMS")),
        extras=frozenset(("+ZOPRT", "+ZCDRUN", "+ZSNT", "+ZPAS")),
        iccid={"+ZGETICCID": "+ZGETICCID: {}"},
        retry_counter="+ZPINPUK",
        location='"0A","3799B"',
        sim_open="",
    )
)
