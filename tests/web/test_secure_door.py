"""The door for other machines: opened when there is a certificate, every new one taken while it is open."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from flask import Flask

from gateway import certificates, tls
from gateway.certificates import Names
from gateway.config import Settings
from gateway.tls import Certificates
from gateway.web import secure_door
from gateway.web.app import create_app
from gateway.web.opening import NOT_OPENED, NotOpened, Opened
from gateway.web.secure_door import SecureDoor, TlsConfig, UnusableCertificate
from tests.office import Office
from tests.stories.harness import until
from tests.web.serving import Served
from tests.web.test_server import make_certificate

BOX = Names(("localhost",), (ip_address("127.0.0.1"),))
LONG_AGO = timedelta(days=370)
"""Since a certificate was made that now has less than a month to go, and still counts."""


@pytest.fixture
def with_door(boot: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a free port for the second door, which looks at its certificate often."""
    monkeypatch.setattr(secure_door, "FOLLOW_EVERY_S", 0.02)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    return replace(boot, tls_listen=("127.0.0.1", port))


@pytest.fixture
def served(panel: Flask, office: Office, with_door: Settings) -> Iterator[Served]:
    opening = Certificates(with_door)
    app = create_app(office.database, with_door, office.clock, opening)
    with Served(app, office, with_door, opening) as served:
        yield served


def call(boot: Settings, root: bytes | None) -> http.client.HTTPSConnection:
    """A connection to the second door that trusts only that root. Raises OSError."""
    assert boot.tls_listen is not None
    trust = ssl.create_default_context(cadata=(root or b"").decode())
    connection = http.client.HTTPSConnection(*boot.tls_listen, timeout=10, context=trust)
    connection.connect()
    return connection


def status(connection: http.client.HTTPSConnection, path: str = "/sign-in") -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def shown(connection: http.client.HTTPSConnection) -> bytes:
    assert isinstance(connection.sock, ssl.SSLSocket)
    found = connection.sock.getpeercert(binary_form=True)
    assert found is not None
    return found


def is_open(boot: Settings) -> bool:
    assert boot.tls_listen is not None
    with contextlib.suppress(OSError), socket.create_connection(boot.tls_listen, 1):
        return True
    return False


def test_it_opens_when_there_is_a_certificate_and_not_before(served: Served, with_door: Settings) -> None:
    assert not is_open(with_door)
    opened = tls.init(with_door.data_dir, BOX, datetime.now(UTC))
    until(lambda: is_open(with_door), what="the door opens")
    with contextlib.closing(call(with_door, opened.root)) as connection:
        assert status(connection) == 200
    assert served.address.startswith("http://127.0.0.1:"), "this machine's own programs go on as before"


def test_without_the_root_it_is_not_trusted(served: Served, with_door: Settings) -> None:
    tls.init(with_door.data_dir, BOX, datetime.now(UTC))
    until(lambda: is_open(with_door))
    other = certificates.facts(certificates.make_authority(BOX, datetime.now(UTC))).pem
    with pytest.raises(ssl.SSLCertVerificationError):
        call(with_door, other)


def test_plain_http_gets_nothing_there(served: Served, with_door: Settings) -> None:
    tls.init(with_door.data_dir, BOX, datetime.now(UTC))
    until(lambda: is_open(with_door))
    assert with_door.tls_listen is not None
    plain = http.client.HTTPConnection(*with_door.tls_listen, timeout=10)
    with contextlib.closing(plain), pytest.raises((http.client.HTTPException, OSError)):
        plain.request("GET", "/sign-in")
        plain.getresponse()


def test_a_renewed_certificate_is_taken_and_open_connections_stay(
    served: Served, with_door: Settings
) -> None:
    now = datetime.now(UTC)
    opened = tls.init(with_door.data_dir, BOX, now - LONG_AGO)
    assert tls.is_due(with_door.data_dir, now)
    until(lambda: is_open(with_door))
    with contextlib.closing(call(with_door, opened.root)) as before:
        assert status(before) == 200
        tls.renew(with_door.data_dir, now)

        def is_new() -> bool:
            with contextlib.closing(call(with_door, opened.root)) as after:
                return shown(after) != shown(before) and status(after) == 200

        until(is_new, what="new connections get the new certificate")
        assert status(before) == 200, "the connection that was open goes on"


