"""Behind a reverse proxy: who is believed, and what is made of it."""

from __future__ import annotations

import contextlib
import http.client
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask, request

from gateway.config import Settings
from gateway.web.app import create_app
from gateway.web.proxies import seen_through
from tests.office import Office
from tests.web.serving import Served

HERE, NET = ip_network("127.0.0.1"), ip_network("10.0.0.0/8")


def seen(peer: str, *headers: tuple[str, str], proxies: tuple[Any, ...] = (HERE, NET)) -> dict[str, Any]:
    scope = {
        "type": "http",
        "scheme": "http",
        "client": (peer, 50000),
        "headers": [(b"host", b"panel.example.org")]
        + [(name.encode(), value.encode()) for name, value in headers],
    }
    return seen_through(scope, proxies)


def sender(peer: str, *told: str) -> str:
    found: str = seen(peer, *(("X-Forwarded-For", value) for value in told))["client"][0]
    return found


@pytest.mark.parametrize(
    ("told", "who"),
    [
        (("192.0.2.7",), "192.0.2.7"),
        (("198.51.100.1, 192.0.2.7",), "192.0.2.7"),
        (("192.0.2.7, 10.0.0.5",), "192.0.2.7"),
        (("198.51.100.1", "192.0.2.7"), "192.0.2.7"),
        (("2001:db8::7",), "2001:db8::7"),
        (("[2001:db8::7]:4711",), "2001:db8::7"),
        (("192.0.2.7:4711",), "192.0.2.7"),
        (("::ffff:192.0.2.7",), "192.0.2.7"),
        (("192.0.2.7, unknown",), "127.0.0.1"),
        (("",), "127.0.0.1"),
        (("10.0.0.5",), "127.0.0.1"),
    ],
)
def test_the_sender_is_the_last_who_is_no_proxy_of_ours(told: tuple[str, ...], who: str) -> None:
    assert sender("127.0.0.1", *told) == who


def test_row_81_a_stranger_is_not_believed() -> None:
    found = seen(
        "192.0.2.66",
        ("X-Forwarded-For", "192.168.1.5"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=192.168.1.5"),
    )
    assert (found["client"][0], found["scheme"]) == ("192.0.2.66", "http")
    assert found["headers"] == [(b"host", b"panel.example.org")], "nothing behind us can fall for it either"


def test_row_81_nobody_is_believed_unless_named() -> None:
    found = seen("127.0.0.1", ("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "https"), proxies=())
    assert (found["client"][0], found["scheme"]) == ("127.0.0.1", "http")


@pytest.mark.parametrize(
    ("told", "scheme"), [("https", "https"), ("HTTPS", "https"), ("http", "http"), ("https, http", "http")]
)
def test_a_proxy_says_whether_the_browser_came_over_tls(told: str, scheme: str) -> None:
    assert seen("10.0.0.5", ("X-Forwarded-Proto", told))["scheme"] == scheme


def test_a_request_that_tells_nothing_stays_as_it_is() -> None:
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"host", b"localhost")]}
    assert seen_through(scope, (HERE,)) is scope


def ask(served: Served, **headers: str) -> http.client.HTTPResponse:
    """The sign-in page, as a proxy on this machine asks for it."""
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", "/sign-in", headers={"Host": "panel.example.org", **told})
        answer = connection.getresponse()
        answer.read()
        return answer


TOLD = {"X_Forwarded_For": "192.0.2.7", "X_Forwarded_Proto": "https"}


@pytest.mark.parametrize(
    ("is_trusted", "who", "cookie"), [(True, "192.0.2.7", "__Host-sid="), (False, "127.0.0.1", "sid=")]
)
def test_row_81_the_panel_sees_who_is_behind_the_proxy(
    panel: Flask, office: Office, boot: Settings, is_trusted: bool, who: str, cookie: str
) -> None:
    """Guesses of passwords are counted by that address, and the cookie is bound to TLS."""
    seen_by: list[str | None] = []
    behind = replace(
        boot, trusted_hosts=("panel.example.org",), trusted_proxies=(HERE,) if is_trusted else ()
    )
    app = create_app(office.database, behind, office.clock)
    app.before_request(lambda: seen_by.append(request.remote_addr))
    with Served(app, office, behind) as served:
        answer = ask(served, **TOLD)
    assert answer.status == 200 and seen_by == [who]
    set_cookie = answer.headers["Set-Cookie"]
    assert set_cookie.startswith(cookie) and ("Secure" in set_cookie) is is_trusted
    assert "Strict-Transport-Security" not in answer.headers, "that is the proxy's to say"
