"""Troubles of lines: fake modems that are asked by the doctor itself, or by the program's own lines in
virtual time."""

from __future__ import annotations

import asyncio
import grp
import os
import pty
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from gateway.clock import utc_now
from gateway.desk import lines as desk_lines
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted
from tests import any_hour
from tests.doctor.place import Place
from tests.doctor.planted import planted
from tests.doctor.troubles_box import systemd
from tests.doctor.troubles_folder import not_root
from tests.fake_modem import Modem
from tests.fake_modem.control import FakeModem
from tests.faults.bench import Bench, bench
from tests.faults.test_rows_sim import held_by_another_program
from tests.office import CARA
from tests.virtual_time import run

DESK = "desk"

# --- where no program runs, the modem is asked -------------------------------------------------------


@contextmanager
def asked(place: Place, *options: str) -> Iterator[FakeModem]:
    """The program does not run; the line desk is on a fake modem."""
    place.running = False
    with FakeModem("--boot-pace", "0.01", *options) as modem:
        place.add_line(DESK, modem.path)
        yield modem


@planted("port missing", "line desk", "Plug the modem in", "sms-gateway modems")
def _(place: Place) -> Iterator[None]:
    """The line's path leads nowhere."""
    place.running = False
    place.add_line(DESK, str(place.around / "ttyUSB9"))
    yield


@planted("port held by another program", "line desk", "sudo fuser -v")
def _(place: Place) -> Iterator[None]:
    """Another process has the modem's port open and locked."""
    with asked(place) as modem, held_by_another_program(modem.path):
        yield


@planted("wrong port of the stick", "line desk", "See which port answers", "line set desk port PATH")
def _(place: Place) -> Iterator[None]:
    """The line is set to the modem's port for data."""
    place.running = False
    with FakeModem("--boot-pace", "0.01", "--ports", "data,at") as modem:
        place.add_line(DESK, modem.ready["modems"][0]["paths"][0])
        yield


@planted("PIN wanted", "line desk", "sms-gateway line pin desk --pin-file FILE")
def _(place: Place) -> Iterator[None]:
    """The SIM has a PIN, the line has none."""
    with asked(place, "--pin", "1234"):
        yield


@planted("PUK wanted", "line desk", "Ask the operator for the PUK")
def _(place: Place) -> Iterator[None]:
    """The SIM is blocked after wrong PINs."""
    with asked(place) as modem:
        modem.control.inject("sim-puk")
        yield


@planted("no SIM", "line desk", "Put the SIM in")
def _(place: Place) -> Iterator[None]:
    """The modem's SIM is taken out."""
    with asked(place) as modem:
        modem.control.inject("sim-absent")
        yield


# --- as the running program tells --------------------------------------------------------------------

Story = Callable[[Bench, Modem], Awaitable[None]]


def told(place: Place, story: Story, *, sim_pin: str | None = None) -> None:
    """The program's lines run the line desk on a fake modem until the story is over; then the
    doctor looks."""

    async def main() -> None:
        async with bench(place.path, begin=utc_now()) as one:
            modem = await one.world.modem(pin=sim_pin)
            await story(one, modem)
            place.found = place.examine()

    run(main)


async def set_up(one: Bench, modem: Modem, code: str = "ready", pin: str | None = None) -> None:
    await one.add_line(DESK, modem.path, pin=pin)
    await one.down(code, DESK)


@planted("bad PIN", "line desk", "Give the right one: sms-gateway line pin desk")
def _(place: Place) -> Iterator[None]:
    """The PIN given with the line is not the SIM's."""

    async def story(one: Bench, modem: Modem) -> None:
        await set_up(one, modem, "sim_pin_refused", pin="4711")

    told(place, story, sim_pin="1234")
    yield


@planted("other SIM", "line desk", "sms-gateway line confirm desk")
def _(place: Place) -> Iterator[None]:
    """The SIM is changed while the line works."""

    async def story(one: Bench, modem: Modem) -> None:
        await set_up(one, modem)
        modem.inject("sim-other")
        await one.down("other_sim", DESK)

    told(place, story)
    yield


@planted("no service centre", "line desk", "sms-gateway line set desk smsc NUMBER")
def _(place: Place) -> Iterator[None]:
    """The SIM has lost the number of its message centre."""

    async def story(one: Bench, modem: Modem) -> None:
        modem.inject("no-csca", forgets=True)
        await set_up(one, modem, "no_smsc")

    told(place, story)
    yield


def _registered(stat: int, code: str) -> Story:
    async def story(one: Bench, modem: Modem) -> None:
        await set_up(one, modem)
        modem.register(stat)
        await one.down(code, DESK)

    return story


@planted("not registered", "line desk", "Check the antenna")
def _(place: Place) -> Iterator[None]:
    """The modem finds no network (+CREG 2)."""
    told(place, _registered(2, "not_registered"))
    yield


@planted("refused by the network", "line desk", "Ask the operator")
def _(place: Place) -> Iterator[None]:
    """The network refuses the SIM (+CREG 3)."""
    told(place, _registered(3, "denied"))
    yield


@planted("roaming refused", "line desk", "sms-gateway line set desk roaming yes")
def _(place: Place) -> Iterator[None]:
    """The SIM is in a foreign network (+CREG 5)."""
    told(place, _registered(5, "roaming"))
    yield


