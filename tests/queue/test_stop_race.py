"""A STOP races the last look before a text leaves, a thousand times, over two connections.

Which of the two committed first is told by the event log, which both write in their own transaction.
`python -m pytest tests/queue/test_stop_race.py` runs both; `-m "not slow"` only the hundred.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from gateway.desk import inbox
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Draft
from gateway.domain import phone
from gateway.domain.events import Event
from gateway.domain.line import Received
from gateway.domain.message import Purpose
from gateway.queue import attempts
from gateway.store import outbox
from gateway.store.database import Tx, opened
from gateway.store.keys import Keys
from gateway.store.tables import events, messages, parts
from tests.office import OWNER, SAM, Office, delivers

pytestmark = pytest.mark.usefixtures("any_hour")


def _claim_one_text_for_each(office: Office, numbers: list[str]) -> dict[str, int]:
    """Part ids by number: all accepted and claimed, none submitted."""

    def work(tx: Tx) -> dict[str, int]:
        claimed = {}
        for number in numbers:
            draft = Draft(phone.parse(number), "Your table is ready", Purpose.CONVERSATIONAL, SAM)
            message_id = accept(tx, line, draft, office.clock())
            part_id = tx.scalar(select(parts.c.id).where(parts.c.message_id == message_id))
            outbox.claim(tx, part_id, OWNER, office.clock())
            claimed[number] = part_id
        return claimed

    line = office.line()
    return office.write(work)


def _run_races(office: Office, claimed: dict[str, int]) -> dict[str, bool]:
    """Both sides start each race together; returns for each number whether the text might leave."""
    barrier = threading.Barrier(2, timeout=30)
    stops = {number: delivers(number, "STOP", office.clock())[0] for number in claimed}
    now = office.clock()
    went: dict[str, bool] = {}

    def send() -> None:
        for number, part_id in claimed.items():
            barrier.wait()
            went[number] = office.write(
                lambda tx, part=part_id: attempts.submit(tx, part, office.line_id, OWNER, now)
            )

    with opened(office.path, Keys(office.path.parent)) as other:
        sending = threading.Thread(target=send)
        sending.start()
        for index, number in enumerate(claimed):
            event = Received(stops[number], office.slot(index))
            barrier.wait()
            other.write_now(lambda tx, heard=event: inbox.hear(tx, office.line_id, heard, now))
        sending.join()
    return went


def _order_of_commits(office: Office) -> dict[str, list[str]]:
    """For each number, the two kinds of event that raced, in the order they were committed."""
    raced = [Event.MESSAGE_SENDING.value, Event.CONSENT_CHANGED.value]
    query = (
        select(messages.c.peer, events.c.kind)
        .join(messages, messages.c.id == events.c.message_id)
        .where(events.c.kind.in_(raced))
        .order_by(events.c.id)
    )
    order: dict[str, list[str]] = {}
    for peer, kind in office.read(lambda tx: list(tx.execute(query))):
        order.setdefault(peer, []).append(kind)
    return order


def _sent_to(office: Office) -> dict[str, Any]:
    query = select(messages).where(messages.c.direction == "outbound", messages.c.rule.is_(None))
    return {row.peer: row for row in office.read(lambda tx: list(tx.execute(query)))}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("races", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_text_leaves_after_the_stop_was_committed(office: Office, races: int) -> None:
    numbers = [f"+4477009{number:05}" for number in range(races)]
    went = _run_races(office, _claim_one_text_for_each(office, numbers))
    order, texts = _order_of_commits(office), _sent_to(office)
    assert list(went) == numbers
    for number, left in went.items():
        if left:
            assert order[number] == ["message.sending", "consent.changed"], number
            assert texts[number].state == "sending", "half a text is worse: it is completed"
        else:
            assert order[number] == ["consent.changed"], number
            assert (texts[number].state, texts[number].reason) == ("canceled", "opted_out")
    assert 0 < sum(went.values()) < races, "each side must win some, or there was no race"
