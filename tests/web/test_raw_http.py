"""Requests that a proxy and we could cut in different places (fault row 90), by raw socket: refused, and the
connection with them, so that nothing behind them is taken for a request."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from flask import Flask

from gateway.config import Settings
from tests.office import Office
from tests.web.serving import Served

HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: 1\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.fixture
def served(panel: Flask, office: Office, boot: Settings) -> Iterator[Served]:
    with Served(panel, office, boot) as served:
        yield served


def said(served: Served, octets: bytes) -> bytes:
    """All that is answered until the server hangs up, or says nothing more."""
    host, _, port = served.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=1.5) as one:
        one.sendall(octets)
        heard = b""
        try:
            while piece := one.recv(65536):
                heard += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return heard


def statuses(heard: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3})", heard)]


def post(headers: bytes, body: bytes, target: bytes = b"/sign-in") -> bytes:
    return b"POST " + target + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


REFUSED: dict[str, bytes] = {
    "CL.TE": post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n" + SMUGGLED),
    "TE.CL": post(CHUNKED + b"Content-Length: 4\r\n", b"5c\r\n" + SMUGGLED + b"0\r\n\r\n"),
    "folded TE with CL": post(
        b"Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n" + SMUGGLED
    ),
    "TE twice": post(CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n" + SMUGGLED),
    "TE of another kind": post(b"Transfer-Encoding: xchunked\r\n", SMUGGLED),
    "TE with a blank before the colon": post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "TE with a control": post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "TE in a list": post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + SMUGGLED),
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: 55\r\n", SMUGGLED),
    "a list of lengths": post(b"Content-Length: 0, 55\r\n", SMUGGLED),
    "a signed length": post(b"Content-Length: +0\r\n", SMUGGLED),
    "a negative length": post(b"Content-Length: -1\r\n", SMUGGLED),
    "a length in sixteens": post(b"Content-Length: 0x0\r\n", SMUGGLED),
    "a blank before the colon": b"GET /healthz/live HTTP/1.1\r\nHost : localhost\r\n\r\n" + SMUGGLED,
    "a folded first header": b"GET /healthz/live HTTP/1.1\r\n Host: localhost\r\n\r\n" + SMUGGLED,
    "a NUL in a header": b"GET /healthz/live HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n" + SMUGGLED,
    "two hosts": b"GET /healthz/live HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n" + SMUGGLED,
    "no host": b"GET /healthz/live HTTP/1.1\r\n\r\n" + SMUGGLED,
    "a chunk of no size": post(CHUNKED, b"zz\r\n" + SMUGGLED),
    "a chunk of a negative size": post(CHUNKED, b"-1\r\n" + SMUGGLED),
    "a chunk with another end": post(CHUNKED, b"5\r\nAAAAAXX0\r\n\r\n" + SMUGGLED),
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 40 + b"\r\n\r\n" + SMUGGLED,
}


@pytest.mark.parametrize("how", REFUSED)
def test_row_90_one_answer_and_the_end(served: Served, how: str) -> None:
    heard = said(served, REFUSED[how])
    assert len(statuses(heard)) <= 1, heard
    assert set(statuses(heard)) <= {400, 403, 408, 501}, heard
    assert b'"alive"' not in heard and b"X-Smuggled" not in heard


def test_row_90_the_same_requests_whole_are_answered_both(served: Served) -> None:
    """The test of the test: a body with one end, and then the next request."""
    for whole in (post(b"Content-Length: 0\r\n", b""), post(CHUNKED, b"1\r\na\r\n0\r\n\r\n")):
        assert statuses(said(served, whole + SMUGGLED)) == [403, 200]


def test_row_90_a_folded_header_is_one_line(served: Served) -> None:
    """RFC 9112, 5.2: a folded value is read as one, which changes no framing."""
    folded = b"GET /healthz/live HTTP/1.1\r\n" + HOST + b"X-A: one\r\n GET /smuggled HTTP/1.1\r\n\r\n"
    assert statuses(said(served, folded)) in ([200], [400])


@pytest.mark.parametrize(
    "target",
    [
        b"http://evil.example/account",
        b"//evil.example/account",
        b"*",
        b"/account#x",
        b"/acc ount",
        b"\\account",
    ],
)
def test_row_90_a_target_of_another_kind_leads_nowhere(served: Served, target: bytes) -> None:
    heard = said(served, b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert set(statuses(heard)) <= {303, 308, 400, 404}, heard
    location = re.search(rb"(?i)\r\nlocation: ([^\r]*)", heard)
    assert location is None or location[1].startswith(b"/sign-in"), heard


def test_row_90_nothing_but_http_is_spoken_here(served: Served) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    heard = said(served, b"GET /events HTTP/1.1\r\n" + HOST + upgrade + key + b"\r\n" + SMUGGLED)
    assert 101 not in statuses(heard) and b'"alive"' not in heard
    assert set(statuses(heard)) <= {400, 401, 403, 404, 426, 500}
