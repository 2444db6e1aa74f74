"""Faults of calls and of USSD."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from .answers import SET, Command
from .calls import ELSEWHERE, NO_CARRIER, RINGING, SILENCE, WITHHELD, Call
from .faults import Fault, Outcome, Proceed, SendPlan, fault
from .faults_unable import no_answer
from .ussd import FORMS, Manner, converse

# --- calls --------------------------------------------------------------------------------------------


@fault
class Ring(Fault):
    """Somebody calls from `number`: `rings` times, `gap` seconds apart.

    `clip`: the network tells who, where AT+CLIP=1 asks; `withheld`: the caller does not. `crc`: +CRING
    instead of RING whatever +CRC says. `ends`: NO CARRIER | silence | elsewhere, answered by another
    telephone. `during_send`: once the next text is on the air. `cms`: what sending gives while it rings.
    """

    name, count = "ring", None
    params: ClassVar = {
        "number": "+447700900456", "rings": 2, "gap": 4.0, "clip": True, "withheld": False, "crc": None,
        "ends": NO_CARRIER, "during_send": False, "cms": None,
    }  # fmt: skip

    def start(self) -> bool:
        if self.ends not in (NO_CARRIER, SILENCE, ELSEWHERE):
            raise ValueError(f"ring cannot end by {self.ends!r}")
        number, validity = ("", WITHHELD) if self.withheld else (self.number, 0)
        self.call = Call(number, self.rings, self.gap, self.ends, self.clip, validity, self.crc)
        self.begun = not self.during_send
        if self.begun:
            self.modem.calls.begin(self.call)
        return self.during_send or self.cms is not None

    def plan(self, plan: SendPlan) -> SendPlan:
        if not self.begun:
            self.begun = self.modem.calls.begin(self.call)
        if self.call.ended != RINGING or self.cms is None:
            self.left = 0
            return plan
        return dataclasses.replace(plan, accepted=False, result=f"+CMS ERROR: {self.cms}")


@fault
class RingOtherPort(Fault):
    """Calls are told on the device's second port, `modem.notice_port()`, only."""

    name, count = "ring-other-port", None

    def start(self) -> bool:
        self.modem.notice_port()
        return True

    def ringing(self, urc: str) -> list[str]:
        self.use()
        self.modem.terminal.urc(urc, to=self.modem.notice_port())
        return []


@fault
class HangupHonoured(Fault):
    """Which command ends a call: by = CHUP | ATH | none. The other says OK and it rings on."""

    name, count = "hangup-honoured", None
    params: ClassVar = {"by": "CHUP"}

    def start(self) -> bool:
        if self.by not in ("CHUP", "ATH", "none"):
            raise ValueError(f"hangup-honoured knows no command {self.by!r}")
        return True

    def hangs_up(self, by: str, honoured: bool) -> bool:
        self.use()
        return bool({"+CHUP": "CHUP", "H": "ATH"}[by] == self.by)


class HangsOn(Fault):
    """A command that is never answered; `deaf`: nor any other until a restart."""

    count = None
    params: ClassVar = {"deaf": True}
    command: ClassVar[str] = ""
    value: ClassVar[str] = ""

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name != self.command or asked.kind != SET or asked.args[:1] != (self.value,):
            return proceed(asked)
        self.use()
        return no_answer(deaf=self.deaf)


@fault
class ClipHangsDevice(HangsOn):
    """AT+CLIP=1 is never answered; `deaf`: nor any other command until a restart."""

    name, command, value = "clip-hangs-device", "+CLIP", "1"


# --- USSD ---------------------------------------------------------------------------------------------


@fault
class UssdForm(Fault):
    """How USSD is told: form = plain | packed | ucs2 | 8-bit (hex) | multi-line.

    `text`: what the network says (None: what it says to the code). `before_ok`: the answer overtakes OK.
    `asks_reply`: it waits for one. `error`: 4 not supported, 5 time-out, instead of an answer. `never`.
    `after`: seconds it takes.
    """

    name, count = "ussd", None
    params: ClassVar = {
        "form": "plain", "text": None, "before_ok": False, "asks_reply": False, "error": None, "never": False,
        "after": 0.0,
    }  # fmt: skip

    def start(self) -> bool:
        if self.form not in FORMS:
            raise ValueError(f"ussd has no form {self.form!r}; there are {', '.join(FORMS)}")
        return True

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name != "+CUSD" or asked.kind != SET or len(asked.args) < 2 or asked.args[0] == "2":
            return proceed(asked)
        proceed(dataclasses.replace(asked, args=asked.args[:1]))
        self.use()
        manner = Manner(
            self.form, self.text, self.before_ok, self.asks_reply, self.error, self.never, self.after
        )
        return converse(self.modem, asked.args[1], manner)


@fault
class Cusd2Hangs(HangsOn):
    """AT+CUSD=2 is never answered; `deaf`: nor any other command until a restart."""

    name, command, value = "cusd-2-hangs", "+CUSD", "2"
