"""Asking every port what is there, for the panel: a modem, what is none, a line's own port, and a failure."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway import surveyor
from gateway.desk import ports
from gateway.domain.ports import Port
from gateway.surveyor import Surveyor
from tests.fake_modem.control import FakeModem
from tests.office import Office
from tests.web.serving import close_reader


def _surveyor(office: Office, patterns: Sequence[str] = (), lines: dict[str, str] | None = None) -> Surveyor:
    return Surveyor(office.database, office.clock, patterns, lambda: lines or {})


def _survey(office: Office, *patterns: str, address: str = "", lines: dict[str, str] | None = None) -> Any:
    """Ask as the panel does, let the program answer, and read what it found."""

    async def answer() -> None:
        await _surveyor(office, patterns, lines).answer()
        await close_reader(office.database)

    office.write(lambda tx: ports.ask(tx, address, office.clock()))
    asyncio.run(answer())
    return office.read(lambda tx: ports.last(tx, office.clock()))


@pytest.fixture(autouse=True)
def no_sticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is plugged into the machine the tests run on is not asked."""
    monkeypatch.setattr(surveyor, "usb_without_port", list)


def test_a_modem_is_found_on_its_port(office: Office, tmp_path: Path) -> None:
    link = tmp_path / "modem"
    with FakeModem("--link", str(link), "--boot-pace", "0.01"):
        (port,) = _survey(office, str(link)).found
    assert (port.path, port.code, port.is_best, port.use) == (str(link), "ready", True, str(link))
    assert port.facts["maker"] and port.facts["operator"]


def test_a_question_asked_meanwhile_finds_no_port_busy_with_the_one_before(
    office: Office, tmp_path: Path
) -> None:
    """A modem holds its port while it is asked; whoever presses the button again has to wait for that."""
    link = tmp_path / "modem"
    surveyor = _surveyor(office, [str(link)])

    async def press_twice() -> None:
        async with asyncio.TaskGroup() as tasks:
            await office.database.write(lambda tx: ports.ask(tx, "", office.clock()))
            tasks.create_task(surveyor.answer())
            while not _is_open(link):  # noqa: ASYNC110 - a port tells nobody that it was opened
                await asyncio.sleep(0)
            office.clock.step(seconds=1)
            await office.database.write(lambda tx: ports.ask(tx, "socket://127.0.0.1:9", office.clock()))
            tasks.create_task(surveyor.answer())
        await close_reader(office.database)

    with FakeModem("--link", str(link), "--boot-pace", "0.01"):
        asyncio.run(press_twice())
    survey = office.read(lambda tx: ports.last(tx, office.clock()))
    assert survey is not None and survey.found is not None
    assert {port.path: port.code for port in survey.found}[str(link)] == "ready"


def _is_open(path: Path) -> bool:
    """Whether this process has it open."""
    ours = set()
    for each in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            ours.add(os.readlink(f"/proc/self/fd/{each}"))
    return os.path.realpath(path) in ours


def test_the_tries_left_for_a_pin_are_told(office: Office, tmp_path: Path) -> None:
    link = tmp_path / "modem"
    with FakeModem("--link", str(link), "--boot-pace", "0.01", "--pin", "4321"):
        for _ in range(2):  # asking takes none of them
            office.clock.step(seconds=1)
            (port,) = _survey(office, str(link)).found
            assert (port.code, port.facts["pin_tries_left"]) == ("sim_pin", "3")


def test_a_modem_behind_an_adapter_is_asked_and_one_that_is_not_there_said(office: Office) -> None:
    with FakeModem("--tcp", "0", "--boot-pace", "0.01") as modem:
        (port,) = _survey(office, "/nothing/*", address=modem.path).found
        assert (port.path, port.code, port.is_best) == (modem.path, "ready", True)
    (port,) = _survey(office, "/nothing/*", address=modem.path).found
    assert port.code in ("port_missing", "port_lost", "port_denied") and not port.is_best


def test_the_port_of_a_line_is_left_alone(office: Office, tmp_path: Path) -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    (port,) = _survey(office, path, lines={path: "front"}).found
    assert (port.code, port.line, port.is_best) == ("port_busy", "front", False)
    os.set_blocking(master, False)
    with pytest.raises(BlockingIOError):
        os.read(master, 1)
    os.close(master)
    os.close(slave)


def test_a_failure_is_told_and_stops_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(patterns: object) -> list[Any]:
        raise OSError("no /sys here")

    monkeypatch.setattr(surveyor, "list_candidates", broken)
    survey = _survey(office)
    assert survey.failed and survey.found == ()


def test_a_read_that_fails_does_not_end_the_program(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    async def answer() -> None:
        await _surveyor(office).answer()
        await close_reader(office.database)

    office.write(lambda tx: tx.execute(text("DROP TABLE box_state")))
    asyncio.run(answer())
    assert "could not be told" in caplog.text


def test_nobody_asked(office: Office) -> None:
    async def answer() -> None:
        await _surveyor(office).answer()
        await close_reader(office.database)

    asyncio.run(answer())
    assert office.read(lambda tx: ports.last(tx, office.clock())) is None


def test_what_was_found_is_told_as_it_was(office: Office) -> None:
    port = Port("/dev/x", "ready", {"maker": "Acme"}, "/dev/serial/by-id/x", "Stick", True, "", "")
    office.write(lambda tx: ports.ask(tx, "", office.clock()))
    survey = office.read(lambda tx: ports.last(tx, office.clock()))
    assert survey is not None and survey.found is None
    office.write(lambda tx: ports.answer(tx, survey, [port], office.clock()))
    again = office.read(lambda tx: ports.last(tx, office.clock()))
    assert again is not None and again.found == (port,)
