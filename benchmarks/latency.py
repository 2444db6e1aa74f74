"""From a text accepted by an idle program to its AT+CMGS on the wire."""

from __future__ import annotations

import http.client
import json
import random
import time
from datetime import datetime
from urllib.parse import urlsplit

from . import wire
from .office import BODY, Office, recipients, wait_for
from .rows import Row, Verdict, percentile
from .sending import Bench

MEDIAN_MS, P99_MS = 20.0, 100.0
TIMEOUT_S = 30.0


def accept(connection: http.client.HTTPConnection, office: Office, to: str) -> float:
    """Post one text; returns when the program accepted it, by the wall clock."""
    headers = {"Authorization": f"Bearer {office.token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/messages", json.dumps({"to": to, "body": BODY}), headers)
    answer = connection.getresponse()
    found = json.loads(answer.read())
    if answer.status != 202:
        raise RuntimeError(f"the text was not accepted: {found}")
    return datetime.fromisoformat(found["created_at"]).timestamp()


def samples(bench: Bench, count: int) -> list[float]:
    """Milliseconds for each of `count` texts, each accepted after the one before was recorded."""
    office, chance = bench.office, random.Random(1)
    bench.fake.control("set", air_time=0.0)
    began, wall = time.monotonic(), time.time() - time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(office.address).netloc, timeout=TIMEOUT_S)
    accepted = []
    for to in recipients(count):
        accepted.append(accept(connection, office, to))
        wait_for(office.settled, every=0.01)
        time.sleep(chance.uniform(0.02, 0.1))
    connection.close()
    asked = wire.requests(bench.chunks(bench.our_line, began))
    return [(at + wall - then) * 1000 for at, then in zip(asked, accepted, strict=True)]


def row(bench: Bench, count: int) -> Row:
    """Median and 99th percentile beside their targets."""
    found = samples(bench, count)
    median, p99 = percentile(found, 0.5), percentile(found, 0.99)
    met = median <= MEDIAN_MS and p99 <= P99_MS
    how = (
        f"{count} texts over POST /api/v1/messages, one at a time, the line idle before each; from the "
        "time the accept was stamped, so that its own commit counts too, to AT+CMGS on the wire; "
        f"0 s on air. Range {min(found):.1f} to {max(found):.1f} ms."
    )
    return Row(
        "accept to AT+CMGS on the wire, idle",
        f"median {MEDIAN_MS:g} ms, p99 {P99_MS:g} ms",
        f"median {median:.1f} ms, p99 {p99:.1f} ms",
        Verdict.MET if met else Verdict.MISSED,
        how,
        promised=False,
    )
