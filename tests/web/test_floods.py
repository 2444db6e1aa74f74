"""Requests that are too large (fault row 79) or too slow (80): refused quickly, in little memory, and
others do not notice."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import itertools
import json
import re
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from gateway.config import Settings
from gateway.domain.line import Accepted
from gateway.web import plainness
from gateway.web.problems import MOST_ERRORS
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient
from tests.web.serving import Served

REFUSED = {400, 401, 403, 408, 413, 414, 415, 422, 431}
FLAT = 48 << 20
"""Octets of memory that may come and go while a request of a hundred times as many is refused."""


def resident() -> int:
    """Octets of memory this process has, the server in it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.fixture
def served(panel: Flask, office: Office, boot: Settings) -> Iterator[Served]:
    with Served(panel, office, boot) as served:
        yield served


def connect(served: Served, here: str = "127.0.0.1") -> socket.socket:
    host, _, port = served.address.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=10, source_address=(here, 0))


def status_of(one: socket.socket) -> int:
    """The status of what is answered; 400 where the server hung up on what it had not read."""
    with contextlib.suppress(OSError):
        found = re.match(rb"HTTP/1\.1 (\d{3})", one.recv(4096))
        return int(found[1]) if found else 400
    return 400


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", "")).encode()


# --- too large ---------------------------------------------------------------------------------------


_EACH_WAY = list(
    itertools.product(
        ("/api/v1/messages", "/sign-in", "/contacts/import"),
        ("Transfer-Encoding: chunked", "Content-Length: 1073741824"),
    )
)


@pytest.mark.parametrize(
    ("path", "framing"),
    [_EACH_WAY[0], *(pytest.param(*way, marks=pytest.mark.slow) for way in _EACH_WAY[1:])],
)
def test_row_79_a_gigabyte_is_refused_before_it_is_read(served: Served, path: str, framing: str) -> None:
    piece, sent, before = b"x" * (1 << 20), 0, resident()
    if "chunked" in framing:
        piece = b"100000\r\n" + piece + b"\r\n"
    with connect(served) as one:
        one.sendall(head(path, framing))
        with contextlib.suppress(OSError):
            while sent < 1 << 30:
                one.sendall(piece)
                sent += len(piece)
        assert sent < 64 << 20, "the server hangs up on most of it"
        assert status_of(one) in REFUSED
    assert resident() - before < FLAT


def form(count: int) -> bytes:
    return b"a=&" * count


BODIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a million fields": ("application/x-www-form-urlencoded", lambda: form(1_000_000)),
    "as many fields as fit": ("application/x-www-form-urlencoded", lambda: form(340_000)),
    "as many parts as fit": (
        "multipart/form-data; boundary=x",
        lambda: b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 17_000 + b"--x--\r\n",
    ),
    "a part without end": ("multipart/form-data; boundary=x", lambda: b"--x\r\n" + b"A: b\r\n" * 170_000),
    "deep JSON": ("application/json", lambda: b"[" * 500_000),
    "deep JSON that ends": ("application/json", lambda: b"[" * 400_000 + b"]" * 400_000),
    "deep objects": ("application/json", lambda: b'{"a":' * 150_000 + b"1" + b"}" * 150_000),
    "as many names as fit": (
        "application/json",
        lambda: json.dumps({f"a{n}": 1 for n in range(80_000)}).encode(),
    ),
    "a number without end": ("application/json", lambda: b'{"to":' + b"9" * 1_000_000 + b"}"),
}


@pytest.mark.parametrize("what", BODIES)
def test_row_79_many_and_deep(panel: Flask, anna: Browser, shop: ApiClient, what: str) -> None:
    """Answered within seconds of processor and a small answer, in the memory there was."""
    kind, made = BODIES[what]
    body, before, began = made(), resident(), time.thread_time()
    for client, path, headers in (
        (anna.client, "/account/password", {}),
        (anna.client, "/sign-in", {}),
        (shop.client, "/api/v1/messages", shop.headers),
    ):
        answer = client.post(path, data=body, content_type=kind, headers=headers)
        assert answer.status_code in REFUSED, (path, answer.status_code)
        assert len(answer.data) < 64 << 10, path
    assert time.thread_time() - began < 6
    assert resident() - before < 3 * FLAT


def test_row_79_no_form_has_as_many_fields_as_are_refused(anna: Browser) -> None:
    few = "&".join("a=" for _ in range(plainness.MOST_FIELDS))
    kind = "application/x-www-form-urlencoded"
    assert anna.client.post("/account/hints", data=few + "&a=", content_type=kind).status_code == 413
    assert anna.client.post("/account/hints", data=few, content_type=kind).status_code == 403


