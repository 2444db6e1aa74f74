"""The queue of an office that is brought to a new version: what was to go goes, what was begun first."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from gateway.desk import unclear
from gateway.domain.line import Accepted
from gateway.domain.message import Direction, Purpose, Rank, State
from gateway.domain.pdu import encode_message
from gateway.store import schema
from tests.office import ANNA, SAM, Clock, Office

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MICROS = int(NOW.timestamp() * 1_000_000)
OUTBOUND = [state for state in State if state not in (State.RECEIVING, State.RECEIVED)]
BY_PURPOSE = {
    Purpose.TRANSACTIONAL: Rank.REMINDER,
    Purpose.FEEDBACK: Rank.FEEDBACK,
    Purpose.MARKETING: Rank.MARKETING,
}
STATES_OF_PARTS = {
    State.QUEUED: ("ready", "ready"),
    State.SENDING: ("accepted", "ready"),
    State.UNCONFIRMED: ("unconfirmed", "ready"),
}


def _before(path: Path, rows: list[tuple[Purpose | None, State]]) -> None:
    """A database of the second version, with a text of two parts for each row, each to somebody else."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for version in ("0001_first.sql", "0002_lines.sql"):
            for statement in (VERSIONS / version).read_text(encoding="utf-8").split("\n\n"):
                connection.execute(statement)
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0002')")
        connection.execute(
            "INSERT INTO lines (name, port, limits, created_at, status, code)"
            " VALUES ('front', '/dev/front', '[]', 1, 'up', 'ready')"
        )
        for number, (purpose, state) in enumerate(rows, start=1):
            _add(connection, number, purpose, state)


def _add(connection: sqlite3.Connection, number: int, purpose: Purpose | None, state: State) -> None:
    peer = f"{ANNA[:-3]}{number:03d}"
    direction = Direction.INBOUND if purpose is None else Direction.OUTBOUND
    connection.execute("INSERT INTO contacts (public_id, created_at) VALUES (?, 1)", (f"con_{number}",))
    connection.execute(
        "INSERT INTO conversations (public_id, line_id, contact_id, peer, created_at) VALUES (?, 1, ?, ?, 1)",
        (f"cnv_{number}", number, peer),
    )
    connection.execute(
        "INSERT INTO phone_numbers (contact_id, number, kind, created_at) VALUES (?, ?, 'international', 1)",
        (number, peer),
    )
    connection.execute(
        "INSERT INTO messages (public_id, conversation_id, line_id, direction, purpose, state, peer, body,"
        " segments, author_kind, created_at, due_at, order_key, unconfirmed_until)"
        " VALUES (?, ?, 1, ?, ?, ?, ?, 'x', 2, 'person', ?, ?, 1, ?)",
        (f"msg_{number}", number, direction, purpose, state, peer, MICROS, MICROS, MICROS),
    )
    parts = encode_message(peer, "x" * 200, reference=1, report=True, validity=None)
    for seq, (tpdu, of_part) in enumerate(
        zip(parts, STATES_OF_PARTS.get(state, ("canceled", "canceled")), strict=True), start=1
    ):
        connection.execute(
            "INSERT INTO parts (message_id, seq, tpdu, state) VALUES (?, ?, ?, ?)",
            (number, seq, tpdu, of_part),
        )


def test_every_text_that_may_still_go_gets_its_rank_and_no_other(tmp_path: Path) -> None:
    rows: list[tuple[Purpose | None, State]] = [(p, state) for p in Purpose for state in OUTBOUND]
    rows += [(None, State.RECEIVED), (None, State.RECEIVING)]
    path = tmp_path / "gateway.db"
    _before(path, rows)
    schema.prepare(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ranks = [rank for (rank,) in connection.execute("SELECT rank FROM messages ORDER BY id")]
    begun = {State.SENDING: Rank.BEGUN, State.UNCONFIRMED: Rank.BEGUN}
    for (purpose, state), rank in zip(rows, ranks, strict=True):
        as_new = Rank.ANSWER if purpose is None else BY_PURPOSE.get(purpose, Rank.ANSWER)
        assert rank == (as_new if state is State.QUEUED else begun.get(state)), (purpose, state)


def test_what_was_begun_is_completed_first_and_all_of_it_goes(tmp_path: Path) -> None:
    kinds = (Purpose.MARKETING, Purpose.TRANSACTIONAL, Purpose.CONVERSATIONAL)
    rows: list[tuple[Purpose | None, State]] = [(kind, State.QUEUED) for kind in kinds]
    rows += [(Purpose.MARKETING, State.SENDING), (Purpose.CONVERSATIONAL, State.UNCONFIRMED)]
    path = tmp_path / "gateway.db"
    _before(path, rows)
    schema.prepare(path)
    with Office(path, Clock(NOW)) as office:
        office.know_holidays()
        (doubtful,) = [row.id for row in office.messages() if row.state == State.UNCONFIRMED]
        office.write(lambda tx: unclear.mark_sent(tx, doubtful, SAM, NOW))
        sent = [office.send_one(Accepted(number)).message_id for number in range(8)]
        assert office.claim() is None
        assert {row.state for row in office.messages()} == {State.SENT}
    assert set(sent[:2]) == {4, 5}
    assert sent[2:] == [3, 3, 2, 2, 1, 1]
