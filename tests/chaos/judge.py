"""What must be true after a round, whatever moments the program was killed at. Only judges what it is given.

The rule for STOP: the program deletes a text from the SIM only after it has committed it, and it does so
over the same wire that texts leave by, one command at a time. So whatever reaches a phone after its STOP
was deleted was let go after the STOP was committed. Allowed then: one confirmation, and the rest of a
long text of which a part had reached the phone before, for half a text is worse. The program's own books
are held against the same rule: no part is submitted after the opt-out was recorded, with the same two
exceptions. A text that was on the air while STOP came in has arrived before that deletion.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Text:
    """One text of the plan. `body` is its own, and every part of it holds `mark`."""

    mark: str
    number: str
    body: str


@dataclass
class Facts:
    """What was asked for and what was found, of the phones of one round.

    `accepted`: message id to text, for every 202; `again` and `marked`: ids a person decided about;
    `stored`: message objects of the API; `phones`, `deleted`, `modem`: as the fake modem tells them;
    `written`: (number, text) a customer wrote; `stopped`: numbers that wrote STOP.
    """

    accepted: dict[str, Text] = field(default_factory=dict)
    refused: list[Text] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)
    written: list[tuple[str, str]] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    stored: dict[str, Row] = field(default_factory=dict)
    phones: dict[str, Row] = field(default_factory=dict)
    deleted: list[Row] = field(default_factory=list)
    modem: Row = field(default_factory=dict)
    database: Path = Path()

    def outbound(self) -> Iterator[Row]:
        return (row for row in self.stored.values() if row["direction"] == "outbound")

    def inbound(self) -> Iterator[Row]:
        return (row for row in self.stored.values() if row["direction"] == "inbound")


def violations(facts: Facts) -> list[str]:
    """Every broken promise, in words; nothing when all is well."""
    found: list[str] = []
    for rule in (
        _accepted_is_stored, _nobody_got_it_twice, _nobody_missed_it, _states_are_true, _inbound_is_whole,
        _stop_is_kept, _books_keep_stop, _nothing_is_stuck, _modem_is_empty, _database_is_sound,
    ):  # fmt: skip
        found += rule(facts)
    return found


# --- out ----------------------------------------------------------------------------------------------


def _accepted_is_stored(facts: Facts) -> Iterator[str]:
    for message_id, text in facts.accepted.items():
        row = facts.stored.get(message_id)
        if row is None:
            yield f"{message_id} ({text.mark}) was accepted with 202 and is not in the store"
        elif (row["to"], row["body"]) != (text.number, text.body):
            yield f"{message_id} ({text.mark}) is in the store with another number or text"
    twice = Counter(text.mark for text in facts.accepted.values())
    yield from (f"{mark} was accepted as {count} messages" for mark, count in twice.items() if count > 1)


def _asked_again(facts: Facts) -> Counter[str]:
    return Counter(facts.stored[message_id]["body"] for message_id in facts.again)


def _nobody_got_it_twice(facts: Facts) -> Iterator[str]:
    asked = _asked_again(facts)
    for number, phone in facts.phones.items():
        for body, count in Counter(phone["texts"]).items():
            if count > 1 + asked[body]:
                yield f"{number} received {count} times, asked for again {asked[body]} times: {body[:60]!r}"
        # a part is the same part when all but TP-MR is the same; its own text stands for a whole short text
        parts = Counter((part["tpdu"][:2] + part["tpdu"][4:], part["text"]) for part in phone["parts"])
        for (_, words), count in parts.items():
            if count > 1 + asked[words]:
                yield f"{number} received a part {count} times: {words[:60]!r}"


def _nobody_missed_it(facts: Facts) -> Iterator[str]:
    """Each accepted text arrived, unless its owner said stop or a person took it on themselves."""
    for message_id, text in facts.accepted.items():
        arrived = text.body in facts.phones[text.number]["texts"]
        if not arrived and text.number not in facts.stopped and message_id not in facts.marked:
            state = facts.stored.get(message_id, {}).get("state")
            yield f"{message_id} ({text.mark}), {state}, never reached {text.number}"


def _states_are_true(facts: Facts) -> Iterator[str]:
    for row in facts.outbound():
        arrived = row["body"] in facts.phones[row["to"]]["texts"]
        if row["state"] == "delivered" and not arrived:
            yield f"{row['id']} is called delivered and never reached {row['to']}"
        if row["state"] == "canceled" and arrived:
            yield f"{row['id']} is called canceled and reached {row['to']}"


# --- in -----------------------------------------------------------------------------------------------


def _inbound_is_whole(facts: Facts) -> Iterator[str]:
    written = Counter(facts.written)
    heard = Counter((row["from"], row["body"]) for row in facts.inbound())
    for (number, body), count in (written - heard).items():
        yield f"lost {count} time(s), from {number}: {body[:60]!r}"
    for (number, body), count in (heard - written).items():
        yield f"doubled or made up {count} time(s), from {number}: {body[:60]!r}"


def _stop_is_kept(facts: Facts) -> Iterator[str]:
    for number in facts.stopped:
        phone = facts.phones[number]
        at = _deleted_at(facts, phone)
        if at is None:
            yield f"the STOP of {number} was never read"
            continue
        before = [part["text"] for part in phone["parts"] if part["time"] <= at]
        after = [part["text"] for part in phone["parts"] if part["time"] > at]
        confirmations = _confirmations(facts, number)
        begun = {text.mark for text in facts.accepted.values() if any(text.mark in one for one in before)}
        late = [one for one in after if one not in confirmations and not any(mark in one for mark in begun)]
        yield from (f"{number} said STOP and still received {words[:60]!r}" for words in late)
        got = sum(one in confirmations for one in phone["texts"])
        if got > 1:
            yield f"{number} received {got} confirmations of its STOP"
        if not confirmations:
            yield f"the STOP of {number} has no confirmation"


def _deleted_at(facts: Facts, phone: Row) -> float | None:
    """When the STOP was taken off the SIM; None when it was not."""
    tpdus = {tpdu for sent in phone["sent"] if sent["text"] == "STOP" for tpdu in sent["tpdus"]}
    times = [one["time"] for one in facts.deleted if any(one["pdu"].endswith(tpdu) for tpdu in tpdus)]
    return min(times, default=None)


def _confirmations(facts: Facts, number: str) -> set[str]:
    return {row["body"] for row in facts.outbound() if row["to"] == number and row["purpose"] == "compliance"}


LEFT_AFTER_STOP = """
SELECT m.public_id, c.number FROM consent_events c
JOIN messages m ON m.peer = c.number AND m.purpose <> 'compliance'
JOIN parts p ON p.message_id = m.id AND p.submitted_at > c.at
WHERE c.kind = 'opt_out' AND NOT EXISTS (
    SELECT 1 FROM attempts a JOIN parts earlier ON earlier.id = a.part_id
    WHERE earlier.message_id = m.id AND a.started_at <= c.at)
