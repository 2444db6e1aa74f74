"""SIMCom modules: SIM800 on a serial line with automatic speed (H.3), SIM7600 on USB."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from .. import tpdu
from ..answers import SET, Command, Fail
from ..faults import Outcome, Proceed, SendPlan
from ..habits import FullSign, Habit, NotReady, Rewrites
from ..personality import REPLUG, Boot, Personality, register
from ..terminal import URC, Piece


class AutoBaud(Habit):
    """The first `training_lines` lines after power-on train the speed and are lost, unless AT+IPR fixed it.

    Until then nothing it says can be read. A restart with power on keeps the speed.
    """

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._lines, self._fixed = 0, False

    def _trained(self) -> bool:
        return self._fixed or self._lines >= self.parameter("training_lines")

    def restarted(self) -> None:
        if not self.modem.plugged:
            self._lines = 0

    def hears(self, data: bytes) -> bytes:
        while data and not self._trained():
            _, end, data = data.partition(b"\r")
            self._lines += bool(end)
        return data

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return pieces if self._trained() else [piece for piece in pieces if piece.kind != URC]

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        outcome = proceed(asked)
        if asked.name == "+IPR" and asked.kind == SET:
            self._fixed = asked.args[0] != "0"
        return outcome


class BrownOut(Habit):
    """Every `brown_out_every`th text (0: none) takes too much current: a restart instead of a result."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._sent = 0

    def plan(self, plan: SendPlan) -> SendPlan:
        self._sent += 1
        every = self.parameter("brown_out_every")
        if not every or self._sent % every:
            return plan
        after = 0.7 * self.modem.world.boot_pace
        return replace(plan, leave=self.modem.reboot, leave_after=after)


class FlashDirect(Habit):
    """Class 0 and indications that are not to be kept come as +CMT, though +CNMI says +CMTI (H.3)."""

    def directly(self, direct: bool) -> bool:
        return direct or (self.modem.settings.cnmi[1] > 0 and _not_to_be_kept(self.modem.arriving))


def _not_to_be_kept(octets: bytes) -> bool:
    try:
        dcs = tpdu.decode_deliver(octets).dcs
    except tpdu.Undecodable:
        return False
    return dcs & 0xF0 == 0xC0 or dcs & 0xD3 == 0x10 or dcs & 0xF3 == 0xF0


class MissedCall(Habit):
    """Says who called when a call has ended unanswered."""

    def ringing(self, urc: str) -> list[str]:
        if urc != "NO CARRIER":
            return [urc]
        number = self.modem.calls.log[-1].number
        told = self.modem.personality.missed_call.format(time=time.strftime("%I:%M%p"), number=number)
        return [urc, told]


SLEEP = frozenset(("+CSCLK", "+IPR", "+CSMINS", "+CMTE", "+CNETLIGHT"))

register(
    Personality(
        "sim800",
        maker="SIMCOM_Ltd",
        model="SIMCOM_SIM800L",
        firmware="Revision:1418B04SIM800L24",
        stores={"SM": 30, "ME": 20},
        offers={
            "+CNMI": "+CNMI: (0-3),(0-3),(0,2),(0-2),(0,1)",
            "+CPMS": '+CPMS: ("SM","ME","SM_P","ME_P","MT"),("SM","ME","SM_P","ME_P","MT"),("SM","ME","MT")',
        },
        boot=(
            Boot(0.0, "RDY"),
            Boot(0.1, "+CFUN: 1"),
            Boot(1.1, "+CPIN: READY", sim=True),
            Boot(3.0, "Call Ready", sim=True),
            Boot(0.9, "SMS Ready", sim=True),
        ),
        ready_at="SMS Ready",
        habits=(
            AutoBaud,
            lambda modem: NotReady(modem, refusal=Fail),
            BrownOut,
            FlashDirect,
            lambda modem: Rewrites(
                modem,
                rules=(
                    (rb"^(\r\n\+CMT: ),", rb'\1"",'),
                    (rb"^((?:\r\n)?\+CM(?:GL: \d+,\d|GR: \d)),,", rb'\1,"",'),
                ),
            ),
        ),
        parameters={"training_lines": 1, "brown_out_every": 0, "restart_noise": b"\x00\x00"},
        refuses=frozenset(("+CEREG", "+CPINR")),
        extras=SLEEP,
        iccid={"+CCID": "{}"},
        retry_counter="+SPIC",
        location='"00C3","A1B2"',
    ),
    Personality(
        "sim7600",
        maker="SIMCOM INCORPORATED",
        model="SIMCOM_SIM7600E-H",
        firmware="LE20B04SIM7600M22",
        stores={"SM": 30, "ME": 23},
        index_base=0,
        cnmi=((0, 1, 2), (0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1)),
        boot=(
            Boot(0.0, "RDY"),
            Boot(2.0, "+CPIN: READY", sim=True),
            Boot(1.5, "SMS DONE", sim=True),
            Boot(1.0, "PB DONE", sim=True),
        ),
        on_reset=REPLUG,
        habits=(FullSign, MissedCall),
        parameters={"reset_seconds": 20.0},
        extras=SLEEP,
        iccid={"+CICCID": "+ICCID: {}"},
        retry_counter="+SPIC",
        full_sign="+SMS FULL",
        missed_call="MISSED_CALL: {time} {number}",
    ),
)
