"""Messages that come as they are asked for: raw, many, while the line is away, damaged."""

from __future__ import annotations

from typing import ClassVar

from .faults import Fault, fault
from .samples import SAMPLES

SENDER = "+12025550196"


@fault
class Deliver(Fault):
    """A message: `pdu` raw (hex with service centre address, damaged as you like), a `sample`, or a `text`.

    The first two are put into the store as they are: `stat` as +CMGL tells it, `length` the header tells,
    counted where not given, direct=True: as +CMT. A text comes from `sender` by way of the network.
    """

    name = "deliver"
    params: ClassVar = {
        "pdu": "", "sample": None, "text": None, "sender": SENDER, "stat": 0, "length": None, "direct": False,
        "store": None,
    }  # fmt: skip

    def start(self) -> bool:
        if self.text is not None:
            self.modem.world.phone(self.sender).text(self.modem.number, self.text)
        else:
            pdu = SAMPLES[self.sample][1] if self.sample else self.pdu
            self.modem.place_raw(pdu, self.stat, self.length, self.direct, self.store)
        return False


@fault
class DeliverBurst(Fault):
    """`n` texts from `sender` within `over` seconds; {n} in `text` is their number."""

    name = "deliver-burst"
    params: ClassVar = {"n": 10, "over": 1.0, "sender": SENDER, "text": "Text {n}"}

    def start(self) -> bool:
        for place in range(self.n):
            self.modem.world.later(self.over * place / self.n, lambda place=place: self._one(place + 1))
        return False

    def _one(self, number: int) -> None:
        text = self.text.replace("{n}", str(number))
        self.modem.world.phone(self.sender).text(self.modem.number, text)


@fault
class DeliverWhileOffline(Fault):
    """`n` texts from `sender` that wait at the service centre: until = registration | space.

    The registration is lost and comes back `after` seconds later (None: the test sees to it); space is
    wanting until the computer makes some.
    """

    name = "deliver-while-offline"
    params: ClassVar = {
        "until": "registration", "after": 0.5, "n": 1, "sender": SENDER, "text": "While you were away {n}",
    }  # fmt: skip

    def start(self) -> bool:
        if self.until == "space":
            self.modem.fill_store("+12025550199", 1)
        elif self.until == "registration":
            self._lose_registration()
        else:
            raise ValueError(f"deliver-while-offline does not know how to wait until {self.until!r}")
        for number in range(1, self.n + 1):
            text = self.text.replace("{n}", str(number))
            self.modem.world.phone(self.sender).text(self.modem.number, text)
        return False

    def _lose_registration(self) -> None:
        before = self.modem.registration
        self.modem.register(2)
        if self.after is not None:
            self.modem.world.later(self.after, lambda: self.modem.register(before))


# --- damaged ------------------------------------------------------------------------------------------


class Damaged(Fault):
    """A PDU that is not whole, put into the store with the length of the whole one."""

    params: ClassVar = {"sample": "D1", "direct": False}

    def start(self) -> bool:
        length, pdu = SAMPLES[self.sample]
        self.modem.place_raw(self.damage(pdu), length=length, direct=self.direct)
        return False

    def damage(self, pdu: str) -> str:
        raise NotImplementedError


@fault
class TruncatedPdu(Damaged):
    """A PDU that ends after `digits` hex digits."""

    name = "truncated-pdu"
    params: ClassVar = {"sample": "D3.1", "direct": False, "digits": 40}

    def damage(self, pdu: str) -> str:
        return pdu[: self.digits]


@fault
class NonHexPdu(Damaged):
    """A PDU with a letter in it that is no hex digit."""

    name = "non-hex-pdu"

    def damage(self, pdu: str) -> str:
        return f"{pdu[:30]}G{pdu[31:]}"
