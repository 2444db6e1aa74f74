"""A modem: what it is set to, what it keeps, what it does with the radio.

Owns: settings, stores, reference numbers, routing of arrivals, vanishing and returning. The AT commands
that drive it are in the commands_* files, bytes in `terminal`, the network behind it in `network`.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from . import clock, commands_general, commands_sim, commands_sms, commands_voice, textmode, tpdu
from .answers import TEST, Answer, Cme, Cms, Command, Fail, Later, Prompt, line
from .calls import Calls
from .faults import Faults
from .personality import Personality, Settings
from .ports import Ports
from .radio import Radio
from .sending import Sending
from .startup import Startup
from .stores import UNREAD, Arrival, Deleted, Sim, Slot, Store
from .terminal import PROMPT, Terminal
from .wire import PtyWire, Wire
from .wirelog import WireLog

if TYPE_CHECKING:
    from .world import World

COMMANDS = commands_general.COMMANDS | commands_sim.COMMANDS | commands_sms.COMMANDS | commands_voice.COMMANDS
HELD_NOTICES = 20
TRIED_AGAIN_S = 0.2
"""Seconds until the service centre tries again what was rejected; real ones take longer."""


class Modem:
    """One device on one or more wires. Made by `World.modem`."""

    def __init__(
        self,
        world: World,
        number: str,
        imei: str,
        sim: Sim,
        personality: Personality,
        parameters: dict[str, Any] | None = None,
    ) -> None:
        self.world, self.sim = world, sim
        self.number: str = number
        self.imei: str = imei
        self.personality: Personality = personality
        self.parameters: dict[str, Any] = personality.parameters | (parameters or {})
        self.stores = {
            name: Store(name, size, personality.index_base) for name, size in personality.stores.items()
        }
        self.sim.store.base, self.sim.store.capacity = personality.index_base, personality.stores["SM"]
        self.stores["SM"] = self.sim.store
        self.sim_present, self.plugged = True, False
        self.functionality, self.registration, self.signal = 1, 1, 17
        self.operator, self.retry_counter = "Test Net", personality.retry_counter
        self.radio, self.startup = Radio(self), Startup(self)
        self.clock_error = timedelta(0)  # of +CCLK, against the network's
        self.settings = Settings(**personality.settings)
        self.log, self.wires = WireLog(), list[Wire]()
        self.ports = Ports(self.log, self.wires)
        self.faults = Faults(self)
        for habit in personality.habits:
            self.faults.keep(habit(self))
        self.terminal = Terminal(self, self._write)
        self.latencies: dict[str, float] = {}
        self.reference = world.random.randrange(256)
        self.sending = False
        self.submissions = 0
        self.resets: list[float] = []  # when it lost its power, monotonic seconds
        self.calls = Calls(self)
        self.ussd_open = False  # a USSD conversation waits for a reply
        self.deleted: list[Deleted] = []
        self.arrivals: list[Arrival] = []
        self.commands: dict[str, int] = {}
        self.talked = asyncio.Event()
        self.arriving = b""  # the TPDU just taken from the network
        self._powered = False
        self._notices: list[str] = []
        self._ack: tuple[bytes, str, asyncio.TimerHandle] | None = None

    # --- cable ----------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """What a program opens: link, pts or URL of the first wire that takes commands."""
        return self.ports.main.path

    def _write(self, data: bytes) -> None:
        self.log.add("M", data)
        for wire in self.ports.at:
            wire.write(data)

    def hear(self, data: bytes) -> None:
        """Bytes from a wire."""
        self.log.add("C", data)
        if self.plugged:
            self.terminal.feed(data)

    def heard(self, line: str) -> None:
        """A command line was read."""
        if not self.talked.is_set():
            self.talked.set()

    def plug(self) -> None:
        """Connect every wire and attach to the network; one that had no power starts."""
        self.plugged = True
        for wire in self.wires:
            wire.plug()
        self.log.remark(f"plugged in at {self.path}")
        if not self._powered:
            self._powered = True
            self.startup.begin()
        self.world.network.release(self.number)

    def notice_port(self) -> Wire:
        """A port that does not take the commands; where there is none, one that answers nothing is made."""
        if (other := self.ports.other()) is not None:
            return other
        port = PtyWire(lambda data: None, f"{self.path}-notices" if self.path.startswith("/") else None)
        self.ports.wires.append(port)
        port.plug()
        return port

    def vanish(self, *, back_after: float | None = None, powered: bool = False) -> None:
        """Pull the cable now. Messages wait at the service centre; an unpowered modem restarts on return."""
        self.plugged = powered and self.plugged
        self.log.remark("vanished")
        for wire in self.wires:
            wire.unplug()
        if not powered:
            self._powered = False
            self._power_cycle()
        else:
            self.terminal.reset()
        if back_after is not None:
            self.come_back(back_after)

    def come_back(self, after: float = 0.0) -> None:
        """Plug in again, under another pty name behind the same link."""
        if after:
            self.world.later(after, self.plug)
        else:
            self.plug()

    def reboot(self, *, banner: tuple[str, ...] | None = None, after: float = 0.0) -> None:
        """Restart on the wire, and say `banner`: that of the device, RDY where it has none."""
        if banner is None and not self.personality.boot:
            banner = ("RDY",)
        self._power_cycle()
        self.plugged = False
        self.log.remark("restart")
        self.world.later(after, lambda: self._booted(banner))

    def restart(self) -> None:
        """Restart on command: the device's own banner, or none."""
        self.reboot(banner=None if self.personality.boot else ())

    def _booted(self, banner: tuple[str, ...] | None) -> None:
        self.plugged = True
        self.terminal.raw(self.parameters.get("restart_noise", b""))
        for text in banner or ():
            self.terminal.urc(text)
        self.startup.begin(said=banner is not None)
        self.world.network.release(self.number)

    def _power_cycle(self) -> None:
        self.resets.append(clock.seconds())
        self.settings = Settings(**self.personality.settings)
        self.terminal.reset()
        self.startup.stop()
        self.sim.unlocked = False
        self.functionality = 1
        self.sending = self.ussd_open = False
        self.calls.forget()
        self._notices.clear()
        self.faults.restarted()
        if self._ack:
            octets = self._take_ack()
            self.world.network.requeue(self.number, octets)

    # --- commands -------------------------------------------------------------------------------------

    def latency(self, name: str) -> float:
        """Seconds before the command called `name` is run."""
        if not self.latencies:
            return self.world.latency
        return self.latencies.get(name, self.latencies.get("*", self.world.latency))

    def execute(self, command: Command) -> Answer | Prompt | Later:
        """Run one command. Raises Refusal."""
        self.commands[command.name] = self.commands.get(command.name, 0) + 1
        if (result := self.faults.refuses(command.name)) is not None:
            return Answer(result=result)
        return self.faults.run(command, self._run)

    def _run(self, command: Command) -> Answer | Prompt | Later:
        """Run one command as this device does."""
        device, name = self.personality, command.name
        if name in device.refuses:
            raise Fail
        if command.kind == TEST and name in device.offers:
            return line(device.offers[name])
        handler = device.overrides.get(name) or COMMANDS.get(name)
        if handler is None and name in device.extras:
            handler = commands_general.extra
        if handler is None:
            raise Fail
        return handler(self, command)

    def require_sim(self, refusal: type[Cme] | type[Cms] = Cms) -> None:
        """Raises the refusal that fits where the SIM is absent or locked."""
        sms = refusal is Cms
        if not self.sim_present:
            raise refusal(310 if sms else 10)
        if self.sim.state == "SIM PIN":
            raise refusal(311 if sms else 11)
        if self.sim.state == "SIM PUK":
            raise refusal(316 if sms else 12)
        if self.sim.state != "READY":
            raise refusal(302 if sms else 40)

    @property
    def on_air(self) -> bool:
        """Whether texts can pass either way."""
        ready = self.plugged and self.sim_present and self.sim.state == "READY"
        return ready and self.radio.registered

    def unlocked(self) -> None:
        """The PIN was right: the SIM says so, and what waited at the network comes."""
        self.startup.sim_opened()
        self.world.network.release(self.number)

    def set_functionality(self, level: int) -> None:
        """+CFUN: 0 minimum, 1 full, 4 radio off."""
        self.functionality = level
        self._tell_registration()
        self.world.network.release(self.number)

    def register(self, stat: int) -> None:
        """Registration changes (27.007 7.2): 0 idle, 1 home, 2 searching, 3 denied, 5 roaming, ..."""
        self.registration = stat
        self._tell_registration()

    def _tell_registration(self) -> None:
        self.radio.tell()
        self.world.network.release(self.number)

    # --- sending --------------------------------------------------------------------------------------

    def send(self, octets: bytes, stored: Slot | None = None) -> Answer | Later:
        """Put a SUBMIT on the air and answer as +CMGS does, or +CMSS for one `stored`. Raises Cms."""
        submit = self._check(octets)
        self.reference = (self.reference + 1) % 256
        self.submissions += 1
        return Sending(self, octets, submit, self.reference, self.faults.plan(submit.to), stored).start()

    def _check(self, octets: bytes) -> tpdu.Submit:
        if not self.on_air:
            raise Cms(331)
        try:
            submit = tpdu.decode_submit(octets)
        except tpdu.Undecodable as problem:
            self.world.complain(self, str(problem), octets)
            raise Cms(304) from problem
        for words in submit.complaints:
            self.world.complain(self, words, octets)
        return submit

    def stuck_prompt(self, to: str, typed: str, length: int | None) -> None:
        """Stand at a prompt with `typed` in the buffer."""
        if length is None:
            self.settings.cmgf = 1
        on_text = (
            commands_sms.text_taker(self, to) if length is None else commands_sms.pdu_taker(self, length)
        )
        self.terminal.reset()
        self.terminal.stuck_prompt(on_text, typed.encode("latin-1"))

    # --- receiving ------------------------------------------------------------------------------------

    def receive(self, octets: bytes, smsc: str) -> bool:
        """Take a DELIVER or STATUS-REPORT from the network; False: it must wait there."""
        if not self.on_air or self._ack:
            return False
        if self._rejects(octets):
            self._try_again_later()
            return False
        report = bool(octets[:1]) and octets[0] & 0x03 == 0x02
        self.arriving = octets
        pdu = (tpdu.encode_smsc(smsc) + octets).hex().upper()
        mt, ds = self.settings.cnmi[1], self.settings.cnmi[3]
        if report and ds != 2:
            return self._route_report(pdu, octets, ds)
        if not report and self.faults.directly(self._direct(octets, mt)):
            return self._route(pdu, octets, "+CMT")
        return self._store(pdu, len(octets), octets, report)

    def _rejects(self, octets: bytes) -> bool:
        """Mode 1 rejects what would be told directly while a text is being typed (27.005 3.4.1 <mode>): the
        service centre keeps it."""
        mode, mt, _, ds, _ = self.settings.cnmi
        if mode != 1 or self.terminal.state != PROMPT:
            return False
        if octets[:1] and octets[0] & 0x03 == 0x02:
            return ds == 1
        return self.faults.directly(self._direct(octets, mt))

    def _direct(self, octets: bytes, mt: int) -> bool:
        """Whether the message goes to the terminal without being stored (27.005 table 3.4.1-3)."""
        if mt < 2:
            return False
        try:
            dcs = tpdu.decode_deliver(octets).dcs
        except tpdu.Undecodable:
            return mt == 2
        has_class = (dcs < 0x40 and dcs & 0x10) or dcs >= 0xF0
        message_class = dcs & 0x03 if has_class else None
        return message_class == 3 if mt == 3 else message_class != 2

    def _route_report(self, pdu: str, octets: bytes, ds: int) -> bool:
        if not ds:
            self.arrivals.append(Arrival(time.time(), pdu, "dropped"))
            return True
        return self._route(pdu, octets, "+CDS")

    def _route(self, pdu: str, octets: bytes, name: str) -> bool:
        within = self.faults.owed_within(self.personality.ack_seconds if self.settings.csms else None)
        self.arrivals.append(Arrival(time.time(), pdu, "direct" if within is None else "offered"))
        if self.settings.cmgf:
            header = textmode.direct_header(self, name, octets)
        else:
            header = f"{name}: {',' if name == '+CMT' else ''}{len(octets)}\r\n{pdu}"
        if name == "+CDS":
            header = self.faults.report_header(header, octets)
        if within is not None:
            self._ack = (octets, pdu, self.world.later(within, self._unacknowledged))
        self.notify(header)
        return True

    def _unacknowledged(self) -> None:
        """Nobody acknowledged: routing ends and the network keeps the message (27.005 3.4.4)."""
        octets = self._take_ack()
        mode, _, bm, _, bfr = self.settings.cnmi
        self.settings.cnmi = (mode, 0, bm, 0, bfr)
        self.world.network.requeue(self.number, octets)
        self._try_again_later()

    def _try_again_later(self) -> None:
        """As a service centre does by itself, whether or not anything else happens."""
        self.world.later(TRIED_AGAIN_S, lambda: self.world.network.release(self.number))

    def _take_ack(self) -> bytes:
        assert self._ack is not None
        octets, _, timer = self._ack
        timer.cancel()
        self._ack = None
        return octets

    def acknowledge(self, good: bool) -> None:
        """+CNMA. Raises Cms 340 where nothing is owed."""
        if not self._ack:
            raise Cms(340)
        pdu = self._ack[1]
        octets = self._take_ack()
        if good:
            self.arrivals.append(Arrival(time.time(), pdu, "direct"))
        else:
            self.world.network.requeue(self.number, octets)
        self.world.network.release(self.number)

    def _store(self, pdu: str, length: int, octets: bytes, report: bool) -> bool:
        name = "SR" if report and "SR" in self.stores else self.faults.place(self.settings.memories[2])
        delay = self.faults.unreadable_for()
        index = self.stores[name].put(Slot(pdu, length, UNREAD, clock.seconds() + delay if delay else 0.0))
        if index is None:
            self.faults.no_room(self.stores[name])
            return False
        self.faults.stored(self.stores[name], index)
        self.arrivals.append(Arrival(time.time(), pdu, "stored"))
        if report or self.settings.cnmi[1]:
            self._announce(f'{"+CDSI" if report else "+CMTI"}: "{name}",{index}')
        return True

    def give_directly(self, octets: bytes) -> None:
        """Route a DELIVER as +CMT whatever +CNMI says."""
        self._route((tpdu.encode_smsc(self.sim.smsc) + octets).hex().upper(), octets, "+CMT")

    def overwrite(self, name: str, index: int, octets: bytes) -> None:
        """A new message takes a slot, whatever stood there, and is announced."""
        pdu = (tpdu.encode_smsc(self.sim.smsc) + octets).hex().upper()
        self.stores[name].slots[index] = Slot(pdu, len(octets))
        self.arrivals.append(Arrival(time.time(), pdu, "stored"))
        if self.settings.cnmi[1]:
            self._announce(f'+CMTI: "{name}",{index}')

    def _announce(self, text: str) -> None:
        for one in self.faults.announce(text):
            self.notify(one)

    def notify(self, text: str) -> None:
        """A notice of a message, as the mode of +CNMI says: kept, discarded or sent."""
        mode = self.settings.cnmi[0]
        if mode == 0:
            self._notices = [*self._notices, text][-HELD_NOTICES:]
        elif mode != 1 or self.terminal.state != PROMPT:
            self.terminal.urc(text)

    def flush_notices(self) -> None:
        """Send or clear what mode 0 has kept, as bfr says."""
        notices, self._notices = self._notices, []
        if self.settings.cnmi[4] == 0:
            for text in notices:
                self.terminal.urc(text)

    def space_made(self) -> None:
        """A slot became free: tell the network that memory is available."""
        self.world.network.release(self.number)

    # --- what tests put there -------------------------------------------------------------------------

    def fill_store(self, sender: str, stat: int, name: str | None = None, free: int = 0) -> None:
        """Fill the receiving store up to `free` slots with texts from `sender`."""
        store = self.stores[name or self.settings.memories[2]]
        count = 0
        while store.used < store.capacity - free:
            count += 1
            octets = tpdu.deliver_parts(sender, f"Filler {count}", self.world.now())[0]
            if stat >= 2:
                octets = bytes.fromhex("1100") + tpdu.encode_address(sender) + bytes.fromhex("0000A70141")
            pdu = (tpdu.encode_smsc(self.sim.smsc if stat < 2 else "") + octets).hex().upper()
            store.put(Slot(pdu, len(octets), stat))

    def place_raw(
        self,
        pdu: str,
        stat: int = UNREAD,
        length: int | None = None,
        direct: bool = False,
        name: str | None = None,
    ) -> None:
        """Put a PDU into the store (or route it as +CMT) exactly as given, and announce it."""
        counted = Slot(pdu, 0).octets
        length = len(counted) if length is None else length
        if direct:
            self.arrivals.append(Arrival(time.time(), pdu, "direct"))
            self.notify(f"+CMT: ,{length}\r\n{pdu}")
            return
        store = self.stores[name or self.settings.memories[2]]
        index = store.put(Slot(pdu, length, stat))
        if index is None:
            raise ValueError(f"store {store.name} is full")
        self.arrivals.append(Arrival(time.time(), pdu, "stored"))
        if self.settings.cnmi[1] and stat < 2:
            self._announce(f'+CMTI: "{store.name}",{index}')

    def inject(self, name: str, **params: object) -> object:
        """Put a fault in force; names and parameters are in `faults`."""
        return self.faults.inject(name, **params)

    def clear(self, name: str | None = None) -> None:
        """End a fault, or all."""
        self.faults.clear(name)

    def forget(self) -> None:
        """Forget what was recorded; what it is set to and keeps for the computer stays."""
        self.log.chunks.clear()
        self.deleted.clear()
        self.arrivals.clear()
        self.resets.clear()
        self.calls.log.clear()
        self.sim.attempts.clear()
        self.terminal.too_soon.clear()

    # --- what tests read ------------------------------------------------------------------------------

    @property
    def restarts(self) -> int:
        """How often it lost its power."""
        return len(self.resets)

    @property
    def resets_per_hour(self) -> int:
        """How often it lost its power within the last hour."""
        return sum(when > clock.seconds() - 3600 for when in self.resets)

    @property
    def bytes_while_busy(self) -> int:
        """How many bytes were sent while a command was running."""
        return sum(len(one.data) for one in self.terminal.too_soon)

    @property
    def commands_after_ctrlz_before_result(self) -> int:
        return self.terminal.commands_after_ctrlz

    @property
    def pin_attempts(self) -> list[str]:
        return [pin for _, pin in self.sim.attempts]

    def wire_log(self) -> str:
        """Every byte both ways in the notation of section H."""
        return self.log.text()

    def lost_inbound(self, known: set[str]) -> list[str]:
        """Received PDUs (hex, capitals) deleted or routed directly that are not among `known`."""
        gone = [one.pdu for one in self.deleted if one.stat < 2]
        gone += [one.pdu for one in self.arrivals if one.how == "direct"]
        return [pdu for pdu in gone if pdu.upper() not in known]
