"""What a modem remembers: the SIM with its locks, message stores with slots, and what was deleted.

Knows no AT command and no network.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from . import clock

UNREAD, READ, UNSENT, SENT, ALL = 0, 1, 2, 3, 4


@dataclass
class Slot:
    """One stored message. `pdu` is hex with service centre address, `length` what the header tells."""

    pdu: str
    length: int
    stat: int = UNREAD
    readable_at: float = 0.0

    @property
    def readable(self) -> bool:
        return clock.seconds() >= self.readable_at

    @property
    def octets(self) -> bytes:
        """The TPDU; empty where the hex is damaged."""
        try:
            whole = bytes.fromhex(self.pdu)
        except ValueError:
            return b""
        return whole[1 + whole[0] :] if whole else b""


@dataclass
class Store:
    """Numbered slots, the lowest free one filled first."""

    name: str
    capacity: int
    base: int = 1
    slots: dict[int, Slot] = field(default_factory=dict)

    @property
    def used(self) -> int:
        return len(self.slots)

    @property
    def full(self) -> bool:
        return self.used >= self.capacity

    def put(self, slot: Slot) -> int | None:
        """The index the slot got, None when there is no room."""
        if self.full:
            return None
        index = next(i for i in range(self.base, self.base + self.capacity) if i not in self.slots)
        self.slots[index] = slot
        return index


@dataclass(frozen=True)
class Deleted:
    """A message that was taken out of a store by AT+CMGD."""

    time: float
    store: str
    index: int
    pdu: str
    stat: int


@dataclass(frozen=True)
class Arrival:
    """Taken from the network: "stored", "direct" by +CMT or +CDS, "dropped", a report nobody wants.

    "offered" by +CMT or +CDS and not yet acknowledged; it is "direct" once it is.
    """

    time: float
    pdu: str
    how: str


@dataclass
class Sim:
    """A SIM. `pin` None means its check is off; `attempts` are the PINs and PUKs that were tried."""

    iccid: str
    imsi: str
    number: str = ""
    smsc: str = "+12025550190"  # what +CSCA tells
    pin: str | None = None
    puk: str = "12345678"
    pin_tries: int = 3
    puk_tries: int = 10
    unlocked: bool = False
    network_lock: str = ""  # "PH-NET PIN", ...: this device takes only SIMs of another network
    store: Store = field(default_factory=lambda: Store("SM", 20))
    attempts: list[tuple[float, str]] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The word +CPIN? answers (27.007 8.3)."""
        if self.network_lock:
            return self.network_lock
        if self.pin is None or (self.unlocked and self.pin_tries):
            return "READY"
        return "SIM PIN" if self.pin_tries else "SIM PUK"

    def enter_pin(self, pin: str) -> bool:
        """Try a PIN; a wrong one costs a try."""
        self.attempts.append((time.time(), pin))
        self.unlocked = pin == self.pin
        self.pin_tries = 3 if self.unlocked else self.pin_tries - 1
        return self.unlocked

    def enter_puk(self, puk: str, new_pin: str) -> bool:
        """Try a PUK; the right one sets a new PIN."""
        self.attempts.append((time.time(), puk))
        if puk != self.puk or not self.puk_tries:
            self.puk_tries = max(0, self.puk_tries - 1)
            return False
        self.pin, self.pin_tries, self.puk_tries, self.unlocked = new_pin, 3, 10, True
        return True
