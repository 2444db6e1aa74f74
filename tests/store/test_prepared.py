"""A prepared statement gives what SQLAlchemy gives for it: rows, ids, errors."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, func, insert, literal, select
from sqlalchemy.exc import IntegrityError, MultipleResultsFound

from gateway.store.database import Tx
from gateway.store.prepared import Prepared
from gateway.store.tables import events, lines, transitions
from tests.office import ANNA, BEN, Office

_LINES = select(lines, func.length(lines.c.name).label("letters"), literal("x").label("same")).where(
    lines.c.id > bindparam("after"), lines.c.removed_at.is_(None), lines.c.name != "nobody"
)


def test_rows_are_those_of_sqlalchemy(office: Office) -> None:
    office.add_line("back")

    def both(tx: Tx) -> None:
        for values in ({"after": 0}, {"after": 1}, {"after": 99}):
            usual = list(tx.execute(_LINES, values))
            found = tx.rows(Prepared(_LINES), values)
            assert found == usual
            assert [row._mapping for row in found] == [row._mapping for row in usual]
        assert found == []

    office.write(both)
    office.database.read(both)


def test_one_row_or_none(office: Office) -> None:
    office.add_line("back")

    def look(tx: Tx) -> None:
        prepared = Prepared(_LINES)
        one = tx.row(prepared, {"after": office.line_id})
        assert one is not None and (one.name, one.letters, one.same) == ("back", 4, "x")
        assert tx.row(prepared, {"after": 99}) is None and tx.value(prepared, {"after": 99}) is None
        assert tx.value(prepared, {"after": office.line_id}) == one.id
        with pytest.raises(MultipleResultsFound):
            tx.row(prepared, {"after": 0})

    office.write(look)


def test_an_insert_tells_its_id_and_keeps_the_columns_apart(office: Office) -> None:
    office.accept(ANNA)
    now = office.clock()
    first = {"message_id": 1, "at": now, "became": "sent", "why": "one"}
    second = {"why": "two", "became": "failed", "at": now, "message_id": 1, "seq": 7}

    def add(tx: Tx) -> list[int]:
        return [tx.insert(transitions, values) for values in (first, second, first)]

    ids = office.write(add)
    rows = office.read(lambda tx: {row.id: row for row in tx.execute(select(transitions))})
    assert [(rows[row_id].why, rows[row_id].seq) for row_id in ids] == [
        ("one", None),
        ("two", 7),
        ("one", None),
    ]
    assert [rows[row_id].at for row_id in ids] == [now, now, now]


def test_an_update_changes_its_row_alone(office: Office) -> None:
    back = office.add_line("back")
    office.write(lambda tx: tx.update(lines, back, {"options": {"zone": "Europe/Rome"}, "paused_at": None}))
    rows = office.read(lambda tx: {row.id: row.options for row in tx.execute(select(lines))})
    assert rows == {office.line_id: {}, back: {"zone": "Europe/Rome"}}


def test_an_error_is_one_of_sqlalchemy_and_tells_nothing_private(office: Office) -> None:
    values = {"message_id": 1, "at": office.clock(), "became": None, "why": BEN}
    with pytest.raises(IntegrityError) as failed:
        office.write(lambda tx: tx.insert(transitions, values))
    assert BEN not in str(failed.value)
    with pytest.raises(KeyError):
        office.write(lambda tx: Prepared(insert(events), ["at", "kind"]).run(tx.connection, {"kind": "x"}))


def test_what_is_prepared_for_writing_serves_the_readers_too(office: Office) -> None:
    prepared = Prepared(select(func.count()).select_from(events))
    counts = [office.write(lambda tx: tx.value(prepared, {})), office.read(lambda tx: tx.value(prepared, {}))]
    assert counts[0] == counts[1]
