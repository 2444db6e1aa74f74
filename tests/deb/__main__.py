"""`make test-deb`: from a clean Debian 12 to a delivered text, then removed, installed again and updated.

Prints what took how long. It needs root, the right to mount, debootstrap and a Debian mirror.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import sync_playwright

from deb import build, environment
from deb.settings import config_file
from tests.deb.clean_debian import AS_SERVICE, Machine, fresh
from tests.fake_modem.control import FakeModem
from tests.stories.first_run import ANSWER, Person, first_run
from tests.stories.harness import ANY_HOUR, OPEN, until
from tests.web.test_browser import CHROMIUM, DESKTOP, QUIET

KEPT = environment.ROOT / "tmp" / "debian-12"
PHONE = "+12025550123"
DATA = "/var/lib/sms-gateway"
ANOTHER_DEFAULT = "# one more line"
TESTED = "A test of the line front. If you can read this, it works."


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """One line of the report."""
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:7.1f} s  {name}", flush=True)


@dataclass
class Running:
    """The program at work, and what it said."""

    said: list[str] = field(default_factory=list)

    def found(self, pattern: str) -> str:
        """What the pattern's group caught; waits for it."""

        def there() -> re.Match[str] | None:
            return re.search(pattern, "".join(self.said))

        match = until(there, 30.0, pattern)
        assert match is not None
        return match[1]


@contextlib.contextmanager
def serving(machine: Machine) -> Iterator[Running]:
    """The program, as its user, until this is left."""
    running = Running()
    process = machine.popen(*AS_SERVICE, "sms-gateway", "run", SMS_GATEWAY_LISTEN="127.0.0.1:0")
    assert process.stdout is not None
    stream = process.stdout
    listener = threading.Thread(target=lambda: running.said.extend(stream))
    listener.start()
    try:
        running.found(rf"{OPEN}(\S+)")
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(90)
        listener.join()
        stream.close()
        assert code == 0, "".join(running.said)


def texts(machine: Machine) -> dict[str, str]:
    """Every text and its state."""
    found = json.loads(machine.run("sms-gateway", "messages", "--json"))
    return {one["body"]: one["state"] for one in found}


def send(machine: Machine, words: str) -> None:
    """A text, until it is on the phone."""
    machine.run("sms-gateway", "send", PHONE, words)
    until(lambda: texts(machine)[words] == "delivered", 60.0, f"{words!r} is delivered")


def owners(machine: Machine) -> set[tuple[str, int]]:
    """Whose the files of the data folder are, and whether others may read them."""
    names = machine.run("sh", "-c", f"stat -c '%U %a' {DATA} {DATA}/*").split("\n")
    return {(user, int(mode, 8) & 0o077) for user, mode in (name.split() for name in names if name)}


def lift_hours(machine: Machine) -> None:
    """Texts of this story go at any hour."""
    for name, value in ANY_HOUR.items():
        machine.run("sms-gateway", "setting", "set", name, value)


def by_the_wizard(machine: Machine, modem: FakeModem) -> None:
    """The first run in a browser, by somebody who knows the labels on the screen alone."""
    with serving(machine) as running, sync_playwright() as playing:
        chromium = playing.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        code = running.found(r"code to set the office up: ([0-9A-Z]{5}-[0-9A-Z]{5})")
        address = running.found(rf"{OPEN}(\S+)")
        adapter = modem.path.removeprefix("socket://")
        who = Person(PHONE, lambda: _answers(modem), adapter, modem.number)
        first_run(chromium.new_page(viewport=DESKTOP), address, code, who)
        chromium.close()
    assert owners(machine) == {("smsgw", 0)}, owners(machine)
    assert TESTED in texts(machine)
    lift_hours(machine)


def _answers(modem: FakeModem) -> None:
    modem.control.text(PHONE, ANSWER)


def by_commands(machine: Machine, modem: FakeModem) -> None:
    """The same at a terminal, as root: the data is the service's all the same."""
    add = ("user", "add", "anna", "--role", "admin", "--password-stdin")
    machine.run("sms-gateway", *add, feed="the kettle is on again\n")
    lift_hours(machine)
    machine.run("sms-gateway", "line", "add", "front", "--port", modem.path, "--no-limit")
    assert owners(machine) == {("smsgw", 0)}, owners(machine)
    with serving(machine):
        send(machine, "Your table is ready.")


def removed_and_back(machine: Machine, package: Path) -> None:
    config = machine.path("/etc/sms-gateway/config.toml")
    config.write_text(config.read_text() + "# a note of ours\n")
    machine.run("apt-get", "remove", "-y", "sms-gateway")
    assert not machine.path("/opt/sms-gateway").exists()
    assert machine.path(f"{DATA}/gateway.db").exists()
    machine.install(package)
    assert "# a note of ours" in config.read_text()
    with serving(machine):
        assert texts(machine)[TESTED] == "delivered"
        assert ANSWER in texts(machine)
        send(machine, "Back again.")


