"""Asks one port who it is: is there a modem, does it take texts here, whose SIM is in it.

It changes nothing on a device but the echo and the writing of errors, tries no PIN and sends nothing.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from .codes import meaning, normal_code
from .driver import Driver, Timing
from .errors import CommandFailed, DeviceSilent, ModemError, NoAnswer, PortError
from .identity import iccid_of, read_identity, value_of
from .lines import fields, number
from .profile import Profile
from .profiles import profile_for
from .sim import pin_tries_left, sim_code

SILENT_S = 8.0
"""Seconds a port may stay silent before it is taken for no modem: three times AT, and once more after ESC."""

NO_PLACE_FOR_TEXTS = frozenset(
    {
        "data_port",
        "diag_port",
        "gnss_port",
        "not_a_modem",
        "port_busy",
        "port_denied",
        "port_missing",
        "port_lost",
    }
)
"""Codes of ports by which no text can go, whatever else is at them."""

_CODE_OF_CPIN = {"SIM PIN": "sim_pin", "SIM PUK": "sim_puk"}
_POSITION = re.compile(rb"(?:\A|[\r\n])\$(?:G[PLNA]|BD|GB)[A-Z]{3},")
"""How a sentence of a receiver for positions begins (NMEA 0183: talker, three letters, a comma)."""
_FRAME = re.compile(rb"\x7e[^\x7e]+\x7e", re.DOTALL)
_LOOKED_AT = 4096


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What was found on one port.

    `code` is a key of the wording table: ready, not_registered, sim_pin, sim_puk, sim_missing,
    sim_failure; or why no texts can go here: one of `NO_PLACE_FOR_TEXTS`. `facts` as in `LineState`.
    """

    path: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    notices: bool = False  # whether news of texts can come on this port

    @property
    def takes_texts(self) -> bool:
        """Whether this is the port of a modem that a line can use."""
        return self.code not in NO_PLACE_FOR_TEXTS


async def probe(
    path: str, timing: Timing | None = None, *, silent_s: float = SILENT_S, briefly: bool = False
) -> ProbeResult:
    """Ask one port who it is.

    `silent_s`: seconds it may take to answer its first AT. `briefly` leaves out signal and network.
    """
    noise = _Noise()
    driver = Driver(lambda news: None, lambda error: None, timing, noise.hear)
    facts: dict[str, str] = {}
    talk = asyncio.create_task(_talk(driver, path, facts, silent_s, briefly), name=f"probe {path}")
    listening = asyncio.create_task(noise.recognised(), name=f"listen {path}")
    try:
        await asyncio.wait({talk, listening}, return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            return ProbeResult(path, listening.result())
        code, notices = talk.result()
        return ProbeResult(path, code, facts, notices)
    except PortError as error:
        detail = {"detail": error.detail} if error.detail else {}
        return ProbeResult(path, error.code, {**detail, **error.facts})
    except (DeviceSilent, TimeoutError):
        return ProbeResult(path, "not_a_modem")
    except ModemError as error:
        return ProbeResult(path, "port_lost", {"detail": str(error)})
    finally:
        talk.cancel()
        listening.cancel()
        await asyncio.gather(talk, listening, return_exceptions=True)
        driver.close()


class _Noise:
    """Listens for what no port that takes commands writes: frames and positions."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def hear(self, direction: str, data: bytes) -> None:
        """What was written ("C") or read ("M")."""
        if direction != "M" or self._known.done():
            return
        self._heard += data
        del self._heard[:-_LOOKED_AT]
        if _POSITION.search(self._heard):
            self._known.set_result("gnss_port")
        elif any(not frame[0].isascii() for frame in _FRAME.finditer(self._heard)):
            self._known.set_result("diag_port")

    async def recognised(self) -> str:
        """The code of the port, as soon as its noise is recognised."""
        return await self._known


async def _talk(
    driver: Driver, path: str, facts: dict[str, str], silent_s: float, briefly: bool
) -> tuple[str, bool]:
    """All that is asked: the code, and whether notices of texts can come here."""
    await driver.open(path)
    async with driver.wire:
        async with asyncio.timeout(silent_s):
            await driver.resync()
        # first of all: it ends the flood that fills some ZTE sticks until they crash
        stores = await _may_ask(driver, "AT+CPMS?")
        await driver.try_command("ATE0")
        await driver.try_command("AT+CMEE=1")
        facts.update(await read_identity(driver))
        if not (stores or await _may_ask(driver, "AT+CPMS?")) or not await _may_ask(driver, "AT+CMGF?"):
            return "data_port", False
        await _read_iccid(driver, facts)
        code = await _sim(driver)
        notices = await driver.try_command("AT+CNMI=?") is not None
        if not briefly:
            if code == "sim_pin":
                await _read_tries(driver, facts)
            facts.update(await _signal(driver))
            if code == "ready":
                code = await _registration(driver, facts)
    return code, notices


async def _may_ask(driver: Driver, command: str) -> bool:
    """Whether the port knows a command of 27.005; one that only waits for the SIM knows it."""
    try:
        await driver.command(command)
    except CommandFailed as refusal:
        return meaning(normal_code(refusal.result)).key.startswith("sim_")
    except NoAnswer as silence:
        return bool(silence.lines)
    return True


async def _read_iccid(driver: Driver, facts: dict[str, str]) -> None:
    for command in _profile(facts).iccid_commands:
        if iccid := iccid_of(await driver.try_command(command)):
            facts["iccid"] = iccid
            return


async def _read_tries(driver: Driver, facts: dict[str, str]) -> None:
    told = await pin_tries_left(driver, _profile(facts))
    if told is not None:
        facts["pin_tries_left"] = told


def _profile(facts: dict[str, str]) -> Profile:
    return profile_for(*(facts.get(name, "") for name in ("maker", "model", "firmware")))


async def _sim(driver: Driver) -> str:
    try:
        state = value_of(await driver.command("AT+CPIN?"))
    except CommandFailed as refusal:
        return sim_code(refusal)
    except NoAnswer as silence:
        state = value_of(silence.lines)
    return _CODE_OF_CPIN.get(state, "ready" if state.startswith(("READY", "SIM P")) else "sim_failure")


async def _signal(driver: Driver) -> dict[str, str]:
    rssi = number(value_of(await driver.try_command("AT+CSQ")).partition(",")[0].partition(".")[0])
    return {"signal_dbm": str(2 * rssi - 113)} if rssi is not None and rssi <= 31 else {}


async def _registration(driver: Driver, facts: dict[str, str]) -> str:
    await driver.try_command("AT+COPS=3,0")
    lines = await driver.try_command("AT+COPS?")
    values = fields(lines[0].text) if lines else []
    if len(values) > 2 and values[2]:
        facts["operator"] = values[2]
        return "ready"
    return "not_registered" if values else "ready"
