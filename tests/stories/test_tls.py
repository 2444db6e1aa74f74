"""The panel opened to the office: the real program, its own authority, a device that trusts nothing else."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import expect, sync_playwright

from gateway import tls
from gateway.certificates import Names
from tests.stories.harness import PASSWORD, USERNAME, Office, until
from tests.web.test_browser import CHROMIUM, QUIET

WITHIN_S = 20.0


@pytest.fixture
def port() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        found: int = taken.getsockname()[1]
    return found


@pytest.fixture
def office(bare_office: Office, port: int) -> Office:
    """An office whose second door is at a free port."""
    bare_office.settings["SMS_GATEWAY_TLS_LISTEN"] = f"127.0.0.1:{port}"
    return bare_office


def fetch(port: int, path: str, trust: ssl.SSLContext) -> bytes:
    """A page over TLS. Raises OSError."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trust)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status)
        return answer.read()


def past_the_warning() -> ssl.SSLContext:
    """A browser whose person went on past the warning, to fetch the root."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return trust


def only(root: bytes) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=root.decode())


def shown(port: int) -> x509.Certificate:
    """The certificate the panel shows now. Raises OSError."""
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", port)).encode())


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(shown(port))
    return False


def test_an_office_opens_its_panel_while_it_runs(office: Office, port: int) -> None:
    office.start()
    assert not is_open(port)
    said = office.must("tls", "init", "--name", "panel.example.org", "--address", "127.0.0.1")
    assert f"https://127.0.0.1:{port}/open" in said
    until(lambda: is_open(port), WITHIN_S, "the door opens")
    root = fetch(port, "/ca.crt", past_the_warning())
    told = json.loads(office.must("tls", "show", "--json"))
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(root.decode())).hexdigest().upper()
    assert told["fingerprint"].replace(":", "") == digest
    assert "panel.example.org" in told["names"]
    assert b"Username" in fetch(port, "/sign-in", only(root))
    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(port, "/sign-in", ssl.create_default_context())
    refused = office.run("tls", "init")
    assert refused.code == 1 and "--anew" in refused.err
    assert office.stop() == 0


def test_what_ends_soon_is_renewed_at_the_start(office: Office, port: int) -> None:
    now = datetime.now(UTC)
    box = Names(("localhost",), (ip_address("127.0.0.1"),))
    old = tls.init(office.data, box, now - timedelta(days=370))
    office.start()
    until(lambda: is_open(port) and shown(port).not_valid_after_utc > now + timedelta(days=300), WITHIN_S)
    assert old.root is not None
    fetch(port, "/sign-in", only(old.root))
    assert office.stop() == 0


@pytest.mark.slow
@pytest.mark.browser
def test_a_person_signs_in_over_tls(office: Office, port: int) -> None:
    office.start()
    office.must("tls", "init", "--name", "panel.example.org", "--address", "127.0.0.1")
    until(lambda: is_open(port), WITHIN_S, "the door opens")
    pin = base64.b64encode(
        hashlib.sha256(
            shown(port).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).digest()
    ).decode()
    with sync_playwright() as running:
        trusted = [f"--ignore-certificate-errors-spki-list={pin}"]
        browser = running.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *trusted])
        page = browser.new_page()
        page.goto(f"https://127.0.0.1:{port}/open")
        expect(page.get_by_role("link", name="Download the certificate")).to_be_visible()
        expect(
            page.get_by_role("img", name=f"Code that leads to https://127.0.0.1:{port}/open")
        ).to_be_visible()
        page.goto(f"https://127.0.0.1:{port}/")
        page.get_by_label("Username").fill(USERNAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        (cookie,) = page.context.cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-sid", True, True)
        browser.close()
    assert office.stop() == 0
