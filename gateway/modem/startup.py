"""The dialogue that makes a line of a device that answers (modem-neutral, 3GPP TS 27.005 and 27.007).

It owns the order of the opening commands and what each refusal means; it leaves behind a `Device`, what
is known of it, or raises `LineDown` with the reason people are told.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.domain.line import Abilities, LineMemory

from . import codes
from .answers import Info
from .driver import Driver
from .errors import CommandFailed, LineDown, NoAnswer
from .lines import fields, number
from .notices import choose_notices, spread
from .profiles import GENERIC, Profile, profile_for
from .textmode import TextMode, set_up_text_mode

Pin = Callable[[], str | None]
"""Gives the PIN configured now, None where there is none."""

_SIM_CODES = {
    "sim_missing": "sim_missing",
    "sim_pin": "sim_pin",
    "sim_puk": "sim_puk",
    "sim_pin_refused": "sim_pin_refused",
}
_READABLE = ("ME", "SM", "SR")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between and for repeated questions while a device wakes up."""

    sim_busy_every: float = 2.0
    sim_busy: float = 60.0
    unlocked_every: float = 1.0
    unlocked: float = 30.0
    retry_every: float = 1.0
    retries: int = 10


@dataclass(slots=True)
class Device:
    """What the dialogue learnt. `facts` as in `LineState`; `cnmi` is the setting that was accepted."""

    profile: Profile = GENERIC
    facts: dict[str, str] = field(default_factory=dict)
    stores: tuple[str, ...] = ()
    receives_into: str = ""
    cnmi: str = ""
    text: TextMode | None = None  # None in PDU mode
    abilities: Abilities = field(default_factory=lambda: GENERIC.abilities)

    @property
    def text_mode(self) -> bool:
        """Whether it was told to write texts, not PDUs."""
        return self.text is not None

    @property
    def sim(self) -> str:
        """What names the SIM: ICCID, IMEI where it is not told, else empty."""
        return self.facts.get("iccid") or self.facts.get("imei") or ""