def test_row_79_so_many_wrong_fields_are_named(shop: ApiClient) -> None:
    answer = shop.post("/api/v1/messages", {f"a{n}": 1 for n in range(500)})
    assert answer.status_code == 400 and len(answer.get_json()["errors"]) == MOST_ERRORS


def test_row_79_nothing_is_unpacked(anna: Browser, shop: ApiClient) -> None:
    """A bomb of gzip is octets like others: 64 MiB in 64 KiB."""
    bomb = gzip.compress(b"[" * (64 << 20))
    before = resident()
    packed = {"Content-Encoding": "gzip"}
    assert (
        shop.post(
            "/api/v1/messages", data=bomb, headers={**packed, "Content-Type": "application/json"}
        ).status_code
        in REFUSED
    )
    stream = io.BytesIO(bomb)
    answer = anna.client.post(
        "/sign-in", input_stream=stream, headers={**packed, "Content-Length": str(len(bomb))}
    )
    assert answer.status_code in REFUSED
    assert resident() - before < FLAT


@pytest.mark.parametrize(
    "request_head",
    [
        head("/" + "a" * 100_000, method="GET"),
        head("/?" + "a=&" * 30_000, method="GET"),
        head("/", "X: " + "a" * 100_000, method="GET"),
        head("/", "Cookie: " + "sid=a; " * 20_000, method="GET"),
        head("/", *(f"X-{n}: a" for n in range(20_000)), method="GET"),
        b"A" * 200_000,
    ],
    ids=["URL", "query", "header", "cookies", "headers", "method"],
)
def test_row_79_a_head_is_not_read_without_end(served: Served, request_head: bytes) -> None:
    before, began = resident(), time.monotonic()
    with connect(served) as one:
        with contextlib.suppress(OSError):
            one.sendall(request_head)
        assert status_of(one) in REFUSED
    assert time.monotonic() - began < 10
    assert resident() - before < FLAT


# --- too slow ----------------------------------------------------------------------------------------


def asked(served: Served, path: str = "/sign-in") -> float:
    """Seconds until another address has its answer."""
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        began = time.monotonic()
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read()
        return time.monotonic() - began


BURST_S = 10
SLOW: dict[str, tuple[bytes, int]] = {
    "half a head": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", 500),
    "nothing": (b"", 500),
    "half a body": (head("/sign-in", "Content-Length: 1000") + b"x", 500),
    "no reading": (head("/static/panel.css", method="GET") * 20, 100),
}


def test_row_80_half_requests_of_one_keep_nobody_out(served: Served, office: Office) -> None:
    with contextlib.ExitStack() as held:
        for octets, count in SLOW.values():
            _hold(held, served, octets, count // 10)
        assert asked(served) < 5
        _a_text_goes(office)


@pytest.mark.slow
@pytest.mark.parametrize("how", SLOW)
def test_row_80_five_hundred_of_one_do_not_slow_others_down(served: Served, office: Office, how: str) -> None:
    """The ratio of times measured just before and while they are held, the best of three tries: what another
    program of the machine adds to one of them is no fault of ours. What they ask for before they stop is work
    like any other's, done within `BURST_S`; meanwhile others wait."""
    octets, count = SLOW[how]
    ratios = []
    for _ in range(3):
        quiet = [asked(served) for _ in range(20)]
        with contextlib.ExitStack() as held:
            _hold(held, served, octets, count)
            began = time.monotonic()
            while asked(served) > 2 * statistics.median(quiet):
                assert time.monotonic() - began < BURST_S
            busy = [asked(served) for _ in range(20)]
            _a_text_goes(office)
        ratios.append(statistics.quantiles(busy, n=20)[18] / statistics.quantiles(quiet, n=20)[18])
        if ratios[-1] <= 2:
            return
        time.sleep(1)
    raise AssertionError(ratios)


def _hold(held: contextlib.ExitStack, served: Served, octets: bytes, count: int) -> None:
    """Open so many connections from one address and say no more; those that are hung up on are gone."""
    for _ in range(count):
        with contextlib.suppress(OSError):
            one: Any = held.enter_context(connect(served, "127.0.0.2"))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.sendall(octets)


def _a_text_goes(office: Office) -> None:
    message_id = office.accept(ANNA, "It goes all the same")
    claimed = office.claim()
    while claimed is not None and office.message(message_id).state != "sent":
        assert office.submit(claimed.part_id)
        office.record(claimed.part_id, Accepted(1))
        claimed = office.claim()
    assert office.state(message_id) == "sent"
