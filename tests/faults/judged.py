"""What must hold in an office's folder after whatever happened to its processes: invariants I1 to I5."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def noted(path: Path) -> list[list[Any]]:
    """The lines of one of the office's notes."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@dataclass(frozen=True)
class Judged:
    """An office's folder as it is now."""

    states: dict[int, str]
    """State of every text that was accepted, by its id."""
    on_air: Counter[int]
    """How often each part went out, by its id."""
    parts_of: dict[int, list[int]]

    def sent_whole_or_unclear(self) -> None:
        """What is called sent went out whole; what may have gone is called unclear; nothing waits."""
        for message_id, state in self.states.items():
            gone = [part for part in self.parts_of[message_id] if self.on_air[part]]
            if state in ("sent", "delivered"):
                assert gone == self.parts_of[message_id], (message_id, state, gone)
            else:
                assert state == "unconfirmed", (message_id, state)


def connected(path: Path) -> sqlite3.Connection:
    """A connection of our own to the database."""
    return sqlite3.connect(path, isolation_level=None)


def judge(folder: Path, *, known: set[str] = frozenset()) -> Judged:  # type: ignore[assignment]
    """Hold the invariants; what was seen. `known`: PDUs that the SIM had from the beginning."""
    connection = connected(folder / "gateway.db")
    try:
        return _judge(connection, folder, known)
    finally:
        connection.close()


def _judge(connection: sqlite3.Connection, folder: Path, known: set[str]) -> Judged:
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]  # I4
    columns = "id, body, state, due_at, reason, unconfirmed_until"
    rows = connection.execute(f"SELECT {columns} FROM messages WHERE direction = 'outbound'").fetchall()
    stored = {row[0]: row for row in rows}
    accepted = dict(noted(folder / "accepted"))
    for message_id, body in accepted.items():  # I1
        assert stored[message_id][1] == body
    air = Counter(part for (part,) in noted(folder / "air"))
    assert [part for part, times in air.items() if times > 1] == []  # I2
    history = {pdu for (pdu,) in connection.execute("SELECT pdu FROM raw_pdus")}
    on_sim = {file.read_text() for file in (folder / "sim").iterdir()} if (folder / "sim").exists() else set()
    assert known <= history | on_sim  # I3
    for message_id, _, state, due_at, reason, until in rows:  # I5
        if state in ("queued", "sending"):
            assert due_at is not None, message_id
        if state == "unconfirmed":
            assert reason or until, message_id
    parts: dict[int, list[int]] = {message_id: [] for message_id in stored}
    for part, message_id in connection.execute("SELECT id, message_id FROM parts ORDER BY id"):
        parts.setdefault(message_id, []).append(part)
    return Judged({message_id: stored[message_id][2] for message_id in accepted}, air, parts)
