"""Faults of receiving: how a message is announced, and whether it is stored at all."""

from __future__ import annotations

from typing import ClassVar

from .faults import Fault, fault

# --- notices ------------------------------------------------------------------------------------------


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


@fault
class CmtiOtherStore(Fault):
    """A message goes to another store than the one chosen, and is announced there.

    `store`: which, None the other of SM and ME. `lies`: it is announced there and stored as chosen.
    """

    name = "cmti-other-store"
    params: ClassVar = {"store": None, "lies": False}

    def _other(self) -> str:
        return self.store or ("ME" if self.modem.settings.memories[2] == "SM" else "SM")

    def place(self, store: str) -> str:
        return store if self.lies else self._other()

    def announce(self, urc: str) -> list[str]:
        self.use()
        name, _, rest = urc.partition('"')
        return [f'{name}"{self._other()}"{rest.partition(chr(34))[2]}']


@fault
class CmtiOtherPort(Fault):
    """Messages are announced on the device's second port, `modem.notice_port()`, only."""

    name, count = "cmti-other-port", None

    def start(self) -> bool:
        self.modem.notice_port()
        return True

    def announce(self, urc: str) -> list[str]:
        self.use()
        self.modem.terminal.urc(urc, to=self.modem.notice_port())
        return []


# --- routing ------------------------------------------------------------------------------------------


@fault
class CmtiOnly(Fault):
    """Messages are stored and announced even where +CNMI asks to have them directly."""

    name, count = "cmti-only", None

    def directly(self, direct: bool) -> bool:
        self.use()
        return False


@fault
class CmtDirect(Fault):
    """Messages come as +CMT where +CNMI asks to have them stored and announced."""

    name, count = "cmt-direct", None

    def directly(self, direct: bool) -> bool:
        self.use()
        return direct or self.modem.settings.cnmi[1] == 1


@fault
class CmtNeedsAck(CmtDirect):
    """As `cmt-direct`; without AT+CNMA within `after` seconds nothing is routed or announced any more."""

    name = "cmt-needs-ack"
    params: ClassVar = {"after": 30.0}

    def owed_within(self, seconds: float | None) -> float | None:
        return float(self.after)


@fault
class CnmiSilentlyReset(Fault):
    """The routing of new messages is forgotten `after` seconds from now: AT+CNMI=0,0,0,0,0."""

    name = "cnmi-silently-reset"
    params: ClassVar = {"after": 0.0}

    def start(self) -> bool:
        if self.after:
            self.modem.world.later(self.after, self._forget)
        else:
            self._forget()
        return False

    def _forget(self) -> None:
        self.modem.settings.cnmi = (0, 0, 0, 0, 0)
