"""Databases as earlier versions of the program left them, with texts in every state."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from gateway.domain.message import Direction, Purpose, Rank, State, rank_of
from gateway.domain.pdu import encode_message
from gateway.store import schema
from tests.office import ANNA

Row = tuple[Purpose | None, State]
"""A text: its purpose, None for one that came in, and its state."""

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MICROS = int(NOW.timestamp() * 1_000_000)
OUTBOUND = [state for state in State if state not in (State.RECEIVING, State.RECEIVED)]
EVERY_ROW: list[Row] = [
    *((purpose, state) for purpose in Purpose for state in OUTBOUND),
    (None, State.RECEIVED),
    (None, State.RECEIVING),
]
STATES_OF_PARTS = {
    State.QUEUED: ("ready", "ready"),
    State.SENDING: ("accepted", "ready"),
    State.UNCONFIRMED: ("unconfirmed", "ready"),
}


def make(path: Path, rows: list[Row], revision: str = "0001") -> None:
    """A database of an earlier revision, with a text of two parts for each row, each to somebody else."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for file in sorted(VERSIONS.glob("*.sql")):
            if file.name[:4] <= revision:
                for statement in file.read_text(encoding="utf-8").split("\n\n"):
                    connection.execute(statement)
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute(
            "INSERT INTO lines (name, port, limits, created_at, status, code)"
            " VALUES ('front', '/dev/front', '[]', 1, 'up', 'ready')"
        )
        for number, (purpose, state) in enumerate(rows, start=1):
            _add(connection, number, purpose, state, revision)


def _add(
    connection: sqlite3.Connection, number: int, purpose: Purpose | None, state: State, revision: str
) -> None:
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
    place, value = ("order_key", 1) if revision < "0003" else ("rank", _rank(purpose, state))
    connection.execute(
        "INSERT INTO messages (public_id, conversation_id, line_id, direction, purpose, state, peer, body,"
        f" segments, author_kind, created_at, due_at, {place}, unconfirmed_until)"
        " VALUES (?, ?, 1, ?, ?, ?, ?, 'x', 2, 'person', ?, ?, ?, ?)",
        (f"msg_{number}", number, direction, purpose, state, peer, MICROS, MICROS, value, MICROS),
    )
    parts = encode_message(peer, "x" * 200, reference=1, report=True, validity=None)
    for seq, (tpdu, of_part) in enumerate(
        zip(parts, STATES_OF_PARTS.get(state, ("canceled", "canceled")), strict=True), start=1
    ):
        connection.execute(
            "INSERT INTO parts (message_id, seq, tpdu, state) VALUES (?, ?, ?, ?)",
            (number, seq, tpdu, of_part),
        )


def _rank(purpose: Purpose | None, state: State) -> int | None:
    """The place in the queue as the third version wrote it down."""
    if state is State.QUEUED and purpose is not None:
        return rank_of(purpose, held=False)
    return Rank.BEGUN if state in (State.SENDING, State.UNCONFIRMED) else None


def hold(path: Path, message_id: int, until: datetime) -> None:
    """A text of the third version that somebody put off, and that the rules of that time keep besides."""
    micros = int(until.timestamp() * 1_000_000)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE messages SET rank = ?, due_at = ?, not_before = ?, schedule = 'at', schedule_wall = ?,"
            " schedule_zone = 'UTC', cancel_if_answered = 1, waiting_for = 'schedule' WHERE id = ?",
            (Rank.REPLY, micros, micros, until.replace(tzinfo=None).isoformat(), message_id),
        )
        connection.execute(
            "INSERT INTO decisions (message_id, at, verdict, why, until)"
            " VALUES (?, ?, 'hold', 'schedule', ?)",
            (message_id, MICROS, micros),
        )
