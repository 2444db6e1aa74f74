"""Accepting texts over HTTP from eight clients at once, and how many statements an accept costs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine, event

from gateway import config
from gateway.store import schema
from gateway.store.database import Database
from gateway.store.keys import Keys
from gateway.web.app import create_app
from tests import any_hour

from .idle import cpu_seconds
from .latency import TIMEOUT_S, accept
from .office import BODY, Office, furnish, recipients
from .rows import Row, Verdict, at_most, percentile

CLIENTS = 8
P99_MS = 50.0
COMMITS_IN_LINE = 2
"""A request may arrive just after a commit began, and waits for that one and for its own."""
STATEMENTS = 30
_BLOCK = bytes(4096)


def disk_ms(folder: Path, count: int) -> list[float]:
    """Milliseconds of each of `count` synced writes of 4 KiB to a file that exists."""
    found = []
    path = folder / "synced"
    with path.open("wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(_BLOCK)
            os.fsync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    path.unlink()
    return found


def _client(office: Office, numbers: list[str]) -> list[float]:
    """Milliseconds of each accept, one after the other on one connection."""
    connection = HTTPConnection(urlsplit(office.address).netloc, timeout=TIMEOUT_S)
    found = []
    for number in numbers:
        began = time.perf_counter()
        accept(connection, office, number)
        found.append((time.perf_counter() - began) * 1000)
    connection.close()
    return found


def time_row(office: Office, folder: Path, count: int) -> Row:
    """p99 over all requests of all clients, beside the disk's own. Where the disk is so slow that two of its
    commits take longer than the target, the row says nothing of the program."""
    disk = disk_ms(folder, count)
    before, commits, began = cpu_seconds(office.pid), office.commits(), time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        shares = [recipients(count)[place::CLIENTS] for place in range(CLIENTS)]
        answered = clients.map(lambda numbers: _client(office, numbers), shares)
        samples = [sample for share in answered for sample in share]
    took, used = time.monotonic() - began, cpu_seconds(office.pid) - before
    commits = office.commits() - commits
    disk += disk_ms(folder, count)
    p99, disks = percentile(samples, 0.99), percentile(disk, 0.99)
    met = Verdict.MET if p99 <= P99_MS else Verdict.MISSED
    allowed = COMMITS_IN_LINE * disks <= P99_MS
    how = (
        f"{count} texts over POST /api/v1/messages by {CLIENTS} clients, each on one connection, one request "
        f"after the other; median {percentile(samples, 0.5):.1f} ms, {count / took:.0f} a second, "
        f"{1000 * used / count:.1f} ms of processor time each and {commits} commits, those of the texts that "
        f"were sent meanwhile included. 4 KiB written and synced on the same disk, {len(disk)} times before "
        f"and after: p99 {disks:.1f} ms."
    )
    return Row(
        f"accept over HTTP with full sync, {CLIENTS} clients",
        f"p99 {P99_MS:g} ms where the disk's own allows",
        f"p99 {p99:.1f} ms",
        met if allowed else Verdict.UNSURE,
        how,
    )


def statement_row(folder: Path) -> Row:
    """Counted, not timed: the same request to the same application in this process."""
    new, known = statements(folder)
    how = (
        "Statements that SQLAlchemy gave to SQLite for one POST /api/v1/messages, BEGIN and COMMIT apart: "
        f"{new} to a number seen for the first time, {known} to a known one; signing in and the claim of the "
        "idempotency key included."
    )
    verdict = at_most(known, STATEMENTS)
    return Row("statements per accept", f"{STATEMENTS} or fewer", f"{known}", verdict, how, promised=False)


def statements(folder: Path) -> tuple[int, int]:
    """Statements for a text to a new number, and for the next text to it."""
    folder.mkdir(parents=True, exist_ok=True)
    schema.prepare(folder / "gateway.db")
    database = Database(folder / "gateway.db", Keys(folder))
    token = database.write_now(lambda tx: furnish(tx, ["/dev/none"], any_hour.RULES))
    settings = config.load(None, {"SMS_GATEWAY_DATA_DIR": str(folder), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"})
    client = create_app(database, settings, lambda: datetime.now(UTC)).test_client()
    found = []
    try:
        for _ in range(3):  # the first finds nothing compiled and no page visited
            said: list[str] = []
            with _listening(said):
                answer = client.post(
                    "/api/v1/messages",
                    json={"to": recipients(1)[0], "body": BODY},
                    headers={"Authorization": f"Bearer {token}"},
                )
            if answer.status_code != 202:
                raise RuntimeError(f"the text was not accepted: {answer.json}")
            found.append(sum(not one.startswith(("BEGIN", "PRAGMA")) for one in said))
    finally:
        database.close()
    return found[0], found[2]


@contextmanager
def _listening(said: list[str]) -> Iterator[None]:
    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
