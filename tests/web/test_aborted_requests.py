"""Row 61 of the fault matrix: whoever hands in a text hangs up at any octet, or while it is being stored."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import event

from gateway.config import Settings
from tests.office import ANNA, Office
from tests.web.conftest import ApiClient
from tests.web.serving import Served

EVERY = 7
"""How many octets lie between two places at which somebody hangs up."""


def request(shop: ApiClient, key: str) -> bytes:
    """A text handed in under a key, as octets."""
    body = json.dumps({"to": ANNA, "body": key})
    head = {**shop.headers, "Host": "localhost", "Idempotency-Key": key, "Content-Type": "application/json"}
    lines = ["POST /api/v1/messages HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


@contextlib.contextmanager
def hung_up(served: Served, octets: bytes) -> Iterator[None]:
    """Send some octets, and reset the connection afterwards."""
    host, _, port = served.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.sendall(octets)
        yield


def asked_again(served: Served, shop: ApiClient, key: str) -> tuple[int, bool]:
    """The same request to its end: status, and whether the answer was there already."""
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=20)
    with contextlib.closing(connection):
        headers = {**shop.headers, "Idempotency-Key": key, "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/messages", json.dumps({"to": ANNA, "body": key}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["Idempotent-Replayed"] == "true"


def test_row_61_hung_up_at_any_octet(panel: Flask, office: Office, boot: Settings, shop: ApiClient) -> None:
    places = range(1, len(request(shop, "key 000")) + 1, EVERY)
    keys = [f"key {place:03}" for place in places]
    with Served(panel, office, boot) as served:
        for place, key in zip(places, keys, strict=True):
            with hung_up(served, request(shop, key)[:place]):
                pass
        answers = [asked_again(served, shop, key) for key in keys]
    assert {status for status, _ in answers} == {202}
    assert [message.body for message in office.messages()] == keys


def test_row_61_hung_up_while_it_is_stored(
    panel: Flask, office: Office, boot: Settings, shop: ApiClient
) -> None:
    storing, go = threading.Event(), threading.Event()

    def hold(_connection: Any) -> None:
        storing.set()
        assert go.wait(10)

    with Served(panel, office, boot) as served:
        event.listen(office.database._write_engine, "commit", hold)
        with hung_up(served, request(shop, "key")):
            assert storing.wait(10)
        go.set()
        assert asked_again(served, shop, "key") == (202, True)
    assert [message.body for message in office.messages()] == ["key"]
