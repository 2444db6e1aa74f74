"""What the caps of a contact ask is found by indexes, however much the contact got before; what counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from gateway.domain.line import Accepted, RefusedForGood
from gateway.domain.message import Purpose
from gateway.domain.policy import AUTOMATED
from gateway.store import rates
from gateway.store.database import Tx
from gateway.store.tables import messages
from tests.office import ANNA, BEN, SHOP, Office

MANY = 20_000
LONG = "A long story. " * 20  # 2 parts
MONTH = timedelta(days=30)


def _reminder(office: Office, body: str = "Tomorrow at nine") -> int:
    return office.accept(ANNA, body, Purpose.TRANSACTIONAL, SHOP)


def _plan(tx: Tx, ask: Callable[[], object]) -> list[str]:
    """EXPLAIN QUERY PLAN of what it runs."""
    ran: list[tuple[str, Any]] = []

    def collect(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        ran.append((statement, values))

    event.listen(Engine, "before_cursor_execute", collect)
    try:
        ask()
    finally:
        event.remove(Engine, "before_cursor_execute", collect)
    return [
        row[3]
        for statement, values in ran
        for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]


def _had(office: Office) -> list[int]:
    since = office.clock() - MONTH
    return [row.id for row in office.read(lambda tx: rates.texts_to(tx, ANNA, AUTOMATED, since, 100))]


@pytest.mark.parametrize("state", ["delivered", "failed", "unconfirmed", "canceled"])
def test_old_texts_cost_nothing(office: Office, state: str) -> None:
    recent = _reminder(office)
    row = dict(office.message(recent)._mapping)
    old = {column.name: row[column.name] for column in messages.c if column.name != "id"}
    long_ago = office.clock() - 3 * MONTH
    sent_at = long_ago if state == "delivered" else None
    old |= {"state": state, "created_at": long_ago, "due_at": long_ago, "sent_at": sent_at}
    many = [old | {"public_id": f"msg_{number}"} for number in range(MANY)]
    office.write(lambda tx: tx.execute(insert(messages), many))
    since = office.clock() - MONTH
    assert _had(office) == [recent]

    def ask(tx: Tx) -> float:
        began = time.process_time()
        for _ in range(10):
            rates.texts_to(tx, ANNA, AUTOMATED, since, 100)
        return (time.process_time() - began) / 10

    assert min(office.read(ask) for _ in range(3)) < 0.001


def test_each_is_found_by_its_index(office: Office) -> None:
    _reminder(office)
    since = office.clock() - MONTH
    plan = office.read(lambda tx: _plan(tx, lambda: rates.texts_to(tx, ANNA, AUTOMATED, since, 100)))
    of_messages = [step for step in plan if "messages" in step]
    assert of_messages == [
        "SEARCH messages USING INDEX ix_messages_sent_to (peer=? AND sent_at>?)",
        "SEARCH messages USING INDEX ix_messages_unsent_to (peer=? AND state=? AND due_at>?)",
        "SEARCH messages USING INDEX ix_messages_unsent_to (peer=? AND state=?)",
    ]


def test_a_text_of_which_a_part_went_counts_though_it_failed(office: Office) -> None:
    half = _reminder(office, LONG)
    office.send_one(Accepted(1))
    office.clock.step(minutes=1)
    office.send_one(RefusedForGood("CMS 302"))
    assert office.state(half) == "failed"
    none = _reminder(office)
    office.send_one(RefusedForGood("CMS 302"))
    assert office.state(none) == "failed"
    assert _had(office) == [half]


def test_what_waited_for_its_line_counts_from_when_it_went(office: Office) -> None:
    message = _reminder(office, LONG)
    office.clock.step(days=20)
    office.send_one(Accepted(1))
    office.clock.step(days=29)
    office.accept(BEN)
    assert _had(office) == [message]
    office.clock.step(days=2)
    assert _had(office) == []
