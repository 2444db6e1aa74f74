"""The table of contacts asks indexes only: at 50,000 people no page may walk the table itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from gateway.store import contact_list
from gateway.store.contact_list import Wanted
from gateway.store.database import Tx
from tests.office import Office

NOW = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(words="zoé 07700"),
        Wanted(stage="customer"),
        Wanted(priority="high", language="fr"),
        Wanted(tag="vip"),
        Wanted(health="bad"),
        Wanted(health="ok"),
        Wanted(stopped=False),
        Wanted(blocked=True),
        Wanted(heard_after=NOW, heard_before=NOW),
        Wanted(lines=frozenset({1})),
    ],
    ids=str,
)
def test_no_filter_of_contacts_walks_a_table(office: Office, wanted: Wanted) -> None:
    asked: list[tuple[str, object]] = []

    def look(tx: Tx) -> list[str]:
        connection = tx.connection

        def note(_c: object, _cursor: object, statement: str, given: object, *_: object) -> None:
            if statement.startswith("SELECT"):
                asked.append((statement, given))

        event.listen(connection, "before_cursor_execute", note)
        contact_list.page(tx, wanted, 51, ("zoe", 7))
        contact_list.count(tx, wanted)
        event.remove(connection, "before_cursor_execute", note)
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()  # type: ignore[arg-type]
            for statement, given in asked
        ]
        return [step[3] for plan in plans for step in plan]

    steps = office.read(look)
    assert len(asked) == 2 and any("contacts" in step for step in steps)
    # suppressions holds a row for each STOP in force, and is where the question begins
    walks = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
    assert [step for step in walks if step not in ("SCAN suppressions", "SCAN anon_1")] == []
