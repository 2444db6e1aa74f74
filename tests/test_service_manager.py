"""What the service manager is told, on a real socket; the whole program at it is in tests/stories."""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from gateway import service_manager
from gateway.service_manager import ServiceManager
from tests.listening import listening
from tests.stories.harness import until

SECOND = 1_000_000


def test_each_message_is_one_datagram() -> None:
    with listening() as heard:
        manager = ServiceManager(heard.address)
        manager.needs(90, "opening")
        manager.ready()
        manager.alive()
        manager.stopping("stopping")
        until(lambda: len(heard.messages) == 4)
    assert heard.messages[:4] == [
        [f"EXTEND_TIMEOUT_USEC={90 * SECOND}", "STATUS=opening"],
        ["READY=1"],
        ["WATCHDOG=1"],
        ["STOPPING=1", "STATUS=stopping"],
    ]


def test_a_status_is_told_when_it_changes_and_not_over_the_last_word() -> None:
    with listening() as heard:
        manager = ServiceManager(heard.address)
        for words in ("ready", "ready", "sending", "ready"):
            manager.status(words)
        manager.stopping("stopping")
        manager.status("sending")
        manager.alive()
        until(lambda: "WATCHDOG=1" in heard.words)
    said = [words for words in heard.words if words.startswith("STATUS=")]
    assert said == ["STATUS=ready", "STATUS=sending", "STATUS=ready", "STATUS=stopping"]


def test_an_address_may_be_a_path() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as way,
    ):
        path = str(Path(folder) / "notify")
        way.bind(path)
        service_manager.from_environment({"NOTIFY_SOCKET": path}).ready()
        assert way.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["/nowhere/notify", "@nobody-listens-here", "/" + "x" * 200])
def test_nobody_at_the_other_end_harms_nothing(address: str, caplog: pytest.LogCaptureFixture) -> None:
    ServiceManager(address).ready()
    assert "cannot be told" in caplog.text


def test_where_nobody_is_named_nothing_is_done(caplog: pytest.LogCaptureFixture) -> None:
    manager = service_manager.from_environment({})
    assert not manager.listens
    manager.ready()
    manager.status("ready")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("given", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "me"}, None),
    ],
)
def test_whose_watchdog_it_is(given: dict[str, str], watchdog_s: float | None) -> None:
    found = service_manager.from_environment({"NOTIFY_SOCKET": "@x", **given})
    assert (found.listens, found.watchdog_s) == (True, watchdog_s)
