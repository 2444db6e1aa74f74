"""Behind a reverse proxy: who is believed, and what is made of it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask

from gateway.config import Settings
from gateway.web.proxies import seen_through

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


def test_a_stranger_is_not_believed() -> None:
    found = seen(
        "192.0.2.66",
        ("X-Forwarded-For", "192.168.1.5"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=192.168.1.5"),
    )
    assert (found["client"][0], found["scheme"]) == ("192.0.2.66", "http")
    assert found["headers"] == [(b"host", b"panel.example.org")], "nothing behind us can fall for it either"


def test_nobody_is_believed_unless_named() -> None:
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


def test_behind_a_proxy_the_cookie_is_bound_to_tls(panel: Flask, boot: Settings) -> None:
    """What the router makes of X-Forwarded-Proto reaches the panel as the request's scheme."""
    client = panel.test_client()
    assert client.get("/sign-in").headers["Set-Cookie"].startswith("sid=")
    secure = client.get("/sign-in", base_url="https://localhost").headers
    assert secure["Set-Cookie"].startswith("__Host-sid=") and "Secure" in secure["Set-Cookie"]
    assert "Strict-Transport-Security" not in secure, "that is the proxy's to say"
