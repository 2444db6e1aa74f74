"""Huawei sticks: unsolicited ^ lines, places from 0, and a +CNMI that lists what it refuses (H.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import commands_voice, ussd
from ..answers import Cme, Command
from ..faults import Outcome, Proceed
from ..habits import FullSign, Repeats
from ..personality import REFUSE, REPLUG, Personality, register
from ..terminal import Piece

if TYPE_CHECKING:
    from ..modem import Modem


def packed_ussd(modem: Modem, asked: Command) -> Outcome:
    """+CUSD with packed septets in hex both ways, whatever +CSCS says."""
    if len(asked.args) < 2 or asked.args[0] != "1":
        return commands_voice.unstructured(modem, asked)
    modem.require_sim(Cme)
    return ussd.converse(modem, asked.args[1], ussd.Manner(form=ussd.PACKED))


class Chatter(Repeats):
    """^RSSI and the like, every `chatter_every` seconds until AT^CURC=0."""

    every = "chatter_every"

    def started(self) -> None:
        self.talk()

    def say(self) -> None:
        self.modem.terminal.urc(f"^RSSI:{self.modem.signal}")

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        outcome = proceed(asked)
        if asked.name == "^CURC" and asked.args:
            if asked.args[0] == "0":
                self.hush()
            else:
                self.talk()
        return outcome


class Hangs(Repeats):
    """Deaf after `hang_after_commands` commands or `hang_after` seconds (0: never); then only ^BOOT.

    Only losing its power helps.
    """

    every = "boot_every"

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._commands, self._life = 0, 0

    def started(self) -> None:
        if seconds := self.parameter("hang_after"):
            life = self._life
            self.modem.world.later(seconds, lambda: self._hang() if life == self._life else None)

    def restarted(self) -> None:
        super().restarted()
        self._commands = 0
        self._life += 1

    def _hang(self) -> None:
        if not self.talking:
            self.modem.terminal.reset()
            self.talk()

    def say(self) -> None:
        self.modem.terminal.raw(b"\r\n^BOOT:91409020,0,0,0,6\r\n")

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        self._commands += 1
        limit = self.parameter("hang_after_commands")
        if limit and self._commands > limit:
            self._hang()
        return proceed(asked)

    def hears(self, data: bytes) -> bytes:
        return b"" if self.talking else data

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return [] if self.talking else pieces


COMMON: dict[str, Any] = {
    "maker": "huawei",
    "index_base": 0,
    "cnmi": ((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1)),
    "cnmi_taken": ((0, 1), (0, 1, 2, 3), (0, 2), (0, 2), (0, 1)),
    "offers": {"+CSMS": "+CSMS: (0-1)"},
    "overrides": {"+CUSD": packed_ussd},
    "extras": frozenset(
        ("^CURC", "^PORTSEL", "^USSDMODE", "^U2DIAG", "^SYSINFO", "^GETPORTMODE", "^CVOICE", "^RFSWITCH")
    ),
    "refuses": frozenset(("+CNMA", "+CEREG", "+CCLK", "+CGSMS")),
    "iccid": {"^ICCID": "^ICCID: {}"},
    "retry_counter": "^CPIN",
    "location": "0A,3799B",
    "sim_out": "^SIMST:255,0",
    "sim_open": "^SIMST:1,0",
    "full_sign": '^SMMEMFULL:"{store}"',
}

register(
    Personality(
        "huawei-e3131",
        model="E3131",
        firmware="21.157.31.00.00",
        on_reset=REPLUG,
        habits=(Chatter, FullSign),
        parameters={"chatter_every": 5.0, "reset_seconds": 12.0},
        **COMMON,
    ),
    Personality(
        "huawei-e220-hang",
        model="E220",
        firmware="11.117.09.04.00",
        on_reset=REFUSE,
        habits=(Chatter, FullSign, Hangs),
        parameters={
            "chatter_every": 5.0, "hang_after": 1200.0, "hang_after_commands": 0, "boot_every": 1.0,
        },
        **(COMMON | {"offers": {"+CPMS": '+CPMS: "SM","ME"', "+CSMS": "+CSMS: (0-1)"}}),
    ),
)  # fmt: skip
