"""The small world: modems, a network, phones, one seed, one clock.

`async with World(seed=1) as world: modem = await world.modem()` in a test's own loop.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import (  # noqa: F401  (they fill the tables of devices and faults)
    devices,
    faults_air,
    faults_answers,
    faults_deliver,
    faults_kinds,
    faults_line,
    faults_multipart,
    faults_radio,
    faults_receive,
    faults_reports,
    faults_sending,
    faults_sim,
    faults_spelling,
    faults_store,
    faults_unable,
    faults_voice,
    faults_wire,
)
from .modem import Modem
from .network import AirTime, Network
from .personality import PERSONALITIES
from .phone import Phone
from .plugging import Transports, plug_together
from .stores import Sim, Store


@dataclass(frozen=True)
class Complaint:
    """Something in a SUBMIT that is against 3GPP TS 23.040 or 23.038."""

    time: float
    line: str
    words: str
    pdu: str


def local_time() -> datetime:
    """Now, with the zone of this machine."""
    return datetime.now().astimezone()


class World:
    """`latency`: seconds before any command is answered; `now`: the network's clock.

    `chunking`: what every modem says comes cut up for good, as of the fault of that name: byte, random, blob.
    """

    boot_pace = 0.01
    """How long a device's second lasts while it starts; tests and the program may change it."""

    chunking_gap = 2e-5
    """Seconds between two pieces: less, and the kernel hands several over at once."""

    def __init__(
        self,
        seed: int = 0,
        *,
        air_time: AirTime = 0.0,
        report_delay: float | None = 0.0,
        latency: float = 0.0,
        chunking: str | None = None,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        self.seed, self.random = seed, random.Random(seed)
        self.latency, self.now, self.chunking = latency, now, chunking
        self.network = Network(self, air_time, report_delay)
        self.modems: dict[str, Modem] = {}
        self.phones: dict[str, Phone] = {}
        self.complaints: list[Complaint] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Unplug everything and forget what was planned."""
        for timer in self._timers:
            timer.cancel()
        for modem in self.modems.values():
            modem.plugged = False
            modem.terminal.reset()
            modem.ports.hush()
            for wire in modem.wires:
                wire.unplug()
        await asyncio.sleep(0)
        if self._folder:
            self._folder.cleanup()

    def later(self, delay: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        """Call after `delay` seconds, at 0 in the loop's next turn, unless the world ends before."""

        def run() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(delay, run)
        self._timers.add(timer)
        return timer

    # --- who is there ---------------------------------------------------------------------------------

    async def modem(
        self,
        *,
        number: str | None = None,
        link: str | Path | None = None,
        tcp: int | None = None,
        telnet: int | None = None,
        rfc2217: int | None = None,
        login: tuple[str, str] | None = None,
        ports: Sequence[str] = (),
        personality: str = "generic-27005",
        pin: str | None = None,
        slots: int | None = None,
        sr_slots: int | None = None,
        imei: str | None = None,
        iccid: str | None = None,
        parameters: dict[str, Any] | None = None,
        lose_when_closed: bool = False,
    ) -> Modem:
        """Plug in a modem: on a pty (behind `link`, made up where not given) or on TCP ports.

        `tcp`, `telnet`, `rfc2217`: 0 takes a free port; with `link` too it is on all of them. `login`: user
        and password that the last two ask for. `ports`: roles of several ports, as in `ports.ROLES`, each on
        a pty behind `<link>-if00` and so on; `Modem.path` is the one that takes commands. `slots` of the SIM
        (20), `sr_slots` of a store "SR" for reports (none). `pin` locks the SIM.
        """
        transports = Transports(
            str(link) if link else None, tcp, telnet, rfc2217, tuple(ports), login, lose_when_closed
        )
        place = len(self.modems) + 1
        number = number or f"+1202555{160 + place:04d}"
        sim = Sim(iccid or f"8901260{place:012d}", f"00101{place:010d}", number, pin=pin)
        modem = Modem(
            self, number, imei or f"0049990106{place:05d}", sim, PERSONALITIES[personality], parameters
        )
        if slots is not None:
            sim.store.capacity = slots
        if sr_slots is not None:
            modem.stores["SR"] = Store("SR", sr_slots, modem.personality.index_base)
        plug_together(modem, transports, lambda: str(Path(self._own_folder()) / f"modem{place}"))
        if self.chunking:
            modem.faults.last("chunking", how=self.chunking, gap=self.chunking_gap)
        self.modems[number] = modem
        modem.plug()
        await asyncio.sleep(0)
        return modem

    def _own_folder(self) -> str:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="fake-modem-")
        return self._folder.name

    def phone(self, number: str) -> Phone:
        """The phone of that number; it exists from the first time it is named or written to."""
        if number not in self.phones:
            self.phones[number] = Phone(self, number)
        return self.phones[number]

    def forget(self) -> None:
        """Forget what was recorded of phones, modems and the network, so that a long run can go on."""
        for each in (*self.phones.values(), *self.modems.values()):
            each.forget()
        self.network.refused.clear()
        self.complaints.clear()

    # --- what happened --------------------------------------------------------------------------------

    def complain(self, modem: Modem, words: str, octets: bytes) -> None:
        """Note a fault in a SUBMIT."""
        self.complaints.append(Complaint(time.time(), modem.number, words, octets.hex().upper()))

    def counts(self) -> dict[str, int]:
        """Texts received whole, per phone."""
        return {number: len(phone.received) for number, phone in self.phones.items()}

    def texts(self) -> dict[str, list[str]]:
        """The texts received whole, joined, per phone."""
        return {number: phone.texts() for number, phone in self.phones.items()}

    def duplicates(self) -> dict[str, dict[str, int]]:
        """Texts that came more than once, with their number, per phone that got any."""
        return {number: twice for number, phone in self.phones.items() if (twice := phone.twice())}

    def received(self) -> int:
        """Parts that reached any phone."""
        return sum(len(phone.parts) for phone in self.phones.values())

    def lost_inbound(self, known: set[str]) -> list[str]:
        """PDUs (hex) the modems gave up that are not among `known`."""
        return [pdu for modem in self.modems.values() for pdu in modem.lost_inbound(known)]
