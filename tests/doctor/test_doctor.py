"""What `sms-gateway doctor` says of lines: the trouble, its cause, and what to do."""

from __future__ import annotations

import contextlib
import errno
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import config, doctor
from gateway.clock import utc_now
from gateway.desk import restored
from gateway.doctor import Check, panel
from gateway.doctor.look import Look
from gateway.domain.line import Abilities, LineState, LineStatus
from gateway.lock import only_one
from gateway.modem import candidates
from gateway.store import holidays, settings
from gateway.store.suppression_log import Log
from gateway.store.tables import backups
from tests.modem.sysfs import FakeSysfs
from tests.office import Office


def examine(office: Office, running: bool = True) -> dict[str, Check]:
    settings = config.load(None, {"SMS_GATEWAY_DATA_DIR": str(office.path.parent)})
    with only_one(office.path.parent) if running else contextlib.nullcontext():
        return {check.name: check for check in doctor.examine(settings)}


def hear(office: Office, code: str, **facts: str) -> None:
    status = LineStatus.UP if code == "ready" else LineStatus.DOWN
    office.hear(LineState(status, code, facts))


def test_a_line_that_works_needs_nothing(office: Office) -> None:
    assert "becomes its own" in examine(office)["line front, device"].found
    hear(office, "ready", imei="350", maker="huawei", model="E3131", smsc="+447700900000")
    found = examine(office)
    assert found["line front"].as_text() == "[ok] line front: works"
    assert [name for name, check in found.items() if name.startswith("line front") and not check.ok] == []
    told = found["line front, device"].found
    assert told == "huawei; E3131; IMEI 350; message centre +447700900000"


def test_a_trouble_comes_with_its_cause_and_remedy(office: Office) -> None:
    hear(office, "other_sim", iccid="89442")
    office.accept()
    check = examine(office)["line front"]
    assert not check.ok
    assert check.found.startswith("another SIM is in the modem; 1 text waits. It is not the one")
    assert "sms-gateway line confirm front" in check.remedy


def test_who_holds_the_port_is_named_with_the_remedy(office: Office) -> None:
    hear(office, "port_busy", holder="brltty (process 77)")
    check = examine(office)["line front"]
    assert "brltty (process 77) is using the modem" in check.found
    assert "apt remove brltty" in check.remedy


