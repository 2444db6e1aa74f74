"""The real server: the event stream beside Flask, slow clients, limits, a port that is taken, TLS."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import event

from gateway.config import Settings
from gateway.desk import team
from gateway.store import events
from gateway.web import live, server
from gateway.web.app import create_app
from gateway.web.server import CannotListen, Router
from gateway.web.site import Site
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient
from tests.web.serving import Served, close_reader, on_port

# --- the stream, spoken to as ASGI -------------------------------------------------------------------


class Page:
    """An open page: one request for the stream, held until it ends or is left."""

    def __init__(self, stream: live.EventStream, secret: str, **headers: str) -> None:
        self._left = asyncio.Event()
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.status = 0
        self.headers: dict[str, str] = {}
        given = {"host": "localhost", "cookie": f"sid={secret}", **headers}
        query = given.pop("query", "")
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/events",
            "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        }
        self.task = asyncio.create_task(stream(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self._said.put_nowait(message["body"])
        if not message["more_body"]:
            self._said.put_nowait(None)

    async def next(self) -> str:
        """What is said next; empty at the end."""
        async with asyncio.timeout(10):
            return (await self._said.get() or b"").decode()

    async def leave(self) -> None:
        self._left.set()
        async with asyncio.timeout(10):
            await self.task


@pytest.fixture
async def stream(office: Office, boot: Settings) -> AsyncIterator[live.EventStream]:
    site = Site(office.database, boot, office.clock)
    yield live.EventStream(site, asyncio.Event(), check_every=0.02, heartbeat_every=0.1)
    await close_reader(office.database)


@pytest.fixture
def cookie(anna: Browser) -> str:
    found = anna.client.get_cookie("sid")
    assert found is not None
    return found.value


async def test_a_page_hears_what_happens_as_soon_as_it_is_committed(
    stream: live.EventStream, office: Office, cookie: str
) -> None:
    page = Page(stream, cookie)
    begin = re.fullmatch(r"retry: (\d+)\nevent: hello\ndata: \d+\n\n", await page.next())
    assert begin is not None and 2000 <= int(begin[1]) <= 5000
    office.text_from(ANNA, "hello")
    said = await page.next()
    assert "event: change" in said and '"kind": "message.received"' in said
    assert page.status == 200 and page.headers["content-type"].startswith("text/event-stream")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    await page.leave()


@pytest.mark.parametrize("how", ["last_event_id", "query"])
async def test_a_page_that_comes_back_hears_what_it_missed(
    stream: live.EventStream, office: Office, cookie: str, how: str
) -> None:
    office.text_from(ANNA, "seen")
    seen = office.read(events.last_id)
    office.text_from(ANNA, "missed")
    page = Page(stream, cookie, **{how: str(seen) if how == "last_event_id" else f"after={seen}"})
    await page.next()
    first = (await page.next()).split("\n")[0]
    assert first == f"id: {seen + 1}"
    await page.leave()


@pytest.mark.parametrize("seen", ["999999", "9" * 5000, "x", "-1", "²"])
async def test_a_cursor_that_cannot_be_starts_at_the_end(
    stream: live.EventStream, office: Office, cookie: str, seen: str
) -> None:
    office.text_from(ANNA, "before")
    page = Page(stream, cookie, last_event_id=seen)
    await page.next()
    office.text_from(ANNA, "after")
    assert int((await page.next()).split("\n")[0].removeprefix("id: ")) > 1
    await page.leave()


async def test_a_quiet_stream_says_that_it_lives(stream: live.EventStream, cookie: str) -> None:
    page = Page(stream, cookie)
    await page.next()
    assert await page.next() == "event: beat\ndata: still here\n\n"
    await page.leave()


async def test_a_stream_ends_with_its_session(stream: live.EventStream, office: Office, cookie: str) -> None:
    page = Page(stream, cookie)
    await page.next()
    office.write(lambda tx: team.sign_out(tx, cookie))
    said = await page.next()
    while "event: end" not in said:
        said = await page.next()
    await page.task
    assert live.CHECK_EVERY_S < 5


async def test_a_removed_colleague_is_out_within_five_seconds(
    office: Office, boot: Settings, cookie: str, anna: Browser
) -> None:
    """R46, measured with the times of the program: no page at once, no open stream after five seconds."""
    stream = live.EventStream(Site(office.database, boot, office.clock), asyncio.Event())
    page = Page(stream, cookie)
    await page.next()
    began = asyncio.get_running_loop().time()
    office.write(lambda tx: team.disable_user(tx, "agent", "command:test", office.clock()))
    assert anna.get("/").status_code == 303
    while "event: end" not in await page.next():
        pass
    await page.task
    assert asyncio.get_running_loop().time() - began < 5
    await close_reader(office.database)


async def test_a_stream_looks_at_its_session_by_the_clock_and_not_at_every_event(
    office: Office, boot: Settings, cookie: str
) -> None:
    stream = live.EventStream(Site(office.database, boot, office.clock), asyncio.Event(), check_every=600)
    page = Page(stream, cookie)
    await page.next()
    looks: list[str] = []
    assert office.database._loop_engine is not None

    @event.listens_for(office.database._loop_engine.sync_engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        looks.extend(["session"] if "sessions" in statement else [])

    for n in range(10):
        office.text_from(ANNA, f"text {n}")
        assert "message.received" in await page.next()
    await page.leave()
    assert looks == []
    await close_reader(office.database)


@pytest.mark.parametrize(
    ("headers", "status"), [({"cookie": "sid=x"}, 401), ({"cookie": "a b c"}, 401), ({"host": "evil"}, 400)]
)
async def test_a_stranger_hears_nothing(
    stream: live.EventStream, cookie: str, headers: dict[str, str], status: int
) -> None:
    page = Page(stream, cookie, **headers)
    assert await page.next() == ""
    assert page.status == status


async def test_all_streams_end_when_the_program_stops(office: Office, boot: Settings, cookie: str) -> None:
    stopping = asyncio.Event()
    stream = live.EventStream(Site(office.database, boot, office.clock), stopping)
    page = Page(stream, cookie)
    await page.next()
    stopping.set()
    async with asyncio.timeout(2):
        await page.task
    await close_reader(office.database)


# --- the router --------------------------------------------------------------------------------------


async def test_a_slow_body_is_given_up_before_it_takes_a_thread() -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("it took a thread")

    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    async def receive() -> dict[str, Any]:
        if not said and not hasattr(receive, "began"):
            receive.began = True  # type: ignore[attr-defined]
            return {"type": "http.request", "body": b"x", "more_body": True}
        return await asyncio.Future()

    scope = {"type": "http", "method": "POST", "path": "/sign-in", "headers": []}
    await Router(never, never, body_within=0.02)(scope, receive, send)  # type: ignore[arg-type]
    assert said[0]["status"] == 408


class Arriving:
    """Requests whose bodies do not come, at a router that answers the others."""

    def __init__(self) -> None:
        self.router = Router(self._answer, self._answer)  # type: ignore[arg-type]
        self.never: list[asyncio.Task[Any]] = []

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, method: str, path: str, peer: str, more: bool = False) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        async def receive() -> dict[str, Any]:
            if more:
                await asyncio.Future()
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "method": method, "path": path, "headers": [], "client": (peer, 1)}
        await self.router(scope, receive, send)
        return said

    async def half_send(self, peer: str, count: int) -> None:
        for _ in range(count):
            self.never.append(asyncio.create_task(self.ask("POST", "/sign-in", peer, more=True)))
        await asyncio.sleep(0)

    async def give_up(self) -> None:
        for one in self.never:
            one.cancel()
        await asyncio.gather(*self.never, return_exceptions=True)


async def test_half_sent_requests_of_one_address_keep_nobody_else_out() -> None:
    arriving = Arriving()
    await arriving.half_send("192.0.2.1", 110)
    assert (await arriving.ask("POST", "/sign-in", "192.0.2.1"))[0]["status"] == 429
    assert (await arriving.ask("GET", "/", "192.0.2.1"))[0]["status"] == 200
    assert (await arriving.ask("POST", "/sign-in", "192.0.2.2"))[0]["status"] == 200
    start, body = await arriving.ask("POST", "/api/v1/messages", "192.0.2.1")
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert json.loads(body["body"])["status"] == 429
    await arriving.give_up()
    assert (await arriving.ask("POST", "/sign-in", "192.0.2.1"))[0]["status"] == 200


# --- served for real ---------------------------------------------------------------------------------


def _connect(served: Served) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=10)


def test_it_answers_and_stops(panel: Flask, office: Office, boot: Settings, shop: ApiClient) -> None:
    with Served(panel, office, boot) as served:
        connection = _connect(served)
        connection.request(
            "POST",
            "/api/v1/messages",
            f'{{"to": "{ANNA}", "body": "hi"}}',
            {**shop.headers, "Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        assert answer.status == 202 and b'"queued"' in answer.read()
        assert answer.headers["Server"] is None and answer.headers["X-Content-Type-Options"] == "nosniff"
        connection.close()


def test_a_chunked_body_of_more_than_a_mebibyte_is_refused(
    panel: Flask, office: Office, boot: Settings
) -> None:
    def pieces() -> Any:
        for _ in range(20):
            yield b"x" * (1 << 16)

    with Served(panel, office, boot) as served:
        connection = _connect(served)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/sign-in", pieces(), encode_chunked=True)
        assert connection.getresponse().status in (400, 413)
        connection.close()


def test_streams_do_not_keep_it_from_stopping_or_answering(
    panel: Flask, office: Office, boot: Settings, cookie: str
) -> None:
    with Served(panel, office, boot) as served:
        streams = [_connect(served) for _ in range(20)]
        for one in streams:
            one.request("GET", "/events", headers={"Cookie": f"sid={cookie}"})
        answers = [one.getresponse() for one in streams]
        assert [answer.status for answer in answers] == [200] * 20
        other = _connect(served)
        other.request("GET", "/healthz/ready")
        assert other.getresponse().status == 200
        other.close()
        began = time.monotonic()
        served.stop()
        assert time.monotonic() - began < 4
        for one in streams:
            one.close()


def test_slow_clients_leave_the_threads_to_others(panel: Flask, office: Office, boot: Settings) -> None:
    with Served(panel, office, boot) as served:
        host, port = served.address.removeprefix("http://").split(":")
        slow = [socket.create_connection((host, int(port))) for _ in range(12)]
        for one in slow:
            one.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx")
        other = _connect(served)
        other.request("GET", "/healthz/ready")
        assert other.getresponse().status == 200
        other.close()
        for one in slow:
            one.close()


def test_a_port_that_is_taken_is_said(panel: Flask, office: Office, boot: Settings) -> None:
    with Served(panel, office, boot) as served:
        again = Served(panel, office, on_port(boot, served.address))
        with pytest.raises(CannotListen, match=r"in use by another program\. Stop it, or change"), again:
            pass


def test_an_address_that_is_not_here_is_said(panel: Flask, office: Office, boot: Settings) -> None:
    elsewhere = replace(boot, listen=("192.0.2.1", 8080))
    with pytest.raises(CannotListen, match="Check the listen setting"):
        asyncio.run(
            server.serve(panel, office.database, elsewhere, office.clock, asyncio.Event(), _never_started)
        )


def test_over_tls_it_serves_pages_and_streams_on_one_connection(
    office: Office, boot: Settings, tmp_path: Path
) -> None:
    certificate, key = make_certificate(tmp_path)
    with_tls = replace(boot, tls_cert=certificate, tls_key=key)
    app = create_app(office.database, with_tls, office.clock)
    trust = ssl.create_default_context(cafile=str(certificate))
    with Served(app, office, with_tls) as served:
        assert served.address.startswith("https://127.0.0.1:")
        port = int(served.address.rpartition(":")[2])
        connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=trust)
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.headers["Set-Cookie"].startswith("__Host-sid=")
        answer.read()
        connection.request("GET", "/events", headers={"Cookie": "__Host-sid=x"})
        assert connection.getresponse().status == 401
        connection.close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    return folder / "cert.pem", folder / "key.pem"


def _never_started(_: str) -> None:
    raise AssertionError("it says it listens")


def test_no_thread_or_socket_is_left(panel: Flask, office: Office, boot: Settings) -> None:
    before = threading.active_count()
    with Served(panel, office, boot) as served:
        connection = _connect(served)
        connection.request("GET", "/sign-in")
        connection.getresponse().read()
        connection.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert threading.active_count() == before