"""


def _books_keep_stop(facts: Facts) -> Iterator[str]:
    for message_id, number in _asked(facts.database, LEFT_AFTER_STOP):
        yield f"{message_id} was submitted after the opt-out of {number} was recorded"


# --- the end ------------------------------------------------------------------------------------------

ENDED_WITHOUT_REASON = """
SELECT public_id, state FROM messages WHERE direction = 'outbound' AND reason IS NULL
AND state IN ('unconfirmed', 'failed', 'undelivered', 'canceled', 'expired', 'blocked')
"""
UNFINISHED = """
SELECT public_id, state, waiting_for, due_at FROM messages
WHERE state IN ('queued', 'sending', 'receiving')
"""


def _nothing_is_stuck(facts: Facts) -> Iterator[str]:
    for message_id, state, waiting_for, due_at in _asked(facts.database, UNFINISHED):
        yield f"{message_id} is stuck: {state}, waiting for {waiting_for}, due at {due_at}"
    for message_id, state in _asked(facts.database, ENDED_WITHOUT_REASON):
        yield f"{message_id} is {state} without a reason"


def _modem_is_empty(facts: Facts) -> Iterator[str]:
    used = {name: store[0] for name, store in facts.modem["stores"].items() if store[0]}
    if used:
        yield f"messages are left on the SIM: {used}"
    if facts.modem["waiting"]:
        yield f"the network still keeps {facts.modem['waiting']} messages"
    if facts.modem["complaints"]:
        yield f"the network complained {facts.modem['complaints']} times about what was sent"
    lost = [pdu for pdu in facts.modem["lost"] if _is_text(pdu)]
    if lost:
        yield f"taken off the SIM and not in the store: {lost}"


def _is_text(pdu: str) -> bool:
    """Whether a PDU is a DELIVER (TS 23.040 9.2.3.1); reports are given away by the modem unstored."""
    octets = bytes.fromhex(pdu)
    return octets[1 + octets[0]] & 0x03 == 0


def _database_is_sound(facts: Facts) -> Iterator[str]:
    (said,) = _asked(facts.database, "PRAGMA integrity_check")[0]
    if said != "ok":
        yield f"integrity_check: {said}"
    broken = _asked(facts.database, "PRAGMA foreign_key_check")
    if broken:
        yield f"foreign_key_check: {broken}"


def _asked(database: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def raw_pdus(database: Path) -> list[str]:
    """Every PDU in the store, as the modem gave it."""
    return [pdu for (pdu,) in _asked(database, "SELECT pdu FROM raw_pdus")]


def resolutions(database: Path) -> dict[str, int]:
    """How parts that a crash left open were resolved, counted by the evidence."""
    question = """
    SELECT coalesce(t.why, 'open'), count(*) FROM transitions c LEFT JOIN transitions t
    ON t.message_id = c.message_id AND t.seq = c.seq AND t.was = 'unconfirmed'
    WHERE c.became = 'unconfirmed' AND c.seq IS NOT NULL GROUP BY 1
    """
    return dict(_asked(database, question))
