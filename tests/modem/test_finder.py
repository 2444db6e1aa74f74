"""Finding the modem: by what it is, on several ports, under another name, with others about."""

from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.line import LineSetup
from gateway.modem.candidates import Candidate
from gateway.modem.errors import PortError
from gateway.modem.finder import FOUND, Asked, Found, Patience, ask_stick, find, held_ports
from gateway.modem.port import open_port
from gateway.modem.probe import ProbeResult
from gateway.modem.survey import best_of, survey
from tests.fake_modem import Modem, World

from .conftest import FAST, running, until
from .sysfs import FakeSysfs

QUICK = Patience(silent=0.5, sibling=0.3)
HUAWEI, QUECTEL, BRIDGE, BOARD = "12d1:1001", "2c7c:0125", "1a86:7523", "2341:0043"


@dataclass
class Box:
    """A machine with modems of the fake world in its sockets."""

    sysfs: FakeSysfs
    world: World
    ports: int = 0

    async def plug(self, usb: str, roles: Sequence[str] = (), **about: str) -> Modem:
        modem = await self.world.modem(ports=tuple(roles), **about)  # type: ignore[arg-type]
        self.connect(usb, modem)
        return modem

    def connect(self, usb: str, modem: Modem) -> list[str]:
        """Its ports get the next free names."""
        wires = [wire.path for wire in modem.ports.wires]
        names = [f"ttyUSB{self.ports + number}" for number in range(len(wires))]
        self.ports += len(wires)
        self.sysfs.stick(usb, dict(zip(names, wires, strict=True)))
        return [str(self.sysfs.dev / name) for name in names]

    def path(self, number: int) -> str:
        return str(self.sysfs.dev / f"ttyUSB{number}")

    async def find(
        self,
        imei: str = "",
        iccid: str = "",
        taken: Collection[str] = (),
        usb: str = "",
        patterns: Sequence[str] = (),
    ) -> Found:
        setup = LineSetup("auto", imei=imei, iccid=iccid)
        return await find(
            setup,
            patterns,
            taken,
            usb,
            timing=FAST.timing,
            patience=QUICK,
            sysfs=self.sysfs.root,
            dev=self.sysfs.dev,
        )


@pytest.fixture
def box(tmp_path: Path, world: World) -> Box:
    return Box(FakeSysfs(tmp_path), world)


def untouched(modem: Modem) -> bool:
    return not modem.commands and not modem.talked.is_set()


# --- which one ---------------------------------------------------------------------------------------


async def test_a_new_line_takes_the_first_modem(box: Box) -> None:
    modem = await box.plug(HUAWEI)
    found = await box.find()
    assert (found.code, found.path) == (FOUND, box.path(0))
    assert found.facts["imei"] == modem.imei
    assert found.facts["iccid"] == modem.sim.iccid
    assert (found.facts["device"], found.facts["usb"]) == (box.path(0), HUAWEI)


async def test_a_line_finds_its_own_device_among_others(box: Box) -> None:
    await box.plug(HUAWEI)
    mine = await box.plug(HUAWEI)
    await box.plug(QUECTEL)
    for usb in ("", HUAWEI, QUECTEL):
        found = await box.find(imei=mine.imei, iccid=mine.sim.iccid, usb=usb)
        assert (found.code, found.path) == (FOUND, box.path(1))


async def test_its_sim_is_found_in_another_device(box: Box) -> None:
    await box.plug(HUAWEI)
    other = await box.plug(QUECTEL)
    found = await box.find(imei="350000000000001", iccid=other.sim.iccid, usb=HUAWEI)
    assert (found.path, found.facts["imei"]) == (box.path(1), other.imei)


async def test_the_device_goes_before_the_sim(box: Box) -> None:
    """Two lines whose SIMs were swapped: each finds its device, and sees another SIM in it."""
    first, second = await box.plug(HUAWEI), await box.plug(HUAWEI)
    found = await box.find(imei=first.imei, iccid=second.sim.iccid)
    assert (found.path, found.facts["iccid"]) == (box.path(0), first.sim.iccid)


async def test_another_device_and_another_sim_are_told(box: Box) -> None:
    there = await box.plug(HUAWEI)
    found = await box.find(imei="350000000000001", iccid="8900000000000000001")
    assert (found.code, found.path, found.facts["imei"]) == ("other_modem", "", there.imei)
    found = await box.find(iccid="8900000000000000001")
    assert (found.code, found.facts["iccid"]) == ("other_sim", there.sim.iccid)


async def test_a_sim_that_asks_for_its_pin_is_known_all_the_same(box: Box) -> None:
    await box.plug(HUAWEI)
    mine = await box.plug(HUAWEI, pin="1234")
    found = await box.find(iccid=mine.sim.iccid)
    assert (found.code, found.path) == (FOUND, box.path(1))
    assert mine.pin_attempts == []