@planted("weak signal", "line desk, signal", "antenna")
def _(place: Place) -> Iterator[None]:
    """The modem tells a signal of 3 (-107 dBm)."""

    async def story(one: Bench, modem: Modem) -> None:
        modem.signal = 3
        await set_up(one, modem)

    told(place, story)
    yield


@planted("SIM full", "line desk, memory", "delete texts there")
def _(place: Place) -> Iterator[None]:
    """Somebody stored texts to send on the SIM until it was full."""

    async def story(one: Bench, modem: Modem) -> None:
        await set_up(one, modem)
        modem.inject("store-full", stat=3)
        await asyncio.sleep(150.0)

    told(place, story)
    yield


@planted("modem unplugged", "line desk", "Plug the modem in")
def _(place: Place) -> Iterator[None]:
    """The cable is pulled while the line works."""

    async def story(one: Bench, modem: Modem) -> None:
        await set_up(one, modem)
        modem.vanish()
        await one.down("port_missing", DESK)

    told(place, story)
    yield


@planted("no credit", "line desk", "Ask the operator")
def _(place: Place) -> Iterator[None]:
    """The network refuses every text, as of a SIM that is not paid."""

    async def story(one: Bench, modem: Modem) -> None:
        await set_up(one, modem)
        modem.inject("balance-exhausted", cms=50)
        for last in range(5):
            await one.post(f"+120255501{last}0", "Your table is ready.", line=DESK)
        await one.down("refused_by_network", DESK)

    told(place, story)
    yield


@planted("limit reached", "line front, limits", "sms-gateway line set front limits")
def _(place: Place) -> Iterator[None]:
    """Two texts went by a line that may send two a day."""
    with place.office() as office:
        office.write(any_hour.lift)
        limits = [Limit(2, "day")]
        office.write(lambda tx: desk_lines.set_limits(tx, "front", limits, "command:test", office.clock()))
        for reference in (1, 2):
            office.accept(CARA)
            office.send_one(Accepted(reference))
    place.hears("ready")
    yield


@planted("line paused", "line front", "Resume it")
def _(place: Place) -> Iterator[None]:
    """Somebody paused it."""
    place.write(lambda tx: desk_lines.pause(tx, "front", "person:Anna", utc_now()))
    yield


@planted("no line", "lines", "sms-gateway line add NAME --port PATH")
def _(place: Place) -> Iterator[None]:
    """The only line was removed."""
    place.write(lambda tx: desk_lines.remove(tx, "front", "person:Anna", utc_now()))
    yield


@planted("the clock of the network differs", "line front, clock", "set-ntp true")
def _(place: Place) -> Iterator[None]:
    """The program saw the network's clock 40 minutes behind."""
    place.hears("ready", clock_offset_s="-2400", clock_read_at=utc_now().isoformat())
    yield


# --- rights of the port, other programs, USB ---------------------------------------------------------


@contextmanager
def on_a_pty(place: Place, group: int, mode: int) -> Iterator[None]:
    """The line front is on a terminal of root and that group; the service's user is nobody."""
    master, slave = pty.openpty()
    port = os.ttyname(slave)
    place.write(lambda tx: desk_lines.set_port(tx, "front", port, "command:test", utc_now()))
    place.give_to_the_service(place.data, *place.data.rglob("*"))
    os.chown(port, 0, group)
    os.chmod(port, mode)
    yield
    os.close(slave)
    os.close(master)


@planted("user not in dialout", "line front, rights", "sudo usermod -aG dialout", lacks=not_root)
def _(place: Place) -> Iterator[None]:
    """The port is root:dialout 0660, and the service's user is not in that group."""
    with on_a_pty(place, grp.getgrnam("dialout").gr_gid, 0o660):
        yield


@planted("wrong group of the port", "line front, rights", "sudo chgrp dialout", lacks=not_root)
def _(place: Place) -> Iterator[None]:
    """The port is root:root 0600."""
    with on_a_pty(place, 0, 0o600):
        yield


@contextmanager
def under_systemd(place: Place, allowed: str) -> Iterator[None]:
    """The line front is on a terminal of our own, under a service that may open these kinds of devices."""
    master, slave = pty.openpty()
    port = os.ttyname(slave)
    place.write(lambda tx: desk_lines.set_port(tx, "front", port, "command:test", utc_now()))
    place.hears("port_denied")
    systemd(place, DevicePolicy="closed", DeviceAllow=allowed)
    yield
    os.close(slave)
    os.close(master)


@planted("device not allowed to the service", "line front, rights", "DeviceAllow=char-pts rw")
def _(place: Place) -> Iterator[None]:
    """systemctl says that the unit allows ttyUSB alone; the line is on a terminal."""
    with under_systemd(place, "char-ttyUSB rw"):
        yield


@planted("driver loaded after the service", "line front, rights", "sudo systemctl restart")
def _(place: Place) -> Iterator[None]:
    """systemctl says that the unit allows it, and the program could not open it."""
    with under_systemd(place, "char-pts rw"):
        yield


@planted("stick in CD-ROM mode", "modem 19d2:fff5", "usb-modeswitch")
def _(place: Place) -> Iterator[None]:
    """A stick that shows a CD-ROM and no port (in a made-up /sys), and a line without its port."""
    place.usb.stick("19d2:fff5", kinds={0: ("08", "06", "50")}, driver="usb-storage")
    place.hears("port_missing")
    yield
