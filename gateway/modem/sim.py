"""Opening the SIM: its state, its PIN, its name (3GPP TS 27.007 8.3 and 8.65).

A PIN value is sent to a SIM once, recorded before, until it is known to be right; never on the last try,
and a PUK never. Three wrong PINs block a SIM, ten wrong PUKs destroy it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from gateway.domain.line import LineMemory

from . import codes
from .asking import Asker
from .device import Device
from .driver import Driver
from .errors import CommandFailed, NoAnswer
from .identity import iccid_of, value_of
from .lines import number
from .profile import Profile

Pin = Callable[[], str | None]
"""Gives the PIN configured now, None where there is none."""

_SIM_CODES = ("sim_missing", "sim_pin", "sim_puk", "sim_pin_refused", "sim_locked")
_OPEN = ("READY", "SIM PIN2", "SIM PUK2")
"""Neither PIN2 nor PUK2 stops texts."""
_STARTING = "NOT READY"


class Sim:
    """The part of the opening dialogue that deals with the SIM. `expected` is the ICCID of the line's own,
    empty while it has none: another SIM is neither opened nor used."""

    def __init__(
        self, asker: Asker, device: Device, memory: LineMemory, pin: Pin, expected: str = ""
    ) -> None:
        self._asker = asker
        self._driver = asker.driver
        self._patience = asker.patience
        self._device = device
        self._memory = memory
        self._pin = pin
        self._expected = expected

    async def unlock(self) -> None:
        """Have it open.

        Raises:
            LineDown: it is not, and why; a person has to do something.
        """
        state = await self._state()
        if state == "SIM PIN":
            await self._enter_pin()
        else:
            self._must_be_open(state)

    async def identify(self) -> None:
        """Learn its ICCID and IMSI."""
        self._device.facts.pop("pin_tries_left", None)
        await self._learn_iccid()
        self._device.learn("imsi", value_of(await self._asker.ask("AT+CIMI")))

    async def _learn_iccid(self) -> None:
        if "iccid" in self._device.facts:
            return
        for command in self._device.profile.iccid_commands:
            iccid = iccid_of(await self._asker.ask(command))
            if iccid:
                self._device.learn("iccid", iccid)
                self._device.iccid_command = command
                if self._expected and iccid != self._expected:
                    await self._confirm_another(command, iccid)
                return

    async def _confirm_another(self, command: str, iccid: str) -> None:
        """Another SIM stops a line for as long as it takes a person: one bent answer is not enough."""
        again = iccid_of(await self._asker.ask(command))
        if again == iccid:
            raise self._asker.down("other_sim")
        self._device.learn("iccid", again)

    # --- its state -----------------------------------------------------------------------------------

    async def _state(self) -> str:
        """`+CPIN?`, asked again while the SIM is starting and while the device knows only ERROR."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.sim_busy
        refusals = 0
        while True:
            try:
                state = await self._ask_state()
                if state != _STARTING or loop.time() > end:
                    return state
            except CommandFailed as refusal:
                if refusal.result.code == "ERROR":
                    refusals += 1
                    if refusals > self._patience.retries:
                        return await self._state_by_name(refusal)
                    await asyncio.sleep(self._patience.retry_every)
                    continue
                if not self._asker.is_busy(refusal) or loop.time() > end:
                    raise self._asker.down(sim_code(refusal), refusal.result.code) from refusal
            await asyncio.sleep(self._patience.sim_busy_every)

    async def _ask_state(self) -> str:
        unended = self._device.profile.sim_state_unended
        try:
            lines = await self._driver.command(
                "AT+CPIN?", self._driver.timing.limit("AT") if unended else None
            )
        except NoAnswer as silence:  # some devices end this answer without OK
            if not silence.lines:
                raise self._asker.down("sim_failure", str(silence)) from silence
            lines = silence.lines
        return value_of(lines)

    async def _state_by_name(self, refusal: CommandFailed) -> str:
        """A device that does not know +CPIN: a SIM that tells its IMSI is open."""
        if number(value_of(await self._driver.try_command("AT+CIMI"))[:5]) is None:
            raise self._asker.down("sim_failure", refusal.result.code) from refusal
        return "READY"

    def _must_be_open(self, state: str) -> None:
        if state in _OPEN:
            return
        if state == "SIM PUK":
            raise self._asker.down("sim_puk")
        if state.startswith("PH-"):  # bound to a network, a provider, a firm, another SIM
            raise self._asker.down("sim_locked", state)
        if state in ("NOT INSERTED", _STARTING):
            raise self._asker.down("sim_missing", state)
        raise self._asker.down("sim_failure", state)

    # --- its PIN -------------------------------------------------------------------------------------

    async def _enter_pin(self) -> None:
        await self._learn_iccid()
        pin, names = self._pin(), self._names()
        tries = await self._tries_left()
        if pin is None:
            raise self._asker.down("sim_pin")
        if not re.fullmatch("[0-9]{4,8}", pin):
            raise self._asker.down("sim_pin", "a PIN is 4 to 8 digits")
        for name in (*names, ""):
            if await self._memory.pin_was_tried(name, pin):
                raise self._asker.down("sim_pin_refused")
        if tries is not None and tries <= 1:
            raise self._asker.down("sim_pin_last")
        for name in names:
            await self._memory.remember_pin_try(name, pin)
        try:
            await self._driver.command(f'AT+CPIN="{pin}"')  # once: no counter proves that it did not count
        except CommandFailed as refusal:
            await self._tries_left()
            raise self._asker.down("sim_pin_refused") from refusal
        except NoAnswer:
            pass  # the SIM itself says below whether it took it
        await self._wait_unlocked()
        for name in names:
            await self._memory.forget_pin_try(name, pin)

    def _names(self) -> list[str]:
        """All it is known by, since the next life may learn more or less: ICCID, IMEI, or nothing."""
        facts = self._device.facts
        return [facts[name] for name in ("iccid", "imei") if name in facts] or [""]

    async def _wait_unlocked(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.unlocked
        while (state := await self._state()) not in _OPEN:
            if state != "SIM PIN":
                self._must_be_open(state)
            if loop.time() > end:
                raise self._asker.down("sim_failure", "not ready after its PIN")
            await asyncio.sleep(self._patience.unlocked_every)

    async def _tries_left(self) -> int | None:
        """Tries left for the PIN; None where the device does not tell."""
        told = await pin_tries_left(self._driver, self._device.profile)
        if told is None:
            return None
        self._device.learn("pin_tries_left", told)
        return number(told)


async def pin_tries_left(driver: Driver, profile: Profile) -> str | None:
    """Tries left for the PIN, as the device tells; None where it does not. It tries none."""
    for counter in profile.pin_counter_commands:
        for line in await driver.try_command(counter.command) or ():
            found = re.search(counter.reads, line.text)
            if found:
                return found[1]
    return None


def sim_code(refusal: CommandFailed) -> str:
    """What an error to `+CPIN?` says of the SIM, as a code of `LineState`."""
    key = codes.meaning(codes.normal_code(refusal.result)).key
    return key if key in _SIM_CODES else "sim_failure"
