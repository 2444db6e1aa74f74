"""The queue of an office that is brought to a new version: what was to go goes, what was begun first."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.desk import unclear
from gateway.domain.line import Accepted
from gateway.domain.message import Purpose, Rank, State
from gateway.store import schema
from tests.office import SAM, Clock, Office
from tests.store import earlier
from tests.store.earlier import NOW

BY_PURPOSE = {
    Purpose.TRANSACTIONAL: Rank.REMINDER,
    Purpose.FEEDBACK: Rank.FEEDBACK,
    Purpose.MARKETING: Rank.MARKETING,
}


since = pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
"""From which version the office comes; the first two knew texts without a rank."""


@since
def test_every_text_that_may_still_go_gets_its_rank_and_no_other(tmp_path: Path, revision: str) -> None:
    rows = earlier.EVERY_ROW
    path = tmp_path / "gateway.db"
    earlier.make(path, rows, revision)
    schema.prepare(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ranks = [rank for (rank,) in connection.execute("SELECT rank FROM messages ORDER BY id")]
    begun = {State.SENDING: Rank.BEGUN, State.UNCONFIRMED: Rank.BEGUN}
    for (purpose, state), rank in zip(rows, ranks, strict=True):
        as_new = Rank.ANSWER if purpose is None else BY_PURPOSE.get(purpose, Rank.ANSWER)
        assert rank == (as_new if state is State.QUEUED else begun.get(state)), (purpose, state)


@since
def test_what_was_begun_is_completed_first_and_all_of_it_goes(tmp_path: Path, revision: str) -> None:
    kinds = (Purpose.MARKETING, Purpose.TRANSACTIONAL, Purpose.CONVERSATIONAL)
    rows: list[earlier.Row] = [(kind, State.QUEUED) for kind in kinds]
    rows += [(Purpose.MARKETING, State.SENDING), (Purpose.CONVERSATIONAL, State.UNCONFIRMED)]
    path = tmp_path / "gateway.db"
    earlier.make(path, rows, revision)
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


@since
def test_no_text_is_lost_or_changed_by_an_update(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "gateway.db"
    earlier.make(path, earlier.EVERY_ROW, revision)
    before = _texts(path)
    schema.prepare(path)
    assert len(before) == len(earlier.EVERY_ROW)
    assert _texts(path) == before
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_what_was_put_off_goes_at_its_time(tmp_path: Path) -> None:
    """The newest step, with all that an office of the version before has of it."""
    path, later = tmp_path / "gateway.db", NOW + timedelta(hours=2)
    earlier.make(path, [(Purpose.CONVERSATIONAL, State.QUEUED), *earlier.EVERY_ROW[1:]], "0003")
    earlier.hold(path, 1, later)
    before = {table: _rows(path, table) for table in ("messages", "decisions", "contacts")}
    schema.prepare(path)
    for table, rows in before.items():
        assert [row[: len(rows[0])] for row in _rows(path, table)] == rows
    clock = Clock(NOW)
    with Office(path, clock) as office:
        office.know_holidays()
        while claimed := office.claim():
            assert claimed.message_id != 1
            office.submit(claimed.part_id)
            office.record(claimed.part_id, Accepted(claimed.part_id))
        clock.step(hours=2)
        assert {office.send_one(Accepted(number)).message_id for number in (201, 202)} == {1}


def _rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()


def _texts(path: Path) -> list[tuple[object, ...]]:
    """Every text with its parts, as any version stores them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT m.id, m.peer, m.body, m.state, m.purpose, m.due_at,"
            " group_concat(p.seq || p.state || hex(p.tpdu))"
            " FROM messages m JOIN parts p ON p.message_id = m.id GROUP BY m.id ORDER BY m.id"
        ).fetchall()