# --- which port of it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usb", "roles", "right"),
    [
        (HUAWEI, ("data", "binary", "at"), 2),
        (QUECTEL, ("binary", "nmea", "at", "data"), 2),
        ("2c7c:9999", ("binary", "nmea", "data", "at"), 3),
        ("1199:9071", ("binary", "silent", "nmea", "at"), 3),
        (BRIDGE, ("at",), 0),
    ],
)
async def test_the_port_for_texts_is_found(box: Box, usb: str, roles: Sequence[str], right: int) -> None:
    modem = await box.plug(usb, roles)
    found = await box.find()
    assert (found.code, found.path, found.facts["imei"]) == (FOUND, box.path(right), modem.imei)


async def test_where_the_port_is_known_no_other_is_asked(box: Box) -> None:
    modem = await box.plug(HUAWEI, ("data", "binary", "at"))
    assert (await box.find()).path == box.path(2)
    assert "-if00" not in modem.log.text() and "-if01" not in modem.log.text()


async def test_a_stick_none_of_whose_ports_takes_texts(box: Box) -> None:
    modem = await box.plug(HUAWEI, ("data", "binary", "at"))
    modem.faults.inject("mute")
    found = await box.find()
    assert (found.code, found.facts["device"]) == ("not_a_modem", box.path(0)), "the data port tells most"


def answering(codes: dict[str, tuple[str, bool]]) -> tuple[list[Candidate], list[str]]:
    """Ports of one stick and where they are noted when asked."""
    return [Candidate(path, "ffff:0001", number) for number, path in enumerate(codes)], []


@pytest.mark.parametrize(
    ("codes", "right", "asked"),
    [
        ({"a": ("ready", True), "b": ("ready", True)}, "a", "a"),
        ({"a": ("ready", False), "b": ("ready", True)}, "b", "ab"),
        ({"a": ("ready", False), "b": ("data_port", False)}, "a", "ab"),
        ({"a": ("not_a_modem", False), "b": ("port_busy", False), "c": ("data_port", False)}, "b", "abc"),
    ],
)
async def test_a_port_where_news_can_come_is_preferred(
    codes: dict[str, tuple[str, bool]], right: str, asked: str
) -> None:
    stick, order = answering(codes)

    async def ask(path: str, silent_s: float) -> ProbeResult:
        order.append(path)
        code, notices = codes[path]
        return ProbeResult(path, code, notices=notices)

    assert (await ask_stick(stick, ask, QUICK)).port.path == right
    assert "".join(order) == asked


# --- what is left alone ------------------------------------------------------------------------------


async def test_sticks_of_other_lines_are_not_touched(box: Box) -> None:
    other = await box.plug(HUAWEI, ("data", "silent", "at"))
    assert (await box.find(taken=[box.path(2)])).code == "port_missing"
    mine = await box.plug(HUAWEI)
    found = await box.find(taken=[box.path(2)])
    assert (found.path, found.facts["imei"]) == (box.path(3), mine.imei)
    assert untouched(other)


async def test_what_may_be_a_scale_is_asked_last(box: Box) -> None:
    scale = await box.plug(BRIDGE)
    board = await box.plug(BOARD)
    modem = await box.plug(HUAWEI)
    assert (await box.find()).facts["imei"] == modem.imei
    assert untouched(scale)
    assert untouched(board)


async def test_a_modem_behind_a_bridge_is_found_when_nothing_else_answers(box: Box) -> None:
    dead = await box.plug(HUAWEI)
    dead.faults.inject("mute")
    modem = await box.plug(BRIDGE)
    assert (await box.find()).facts["imei"] == modem.imei
    assert (await box.find(imei=modem.imei, usb=BRIDGE)).path == box.path(1)


async def test_a_stick_that_is_out_sends_nobody_to_the_scale(box: Box) -> None:
    """Its USB id is known, so it cannot be what is behind the bridge."""
    scale = await box.plug(BRIDGE)
    assert (await box.find(imei="350000000000001", usb=HUAWEI)).code == "port_missing"
    assert untouched(scale)


async def test_only_ports_that_match_are_asked(box: Box) -> None:
    first, second = await box.plug(HUAWEI), await box.plug(HUAWEI)
    found = await box.find(patterns=[box.path(1)])
    assert (found.path, found.facts["imei"]) == (box.path(1), second.imei)
    assert untouched(first)


async def test_ptys_can_be_ports(world: World, tmp_path: Path) -> None:
    await world.modem(link=tmp_path / "modem-a")
    mine = await world.modem(link=tmp_path / "modem-b")
    found = await find(
        LineSetup("auto", imei=mine.imei), [f"{tmp_path}/modem-*"], timing=FAST.timing, patience=QUICK
    )
    assert (found.code, found.path) == (FOUND, f"{tmp_path}/modem-b")


