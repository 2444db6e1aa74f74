"""Clients that take no answer, or leave in the middle of one, keep nobody else out (HTTP/2 and /events)."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived
from h2.settings import SettingCodes

from gateway.config import Settings
from gateway.web import answer as answers
from gateway.web.answer import Answer, NotTaken
from gateway.web.server import MOST_AT_ONCE, MOST_OF_ONE, WORKERS, Router
from gateway.web.site import Site
from tests.office import Office
from tests.web.serving import Served


class Client:
    """Speaks HTTP/2 with the main door. `window`: how many octets of each answer it takes."""

    def __init__(self, served: Served, window: int) -> None:
        self._host, _, port = served.address.removeprefix("http://").rpartition(":")
        self._socket = socket.create_connection((self._host, int(port)), timeout=10)
        self._h2 = H2Connection(H2Configuration(client_side=True))
        self._h2.initiate_connection()
        self._h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self._send()

    def ask(self, path: str) -> None:
        """Send a request; nothing is taken before `hear`."""
        head = [(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", path)]
        self._h2.send_headers(self._h2.get_next_available_stream_id(), head, end_stream=True)
        self._send()

    def hear(self, least: int) -> None:
        """Take so many octets of answers and ask for no more."""
        while least > 0:
            found = self._h2.receive_data(self._socket.recv(65536))
            least -= sum(len(one.data) for one in found if isinstance(one, DataReceived))
            self._send()

    def hang_up(self) -> None:
        """Reset the connection."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _send(self) -> None:
        self._socket.sendall(self._h2.data_to_send())


@pytest.fixture
def large(office: Office, boot: Settings) -> Flask:
    """An application with a small page and a large download, in pieces as backups are."""
    app = Flask("large")
    Site(office.database, boot, office.clock).attach(app.extensions)
    app.add_url_rule("/small", "small", lambda: "here")
    app.add_url_rule("/large", "large", lambda: iter([b"x" * 8192] * 100))
    return app


def small(served: Served) -> int:
    """The status of a small page, asked by HTTP/1.1."""
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/small", headers={"Host": "localhost"})
        return connection.getresponse().status


@contextlib.contextmanager
def served_with(app: Flask, office: Office, boot: Settings, window: int) -> Iterator[tuple[Served, Client]]:
    with Served(app, office, boot) as served:
        yield served, Client(served, window)


def test_downloads_that_broke_off_leave_the_threads_to_others(
    large: Flask, office: Office, boot: Settings
) -> None:
    with served_with(large, office, boot, 16384) as (served, client):
        for _ in range(WORKERS):
            client.ask("/large")
        client.hear(16384)
        client.hang_up()
        assert small(served) == 200


def test_a_client_that_takes_nothing_is_given_up_and_leaves_room_meanwhile(
    large: Flask, office: Office, boot: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TAKEN_WITHIN_S", 0.3)
    with served_with(large, office, boot, 0) as (served, client):
        for _ in range(WORKERS):
            client.ask("/large")
        assert small(served) == 200
        client.hang_up()


# --- the router --------------------------------------------------------------------------------------


async def never(*_: Any) -> None:
    await asyncio.Future()


async def answering(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def asked(path: str = "/", peer: str = "192.0.2.1") -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "2",
        "method": "GET",
        "path": path,
        "headers": [],
        "client": (peer, 1),
    }


async def test_answers_that_nobody_takes_end() -> None:
    router = Router(answering, answering, taken_within=0.01)  # type: ignore[arg-type]
    async with asyncio.timeout(5), asyncio.TaskGroup() as every:
        for n in range(MOST_AT_ONCE):
            every.create_task(router(asked("/events" if n % 2 else "/"), never, never))  # type: ignore[arg-type]
    assert not router._busy


async def test_answers_end_when_their_client_left() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    router = Router(answering, answering, taken_within=600)  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        await router(asked(), gone, never)
    assert not router._busy


async def test_one_address_keeps_no_other_out() -> None:
    said: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        said.extend([message["status"]] if "status" in message else [])

    router = Router(answering, answering, taken_within=600)  # type: ignore[arg-type]
    hung = [asyncio.create_task(router(asked(), never, never)) for _ in range(MOST_OF_ONE)]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await router(asked(), never, send)  # type: ignore[arg-type]
    await router(asked(peer="192.0.2.2"), never, send)  # type: ignore[arg-type]
    assert said == [503, 200]
    for one in hung:
        one.cancel()
    await asyncio.gather(*hung, return_exceptions=True)


async def test_a_long_body_may_take_as_long_as_it_is_being_taken() -> None:
    """Each piece has its own time: a slow line gets the whole of a long page."""
    taken: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        await asyncio.sleep(0.02)
        taken.append(message)

    body = bytes(range(256)) * 1024
    await Answer(send, 0.1).send({"type": "http.response.body", "body": body, "more_body": False})
    assert b"".join(message["body"] for message in taken) == body
    assert [message["more_body"] for message in taken] == [True] * 7 + [False]


async def test_after_one_message_that_nobody_took_no_other_is_waited_for() -> None:
    sent: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])
        await asyncio.Future()

    answer = Answer(send, 0.01)
    for _ in range(3):
        with pytest.raises(NotTaken):
            await answer.send({"type": "x"})
    answer.give_up()
    await answer.send_or_drop({"type": "x"})
    assert sent == ["x"]
