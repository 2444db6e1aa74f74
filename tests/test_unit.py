"""The unit and what is installed with it: understood by systemd, tight, and in step with the program."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from gateway import cli, daemon, heartbeat, kernel_clock
from gateway.modem.usb_ids import MAKERS
from tests import docs, unit_file
from tests.unit_file import FOLDER, SERVICE, tool, value, values

PROGRAM = "/usr/bin/sms-gateway"
MOST_EXPOSED = 1.5


def _verify(tmp_path: Path, text: str) -> tuple[int, str]:
    """What systemd says of a unit whose program is where it is on this machine."""
    copy = tmp_path / SERVICE.name
    here = Path(sys.executable).with_name("sms-gateway")
    copy.write_text(text.replace(PROGRAM, str(here)), encoding="utf-8")
    done = tool("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", copy)
    return done.returncode, done.stdout + done.stderr


def test_systemd_has_nothing_to_say_against_it(tmp_path: Path) -> None:
    assert value("ExecStart") == f"{PROGRAM} run"
    assert _verify(tmp_path, SERVICE.read_text(encoding="utf-8")) == (0, "")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("Restrat=always", "Restrat"),
        ("WatchdogSec=often", "often"),
        ("SystemCallFilter=@no-such-set", "@no-such-set"),
    ],
)
def test_and_would_say_it(tmp_path: Path, wrong: str, said: str) -> None:
    text = SERVICE.read_text(encoding="utf-8").replace("[Service]\n", f"[Service]\n{wrong}\n")
    assert said in _verify(tmp_path, text)[1]


def test_it_is_hardly_exposed() -> None:
    done = tool("systemd-analyze", "security", "--offline=yes", "--no-pager", SERVICE)
    found = re.search(r"Overall exposure level for sms-gateway.service: (\d+\.\d) ", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_it_knows_the_program() -> None:
    assert int(value("TimeoutStopSec")) > daemon.GRACE_S + daemon.CLOSE_WITHIN
    assert int(value("RestartPreventExitStatus")) == cli.EX_CONFIG
    watch_s = int(value("WatchdogSec"))
    assert watch_s / heartbeat.IN_A_WATCH == heartbeat.EVERY_S
    assert watch_s >= heartbeat.UNWRITTEN_S
    assert (value("Type"), value("NotifyAccess"), value("Restart")) == ("notify", "main", "always")
    assert f"{kernel_clock.BOOT_ID_TOLD}=%b" in values("Environment")


def test_modems_can_be_opened() -> None:
    """Each kind of serial device, and with PrivateDevices= there would be none."""
    assert value("PrivateDevices") == "no"
    allowed = dict(each.split() for each in values("DeviceAllow"))
    assert {
        kind: allowed[f"char-{kind}"] for kind in ("ttyUSB", "ttyACM", "ttyS", "usb_device")
    } == dict.fromkeys(("ttyUSB", "ttyACM", "ttyS", "usb_device"), "rw")
    before = {unit for line in values("After") for unit in line.split()}
    modules = {unit for line in values("Wants") for unit in line.split()}
    assert modules == {f"modprobe@{name}.service" for name in ("usbserial", "option", "cdc_acm")}
    assert modules <= before


def test_the_user_is_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = tool("systemd-sysusers", f"--root={tmp_path}", FOLDER / "sms-gateway.sysusers")
    assert done.returncode == 0, done.stderr
    (user,) = re.findall(r"^smsgw:.*$", (tmp_path / "etc/passwd").read_text(), re.MULTILINE)
    assert user.split(":")[5:] == ["/var/lib/sms-gateway", "/usr/sbin/nologin"]
    assert re.search(r"^dialout:.*:smsgw$", (tmp_path / "etc/group").read_text(), re.MULTILINE)
    assert value("User") == value("Group") == "smsgw"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_the_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    tool("systemd-sysusers", f"--root={tmp_path}", FOLDER / "sms-gateway.sysusers")
    done = tool("systemd-tmpfiles", "--create", f"--root={tmp_path}", FOLDER / "sms-gateway.tmpfiles")
    assert done.returncode == 0, done.stderr
    uid = int(re.findall(r"^smsgw:[^:]*:(\d+):", (tmp_path / "etc/passwd").read_text(), re.MULTILINE)[0])
    settings, data = (tmp_path / f"{place}/sms-gateway" for place in ("etc", "var/lib"))
    assert (settings.stat().st_mode & 0o777, settings.stat().st_uid) == (0o750, 0)
    assert settings.stat().st_gid != 0  # the service reads it
    assert (data.stat().st_mode & 0o777, data.stat().st_uid) == (0o700, uid)
    assert value("ConfigurationDirectoryMode") == "0750"
    assert value("StateDirectoryMode") == "0700"


# --- udev --------------------------------------------------------------------------------------------

RULES = FOLDER / "60-sms-gateway.rules"
PAIR = re.compile(r'(?P<key>[A-Z]+(?:\{[\w/]+\})?)(?P<op>==|!=|\+=|=)"(?P<value>[^"]*)"')


def _rules() -> list[list[tuple[str, str, str]]]:
    """Each rule, as key, operator and value."""
    rules = []
    for line in RULES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pairs = [PAIR.fullmatch(word.strip()) for word in line.split(",")]
            assert all(pairs), line
            rules.append([(one["key"], one["op"], one["value"]) for one in pairs if one])
    return rules


def test_the_rules_know_the_vendors_that_the_program_knows() -> None:
    (vendors,) = (text for rule in _rules() for key, _, text in rule if key == "ATTRS{idVendor}")
    assert vendors.split("|") == sorted(MAKERS)


def test_they_keep_other_programs_off_modems_alone() -> None:
    """What is no modem leaves before the first rule that does something."""
    steps = _rules()
    labels = {value: at for at, rule in enumerate(steps) for key, _, value in rule if key == "LABEL"}
    jumps = [(at, value) for at, rule in enumerate(steps) for key, _, value in rule if key == "GOTO"]
    assert all(labels[target] > at for at, target in jumps)
    begin = labels["sms_gateway_modem"]
    assert steps[begin - 1] == [("GOTO", "=", "sms_gateway_end")]
    done = [(key, op, text) for rule in steps[begin:] for key, op, text in rule]
    assert ("ENV{ID_MM_DEVICE_IGNORE}", "=", "1") in done
    assert ("ATTR{power/control}", "=", "on") in done
    assert ("GROUP", "=", "dialout") in done
    assert all(
        key in ("ACTION", "SUBSYSTEMS", "ATTRS{idVendor}", "GOTO")
        for rule in steps[:begin]
        for key, _, _ in rule
    )


# --- and the page that explains it -------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({name for name, _ in unit_file.settings()}))
def test_each_line_is_explained(name: str) -> None:
    if name not in ("Description", "WantedBy", "Group"):
        assert f"`{name}" in (docs.DOCS / "service.md").read_text(encoding="utf-8")


def test_examples_of_the_page_are_understood(tmp_path: Path) -> None:
    """The drop-ins it shows, each put behind the unit."""
    page = (docs.DOCS / "service.md").read_text(encoding="utf-8")
    examples = re.findall(r"^ {4}(\[Service\]\n(?: {4}\S.*\n)+)", page, re.MULTILINE)
    assert len(examples) > 2
    for example in examples:
        lines = "\n".join(line.strip() for line in example.splitlines()[1:])
        text = SERVICE.read_text(encoding="utf-8").replace("\n[Install]", f"\n{lines}\n\n[Install]")
        assert _verify(tmp_path, text) == (0, ""), shlex.quote(example)