# --- what is in the way ------------------------------------------------------------------------------


async def test_nothing_is_plugged_in(box: Box) -> None:
    assert await box.find() == Found("port_missing")


async def test_something_that_does_not_answer(box: Box) -> None:
    master, slave = pty.openpty()
    box.sysfs.stick(HUAWEI, {"ttyUSB0": os.ttyname(slave)})
    found = await box.find()
    assert (found.code, found.facts["device"]) == ("not_a_modem", box.path(0))
    os.close(slave)
    os.close(master)


async def test_a_port_in_use_is_told_with_who_has_it(box: Box) -> None:
    from .test_probe import locked_by_another

    modem = await box.plug(HUAWEI)
    with locked_by_another(modem.path) as pid:
        found = await box.find()
        assert (found.code, found.facts["device"]) == ("port_busy", box.path(0))
        assert found.facts["holder"].endswith(f"(process {pid})")
        other = await box.plug(QUECTEL)
        assert (await box.find()).facts["imei"] == other.imei, "another modem will do for a new line"
        found = await box.find(imei=modem.imei, usb=HUAWEI)
        assert found.code == "port_busy", "for the one whose modem it is, it is in the way"
    assert untouched(modem)


async def test_a_line_of_ours_is_not_disturbed(box: Box) -> None:
    modem = await box.plug(HUAWEI)
    async with running(modem.path) as line:
        await line.send()
        assert (await box.find()).code == "port_busy"
        await line.send()
    assert set(line.office.codes) == {"opening", "ready"}


def test_programs_behind_a_pty_do_not_hold_it() -> None:
    master, slave = pty.openpty()
    assert held_ports([Candidate(os.ttyname(slave))]) == {}
    os.close(slave)
    os.close(master)


async def test_the_ports_it_asked_are_free_again(box: Box) -> None:
    modem = await box.plug(HUAWEI, ("data", "silent", "at"))
    assert (await box.find(imei="350000000000001")).code == "other_modem"
    for wire in modem.ports.wires:
        (await open_port(wire.path, print, print)).close()


async def test_giving_up_lets_every_port_go(box: Box) -> None:
    modem = await box.plug(HUAWEI)
    modem.faults.inject("mute")
    looking = asyncio.create_task(box.find())
    await until(lambda: is_busy(modem.path))
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    (await open_port(modem.path, print, print)).close()


def is_busy(path: str) -> bool:
    from gateway.modem.ports.device import LOCK_FOLDER, _close_unwanted, _open_locked

    try:
        opened = _open_locked(path, LOCK_FOLDER)
    except PortError:
        return True
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    done.set_result(opened)
    _close_unwanted(done)
    return False


# --- coming back -------------------------------------------------------------------------------------


async def test_a_stick_back_under_other_names_is_found_in_a_moment(box: Box) -> None:
    await box.plug(HUAWEI)
    mine = await box.plug(HUAWEI, ("data", "silent", "at"))
    before = await box.find(imei=mine.imei, usb=HUAWEI)
    box.sysfs.unplug(before.path)
    box.connect(HUAWEI, mine)
    began = asyncio.get_running_loop().time()
    found = await box.find(imei=mine.imei, usb=before.facts["usb"], taken=[box.path(0)])
    assert (found.code, found.path) == (FOUND, box.path(6))
    assert asyncio.get_running_loop().time() - began < 1


# --- for a person who looks --------------------------------------------------------------------------


async def test_a_survey_tells_every_port(box: Box) -> None:
    from gateway.modem.candidates import list_candidates

    await box.plug(HUAWEI, ("data", "binary", "at"))
    taken = await box.plug(QUECTEL)
    ports = list_candidates((), box.sysfs.root, box.sysfs.dev)
    first, second = await survey(ports, {box.path(3)}, FAST.timing, 0.5)
    assert [(one.port.path, one.result.code) for one in first] == [
        (box.path(2), "ready"),
        (box.path(0), "data_port"),
        (box.path(1), "diag_port"),
    ]
    assert best_of(first) is first[0]
    assert [one.result.code for one in second] == ["port_busy"]
    assert best_of(second) is None
    assert untouched(taken)


def test_the_best_port_is_the_known_one_then_one_with_news() -> None:
    def asked(path: str, usb: str, interface: int, *, notices: bool = True, code: str = "ready") -> Asked:
        return Asked(Candidate(path, usb, interface), ProbeResult(path, code, notices=notices))

    known = [asked("a", HUAWEI, 0), asked("b", HUAWEI, 2, notices=False)]
    unknown = [asked("a", "", 0, notices=False), asked("b", "", 1), asked("c", "", 2, code="data_port")]
    assert best_of(known) is known[1]
    assert best_of(unknown) is unknown[1]
    assert best_of([]) is None