def updated(machine: Machine, package: Path, version: str) -> None:
    """Not under a program that runs; and the settings are ours, whatever the new version's are by default."""
    config = machine.path("/etc/sms-gateway/config.toml")
    ours = config.read_text()
    with serving(machine):
        shutil.copy(package, machine.path("/tmp"))
        assert "still runs" in machine.run("apt-get", "install", "-y", f"/tmp/{package.name}", code=100)
        assert "still runs" in machine.run("apt-get", "remove", "-y", "sms-gateway", code=100)
        assert version not in machine.run("sms-gateway", "version")
    machine.install(package)
    assert version in machine.run("sms-gateway", "version")
    assert config.read_text() == ours
    assert ANOTHER_DEFAULT in machine.path("/usr/share/sms-gateway/config.toml").read_text()
    with serving(machine):
        assert set(texts(machine)) >= {TESTED, ANSWER, "Back again."}
        send(machine, "After the update.")


def under_systemd(machine: Machine, package: Path) -> None:
    """Installed over itself, twice, where systemd runs, played by a file that notes what it is asked."""
    noted = machine.path("/tmp/asked")
    player = machine.path("/usr/bin/systemctl")
    answers = 'case "$*" in *is-enabled*) echo enabled ;; *is-active*) exit 3 ;; esac'
    player.write_text(f'#!/bin/sh\necho "$@" >> /tmp/asked\n{answers}\n')
    player.chmod(0o755)
    machine.path("/run/systemd/system").mkdir(parents=True)
    for _ in range(2):
        machine.install(package)
    asked = noted.read_text().splitlines()
    done = [word for line in asked for word in line.split() if word in ("stop", "start")]
    assert done == ["stop", "start"] * 2, asked
    assert owners(machine) == {("smsgw", 0)}
    machine.path("/run/systemd/system").rmdir()
    player.unlink()


def purged(machine: Machine, package: Path) -> None:
    """History is for good, unless somebody says otherwise: where nobody can be asked, and at a terminal."""
    asked = {"question": "Type delete, or Enter to keep them", "answer": ""}
    purge = ("apt-get", "purge", "-y", "sms-gateway")
    assert "were kept" in machine.run(*purge)
    assert not machine.path("/etc/sms-gateway").exists()
    machine.install(package)
    assert "were kept" in machine.typed(*purge, **asked)
    machine.install(package)
    assert set(texts(machine)) >= {TESTED, ANSWER, "After the update."}
    assert "were deleted" in machine.typed(*purge, **asked | {"answer": "delete"})
    assert not machine.path(DATA).exists()


def purged_with_leave(machine: Machine) -> None:
    """The file that says that everything may go, where nobody can be asked; the data lie on another disk."""
    machine.run("mv", DATA, "/srv/texts")
    machine.run("ln", "-s", "/srv/texts", DATA)
    machine.path("/srv/texts/delete-everything").touch()
    assert "All texts in /srv/texts were deleted" in machine.run("apt-get", "purge", "-y", "sms-gateway")
    assert machine.run("sh", "-c", f"ls -d {DATA} /srv/texts 2>/dev/null || true") == ""


def over_make_install(machine: Machine, package: Path) -> None:
    """The program that was put there without a package is the one that runs, and that is said."""
    unit = machine.path("/usr/local/lib/systemd/system/sms-gateway.service")
    unit.parent.mkdir(parents=True)
    unit.touch()
    assert "sudo make uninstall" in machine.install(package)
    unit.unlink()
    assert "sudo make uninstall" not in machine.install(package)


def main() -> None:
    """The whole story."""
    began = time.monotonic()
    version = environment.version()
    newer = f"{version}+next1"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        with step("the package is built"):
            package = build.package(folder, version, "none")
        with step("a package of a higher version, with other settings by default, is built"):
            build.config_file = lambda: f"{config_file()}{ANOTHER_DEFAULT}\n"
            next_package = build.package(folder, newer, "none")
        with contextlib.ExitStack() as stack:
            with step("a clean Debian 12 is there"):
                machine = stack.enter_context(fresh(folder, KEPT))
            modem = stack.enter_context(FakeModem("--tcp", "0", "--report-delay", "0.2"))
            first = time.monotonic()
            with step("installed with what it depends on"):
                machine.install(package)
            with step("the first run in a browser: a text delivered and answered"):
                by_the_wizard(machine, modem)
            print(f"{time.monotonic() - first:7.1f} s  = from nothing to delivered and answered")
            with step("removed, installed again: history and settings are there"):
                removed_and_back(machine, package)
            with step("not updated while it runs; then it is: history and settings are there, texts go"):
                updated(machine, next_package, newer)
            with step("installed over itself, twice, where systemd runs: stopped before, started after"):
                under_systemd(machine, next_package)
            with step("purged: kept, unless a person at the terminal says delete"):
                purged(machine, next_package)
            with step(
                "installed anew, beside make install and without it; the first day by commands: delivered"
            ):
                over_make_install(machine, package)
                by_commands(machine, modem)
            with step("purged where nobody is asked, with the file that gives leave, on another disk"):
                purged_with_leave(machine)
    print(f"{time.monotonic() - began:7.1f} s  in all")


if __name__ == "__main__":
    main()