def test_who_holds_the_port_is_named_where_the_service_cannot_see_it(office: Office, tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    hear(office, "port_busy", device=str(port))
    with port.open() as held, subprocess.Popen(["/bin/sleep", "60"], stdin=held) as other:
        check = examine(office)["line front"]
        other.kill()
    assert f"sleep (process {other.pid}) is using the modem" in check.found


def test_what_a_line_said_before_the_program_ended_is_not_said_of_now(office: Office) -> None:
    hear(office, "ready", signal_dbm="-71")
    found = examine(office, running=False)
    assert found["program"].remedy == "Start it with: sms-gateway run"
    assert found["line front"].found.startswith("the modem is not plugged in"), "it was asked"
    assert "line front, signal" not in found


@pytest.mark.parametrize(("offset", "ok"), [("0", True), ("-120", True), ("121", False), ("-4000", False)])
def test_the_networks_clock_is_a_second_opinion(office: Office, offset: str, ok: bool) -> None:
    hear(office, "ready", clock_offset_s=offset)
    check = examine(office)["line front, clock"]
    assert check.ok is ok
    assert ("minutes" in check.found) is not ok
    assert ("set-ntp" in check.remedy) is not ok


@pytest.mark.parametrize(("used", "ok"), [("0", True), ("15", True), ("16", False), ("20", False)])
def test_a_memory_that_is_nearly_full_is_a_finding(office: Office, used: str, ok: bool) -> None:
    hear(office, "ready", storage_used=used, storage_total="20")
    assert examine(office)["line front, memory"].ok is ok


@pytest.mark.parametrize(
    "facts",
    [
        {"clock_offset_s": "?", "storage_used": "?", "storage_total": "20"},
        {"storage_used": "0", "storage_total": "0"},
        {"storage_total": "20"},
    ],
)
def test_what_is_not_known_is_no_finding(office: Office, facts: dict[str, str]) -> None:
    hear(office, "ready", imei="350", **facts)
    assert not {"line front, clock", "line front, memory"} & set(examine(office))


def test_what_a_line_cannot_do_is_said_and_nothing_is_wrong_with_it(office: Office) -> None:
    able = Abilities(delivery_reports=False, calls=False)
    office.hear(LineState(LineStatus.UP, "ready", abilities=able))
    check = examine(office)["line front, device"]
    assert check.ok
    assert check.found.endswith("cannot tell whether a text arrived; cannot tell of missed calls")


def test_a_box_brought_back_from_a_backup_lacks_nothing_before_its_first_start(office: Office) -> None:
    now = utc_now()
    office.write(lambda tx: restored.settle(tx, now, now, Log(), False, "command:test", now))
    with only_one(office.path.parent):
        pass  # what brings a backup back locks the folder, too
    found = examine(office, running=False)
    assert found["reserve"].ok
    assert found["reserve"].found == "not there; the next start of the program sets it aside"
    assert not examine(office)["reserve"].ok, "the program runs, and has none"
    assert found["backup"].ok and found["backup"].found.startswith("this box was brought back from one")
    old = now - timedelta(days=2)
    office.write(lambda tx: restored.settle(tx, old, old, Log(), False, "command:test", old))
    assert "none was made yet" in examine(office)["backup"].found


def test_a_kernel_without_ipv6_is_no_mistake_of_the_doctors(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ipv4Only(socket.socket):
        def __init__(self, family: int = -1, *more: int) -> None:
            if family == socket.AF_INET6:
                raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
            super().__init__(family, *more)

    env = {"SMS_GATEWAY_DATA_DIR": str(office.path.parent), "SMS_GATEWAY_LISTEN": "[::1]:8080"}
    monkeypatch.setattr(socket, "socket", Ipv4Only)
    (found,) = panel.panel(Look(config.load(None, env)))
    assert (found.finding, found.seen) == ("untried", False) and "not supported" in found.found


def test_a_backup_to_a_stick_that_was_taken_away_is_not_missed(office: Office, tmp_path: Path) -> None:
    now = utc_now()
    made = {"started_at": now, "ended_at": now, "sealed": True, "verified_at": now}
    (tmp_path / "night").touch()
    office.write(lambda tx: tx.insert(backups, {**made, "kind": "night", "path": str(tmp_path / "night")}))
    office.write(lambda tx: tx.insert(backups, {**made, "kind": "asked", "path": "/mnt/stick"}))
    assert examine(office)["backup"].finding == "on_box"
    (tmp_path / "night").unlink()
    assert examine(office)["backup"].finding == "missing"


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[None]:
    """A program by that name."""
    program = shutil.copy(shutil.which("sleep") or "/bin/sleep", folder / name)
    with subprocess.Popen([program, "60"]) as process:
        yield
        process.kill()


@pytest.fixture
def gammu(tmp_path: Path) -> Iterator[None]:
    with running("gammu-smsd", tmp_path):
        yield


@pytest.mark.alone("programs")
@pytest.mark.usefixtures("gammu")
@pytest.mark.parametrize(("code", "ok"), [("ready", True), ("not_registered", True), ("port_busy", False)])
def test_programs_that_open_modems_are_blamed_only_for_their_own_trouble(
    office: Office, code: str, ok: bool
) -> None:
    hear(office, code)
    check = examine(office)["other programs"]
    assert check.ok is ok
    assert "gammu-smsd" in check.found
    assert ("mask --now gammu-smsd" in check.remedy) is not ok


@pytest.mark.alone("programs")
@pytest.mark.parametrize(("code", "named"), [("ready", False), ("port_missing", True), ("port_lost", True)])
def test_a_port_that_vanishes_while_brltty_runs_is_explained(
    office: Office, tmp_path: Path, code: str, named: bool
) -> None:
    hear(office, code)
    with running("brltty", tmp_path):
        found = examine(office)
    assert ("brltty" in found) is named
    assert ("other programs" in found) is not named, "it is said once"
    check = found["brltty" if named else "other programs"]
    assert check.ok is not named
    assert ("apt remove brltty" in check.remedy) is named


@pytest.mark.alone("programs")
@pytest.mark.usefixtures("gammu")
def test_no_program_is_blamed_for_what_was_so_before_ours_ended(office: Office) -> None:
    hear(office, "port_busy")
    found = examine(office, running=False)
    assert found["line front"].found.startswith("the modem is not plugged in")
    assert found["other programs"].ok


NETWORK_CARD = {0: ("02", "06", "00"), 1: ("0a", "00", "00")}
CD_ROM = {0: ("08", "06", "50")}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSysfs:
    """The machine's /sys."""
    made = FakeSysfs(tmp_path)
    monkeypatch.setattr(candidates.usb_without_port, "__defaults__", (made.root,))
    return made


@pytest.mark.parametrize(("code", "ok"), [("ready", True), ("no_answer", True), ("port_missing", False)])
def test_a_stick_in_network_card_mode_is_named_with_its_fix(
    office: Office, box: FakeSysfs, code: str, ok: bool
) -> None:
    box.stick("12d1:14dc", kinds=NETWORK_CARD, driver="cdc_ether")
    hear(office, code)
    check = examine(office)["modem 12d1:14dc"]
    assert (check.ok, check.found) == (ok, "is in network-card mode and shows no port")
    assert ("/etc/usb_modeswitch.d/12d1:1f01" in check.remedy) is not ok


def test_a_stick_without_a_port_is_named_before_there_is_a_line(tmp_path: Path, box: FakeSysfs) -> None:
    box.stick("19d2:fff5", kinds=CD_ROM, driver="usb-storage")
    folder = tmp_path / "data"
    folder.mkdir()
    settings = config.load(None, {"SMS_GATEWAY_DATA_DIR": str(folder)})
    (check,) = [check for check in doctor.examine(settings) if check.name.startswith("modem ")]
    assert (check.ok, check.name) == (False, "modem 19d2:fff5")
    assert "usb-modeswitch" in check.remedy


def test_a_stick_with_a_port_is_no_finding(office: Office, box: FakeSysfs) -> None:
    box.stick("12d1:1001", {"ttyUSB0": "/dev/null"})
    hear(office, "port_missing")
    assert not [name for name in examine(office) if name.startswith("modem ")]


def test_public_holidays_that_cannot_be_computed_are_told(office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "office.country", "GB"))
    assert "public holidays" not in examine(office)
    office.write(lambda tx: holidays.note_trouble(tx, "it ended with 1"))
    check = examine(office)["public holidays"]
    assert not check.ok and check.found == "those of GB could not be computed: it ended with 1"


def test_regions_without_public_holidays_are_named(office: Office) -> None:
    assert "public holidays" not in examine(office)
    office.write(lambda tx: settings.put(tx, "hours.holidays", "ZZ"))
    office.write(lambda tx: holidays.put(tx, "ZZ", None, office.clock().date(), "1"))
    check = examine(office)["public holidays"]
    assert check.ok
    assert check.found == "none are known for ZZ; there every day counts as a working day"
