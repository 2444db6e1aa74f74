"""Faults of the SIM: absent, locked, busy, another one, and how the device tells of it."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, ClassVar

from . import commands_sms
from .answers import READ, TEST, Answer, Cme, Cms, Command
from .commands_sim import COUNTERS
from .faults import Fault, Outcome, Proceed, fault

if TYPE_CHECKING:
    from .modem import Modem


def put_in(modem: Modem) -> None:
    """The SIM is there (again), locked where it has a PIN; the device says so."""
    modem.sim_present, modem.sim.unlocked = True, False
    if modem.sim.state == "READY":
        modem.unlocked()


@fault
class SimAbsent(Fault):
    """There is no SIM; nothing is said. Cleared, it is in again."""

    name, count = "sim-absent", None

    def start(self) -> bool:
        self.modem.sim_present = False
        return True

    def stop(self) -> None:
        self.modem.sim_present = True
        self.modem.world.network.release(self.modem.number)


@fault
class SimPulled(Fault):
    """The SIM is taken out; sign=False: the device does not notice by itself. `sim-returned` ends it."""

    name = "sim-pulled"
    params: ClassVar = {"sign": True}

    def start(self) -> bool:
        self.modem.sim_present = False
        if self.sign and self.modem.personality.sim_out:
            self.modem.terminal.urc(self.modem.personality.sim_out)
        return False


@fault
class SimReturned(Fault):
    """The same SIM is put in again; one with a PIN is locked."""

    name = "sim-returned"

    def start(self) -> bool:
        put_in(self.modem)
        return False


@fault
class SimOther(Fault):
    """Another SIM is in, empty: another `iccid` and `imsi`, made up where not given, a `pin` or none."""

    name = "sim-other"
    params: ClassVar = {"iccid": None, "imsi": None, "pin": None}

    def start(self) -> bool:
        sim, draw = self.modem.sim, self.modem.world.random.randrange
        sim.iccid = self.iccid or f"8901261{draw(10**12):012d}"
        sim.imsi = self.imsi or f"00102{draw(10**10):010d}"
        sim.pin, sim.pin_tries, sim.puk_tries = self.pin, 3, 10
        sim.store.slots.clear()
        put_in(self.modem)
        return False


@fault
class SimPin(Fault):
    """The SIM wants its PIN, with `tries` left; a right one opens it."""

    name = "sim-pin"
    params: ClassVar = {"pin": "1234", "tries": 3}

    def start(self) -> bool:
        sim = self.modem.sim
        sim.pin, sim.pin_tries, sim.unlocked = self.pin, self.tries, False
        return False


@fault
class SimPuk(Fault):
    """The SIM is blocked; `puk` with a new PIN opens it, `tries` of them are left."""

    name = "sim-puk"
    params: ClassVar = {"puk": "12345678", "tries": 10}

    def start(self) -> bool:
        sim = self.modem.sim
        sim.pin = sim.pin or "1234"
        sim.pin_tries, sim.puk, sim.puk_tries, sim.unlocked = 0, self.puk, self.tries, False
        return False


@fault
class SimLockedNetwork(Fault):
    """The device takes only SIMs of another network; `state` is what +CPIN? says."""

    name, count = "sim-locked-network", None
    params: ClassVar = {"state": "PH-NET PIN"}

    def start(self) -> bool:
        self.modem.sim.network_lock = self.state
        return True

    def stop(self) -> None:
        self.modem.sim.network_lock = ""
        self.modem.world.network.release(self.modem.number)


@fault
class SimBusy(Fault):
    """Whatever needs the SIM is answered busy, for `seconds`: +CME 14, and +CMS 314 to 27.005."""

    name, count = "sim-busy", None
    OTHERS: ClassVar = ("+CPIN", "+CIMI", "+CNUM", "+CRSM", "+CCID", *COUNTERS)

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.kind != TEST and asked.name in commands_sms.COMMANDS:
            raise Cms(314)
        if asked.kind != TEST and (asked.name in self.OTHERS or asked.name in self.modem.personality.iccid):
            raise Cme(14)
        return proceed(asked)


class PinAnswers(Fault):
    """Base of faults about the answer to AT+CPIN?."""

    count = None

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        answer = proceed(asked)
        if asked.name == "+CPIN" and asked.kind == READ and isinstance(answer, Answer):
            self.use()
            return self.changed(answer)
        return answer

    def changed(self, answer: Answer) -> Answer:
        raise NotImplementedError


@fault
class CpinNoOk(PinAnswers):
    """The answer to AT+CPIN? has no final result."""

    name = "cpin-no-ok"

    def changed(self, answer: Answer) -> Answer:
        return dataclasses.replace(answer, result="")


@fault
class CpinQuoted(PinAnswers):
    """The state in +CPIN: is in quotation marks; space=False: and stands right after the colon."""

    name = "cpin-quoted"
    params: ClassVar = {"space": True}

    def changed(self, answer: Answer) -> Answer:
        gap = " " if self.space else ""
        return Answer([[re.sub(r": (.*)", rf':{gap}"\1"', item[0])] for item in answer.items], answer.result)


@fault
class RetryCounter(Fault):
    """The tries a PIN has left are told by `command` and no other; None: by no command at all."""

    name, count = "retry-counter", None
    params: ClassVar = {"command": "+CPINR"}

    def start(self) -> bool:
        if self.command not in (None, *COUNTERS):
            raise ValueError(
                f"{self.name} knows no command {self.command!r}; there are {', '.join(COUNTERS)}"
            )
        self.modem.retry_counter = self.command or ""
        return True

    def stop(self) -> None:
        self.modem.retry_counter = self.modem.personality.retry_counter
