"""The dialogue that makes a line of a device that answers (3GPP TS 27.005 and 27.007).

It owns the order of the opening commands and what each refusal means; it leaves behind a `Device`, what
is known of it, or raises `LineDown` with the reason people are told.
"""

from __future__ import annotations

import asyncio

from gateway.domain.line import LineMemory, LineSetup

from .asking import Asker, Patience
from .centre import find_service_centre
from .device import Device
from .driver import Driver, Pace
from .identity import read_identity, value_of
from .notices import choose_notices, spread, tells_reports
from .profiles import profile_for
from .sim import Pin, Sim
from .stores import Stores
from .textmode import set_up_text_mode

_ANY_SETUP = LineSetup(port="")
_GSM_ALPHABET = ('AT+CSCS="GSM"', 'AT+CSCS="00470053004D"')
"""A device left in UCS2 reads even this argument in hex."""
_CALLS = "AT+CLIP=1"


class StartUp:
    """One run of the dialogue. The caller holds the wire and brought the device in step.

    `hung` names commands that let this device hang in an earlier life; one that does so now is added.
    """

    def __init__(
        self,
        driver: Driver,
        memory: LineMemory,
        pin: Pin,
        patience: Patience,
        setup: LineSetup = _ANY_SETUP,
        hung: set[str] | None = None,
    ) -> None:
        self.device = Device()
        self._driver = driver
        self._setup = setup
        self._patience = patience
        self._asker = Asker(driver, self.device, patience, set() if hung is None else hung)
        self._sim = Sim(self._asker, self.device, memory, pin, setup.iccid)
        self._stores = Stores(self._asker, self.device)

    async def run(self) -> Device:
        """All of it.

        Raises:
            LineDown: the line cannot be used; the code says why.
            DeviceSilent, PortError: as the driver.
        """
        await self._settle()
        await self._identify()
        await self._switch_radio_on()
        await self._sim.unlock()
        await self._calm()
        await self._sim.identify()
        await self._try_all(self.device.profile.setup)
        if await self._take_pdu_mode():
            await self._set_up_pdu_mode()
        else:
            await set_up_text_mode(self._driver, self.device)
        await self._switch_on_extras()
        return self.device

    async def _try_all(self, commands: tuple[str, ...]) -> None:
        for command in commands:
            await self._driver.try_command(command)

    # --- the device ----------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """No echo, results in words, errors as numbers; DTR and DCD mean nothing.

        Never ATZ or AT&F, which undo this, nor AT&W, which wears the device out.
        """
        self._driver.pace = Pace(between_commands=self._patience.unknown_pace)
        await self._try_all(("ATE0", "ATV1", "ATQ0", "AT+CMEE=1", "AT&D0&C1"))

    async def _identify(self) -> None:
        facts, device = self.device.facts, self.device
        facts.update(await read_identity(self._driver))
        device.profile = profile_for(*(facts.get(name, "") for name in ("maker", "model", "firmware")))
        device.abilities = device.profile.abilities
        device.learn("profile", device.profile.name)
        self._driver.pace = Pace(
            between_commands=device.profile.inter_command_s,
            between_octets=device.profile.inter_char_s,
            after_prompt=device.profile.after_prompt_s,
        )
        await self._calm()

    async def _calm(self) -> None:
        await self._try_all(self.device.profile.calming)

    async def _switch_radio_on(self) -> None:
        lines = await self._driver.try_command("AT+CFUN?")
        if lines and value_of(lines).partition(",")[0] != "1":
            await self._driver.try_command("AT+CFUN=1")

    # --- messages ------------------------------------------------------------------------------------

    async def _set_up_pdu_mode(self) -> None:
        for command in _GSM_ALPHABET:  # else numbers and names come as hex
            if await self._driver.try_command(command) is not None:
                break
        # with service 0 the device acknowledges by itself what it stores: no +CNMA is owed
        await self._asker.ask("AT+CSMS=0")
        await self._stores.choose()
        await self._find_service_centre()
        await self._choose_notices()
        for ability, probe in (("signal", "AT+CSQ"), ("ussd", "AT+CUSD=?")):
            if await self._driver.try_command(probe) is None:
                self.device.cannot(ability)

    async def _take_pdu_mode(self) -> bool:
        """+CMGF=0, asked again while the device wakes up: until it says it is ready, where its kind does."""
        loop = asyncio.get_running_loop()
        ready_by = loop.time() + self._patience.ready
        refusals = 0
        while True:
            taken = await self._asker.ask("AT+CMGF=0") is not None
            if taken and not self._is_waking_up():
                return True
            refusals += not taken
            hopeless = refusals > self._patience.retries and not self.device.profile.ready_notices
            if hopeless or loop.time() >= ready_by:
                return taken
            await asyncio.sleep(self._patience.retry_every)

    def _is_waking_up(self) -> bool:
        """Whether it restarted and has not said since that texts can be worked with, though its kind does."""
        profile = self.device.profile
        waking = False
        for text in self._driver.recent_news:
            if text.startswith(profile.restart_notices):
                waking = bool(profile.ready_notices)
            elif text.upper().startswith(profile.ready_notices):
                waking = False
        return waking

    async def _find_service_centre(self) -> None:
        number = await find_service_centre(self._asker.ask, self._setup.smsc)
        if number is not None:
            self.device.facts["smsc"] = number

    async def _choose_notices(self) -> None:
        """Have texts announced, or handed over where there is no store; what the device announces decides
        what the line can do."""
        device, profile = self.device, self.device.profile
        modes, target = profile.notices, 1 if device.stores else 2
        if await self._owes_acknowledgements():
            modes = tuple((mode, reports) for mode, reports in modes if reports != 1 and target == 1)
        device.cnmi = await choose_notices(self._asker.ask, modes, profile.notice_buffer, target)
        if not tells_reports(device.cnmi):
            device.cannot("delivery_reports")
        if not device.cnmi:
            device.cannot("notifications")
            if not device.stores:
                device.cannot("receives")

    async def _owes_acknowledgements(self) -> bool:
        """Whether the device stayed in service 1, where what is not stored wants +CNMA (27.005 3.2.1)."""
        return value_of(await self._asker.ask("AT+CSMS?")).partition(",")[0] == "1"

    # --- the rest ------------------------------------------------------------------------------------

    async def _switch_on_extras(self) -> None:
        """What is useful and may be refused."""
        link = await self._driver.try_command("AT+CMMS=?")
        if link and "2" in spread(value_of(link)):  # 1 closes by itself between our texts
            await self._driver.try_command("AT+CMMS=2")
        await self._try_all(("AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2", "AT+COPS=3,0", "AT+CTZU=1"))
        await self._listen_for_calls()

    async def _listen_for_calls(self) -> None:
        if not self.device.abilities.calls:
            return
        if await self._asker.dare(_CALLS) is None:
            self.device.cannot("calls")
        else:
            await self._try_all(("AT+CRC=1", "AT+CVHU=0"))
