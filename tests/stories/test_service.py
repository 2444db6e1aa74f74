"""What the service manager hears of the real program: open, alive, silent when it hangs, stopping."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest

from gateway.cli import EX_CONFIG
from tests.fake_modem.control import FakeModem
from tests.listening import ALIVE, READY, STOPPING, Manager, listening
from tests.stories.harness import Office, exchange, until

CUSTOMER = "+12025550123"
WATCH_S = 2.0
"""Instead of the unit's minute; the program beats four times in it."""
SILENT_S = 2 * WATCH_S + 1.0
"""Longer than a live program ever is."""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """Who starts the daemon listens to it, and watches it."""
    with listening() as one:
        monkeypatch.setenv("NOTIFY_SOCKET", one.address)
        monkeypatch.setenv("WATCHDOG_USEC", str(int(WATCH_S * 1_000_000)))
        yield one


def silences(times: list[float]) -> list[float]:
    """Seconds between two signs of life, the longest first."""
    return sorted((later - earlier for earlier, later in pairwise(times)), reverse=True)


def test_it_is_ready_when_its_doors_are_open_and_says_that_it_stops(
    office: Office, modem: FakeModem, heard: Manager
) -> None:
    office.launch_daemon()
    until(lambda: READY in heard.words, 30, READY)
    assert heard.words[0].startswith("EXTEND_TIMEOUT_USEC=")  # the database may take its time
    office.wait_open(0.5)
    assert exchange(office.address, "GET", "/healthz/ready").status == 200
    until(lambda: heard.status == "ready", what="the status")
    modem.control("set", air_time=1.5)
    office.post(CUSTOMER, "The dentist is running late.")
    until(lambda: modem.control.state()["submissions"] == 1, what="it is on the air")
    assert STOPPING not in heard.words
    assert office.stop() == 0
    assert heard.words.count(STOPPING) == heard.words.count(READY) == 1
    assert "the text that is on the air" in heard.status
    assert modem.control.texts(CUSTOMER) == ["The dentist is running late."]


def test_what_cannot_start_is_never_ready(bare_office: Office, heard: Manager) -> None:
    bare_office.listen = "192.0.2.1:8080"  # without TLS
    assert bare_office.run("run").code == EX_CONFIG
    bare_office.listen = "127.0.0.1:0"
    with closing(sqlite3.connect(bare_office.data / "gateway.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    assert bare_office.run("run").code == EX_CONFIG
    assert READY not in heard.words


@pytest.mark.slow
def test_a_database_that_another_program_locks_ends_the_signs_of_life(
    office: Office, modem: FakeModem, heard: Manager
) -> None:
    office.start()
    until(lambda: ALIVE in heard.words)
    with closing(sqlite3.connect(office.data / "gateway.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: "no sign of life from the database" in heard.status)
        noticed = heard.clock()
        until(lambda: heard.clock() > noticed + SILENT_S)
        assert heard.times(ALIVE)[-1] < noticed
        other.execute("ROLLBACK")
    until(lambda: heard.times(ALIVE)[-1] > noticed, what="it is alive again")
    until(lambda: heard.status == "ready")
    assert office.stop() == 0


HELD_UP = """
import asyncio, sys, time
from gateway import config, daemon
def say(address):
    print("The panel is open at", address, flush=True)
    asyncio.get_running_loop().call_later(1.0, time.sleep, 6.0)
sys.exit(asyncio.run(daemon.run(config.load(), say)))
"""


@pytest.mark.slow
def test_a_loop_that_stands_still_ends_them(office: Office, modem: FakeModem, heard: Manager) -> None:
    office.start("-c", HELD_UP)
    until(lambda: silences(heard.times(ALIVE))[:1] > [SILENT_S], what="it is silent, and alive again")
    assert office.stop() == 0


@pytest.mark.slow
def test_a_modem_that_is_not_there_does_not(office: Office, heard: Manager) -> None:
    office.start()
    until(lambda: heard.status == "ready, 1 line down")
    began = heard.clock()
    until(lambda: heard.clock() > began + SILENT_S)
    assert silences([*heard.times(ALIVE), heard.clock()])[0] < SILENT_S
    assert office.stop() == 0
