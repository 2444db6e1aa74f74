"""What is asked beside the box of a reply uses indexes, whatever the history holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from gateway.store import similar
from tests.office import ANNA as NADIA
from tests.office import Office


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: similar.to_answer(tx, 1),
        lambda tx: similar.is_answered(tx, 1),
        lambda tx: similar.inbound(tx, ["parking"], 2, None, 40),
        lambda tx: similar.answer_to(tx, 1, 1),
    ],
    ids=["to_answer", "is_answered", "inbound", "answer_to"],
)
def test_no_question_scans_a_table(office: Office, ask: Callable[[Any], object]) -> None:
    office.text_from(NADIA, "Is the parking open?")
    asked: list[tuple[str, Any]] = []

    def plans(tx: Any) -> list[str]:
        connection = tx.connection

        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        ask(tx)
        event.remove(connection, "before_cursor_execute", note)
        cursor = connection.connection.cursor()
        return [
            str(row[3])
            for statement, parameters in asked
            for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]

    found = office.read(plans)
    assert found
    assert [step for step in found if step.startswith("SCAN") and "VIRTUAL TABLE INDEX" not in step] == []
