"""Which ports there are and in which order they are asked, on a small /sys of files."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem.candidates import Candidate, in_order, list_candidates, usb_without_port, without
from gateway.modem.usb_ids import BRIDGES, MAKERS

from .sysfs import FakeSysfs

NOWHERE = "/dev/null"


@pytest.fixture
def box(tmp_path: Path) -> FakeSysfs:
    return FakeSysfs(tmp_path)


@pytest.fixture
def devices() -> Iterator[list[str]]:
    """Three devices that are there."""
    pairs = [pty.openpty() for _ in range(3)]
    yield [os.ttyname(slave) for _, slave in pairs]
    for pair in pairs:
        for fd in pair:
            os.close(fd)


def listed(box: FakeSysfs, *patterns: str) -> list[Candidate]:
    return list_candidates(patterns, box.root, box.dev)


def test_a_stick_with_several_ports(box: FakeSysfs, devices: list[str]) -> None:
    names = ["ttyUSB0", "ttyUSB1", "ttyUSB2"]
    ports = dict(zip(names, devices, strict=True))
    device = box.stick("12D1:1001", ports, serial="SN1", product="HUAWEI Mobile")
    found = listed(box)
    assert [one.path for one in found] == [str(box.dev / name) for name in names]
    assert {(one.usb, one.serial, one.product, one.driver) for one in found} == {
        ("12d1:1001", "SN1", "HUAWEI Mobile", "option")
    }
    assert [one.interface for one in found] == [0, 1, 2]
    assert {one.device for one in found} == {str(device)} == {one.stick for one in found}
    assert found[2].by_id == str(box.dev / "serial/by-id/usb-SN1-if02-port0")
    assert [one.is_preferred for one in found] == [False, False, True]


def test_a_device_of_the_cdc_kind(box: FakeSysfs) -> None:
    box.stick("1546:1107", {"ttyACM0": NOWHERE, "ttyACM1": NOWHERE}, driver="cdc_acm", acm=True)
    first, second = listed(box)
    assert (first.usb, first.interface, first.driver, first.is_preferred) == ("1546:1107", 0, "cdc_acm", True)
    assert (second.interface, second.by_id, second.is_preferred) == (1, "", False)


def test_ports_of_the_machine_itself_are_not_asked_unless_named(box: FakeSysfs, devices: list[str]) -> None:
    box.console("ttyS0")
    (box.dev / "ttyS0").symlink_to(devices[0])
    assert listed(box) == []
    assert [one.path for one in listed(box, str(box.dev / "ttyS*"))] == [str(box.dev / "ttyS0")]


def test_patterns_name_devices_once_and_nothing_else(box: FakeSysfs, devices: list[str]) -> None:
    box.stick("12d1:1001", dict(zip(["ttyUSB0", "ttyUSB1"], devices, strict=False)), serial="SN1")
    (box.dev / "ttyUSB.txt").write_text("no device")
    (box.dev / "ttyUSB9").symlink_to("/dev/nothing-here")
    found = listed(box, str(box.dev / "ttyUSB*"), str(box.dev / "serial/by-id/*"))
    assert [(one.path, one.usb) for one in found] == [
        (str(box.dev / "ttyUSB0"), "12d1:1001"),
        (str(box.dev / "ttyUSB1"), "12d1:1001"),
    ]


def test_huaweis_port_is_known_by_its_protocol(box: FakeSysfs) -> None:
    kinds = {0: ("ff", "02", "01"), 1: ("ff", "02", "02"), 2: ("ff", "02", "14")}
    box.stick("12d1:1506", dict.fromkeys(["ttyUSB0", "ttyUSB1", "ttyUSB2"], NOWHERE), kinds=kinds)
    assert [one.is_preferred for one in listed(box)] == [False, True, False]


def test_without_a_sysfs_there_is_no_port(tmp_path: Path) -> None:
    assert list_candidates((), tmp_path / "sys", tmp_path / "dev") == []
    assert usb_without_port(tmp_path / "sys") == []


def test_sticks_of_other_lines_are_left_alone(box: FakeSysfs, devices: list[str]) -> None:
    box.stick("12d1:1001", {"ttyUSB0": devices[0], "ttyUSB1": devices[1]})
    box.stick("12d1:1001", {"ttyUSB2": devices[2]})
    for taken in (str(box.dev / "ttyUSB1"), devices[1]):
        left = without(listed(box), [taken, "socket://127.0.0.1:1"])
        assert [one.path for one in left] == [str(box.dev / "ttyUSB2")]


# --- modems without a port ---------------------------------------------------------------------------


def test_modems_that_show_no_port(box: FakeSysfs) -> None:
    storage, ethernet, other = ("08", "06", "50"), ("02", "06", "00"), ("03", "01", "01")
    box.stick("12d1:14db", kinds={0: ethernet, 1: ("0a", "00", "00")})
    box.stick("12d1:1f01", kinds={0: storage})
    box.stick("19d2:9999", kinds={0: storage})
    box.stick("2c7c:9999", kinds={0: ("02", "0e", "00")})
    box.stick("0781:5567", kinds={0: storage})  # a memory stick
    box.stick("12d1:1052", kinds={0: ("ff", "ff", "00"), 1: storage})  # a telephone
    box.stick("046d:c31c", kinds={0: other})
    box.stick("12d1:1446", {"ttyUSB0": NOWHERE})
    assert usb_without_port(box.root) == [
        ("12d1:14db", "network_card"),
        ("12d1:1f01", "cd_rom"),
        ("19d2:9999", "cd_rom"),
        ("2c7c:9999", "network_card"),
    ]


# --- order -------------------------------------------------------------------------------------------

IDS = st.sampled_from(["", "12d1:1001", "2c7c:0125", "19d2:0016", "0403:6001", "1a86:7523", "2341:0043"])


@st.composite
def plugged(draw: st.DrawFn) -> list[Candidate]:
    """Sticks of one to five ports, shuffled as the kernel may number them."""
    found = []
    for place, usb in enumerate(draw(st.lists(IDS, max_size=6))):
        for interface in range(draw(st.integers(1, 5))):
            device = f"/sys/1-{place}" if usb else ""
            number = interface if usb else None
            found.append(Candidate(f"/dev/tty{place}.{interface}", usb, number, device=device))
    return draw(st.permutations(found))


def rank(port: Candidate, usb: str) -> int:
    vendor = port.usb.partition(":")[0]
    return 0 if usb and port.usb == usb else 1 if not vendor or vendor in MAKERS else 2 + (vendor in BRIDGES)


@given(plugged(), IDS)
def test_every_port_is_asked_once_in_order(ports: list[Candidate], usb: str) -> None:
    rounds = in_order(ports, usb)
    flat = [port for sticks in rounds for stick in sticks for port in stick]
    assert sorted(flat, key=lambda one: one.path) == sorted(ports, key=lambda one: one.path)
    assert all(sticks and all(sticks) for sticks in rounds)
    ranks = [{rank(port, usb) for port in chain.from_iterable(sticks)} for sticks in rounds]
    assert all(len(one) == 1 for one in ranks), "a round is of one rank"
    assert ranks == sorted(ranks, key=min), "the likely ones first, what may be a scale last"
    assert len({port.stick for port in flat}) == sum(map(len, rounds)), "a stick is in one place"
    for stick in chain.from_iterable(rounds):
        assert len({port.stick for port in stick}) == 1
        places = [(not port.is_preferred, port.interface or 0) for port in stick]
        assert places == sorted(places), "the port known for texts first"


@given(plugged(), IDS)
def test_the_order_does_not_hang_on_the_kernels_numbering(ports: list[Candidate], usb: str) -> None:
    assert in_order(ports, usb) == in_order(sorted(ports, key=lambda one: one.path), usb)
