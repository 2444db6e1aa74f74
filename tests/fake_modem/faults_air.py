"""Faults of sending and receiving, and of being there at all."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from .faults import Fault, SendPlan, fault

# --- sending ------------------------------------------------------------------------------------------


class Sends(Fault):
    """A fault of sending; `to` limits it to one recipient by way of the network's rules instead."""

    def plan(self, plan: SendPlan) -> SendPlan:
        self.use()
        return self.decide(plan)

    def decide(self, plan: SendPlan) -> SendPlan:
        raise NotImplementedError


@fault
class DropResult(Sends):
    """After Ctrl-Z no result comes; the network took the text or not; commands are answered again."""

    name = "drop-result"
    params: ClassVar = {"accepted": True}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, accepted=self.accepted, result="")


@fault
class LateResult(Sends):
    """The result comes `after` seconds after the time on air; busy=False: commands run meanwhile."""

    name = "late-result"
    params: ClassVar = {"after": 1.0, "busy": True, "accepted": True}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, late=self.after, busy=self.busy, accepted=self.accepted)


@fault
class SentButError(Sends):
    """The network takes the text, the modem reports an error: `cms` n, or any `result` line."""

    name = "sent-but-error"
    params: ClassVar = {"cms": 500, "result": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, result=self.result or f"+CMS ERROR: {self.cms}")


@fault
class ErrorNotSent(Sends):
    """The text does not reach the network and the modem says so: `cms` n, or any `result` line."""

    name = "error-but-not-sent"
    params: ClassVar = {"cms": 500, "result": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, accepted=False, result=self.result or f"+CMS ERROR: {self.cms}")


# --- being there --------------------------------------------------------------------------------------


@fault
class Vanish(Fault):
    """The cable is pulled: when = now | at-prompt | mid-body | after-ctrlz.

    `after_bytes` typed (mid-body), `after` seconds and `accepted` by the network (after-ctrlz).
    `back_after` seconds it returns by itself, under another name behind the same link. `powered`: the
    modem does not restart, as behind a serial server.
    """

    name = "vanish"
    params: ClassVar = {
        "when": "now", "back_after": None, "after_bytes": 10, "after": 0.0, "accepted": True,
        "powered": False,
    }  # fmt: skip

    def start(self) -> bool:
        if self.when not in ("now", "at-prompt", "mid-body", "after-ctrlz"):
            raise ValueError(f"vanish has no moment {self.when!r}")
        if self.when == "now":
            self._go()
        return bool(self.when != "now")

    def _go(self) -> None:
        self.use()
        self.modem.vanish(back_after=self.back_after, powered=self.powered)

    def prompted(self) -> None:
        if self.when == "at-prompt":
            self._go()

    def typing(self, typed: bytes) -> None:
        if self.when == "mid-body" and len(typed) >= self.after_bytes:
            self._go()

    def plan(self, plan: SendPlan) -> SendPlan:
        if self.when != "after-ctrlz":
            return plan
        return dataclasses.replace(plan, leave=self._go, leave_after=self.after, accepted=self.accepted)


@fault
class Return(Fault):
    """The modem comes back after a vanish."""

    name = "return"
    params: ClassVar = {"after": 0.0}

    def start(self) -> bool:
        self.modem.come_back(self.after)
        return False


@fault
class Reboot(Fault):
    """The modem restarts in place, `off_for` seconds, then its banner; when = now | after-ctrlz.

    Settings are as after power-on. After Ctrl-Z the text is `accepted` by the network or not.
    """

    name = "reboot"
    params: ClassVar = {"when": "now", "banner": ("RDY",), "off_for": 0.0, "after": 0.0, "accepted": True}

    def start(self) -> bool:
        if self.when == "now":
            self._go()
        return bool(self.when != "now")

    def _go(self) -> None:
        self.use()
        banner = (self.banner,) if isinstance(self.banner, str) else tuple(self.banner)
        self.modem.reboot(banner=banner, after=self.off_for)

    def plan(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, leave=self._go, leave_after=self.after, accepted=self.accepted)


@fault
class StuckPrompt(Fault):
    """The modem stands at a prompt with text in it, as after a crash of the computer.

    Ctrl-Z would send `typed` to `to` as text (or, with `length`, as the PDU `typed` in hex).
    """

    name = "stuck-prompt"
    params: ClassVar = {"to": "+12025550100", "typed": "Your table is bo", "length": None}

    def start(self) -> bool:
        self.modem.stuck_prompt(self.to, self.typed, self.length)
        return False


@fault
class CnmiReset(Fault):
    """The routing of new messages is forgotten: AT+CNMI=0,0,0,0,0."""

    name = "cnmi-reset"

    def start(self) -> bool:
        self.modem.settings.cnmi = (0, 0, 0, 0, 0)
        return False


# --- receiving ----------------------------------------------------------------------------------------


@fault
class SimFull(Fault):
    """The store is filled with texts from `sender`, so that the service centre keeps what comes next.

    `stat`: 0, 1 received; 2, 3 stored by someone, which nobody may take for received. `free` slots stay.
    """

    name = "sim-full"
    params: ClassVar = {"sender": "+12025550199", "stat": 1, "store": None, "free": 0}

    def start(self) -> bool:
        self.modem.fill_store(self.sender, self.stat, self.store, self.free)
        return False


@fault
class Deliver(Fault):
    """A raw PDU (hex with service centre address, damaged as you like) is put into the store.

    `stat` as in `sim-full`; `length` the header tells, counted where not given; direct=True: as +CMT.
    """

    name = "deliver"
    params: ClassVar = {"pdu": "", "stat": 0, "length": None, "direct": False, "store": None}

    def start(self) -> bool:
        self.modem.place_raw(self.pdu, self.stat, self.length, self.direct, self.store)
        return False


@fault
class CmtiLost(Fault):
    """A message is stored and not announced."""

    name = "cmti-lost"

    def announce(self, urc: str) -> list[str]:
        self.use()
        return []


@fault
class CmtiDouble(Fault):
    """A message is announced twice."""

    name = "cmti-double"

    def announce(self, urc: str) -> list[str]:
        self.use()
        return [urc, urc]


@fault
class CmtiEarly(Fault):
    """A message is announced `after` seconds before it can be read."""

    name = "cmti-before-readable"
    params: ClassVar = {"after": 0.5}

    def unreadable_for(self) -> float:
        self.use()
        return float(self.after)
