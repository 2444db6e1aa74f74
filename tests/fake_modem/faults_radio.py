"""Faults of the network around the device, of its radio, its account and its clock."""

from __future__ import annotations

import dataclasses
import re
from typing import ClassVar

from .answers import READ, SET, TEST, Answer, Cms, Command, Fail, line, ok
from .commands_general import LINGER, read_stamp
from .faults import Fault, Outcome, Proceed, SendPlan, fault

# --- registration -------------------------------------------------------------------------------------


@fault
class Reg(Fault):
    """Registration goes through `states`, one every `every` seconds, and stays at the last.

    `command` +CREG, +CGREG or +CEREG alone, or all; `quoted`: area and cell in quotation marks or not, as
    the device does where not given. Cleared, `command` tells what the others tell.
    """

    name, count = "reg", None
    params: ClassVar = {"states": (2, 1), "every": 0.1, "command": None, "quoted": None}

    def start(self) -> bool:
        radio = self.modem.radio
        if self.command not in (None, *self.modem.settings.reports):
            raise ValueError(f"{self.name} knows no command {self.command!r}")
        if self.quoted is not None:
            bare = radio.location.replace('"', "")
            radio.location = re.sub(r"^(\w+),(\w+)", r'"\1","\2"', bare) if self.quoted else bare
        self._ended = False
        self._go(list(self.states))
        return True

    def _go(self, states: list[int]) -> None:
        if self._ended or not states:
            return
        if self.command is None:
            self.modem.register(states[0])
        else:
            self.modem.radio.apart[self.command] = states[0]
            self.modem.register(self.modem.registration)
        self.modem.world.later(self.every, lambda: self._go(states[1:]))

    def stop(self) -> None:
        self._ended = True
        self.modem.radio.apart.pop(self.command, None)
        self.modem.radio.location = self.modem.personality.location
        self.modem.register(self.modem.registration)


@fault
class RegBlinkAfterSend(Fault):
    """After each text the device says `stat` for `blink` seconds, and means nothing by it."""

    name, count = "reg-blink-after-send", None
    params: ClassVar = {"stat": 0, "blink": 0.2}

    def plan(self, plan: SendPlan) -> SendPlan:
        self.use()
        self.modem.world.later(0, lambda: self._pretend(self.stat))
        self.modem.world.later(self.blink, lambda: self._pretend(None))
        return plan

    def _pretend(self, stat: int | None) -> None:
        self.modem.radio.pretended = stat
        self.modem.radio.tell()

    def stop(self) -> None:
        self.modem.radio.pretended = None


# --- signal -------------------------------------------------------------------------------------------


class Signals(Fault):
    """Base of faults about the answer to AT+CSQ."""

    count = None

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name != "+CSQ" or asked.kind == TEST:
            return proceed(asked)
        self.use()
        return line(f"+CSQ: {self.told()}")

    def told(self) -> str:
        raise NotImplementedError


@fault
class Csq(Signals):
    """Each AT+CSQ is told the next of `values` (rssi 0 to 31, 99), the last one for ever, with `ber`."""

    name = "csq"
    params: ClassVar = {"values": (17,), "ber": 99}

    def start(self) -> bool:
        self._left = list(self.values)
        return True

    def told(self) -> str:
        self.modem.signal = self._left[0]
        self._left = self._left[1:] or self._left
        return f"{self.modem.signal},{self.ber}"


@fault
class Csq99(Signals):
    """The signal is unknown."""

    name = "csq-99"

    def told(self) -> str:
        return "99,99"


@fault
class CsqDot(Signals):
    """A dot where the comma belongs, as line adapters write it."""

    name = "csq-dot"
    params: ClassVar = {"rssi": 20}

    def told(self) -> str:
        return f"{self.rssi}.99"


# --- service centre -----------------------------------------------------------------------------------


@fault
class NoCsca(Fault):
    """No service centre is known until AT+CSCA sets one; forgets=True: not even then."""

    name, count = "no-csca", None
    params: ClassVar = {"forgets": False}

    def start(self) -> bool:
        self.modem.sim.smsc = ""
        return bool(self.forgets)

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        outcome = proceed(asked)
        self.modem.sim.smsc = ""
        return outcome


