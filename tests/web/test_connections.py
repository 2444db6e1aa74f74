"""The panel takes a limited number of connections."""

from __future__ import annotations

import contextlib
import http.client
import resource
import socket
from collections.abc import Callable

import pytest
from flask import Flask

from gateway.config import Settings
from gateway.web import connections
from tests.office import Office
from tests.stories.harness import until
from tests.web.serving import Served


@pytest.mark.parametrize(("limit", "most"), [(1024, 500), (256, 156), (64, 1), (resource.RLIM_INFINITY, 500)])
def test_descriptors_are_left_for_others(monkeypatch: pytest.MonkeyPatch, limit: int, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert connections.most_connections() == most


def test_who_comes_when_all_are_taken_is_hung_up_on_until_one_is_free(
    panel: Flask, office: Office, boot: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 3)
    with Served(panel, office, boot) as served, contextlib.ExitStack() as calls:
        host, _, port = served.address.removeprefix("http://").rpartition(":")
        there = (host, int(port))
        taken = [
            calls.enter_context(socket.create_connection(there, source_address=(f"127.0.0.{n}", 0)))
            for n in (2, 3, 4)
        ]
        until(lambda: not answers(served)(), what="all are taken")
        taken[0].sendall(b"GET /healthz/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        until(answers(served), what="one is free")


def test_one_address_leaves_places_to_others(
    panel: Flask, office: Office, boot: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 10)
    with Served(panel, office, boot) as served, contextlib.ExitStack() as calls:
        host, _, port = served.address.removeprefix("http://").rpartition(":")
        there, here = (host, int(port)), ("127.0.0.2", 0)
        for _ in range(20):
            calls.enter_context(socket.create_connection(there, source_address=here))
        until(answers(served), what="another address is answered")


def test_connections_that_their_clients_ended_do_not_count(
    panel: Flask, office: Office, boot: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some clients hang up with the last octet of the answer, before the server is done with it."""
    monkeypatch.setattr(connections, "MOST", 20)
    with Served(panel, office, boot) as served:
        assert all(answers(served, "/healthz/live")() for _ in range(300))


def answers(served: Served, path: str = "/healthz/ready") -> Callable[[], bool]:
    def ask() -> bool:
        connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=10)
        with contextlib.closing(connection):
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                return bool(answer.read())
            except (OSError, http.client.HTTPException):
                return False

    return ask