class StartUp:
    """One run of the dialogue. The caller holds the wire and brought the device in step."""

    def __init__(self, driver: Driver, memory: LineMemory, pin: Pin, patience: Patience) -> None:
        self._driver = driver
        self._memory = memory
        self._pin = pin
        self._patience = patience
        self.device = Device()

    async def run(self) -> Device:
        """All of it.

        Raises:
            LineDown: the line cannot be used; the code says why.
            DeviceSilent, PortError: as the driver.
        """
        await self._settle()
        await self._identify()
        await self._switch_radio_on()
        await self._unlock()
        await self._identify_sim()
        if await self._insist("AT+CMGF=0"):
            await self._set_up_pdu_mode()
        else:
            await set_up_text_mode(self._driver, self.device)
        await self._switch_on_extras()
        return self.device

    # --- asking --------------------------------------------------------------------------------------

    async def _insist(self, command: str) -> bool:
        """Repeat a command that devices refuse while they wake up."""
        for _ in range(self._patience.retries):
            if await self._driver.try_command(command) is not None:
                return True
            await asyncio.sleep(self._patience.retry_every)
        return False

    def _down(self, code: str, detail: str = "") -> LineDown:
        return LineDown(code, {**self.device.facts, **({"detail": detail} if detail else {})})

    def _learn(self, name: str, value: str | None) -> None:
        if value:
            self.device.facts[name] = value

    # --- the device ----------------------------------------------------------------------------------

    async def _settle(self) -> None:
        for command in ("ATE0", "ATV1", "ATQ0", "AT+CMEE=1"):
            await self._driver.try_command(command)

    async def _identify(self) -> None:
        facts = self.device.facts
        facts.update(await read_identity(self._driver))
        self.device.profile = profile_for(*(facts.get(name, "") for name in ("maker", "model", "firmware")))

    async def _switch_radio_on(self) -> None:
        lines = await self._driver.try_command("AT+CFUN?")
        if lines and value_of(lines).partition(",")[0] != "1":
            await self._driver.try_command("AT+CFUN=1")

    # --- the SIM -------------------------------------------------------------------------------------

    async def _unlock(self) -> None:
        state = await self._sim_state()
        if state == "SIM PIN":
            await self._enter_pin()
        elif state == "SIM PUK":
            raise self._down("sim_puk")
        elif state not in ("READY", "SIM PIN2", "SIM PUK2"):  # neither PIN2 nor PUK2 stops texts
            raise self._down("sim_failure", state)

    async def _sim_state(self) -> str:
        """`+CPIN?`, waiting while the SIM is busy."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.sim_busy
        while True:
            try:
                return value_of(await self._driver.command("AT+CPIN?"))
            except NoAnswer as silence:  # some devices end this answer without OK
                if not silence.lines:
                    raise self._down("sim_failure", str(silence)) from silence
                return value_of(silence.lines)
            except CommandFailed as refusal:
                meaning = codes.meaning(codes.normal_code(refusal.result))
                if meaning.key != "sim_busy" or loop.time() > end:
                    raise self._down(sim_code(refusal), refusal.result.code) from refusal
            await asyncio.sleep(self._patience.sim_busy_every)

    async def _enter_pin(self) -> None:
        """Each PIN value is tried once on a SIM until it is known to be right, and never on the last try."""
        await self._learn_iccid()
        pin, sim = self._pin(), self.device.sim
        tries = await self._tries_left()
        if pin is None:
            raise self._down("sim_pin")
        if not re.fullmatch("[0-9]{4,8}", pin):
            raise self._down("sim_pin", "a PIN is 4 to 8 digits")
        if await self._memory.pin_was_tried(sim, pin):
            raise self._down("sim_pin_refused")
        if tries is not None and tries <= 1:
            raise self._down("sim_pin", "the last try is left to a person")
        await self._memory.remember_pin_try(sim, pin)
        try:
            await self._driver.command(f'AT+CPIN="{pin}"')
        except (CommandFailed, NoAnswer) as refusal:
            await self._tries_left()
            raise self._down("sim_pin_refused") from refusal
        await self._wait_unlocked()
        await self._memory.forget_pin_try(sim, pin)

    async def _wait_unlocked(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.unlocked
        while await self._sim_state() != "READY":
            if loop.time() > end:
                raise self._down("sim_failure", "not ready after its PIN")
            await asyncio.sleep(self._patience.unlocked_every)

    async def _tries_left(self) -> int | None:
        """Tries left for the PIN (27.007 8.65); None where the device does not tell."""
        for command in self.device.profile.pin_counter_commands:
            for line in await self._driver.try_command(command) or ():
                values = fields(line.text)
                if len(values) >= 2 and values[0] in ("SIM PIN", "SC") and values[1].isdecimal():
                    self._learn("pin_tries_left", values[1])
                    return number(values[1])
        return None

    async def _identify_sim(self) -> None:
        self.device.facts.pop("pin_tries_left", None)
        await self._learn_iccid()
        self._learn("imsi", value_of(await self._driver.try_command("AT+CIMI")))

    async def _learn_iccid(self) -> None:
        if "iccid" in self.device.facts:
            return
        for command in self.device.profile.iccid_commands:
            iccid = _iccid(await self._driver.try_command(command))
            if iccid:
                self._learn("iccid", iccid)
                return

    # --- messages ------------------------------------------------------------------------------------

    async def _set_up_pdu_mode(self) -> None:
        await self._driver.try_command('AT+CSCS="GSM"')  # else numbers and names come as hex
        # with service 0 the device acknowledges by itself what it stores: no +CNMA is owed
        await self._driver.try_command("AT+CSMS=0")
        await self._choose_stores()
        await self._read_service_centre()
        self.device.cnmi = await choose_notices(self._driver)
        self.device.abilities = self.device.profile.abilities

    async def _choose_stores(self) -> None:
        """ME where it holds at least as much as the SIM, else SM; list whatever else is readable too."""
        groups = _store_groups(await self._driver.try_command("AT+CPMS=?"))
        everywhere = [s for s in ("ME", "SM") if groups and all(s in group for group in groups)]
        sizes = {store: await self._select_everywhere(store) for store in everywhere}
        usable = {store: size for store, size in sizes.items() if size is not None}
        if usable:
            chosen = max(usable, key=lambda store: usable[store])
            if chosen != everywhere[-1]:
                await self._select_everywhere(chosen)
        else:
            chosen = await self._current_store()
        readable = [s for s in _READABLE if groups and s in groups[0]]
        self.device.receives_into = chosen
        self.device.stores = (chosen, *(s for s in readable if s != chosen))

    async def _select_everywhere(self, store: str) -> int | None:
        """Use one store for everything; how many messages it holds at most."""
        lines = await self._driver.try_command(f'AT+CPMS="{store}","{store}","{store}"')
        if lines is None:
            return None
        values = fields(lines[0].text) if lines else []
        return (number(values[1]) or 0) if len(values) > 1 else 0

    async def _current_store(self) -> str:
        lines = await self._driver.try_command("AT+CPMS?")
        values = fields(lines[0].text) if lines else []
        if len(values) < 3:
            raise self._down("unsupported", "the device has no message store")
        return values[0]

    async def _read_service_centre(self) -> None:
        lines = await self._driver.try_command("AT+CSCA?")
        if lines:
            self.device.facts["smsc"] = fields(lines[0].text)[0]

    async def _switch_on_extras(self) -> None:
        link = await self._driver.try_command("AT+CMMS=?")
        if link and "2" in spread(value_of(link)):
            await self._driver.try_command("AT+CMMS=2")
        for command in ("AT+CREG=2", "AT+CEREG=2", "AT+COPS=3,0"):
            await self._driver.try_command(command)


async def read_identity(driver: Driver) -> dict[str, str]:
    """maker, model, firmware, imei, as far as the device tells (27.007 5.1 to 5.4)."""
    commands = {"maker": "AT+CGMI", "model": "AT+CGMM", "firmware": "AT+CGMR", "imei": "AT+CGSN"}
    facts = {name: value_of(await driver.try_command(command)) for name, command in commands.items()}
    if not facts["model"]:
        facts["model"] = value_of(await driver.try_command("ATI"))
    return {name: value for name, value in facts.items() if value}


def sim_code(refusal: CommandFailed) -> str:
    """What an error to `+CPIN?` says of the SIM, as a code of `LineState`."""
    return _SIM_CODES.get(codes.meaning(codes.normal_code(refusal.result)).key, "sim_failure")


def value_of(lines: list[Info] | None) -> str:
    """The first line's value: without prefix and quotes."""
    if not lines:
        return ""
    text = re.sub(r"\A[+^][A-Z]+: *", "", lines[0].text)
    return text.strip().strip('"')


def _iccid(lines: list[Info] | None) -> str:
    """18 to 20 digits; from +CRSM (27.007 8.18) they come with swapped halves."""
    for line in lines or ():
        match = re.search(r'\+CRSM: *144,\d+,"?([0-9A-F]{20})', line.text, re.IGNORECASE)
        if match:
            raw = match[1].upper()
            return "".join(raw[at + 1] + raw[at] for at in range(0, 20, 2)).rstrip("F")
        plain = re.search(r"(?<!\d)(\d{18,20})(?!\d)", line.text)
        if plain and "+CRSM" not in line.text:
            return plain[1]
    return ""


def _store_groups(lines: list[Info] | None) -> list[list[str]]:
    """The stores of `+CPMS=?` for reading, writing, receiving: `("SM","ME"),("SM"),("SM")`."""
    text = lines[0].text if lines else ""
    groups = [re.findall(r'"(\w+)"', group) for group in re.findall(r"\(([^()]*)\)", text)]
    return groups or [re.findall(r'"(\w+)"', text)]