def test_it_answers_to_the_names_of_its_certificate(served: Served, with_door: Settings) -> None:
    names = Names(("box.local", "localhost"), (ip_address("127.0.0.1"),))
    opened = tls.init(with_door.data_dir, names, datetime.now(UTC))
    until(lambda: is_open(with_door))
    for host, expected in (("box.local:8443", 200), ("evil.example", 400)):
        with contextlib.closing(call(with_door, opened.root)) as connection:
            connection.request("GET", "/sign-in", headers={"Host": host})
            assert connection.getresponse().status == expected


def test_an_address_that_is_taken_is_said_and_tried_again(
    panel: Flask, office: Office, with_door: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert with_door.tls_listen is not None
    opened = tls.init(with_door.data_dir, BOX, datetime.now(UTC))
    other = socket.create_server(with_door.tls_listen)
    with Served(panel, office, with_door, Certificates(with_door)), contextlib.closing(other):
        until(lambda: "tls_listen setting" in caplog.text, what="it is said")
        other.close()
        until(lambda: is_open(with_door), what="it opens later")
        with contextlib.closing(call(with_door, opened.root)) as connection:
            assert status(connection) == 200
    assert caplog.text.count("in use by another program") == 1


def test_a_certificate_of_the_settings_is_followed_too(
    panel: Flask, office: Office, boot: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As certbot renews it: the files change, and nobody tells us."""
    monkeypatch.setattr(secure_door, "FOLLOW_EVERY_S", 0.02)
    now = datetime.now(UTC)
    authority = certificates.make_authority(BOX, now)
    root, path = certificates.facts(authority).pem, tmp_path / "own.pem"
    path.write_bytes(certificates.make_server(authority, now))
    own = replace(boot, tls_cert=path, tls_key=path)
    with Served(panel, office, own, Certificates(own)) as served:
        there = replace(own, tls_listen=("127.0.0.1", int(served.address.rpartition(":")[2])))
        with contextlib.closing(call(there, root)) as before:
            assert status(before) == 200
            path.write_bytes(certificates.make_server(authority, now))

            def is_new() -> bool:
                with contextlib.closing(call(there, root)) as after:
                    return shown(after) != shown(before)

            until(is_new, what="the new one is taken")


def test_a_certificate_that_cannot_be_used_leaves_the_one_before(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    authority = certificates.make_authority(BOX, now)
    good, torn = tmp_path / "good.pem", tmp_path / "torn.pem"
    good.write_bytes(certificates.make_server(authority, now))
    torn.write_bytes(good.read_bytes()[:300])
    config = TlsConfig(good, good)
    with pytest.raises(UnusableCertificate):
        config.take(torn, torn)
    assert config.certfile == str(good)
    with pytest.raises(UnusableCertificate, match="No such file"):
        config.take(tmp_path / "gone.pem", good)


async def test_an_error_of_one_look_does_not_end_the_looking(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(secure_door, "FOLLOW_EVERY_S", 0.001)
    stopping = asyncio.Event()

    class Torn(NotOpened):
        looks = 0

        def look(self) -> Opened | None:
            self.looks += 1
            if self.looks == 4:
                stopping.set()
                return None
            raise ValueError("no such name")

    async def serve(_config: TlsConfig) -> None:
        raise AssertionError("there is nothing to serve with")

    async with asyncio.timeout(5):
        await SecureDoor(Torn(), serve).follow(stopping)
    assert caplog.text.count("ValueError: no such name") == 1, "the same is said once"


async def test_why_the_door_fell_shut_is_said_again_after_it_was_open(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(secure_door, "FOLLOW_EVERY_S", 0.001)
    stopping, tries = asyncio.Event(), 0

    async def serve(_config: TlsConfig) -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            await asyncio.sleep(0.05)  # it is open for a while
        elif tries == 5:
            stopping.set()
        raise OSError("taken")

    door = SecureDoor(NOT_OPENED, serve)
    door._config = TlsConfig(tmp_path, tmp_path)
    async with asyncio.timeout(5):
        await door.follow(stopping)
    assert caplog.text.count("taken") == 2


def test_no_tls_before_1_2_is_spoken(tmp_path: Path) -> None:
    """OWASP ASVS 5.0.0, 12.1.1."""
    context = TlsConfig(*make_certificate(tmp_path)).create_ssl_context()
    assert context is not None and context.minimum_version >= ssl.TLSVersion.TLSv1_2
