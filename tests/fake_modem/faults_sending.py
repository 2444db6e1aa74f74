"""Faults of sending: the prompt, the answer after Ctrl-Z, the reference, what a device cannot send."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import ClassVar

from . import tpdu
from .answers import Answer, Cme, Cms, Command, Later, Prompt
from .faults import Fault, Outcome, Proceed, SendPlan, fault
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
    """The result comes `after` seconds after the time on air; busy=False: commands run meanwhile."""

    name = "late-result"
    params: ClassVar = {"after": 1.0, "busy": True, "accepted": True}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, late=self.after, busy=self.busy, accepted=self.accepted)


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


@fault
class StoreFullBlocksSend(Fault):
    """While the receiving store is full every text is refused with `cms`."""

    name, count = "store-full-blocks-send", None
    params: ClassVar = {"cms": 322}

    def plan(self, plan: SendPlan) -> SendPlan:
        if not self.modem.stores[self.modem.settings.memories[2]].full:
            return plan
        self.use()
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


# --- what a device cannot do --------------------------------------------------------------------------


def no_answer(*, deaf: bool) -> Answer | Later:
    """No answer ever; a `deaf` device hears no other command either until it restarts."""
    return Later() if deaf else Answer(result="")


def pdu_length(typed: bytes) -> int:
    """What AT+CMGS=<length> has to tell for a typed PDU. Raises ValueError where it is no hex."""
    whole = bytes.fromhex(typed.decode("latin-1").strip())
    return len(whole) - 1 - whole[0] if whole else 0


class AtPrompt(Fault):
    """A fault that takes what was typed after AT+CMGS or AT+CMGW before the modem does."""

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        outcome = proceed(asked)
        if asked.name not in ("+CMGS", "+CMGW") or not isinstance(outcome, Prompt):
            return outcome
        return Prompt(lambda typed: self.typed(asked, typed, outcome))

    def typed(self, asked: Command, typed: bytes, prompt: Prompt) -> Answer | Later:
        raise NotImplementedError

    def stay(self, asked: Command, typed: bytes, prompt: Prompt) -> Later:
        """Stand at the prompt as though Ctrl-Z had not been typed; ESC leaves it."""
        self.modem.terminal.stuck_prompt(lambda more: self.typed(asked, more, prompt), typed)
        return Later()


@fault
class LenCheck(AtPrompt):
    """A PDU of another length than announced: how = 304 | waits for more | truncates."""

    name, count = "len-check", None
    params: ClassVar = {"how": "304"}

    def start(self) -> bool:
        if str(self.how) not in ("304", "waits", "truncates"):
            raise ValueError(f"len-check has no way {self.how!r}")
        return True

    def typed(self, asked: Command, typed: bytes, prompt: Prompt) -> Answer | Later:
        try:
            surplus = 0 if self.modem.settings.cmgf else pdu_length(typed) - asked.number(0)
        except ValueError:
            surplus = 0
        if surplus and self.how == "waits":
            self.use()
            return self.stay(asked, typed, prompt)
        if surplus > 0 and self.how == "truncates":
            self.use()
            typed = typed[: -2 * surplus]
        return prompt.on_text(typed)


@fault
class LongPduHang(AtPrompt):
    """After a PDU of more than `over` octets nothing is answered; `deaf`: to no command until a restart."""

    name, count = "long-pdu-hang", None
    params: ClassVar = {"over": 164, "deaf": True}

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name == "+CMGS" and not self.modem.settings.cmgf and asked.args and asked.number(0) > 164:
            return Prompt(lambda typed: self._hang())
        return super().run(asked, proceed)

    def typed(self, asked: Command, typed: bytes, prompt: Prompt) -> Answer | Later:
        too_long = not self.modem.settings.cmgf and asked.number(0) > self.over
        return self._hang() if too_long else prompt.on_text(typed)

    def _hang(self) -> Answer | Later:
        self.use()
        return no_answer(deaf=self.deaf)


@fault
class TextUcs2Stuck(AtPrompt):
    """In text mode with UCS2 strings over 133 characters stay at the prompt, over 150 restart it."""

    name, count = "text-ucs2-over-133-stuck", None

    def typed(self, asked: Command, typed: bytes, prompt: Prompt) -> Answer | Later:
        settings = self.modem.settings
        characters = len(typed) // 4 if settings.cmgf and settings.cscs == "UCS2" else 0
        if characters <= 133:
            return prompt.on_text(typed)
        self.use()
        if characters <= 150:
            return self.stay(asked, typed, prompt)
        self.modem.world.later(0, self.modem.reboot)
        return Later()


class Lacks(Fault):
    """A command the device refuses with `result`, even to be asked about."""

    count = None
    params: ClassVar = {"result": "ERROR"}
    lacking: ClassVar[str] = ""

    def refuses(self, name: str) -> str | None:
        if name != self.lacking:
            return None
        self.use()
        return str(self.result)


@fault
class CmgwUnsupported(Lacks):
    """Texts cannot be stored."""

    name, lacking = "cmgw-unsupported", "+CMGW"


@fault
class CmmsError(Lacks):
    """The radio cannot be kept open between texts."""

    name, lacking = "cmms-error", "+CMMS"


@fault
class CmssFlipsStat(Fault):
    """A stored text that was sent counts as sent afterwards, or not (`flips`)."""

    name, count = "cmss-flips-stat", None
    params: ClassVar = {"flips": False}

    def plan(self, plan: SendPlan) -> SendPlan:
        self.use()
        return dataclasses.replace(plan, flips=self.flips)
