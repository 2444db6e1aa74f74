"""An installation at rest in which nothing is wrong, to plant troubles in: a real data folder, copied for
each.

What the machine itself is like (its kernel's clock, its USB, its systemd) is taken out of the picture,
unless a trouble puts it there.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway import config, doctor, kernel_clock
from gateway.clock import utc_now
from gateway.desk import lines as desk_lines
from gateway.doctor import Check, panel, service
from gateway.domain.backups import Recipient
from gateway.domain.line import LineState, LineStatus
from gateway.kernel_clock import Kernel
from gateway.lock import only_one
from gateway.modem import candidates
from gateway.store import schema, settings, team
from gateway.store.database import BALLAST_BYTES, Tx
from gateway.store.tables import backups
from tests.modem.sysfs import FakeSysfs
from tests.office import Clock, Office

FRONT = "front"
NOBODY = 65534


@dataclass
class Place:
    """A data folder, and the machine around it. `found` is what a story found that had to look itself."""

    data: Path
    around: Path
    env: dict[str, str] = field(default_factory=dict)
    running: bool = True
    kernel: Kernel = field(default_factory=lambda: Kernel(True, 1e6, True, "one"))
    found: list[Check] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.env |= {"SMS_GATEWAY_DATA_DIR": str(self.data), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"}
        self.usb = FakeSysfs(self.around)
        self.systemd = self.around / "systemd"
        self.least_port = self.around / "least port"
        self.least_port.write_text("1024\n")

    @property
    def path(self) -> Path:
        return self.data / "gateway.db"

    @contextlib.contextmanager
    def office(self) -> Iterator[Office]:
        """Work on its database, by the right time."""
        with Office(self.path, Clock(utc_now())) as office:
            yield office

    def write(self, verb: Callable[[Tx], Any]) -> None:
        with self.office() as office:
            office.write(verb)

    def add_line(self, name: str, port: str, **more: Any) -> None:
        self.write(lambda tx: desk_lines.add(tx, name, port, "command:test", utc_now(), **more))

    def hears(self, code: str, **facts: str) -> None:
        """The program says so of the line front."""
        status = LineStatus.UP if code == "ready" else LineStatus.DOWN
        with self.office() as office:
            office.hear(LineState(status, code, facts))

    def examine(self) -> list[Check]:
        """What the doctor finds."""
        with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as life:
            patch.setattr(kernel_clock, "look", lambda: self.kernel)
            patch.setattr(candidates.usb_without_port, "__defaults__", (self.usb.root,))
            patch.setattr(service, "RUNS_SYSTEMD", self.systemd)
            patch.setattr(panel, "LEAST_PORT", self.least_port)
            patch.setenv("PATH", f"{self.around}{os.pathsep}{os.environ['PATH']}")
            service.asked.cache_clear()
            life.callback(service.asked.cache_clear)
            if self.running and self.data.exists():
                life.enter_context(only_one(self.data))
            return doctor.examine_from(lambda: config.load(None, self.env))

    def examine_as_its_owner(self) -> list[Check]:
        """What the doctor finds without root's power over the rights of files: capabilities are a thread's
        own, and those it begins have no more (capabilities(7))."""
        found: list[Check] = []

        def look() -> None:
            give_up_capabilities()
            found.extend(self.examine())

        looking = threading.Thread(target=look)
        looking.start()
        looking.join()
        return found

    @contextlib.contextmanager
    def of_the_service(self) -> Iterator[Path]:
        """The data folder is the service's, in a place of its own that it gets to; whoever looks is root."""
        with tempfile.TemporaryDirectory() as around:
            Path(around).chmod(0o711)
            self.data = Path(shutil.copytree(self.data, Path(around) / "data"))
            self.env["SMS_GATEWAY_DATA_DIR"] = str(self.data)
            self.give_to_the_service(self.data, *self.data.rglob("*"))
            yield Path(around)

    def give_to_the_service(self, *paths: Path) -> None:
        """Its user is nobody."""
        for path in paths:
            os.chown(path, NOBODY, NOBODY)

    def program(self, name: str, script: str) -> None:
        """A program the system finds by that name."""
        path = self.around / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


def give_up_capabilities() -> None:
    """Let this thread be no more than its user (capset(2), version 3)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def found(folder: Path) -> None:
    """Make an installation in an empty folder, to be copied."""
    folder.mkdir(mode=0o700)
    (folder.parent / "backup").touch()
    schema.prepare(folder / "gateway.db")
    now = utc_now()

    def begin(tx: Tx) -> None:
        team.add_user(tx, username="anna", name="Anna", role="admin", password_hash="x", created_at=now)
        made = {
            "kind": "night",
            "started_at": now,
            "ended_at": now,
            "path": str(folder.parent / "backup"),
            "size": 1,
        }
        tx.insert(backups, {**made, "sealed": True, "verified_at": now})
        settings.put(tx, "backup.recipient", str(Recipient(bytes(32))))

    with Office(folder / "gateway.db", Clock(now)) as office:
        office.write(lambda tx: desk_lines.set_port(tx, FRONT, "loopback", "command:test", now))
        office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-71"}))
        office.know_holidays()
        office.write(begin)
    with (folder / "ballast").open("wb") as file:
        file.truncate(BALLAST_BYTES)
    (folder / "ballast").chmod(0o600)
    (folder / "daemon.lock").touch(0o600)


def copied(founded: Path, around: Path) -> Place:
    """A copy of that installation, with room around it."""
    around.mkdir(parents=True, exist_ok=True)
    return Place(Path(shutil.copytree(founded, around / "data")), around)


def wrong(checks: Sequence[Check]) -> set[str]:
    """Names of the checks that need somebody."""
    return {check.name for check in checks if not check.ok}
