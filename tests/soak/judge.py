"""What must be true at the end of an epoch. Only judges what it is given; each broken promise in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.domain.message import State
from tests.soak.texts import MARK, Ledger, mark_of

ARRIVED = {State.SENT.value, State.DELIVERED.value}
PERHAPS = {State.UNCONFIRMED.value, State.UNDELIVERED.value}


@dataclass
class Facts:
    """What was asked for and what was found in one epoch.

    `rows`: messages stored in it, both ways, by id; `arrived`: whole texts by (number, mark); `parts_twice`:
    parts that came to a phone again, by number; `lost`: PDUs the devices gave up that are not in the
    database; `early`: commands a device got while a text of its was on the air; `log`: what the program
    wrote; `trouble`: what the story itself had to say.
    """

    ledger: Ledger
    rows: Mapping[int, Any] = field(default_factory=dict)
    arrived: Counter[tuple[str, str]] = field(default_factory=Counter)
    parts_twice: Mapping[str, int] = field(default_factory=dict)
    lost: Iterable[str] = ()
    complaints: Iterable[str] = ()
    early: int = 0
    integrity: str = "ok"
    fatal: Iterable[str] = ()
    log: Iterable[str] = ()
    numbers: frozenset[str] = frozenset()
    trouble: Iterable[str] = ()


def violations(facts: Facts) -> list[str]:
    """Every broken promise; nothing when all is well."""
    found: list[str] = []
    for rule in (_out, _phones, _inbound, _devices, _database, _log):
        found += rule(facts)
    return found


def _out(facts: Facts) -> Iterator[str]:
    for message_id, body in facts.ledger.accepted.items():
        row, mark = facts.rows.get(message_id), mark_of(body)
        assert mark is not None
        if row is None or row.body != body:
            yield f"{mark} was accepted and is not stored as it was"
            continue
        times = facts.arrived[facts.ledger.recipients[mark], mark]
        if not _is_true(row, times):
            yield (
                f"{mark} (message {message_id}) is {row.state} ({row.reason}; waits for {row.waiting_for}, "
                f"due {row.due_at}) and arrived {times} times"
            )


def _is_true(row: Any, times: int) -> bool:
    """Whether what is said of a text of ours agrees with how often it arrived."""
    if row.state in ARRIVED:
        return times == 1
    if row.state in PERHAPS:
        return times <= 1
    return bool(row.state == State.FAILED.value and row.reason and not times)


def _phones(facts: Facts) -> Iterator[str]:
    for number, count in facts.parts_twice.items():
        if count:
            yield f"{count} parts arrived again at {number}"
    known = {(number, mark) for mark, number in facts.ledger.recipients.items()}
    for number, mark in facts.arrived.keys() - known:
        yield f"{mark} arrived at {number}, which was not asked for in this epoch"


def _inbound(facts: Facts) -> Iterator[str]:
    heard: Counter[str] = Counter()
    twins: Counter[str] = Counter()
    for row in facts.rows.values():
        mark = mark_of(row.body)
        if row.direction != "inbound" or mark is None or row.state != State.RECEIVED.value:
            continue
        heard[mark] += 1
        twins[mark] += row.twin_of_id is not None
        if facts.ledger.bodies.get(mark) != row.body:
            yield f"{mark} is in the history with other words: {row.body[:60]!r}"
    for mark, count in facts.ledger.written.items():
        if heard[mark] < count:
            yield f"{mark} was written {count} times and is in the history {heard[mark]} times"
    for mark, count in heard.items():
        if count - twins[mark] > facts.ledger.written[mark]:
            yield f"{mark} was written {facts.ledger.written[mark]} times and is shown as {count} texts"


def _devices(facts: Facts) -> Iterator[str]:
    yield from (f"given up by the device and not in the database: {pdu}" for pdu in facts.lost)
    yield from (f"the network complained: {words}" for words in facts.complaints)
    if facts.early:
        yield f"{facts.early} commands were sent while a text was on the air"
    yield from facts.trouble


def _database(facts: Facts) -> Iterator[str]:
    if facts.integrity != "ok":
        yield f"the database: {facts.integrity}"
    yield from (f"the database was called unusable: {reason}" for reason in facts.fatal)


def _log(facts: Facts) -> Iterator[str]:
    for line in facts.log:
        if MARK.search(line) or any(number in line for number in facts.numbers):
            yield f"the log holds a text or a number: {line[:200]}"
