"""Texts that wait, changed by somebody who may not do all that their author could."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from gateway.desk import schedules
from gateway.desk import settings as desk_settings
from gateway.domain.message import WaitingFor
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import at_instant
from gateway.store import messages as store_messages
from gateway.store.schedules import BY_RULES
from gateway.store.tables import audit, messages
from tests.office import SHOP, Office

EVENING = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
AT_FIVE = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
LONDON = "Europe/London"

CHANGES: list[tuple[Callable[..., object], tuple[object, ...]]] = [
    (schedules.edit, ("Sale! 20 % off",)),
    (schedules.reschedule, (at_instant(AT_FIVE + timedelta(minutes=30), LONDON),)),
]


@pytest.fixture(autouse=True)
def hours(office: Office) -> None:
    office.clock.now = EVENING
    for name, value in (("office.zone", LONDON), ("hours.conversational", "daily 08:00-20:00")):
        office.write(lambda tx, n=name, v=value: desk_settings.change(tx, n, v, "command:test", EVENING))


def _urgent(office: Office) -> int:
    return office.accept(
        body="Leak: we come at six", when=at_instant(AT_FIVE, LONDON), urgent_reason="a leak"
    )


@pytest.mark.parametrize(("verb", "arguments"), CHANGES)
def test_what_others_change_is_not_urgent_any_more(
    office: Office, verb: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    message = _urgent(office)
    office.write(lambda tx: verb(tx, message, *arguments, SHOP, office.clock()))
    row = office.message(message)
    assert (row.urgent_reason, row.waiting_for) == (None, "quiet_hours")
    assert row.due_at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    noted = select(audit.c.action, audit.c.before).where(audit.c.action == "message.not_urgent")
    ((_, before),) = office.read(lambda tx: list(tx.execute(noted)))
    assert before == {"reason": "a leak"}
    assert "not_urgent" in [step.why for step in office.read(lambda tx: store_messages.history(tx, message))]


@pytest.mark.parametrize(("verb", "arguments"), CHANGES)
def test_what_those_change_who_may_stays_urgent(
    office: Office, verb: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    message = _urgent(office)
    office.write(lambda tx: verb(tx, message, *arguments, SHOP, office.clock(), may_hurry=True))
    row = office.message(message)
    assert (row.urgent_reason, row.waiting_for) == ("a leak", "schedule")


def test_sent_now_by_others_it_waits_for_the_morning(office: Office) -> None:
    message = _urgent(office)
    office.clock.step(hours=3)
    office.write(lambda tx: schedules.send_now(tx, message, SHOP, office.clock()))
    assert office.message(message).waiting_for == "quiet_hours"


@pytest.mark.parametrize(
    ("waits_for", "key"),
    [(WaitingFor.APPROVAL, "waits_for_approval"), (WaitingFor.DOUBT, "waits_for_a_look")],
)
@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        *CHANGES,
        (schedules.send_now, ()),
        (schedules.make_urgent, ("it is",)),
        (schedules.useful_until, (None,)),
    ],
)
def test_what_people_have_to_decide_about_is_neither_changed_nor_let_go(
    office: Office,
    verb: Callable[..., object],
    arguments: tuple[object, ...],
    waits_for: WaitingFor,
    key: str,
) -> None:
    message = office.accept()
    waits = update(messages).where(messages.c.id == message).values(waiting_for=waits_for.value)
    office.write(lambda tx: tx.execute(waits))
    with pytest.raises(Refused) as refused:
        office.write(lambda tx: verb(tx, message, *arguments, SHOP, office.clock()))
    assert refused.value.key == key
    assert not office.write(lambda tx: schedules.decide_anew(tx, message, office.clock()))
    assert office.message(message).waiting_for == waits_for.value


def test_no_rule_frees_what_waits_for_people() -> None:
    assert not {WaitingFor.APPROVAL, WaitingFor.DOUBT} & set(BY_RULES)
