"""`sms-gateway modems`: what a person is told of ports, sticks and lines."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.domain import port_words
from gateway.lock import only_one
from gateway.modem import candidates
from tests.fake_modem import Modem, World

from .sysfs import FakeSysfs
from .test_probe import locked_by_another


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSysfs:
    """The machine's /sys and /dev, for the command too."""
    made = FakeSysfs(tmp_path)
    monkeypatch.setattr(candidates.list_candidates, "__defaults__", ((), made.root, made.dev))
    monkeypatch.setattr(candidates.usb_without_port, "__defaults__", (made.root,))
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def invoke(folder: Path, *arguments: str, **env: str) -> Result:
    result = CliRunner().invoke(main, arguments, env={"SMS_GATEWAY_DATA_DIR": str(folder), **env})
    assert result.exit_code == 0, result.output
    return result


async def said(folder: Path, *arguments: str, **env: str) -> list[str]:
    """What the command prints, while the modems of this loop answer it."""
    result = await asyncio.to_thread(invoke, folder, "modems", *arguments, **env)
    return result.stdout.splitlines()


async def told(folder: Path, *arguments: str) -> Any:
    result = await asyncio.to_thread(invoke, folder, "modems", "--json", *arguments)
    return json.loads(result.stdout)


def list_of(folder: Path) -> list[Path]:
    return list(folder.glob("*"))


async def plug(box: FakeSysfs, world: World, usb: str, *roles: str, **about: str) -> Modem:
    modem = await world.modem(ports=roles)
    wires = [wire.path for wire in modem.ports.wires]
    box.stick(usb, {f"ttyUSB{number}": path for number, path in enumerate(wires)}, **about)  # type: ignore[arg-type]
    return modem


async def test_the_port_to_use_is_said(box: FakeSysfs, folder: Path, world: World, tmp_path: Path) -> None:
    await plug(box, world, "12d1:1001", "data", "nmea", "at", serial="SN1", product="HUAWEI Mobile")
    lines = await said(folder)
    assert lines == [
        "HUAWEI Mobile (12d1:1001)",
        f"  {box.dev}/ttyUSB2: Generic 27.005, SIM ready, operator Test Net, signal -79 dBm.",
        f"  {box.dev}/ttyUSB0: {port_words.PORTS['data_port']}",
        f"  {box.dev}/ttyUSB1: {port_words.PORTS['gnss_port']}",
        f"  Use this one: sms-gateway line add NAME --port {box.dev}/serial/by-id/usb-SN1-if02-port0",
    ]
    assert not list_of(tmp_path / "data"), "looking makes no database"


async def test_ports_of_lines_are_named(box: FakeSysfs, folder: Path, world: World) -> None:
    modem = await plug(box, world, "2c7c:0125", "silent", "at")
    port = str(box.dev / "ttyUSB1")
    await asyncio.to_thread(invoke, folder, "line", "add", "front", "--port", port)
    with only_one(folder):
        assert await said(folder) == [
            "USB device (2c7c:0125)",
            f"  {box.dev}/ttyUSB0: the line front uses it.",
            f"  {port}: the line front uses it.",
        ]
    assert not modem.commands, "the running program's modem is left alone"
    line = (await said(folder, port))[-1].strip()
    assert line.startswith(f"{port}: Generic 27.005, SIM ready")
    assert line.endswith("It is set for the line front.")


async def test_only_the_ports_that_may_be_asked(box: FakeSysfs, folder: Path, world: World) -> None:
    modem = await world.modem()
    other = await plug(box, world, "12d1:1001")
    lines = await said(folder, SMS_GATEWAY_SERIAL_PORTS=f"{modem.path}, /dev/nothing*")
    assert lines[0].startswith(f"{modem.path}: Generic 27.005")
    assert lines[1:] == [f"  Use this one: sms-gateway line add NAME --port {modem.path}"]
    assert not other.commands


async def test_ports_named_by_hand(folder: Path) -> None:
    assert await said(folder, "/dev/nothing-here") == ["/dev/nothing-here: there is no such port."]


async def test_a_serial_server_can_be_asked(folder: Path, world: World) -> None:
    modem = await world.modem(rfc2217=0)
    lines = await said(folder, modem.path)
    assert lines[0].startswith(f"{modem.path}: Generic 27.005, SIM ready")


async def test_a_stick_without_a_port_is_told_with_its_fix(box: FakeSysfs, folder: Path) -> None:
    box.stick("12d1:14db", kinds={0: ("02", "06", "00")})
    lines = await said(folder)
    assert lines[0] == "The modem 12d1:14db is in network-card mode and shows no port."
    assert "/etc/usb_modeswitch.d/12d1:1f01" in lines[1]
    assert [line.strip() for line in lines[2:4]] == ["TargetVendor=0x12d1", "TargetProduct=0x1001"]
    assert (await told(folder))["without_port"][0]["mode"] == "network_card"


async def test_without_anything_it_says_what_to_do(box: FakeSysfs, folder: Path) -> None:
    assert await said(folder) == [port_words.NO_PORTS]
    assert await told(folder) == {"ports": [], "without_port": []}


async def test_a_port_in_use_names_its_holder_and_the_remedy(
    box: FakeSysfs, folder: Path, world: World
) -> None:
    modem = await plug(box, world, "12d1:1001", "silent", "at")
    with locked_by_another(modem.path) as pid:
        line = (await said(folder, str(box.dev / "ttyUSB1")))[-1]
    assert f"(process {pid}) is using it." in line
    assert line.endswith(f"then stop it: sudo fuser -v {box.dev}/ttyUSB1")


async def test_the_objects_of_json(box: FakeSysfs, folder: Path, world: World) -> None:
    modem = await plug(box, world, "12d1:1001", "data", "at")
    found = await told(folder)
    assert [(one["path"], one["code"], one["use"], one["line"]) for one in found["ports"]] == [
        (f"{box.dev}/ttyUSB0", "data_port", False, None),
        (f"{box.dev}/ttyUSB1", "ready", True, None),
    ]
    assert (found["ports"][1]["facts"]["imei"], found["ports"][1]["usb"]) == (modem.imei, "12d1:1001")
