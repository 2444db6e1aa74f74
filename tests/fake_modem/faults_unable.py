"""What a device cannot send, or cannot bear to be asked."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from .answers import Answer, Command, Later, Prompt
from .faults import Fault, Outcome, Proceed, SendPlan, fault


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
