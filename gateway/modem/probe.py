"""Which serial ports there are and what answers on them, asked once for a person who looks for the modem.

It changes nothing on a device but the echo, tries no PIN and sends nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from serial.tools import list_ports

from .driver import Driver, Timing
from .errors import CommandFailed, DeviceSilent, ModemError, NoAnswer, PortError
from .lines import fields, number
from .startup import read_identity, sim_code, value_of

_CODE_OF_CPIN = {"SIM PIN": "sim_pin", "SIM PUK": "sim_puk"}


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What was found on one port.

    `code` is a key of the wording table: ready, not_registered, sim_pin, sim_puk, sim_missing,
    sim_failure, port_busy, port_denied, port_missing, port_lost, not_a_modem. `facts` as in `LineState`.
    """

    path: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


async def probe_all(timing: Timing | None = None) -> list[ProbeResult]:
    """Probe every serial port of this machine, all at once; those in use are left alone."""
    paths = sorted(port.device for port in list_ports.comports())
    return list(await asyncio.gather(*(probe(path, timing) for path in paths)))


async def probe(path: str, timing: Timing | None = None) -> ProbeResult:
    """Ask one port who it is."""
    driver = Driver(lambda news: None, lambda error: None, timing)
    facts: dict[str, str] = {}
    try:
        await driver.open(path)
        async with driver.wire:
            await driver.resync()
            await driver.try_command("ATE0")
            await driver.try_command("AT+CMEE=1")
            facts.update(await read_identity(driver))
            code = await _sim(driver)
            facts.update(await _signal(driver))
            if code == "ready":
                code = await _registration(driver, facts)
    except PortError as error:
        return ProbeResult(path, error.code, {"detail": error.detail} if error.detail else {})
    except DeviceSilent:
        return ProbeResult(path, "not_a_modem")
    except ModemError as error:
        return ProbeResult(path, "port_lost", {"detail": str(error)})
    finally:
        driver.close()
    return ProbeResult(path, code, facts)


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
