"""Faults of being there at all: the cable, the power, before and after Ctrl-Z."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from .faults import Fault, SendPlan, fault


class Leaves(Fault):
    """A modem that goes away by pulling the cable."""

    def go(self) -> None:
        self.use()
        self.modem.vanish(back_after=self.back_after, powered=self.powered)


@fault
class Vanish(Leaves):
    """The cable is pulled: when = now | at-prompt | mid-body, after `after_bytes` typed.

    `back_after` seconds it returns by itself, under another name behind the same link. `powered`: the
    modem does not restart, as behind a serial server.
    """

    name = "vanish"
    params: ClassVar = {"when": "now", "back_after": None, "after_bytes": 10, "powered": False}

    def start(self) -> bool:
        if self.when not in ("now", "at-prompt", "mid-body"):
            raise ValueError(f"vanish has no moment {self.when!r}")
        if self.when == "now":
            self.go()
        return bool(self.when != "now")

    def prompted(self) -> None:
        if self.when == "at-prompt":
            self.go()

    def typing(self, typed: bytes) -> None:
        if self.when == "mid-body" and len(typed) >= self.after_bytes:
            self.go()


@fault
class VanishAfterCtrlZ(Leaves):
    """The cable is pulled `after` seconds after Ctrl-Z, the text `accepted` by the network or not."""

    name = "vanish-after-ctrlz"
    params: ClassVar = {"accepted": True, "after": 0.0, "back_after": None, "powered": False}

    def plan(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, leave=self.go, leave_after=self.after, accepted=self.accepted)


@fault
class Return(Fault):
    """The modem comes back after a vanish."""

    name = "return"
    params: ClassVar = {"after": 0.0}

    def start(self) -> bool:
        self.modem.come_back(self.after)
        return False


class Resets(Fault):
    """A modem that restarts in place, `off_for` seconds, then its `banner` (None: the device's, or RDY)."""

    def go(self) -> None:
        self.use()
        if self.banner is None:
            self.modem.reboot(after=self.off_for)
        else:
            banner = (self.banner,) if isinstance(self.banner, str) else tuple(self.banner)
            self.modem.reboot(banner=banner, after=self.off_for)


@fault
class Reboot(Resets):
    """The modem restarts in place; settings are as after power-on."""

    name = "reboot"
    params: ClassVar = {"banner": None, "off_for": 0.0}

    def start(self) -> bool:
        self.go()
        return False


@fault
class ResetBeforeCtrlZ(Resets):
    """The modem restarts: when = at-prompt | mid-body, after `after_bytes` typed. Nothing is sent."""

    name = "reset-before-ctrlz"
    params: ClassVar = {"when": "mid-body", "after_bytes": 10, "banner": None, "off_for": 0.0}

    def start(self) -> bool:
        if self.when not in ("at-prompt", "mid-body"):
            raise ValueError(f"reset-before-ctrlz has no moment {self.when!r}")
        return True

    def prompted(self) -> None:
        if self.when == "at-prompt":
            self.go()

    def typing(self, typed: bytes) -> None:
        if self.when == "mid-body" and len(typed) >= self.after_bytes:
            self.go()


@fault
class ResetAfterCtrlZ(Resets):
    """The modem restarts `after` seconds after Ctrl-Z, the text `accepted` by the network or not."""

    name = "reset-after-ctrlz"
    params: ClassVar = {"accepted": True, "after": 0.0, "banner": None, "off_for": 0.0}

    def plan(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, leave=self.go, leave_after=self.after, accepted=self.accepted)