@fault
class CscaLostAfter(Fault):
    """The service centre is forgotten `after` seconds from now, as by a Huawei E169 after a day."""

    name = "csca-lost-after"
    params: ClassVar = {"after": 1.0}

    def start(self) -> bool:
        self.modem.world.later(self.after, self._forget)
        return False

    def _forget(self) -> None:
        self.modem.sim.smsc = ""


@fault
class CscaUcs2(Fault):
    """AT+CSCA? tells the number in UCS-2 hex, whatever +CSCS says."""

    name, count = "csca-ucs2", None

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name != "+CSCA" or asked.kind != READ:
            return proceed(asked)
        self.modem.require_sim()
        number = self.modem.sim.smsc
        return line(
            f'+CSCA: "{number.encode("utf-16-be").hex().upper()}",{145 if number[:1] == "+" else 129}'
        )


# --- the radio and its restart ------------------------------------------------------------------------


@fault
class Airplane(Fault):
    """The radio is off as by AT+CFUN=`level`, 0 or 4, until AT+CFUN=1 or cleared."""

    name, count = "airplane", None
    params: ClassVar = {"level": 4}

    def start(self) -> bool:
        if self.level not in (0, 4):
            raise ValueError(f"{self.name} has no level {self.level!r}; there are 0 and 4")
        self.modem.set_functionality(self.level)
        return True

    def stop(self) -> None:
        if self.modem.functionality == self.level:
            self.modem.set_functionality(1)


class Resets(Fault):
    """Base of faults about AT+CFUN=1,1."""

    count = None

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name != "+CFUN" or asked.kind != SET or asked.args[1:] != ("1",):
            return proceed(asked)
        self.use()
        return self.reset()

    def reset(self) -> Answer:
        raise NotImplementedError


@fault
class CfunReset(Resets):
    """AT+CFUN=1,1 takes the device off the bus for `after` seconds; ok=False: without a word."""

    name = "cfun-reset"
    params: ClassVar = {"after": 0.3, "ok": True}

    def reset(self) -> Answer:
        self.modem.world.later(LINGER, lambda: self.modem.vanish(back_after=self.after))
        return Answer(result="OK" if self.ok else "")


@fault
class CfunResetIgnored(Resets):
    """AT+CFUN=1,1 does nothing; it is answered OK, or refused=True, ERROR."""

    name = "cfun-reset-ignored"
    params: ClassVar = {"refused": False}

    def reset(self) -> Answer:
        if self.refused:
            raise Fail
        return ok()


@fault
class CfunResetOtherUsbMode(Resets):
    """AT+CFUN=1,1 lets the device return as a network card: no port comes back until it is cleared."""

    name = "cfun-reset-other-usb-mode"

    def start(self) -> bool:
        self._lost = False
        return True

    def reset(self) -> Answer:
        self._lost = True
        self.modem.world.later(LINGER, self.modem.vanish)
        return ok()

    def stop(self) -> None:
        if self._lost:
            self.modem.come_back()


# --- the account and the clock ------------------------------------------------------------------------


@fault
class BalanceExhausted(Fault):
    """Every text is refused by the network: `cms` 38, or 50."""

    name, count = "balance-exhausted", None
    params: ClassVar = {"cms": 38}

    def plan(self, plan: SendPlan) -> SendPlan:
        self.use()
        result = Cms(self.cms).result(self.modem.settings.cmee)
        return dataclasses.replace(plan, accepted=False, result=result)


@fault
class Clock(Fault):
    """The device's clock shows `time`, "25/10/14,09:05:00+04", and goes on from there; AT+CCLK sets it."""

    name = "clock"
    params: ClassVar = {"time": "80/01/06,00:00:00+00"}

    def start(self) -> bool:
        self.modem.clock_error = read_stamp(self.time) - self.modem.world.now()
        return False
