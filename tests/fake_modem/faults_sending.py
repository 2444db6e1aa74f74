"""Faults of sending: the prompt, the answer after Ctrl-Z, the reference."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import ClassVar

from . import tpdu
from .answers import Cme, Cms
from .faults import Fault, SendPlan, fault
from .terminal import ASK, URC, Piece

# --- the prompt ---------------------------------------------------------------------------------------

FORMS = {
    "std": b"\r\n> ", "no-space": b"\r\n>", "bare": b"> ", "short": b">\r\n", "twice": b"\r\n> \r\n> ",
    "never": b"", "late": b"\r\n> ", "after-urc": b"\r\n> ",
}  # fmt: skip


@fault
class PromptForm(Fault):
    """How the device asks: form = std | no-space | bare | short | late | never | after-urc | twice.

    `after` seconds (late); `urc` before it (after-urc). One that is never seen stands all the same.
    """

    name, count = "prompt", None
    params: ClassVar = {"form": "std", "after": 1.0, "urc": '+CMTI: "SM",3'}

    def start(self) -> bool:
        if self.form not in FORMS:
            raise ValueError(f"prompt has no form {self.form!r}; there are {', '.join(FORMS)}")
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if not any(piece.kind == ASK for piece in pieces):
            return pieces
        self.use()
        out: list[Piece] = []
        for piece in pieces:
            if piece.kind == ASK:
                if self.form == "after-urc":
                    out.append(Piece(URC, f"\r\n{self.urc}\r\n".encode("latin-1")))
                delay = self.after if self.form == "late" else piece.delay
                piece = Piece(ASK, FORMS[self.form], delay)
            out.append(piece)
        return out


@fault
class StuckPrompt(Fault):
    """The modem stands at a prompt with text in it, as after a crash of the computer.

    Ctrl-Z would send `typed` to `to` as text (or, with `length`, as the PDU `typed` in hex).
    """

    name = "stuck-prompt-on-open"
    params: ClassVar = {"to": "+12025550100", "typed": "Your table is bo", "length": None}

    def start(self) -> bool:
        self.modem.stuck_prompt(self.to, self.typed, self.length)
        return False


# --- the answer after Ctrl-Z --------------------------------------------------------------------------


class Sends(Fault):
    """A fault of what becomes of a text."""

    def plan(self, plan: SendPlan) -> SendPlan:
        self.use()
        return self.decide(plan)

    def decide(self, plan: SendPlan) -> SendPlan:
        raise NotImplementedError


@fault
class SendDelay(Sends):
    """Each text takes between `least` and `most` seconds on the air."""

    name, count = "send-delay", None
    params: ClassVar = {"least": 2.0, "most": 6.0}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, air_time=self.modem.world.random.uniform(self.least, self.most))


@fault
class SendResult(Sends):
    """The answer: result = ok | cms N | cme N | error | none | a telephone's word such as NO CARRIER.

    `to`: of texts to that number only. `accepted` by the network; not told: with ok and none.
    """

    name = "send-result"
    params: ClassVar = {"result": "none", "to": None, "accepted": None}

    def start(self) -> bool:
        self._line()
        return True

    def plan(self, plan: SendPlan) -> SendPlan:
        return super().plan(plan) if self.to in (None, plan.to) else plan

    def decide(self, plan: SendPlan) -> SendPlan:
        accepted = self.result in ("ok", "none") if self.accepted is None else self.accepted
        return dataclasses.replace(plan, accepted=accepted, result=self._line())

    def _line(self) -> str | None:
        kind, _, number = self.result.partition(" ")
        if self.result in ("ok", "none", "error"):
            return {"ok": None, "none": "", "error": "ERROR"}[self.result]
        if kind in ("cms", "cme") and number.isdecimal():
            refusal = (Cms if kind == "cms" else Cme)(int(number))
            return refusal.result(self.modem.settings.cmee)
        if not self.result.isupper():
            raise ValueError(f"send-result has no result {self.result!r}")
        return str(self.result)


@fault
class LateResult(Sends):
    """The result comes `after` seconds after the time on air; busy=False: commands run meanwhile.

    `accepted` by the network; not told: as it would be anyway, so a refusal that comes late is still one.
    """

    name = "late-result"
    params: ClassVar = {"after": 1.0, "busy": True, "accepted": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        accepted = plan.accepted if self.accepted is None else self.accepted
        return dataclasses.replace(plan, late=self.after, busy=self.busy, accepted=accepted)


@fault
class SentButError(Sends):
    """The network takes the text, the modem reports an error: `cms` n, any `result` line, or none."""

    name = "sent-but-error"
    params: ClassVar = {"cms": 500, "result": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        result = "" if self.result == "none" else self.result or f"+CMS ERROR: {self.cms}"
        return dataclasses.replace(plan, result=result)


@fault
class ErrorNotSent(Sends):
    """The text does not reach the network and the modem says so: `cms` n, or any `result` line."""

    name = "error-but-not-sent"
    params: ClassVar = {"cms": 500, "result": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, accepted=False, result=self.result or f"+CMS ERROR: {self.cms}")


@fault
class IncomingCollision(Sends):
    """A text from `sender` arrives while one is being sent, which fails with `cms` and is not sent."""

    name = "incoming-collision"
    params: ClassVar = {"sender": "+12025550198", "text": "Are you open today?", "cms": 512}

    def decide(self, plan: SendPlan) -> SendPlan:
        self.modem.world.phone(self.sender).text(self.modem.number, self.text)
        return dataclasses.replace(plan, accepted=False, result=f"+CMS ERROR: {self.cms}")


# --- the reference ------------------------------------------------------------------------------------

CONSTANT = {"constant": "000", "missing": "", "non-numeric": "A7"}


@fault
class Reference(Fault):
    """What +CMGS tells: how = all (counts all) | good (counts what was sent) | resets (at boot) |
    constant (000) | missing | non-numeric | over-255.
    """

    name, count = "mr", None
    params: ClassVar = {"how": "all"}

    def start(self) -> bool:
        if self.how not in ("all", "good", "resets", "over-255", *CONSTANT):
            raise ValueError(f"mr has no way {self.how!r}")
        return True

    def confirm(self, text: str) -> str:
        self.use()
        name, _, number = text.partition(": ")
        if self.how in CONSTANT:
            return f"{name}: {CONSTANT[self.how]}".rstrip()
        return f"{name}: {int(number) + 256}" if self.how == "over-255" else text

    def refused(self) -> None:
        if self.how == "good":
            self.modem.reference = (self.modem.reference - 1) % 256

    def restarted(self) -> None:
        if self.how == "resets":
            self.modem.reference = 255


@fault
class CmgsWithScts(Fault):
    """+CMGS tells the service centre's time, too (27.005 3.5.1): in PDU mode as the report of the SUBMIT."""

    name, count = "cmgs-with-scts", None

    def confirm(self, text: str) -> str:
        self.use()
        now = self.modem.world.now()
        if self.modem.settings.cmgf:
            quarters = round((now.utcoffset() or timedelta()) / timedelta(minutes=15))
            return f'{text},"{now:%y/%m/%d,%H:%M:%S}{quarters:+03d}"'
        return f'{text},"0100{tpdu.encode_time(now).hex().upper()}"'
