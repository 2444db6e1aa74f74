"""Whose turn it is, and how long what failed waits for its next one."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.desk import contacts as desk_contacts
from gateway.desk import conversation_state
from gateway.domain.conversation import Priority
from gateway.domain.line import Accepted, CannotTell, NotNow, Scope
from gateway.domain.message import Purpose, WaitingFor
from gateway.queue import attempts, outcomes, retry
from gateway.store import agenda, contacts, conversations, messages, places, turns
from tests.office import ANNA, BEN, CARA, OWNER, SAM, SHOP, Office

pytestmark = pytest.mark.usefixtures("any_hour")

DORA = "+447700900126"
_NUMBERS = itertools.count(1)
LONG = "A long story. " * 40  # 4 parts of GSM 7-bit


def _next_message(office: Office) -> int | None:
    claimed = office.claim()
    return claimed.message_id if claimed else None


# --- whose turn it is --------------------------------------------------------------------------------


def test_a_conversation_keeps_its_order(office: Office) -> None:
    """By sequence number: even though the second is of a kind that overtakes, or the clock was set back."""
    first = office.accept(purpose=Purpose.TRANSACTIONAL, author=SHOP)
    office.clock.step(hours=-2)
    second = office.accept()
    office.clock.step(hours=2)
    assert _next_message(office) == first
    office.send_one(NotNow("CMS 41"))
    assert office.claim() is None, "the second waits for the first"
    office.clock.step(seconds=5)
    office.send_one(Accepted(1))
    assert _next_message(office) == second


def test_an_unconfirmed_text_holds_back_its_conversation_for_the_grace_only(office: Office) -> None:
    office.accept(ANNA, "first")
    second = office.accept(ANNA, "second")
    office.send_one(CannotTell("timeout"))
    assert office.claim() is None
    office.clock.step(seconds=outcomes.GRACE.total_seconds() - 1)
    assert office.claim() is None
    office.clock.step(seconds=1)
    assert _next_message(office) == second


def test_a_scheduled_text_holds_back_nothing(office: Office) -> None:
    scheduled = office.accept(ANNA, "later")
    later = office.clock() + timedelta(days=1)
    office.write(
        lambda tx: messages.change(tx, scheduled, due_at=later, waiting_for=WaitingFor.SCHEDULE.value)
    )
    now = office.accept(ANNA, "now")
    assert _next_message(office) == now


def test_one_bad_number_never_delays_another(office: Office) -> None:
    bad, good = office.accept(ANNA), office.accept(BEN)
    office.send_one(NotNow("CMS 41"))
    assert office.send_one(Accepted(1)).message_id == good
    unclear = office.accept(CARA)
    office.send_one(CannotTell("timeout"))
    after = office.accept(BEN)
    assert _next_message(office) == after
    assert [office.state(m) for m in (bad, unclear)] == ["queued", "unconfirmed"]


def test_people_overtake_programs_but_do_not_starve_them(office: Office) -> None:
    program = office.accept(BEN, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    office.clock.step(minutes=50)
    person = office.accept(ANNA)
    assert _next_message(office) == person
    assert _fair_turn(office) == person, "nobody has waited too long yet"
    office.clock.step(minutes=11)
    assert _next_message(office) == person
    assert _fair_turn(office) == program, "it is the turn of those that wait longest"


def test_a_reply_takes_what_stands_before_it_in_its_conversation_along(office: Office) -> None:
    """In order, and yet no later than a reply to somebody else."""
    for number in (BEN, CARA, ANNA):
        office.accept(number, "See you at nine", purpose=Purpose.TRANSACTIONAL, author=SHOP)
    reminder = office.accept(DORA, "Tuesday at ten", purpose=Purpose.TRANSACTIONAL)
    reply = office.accept(DORA)
    assert _next_message(office) == reminder
    office.send_one(Accepted(1))
    assert _next_message(office) == reply


def test_a_campaign_never_holds_back_a_reply(office: Office) -> None:
    office.accept(ANNA, "Half price", purpose=Purpose.MARKETING, author=SHOP)
    reply = office.accept(ANNA)
    assert _next_message(office) == reply


def _fair_turn(office: Office) -> int | None:
    claimed = office.write(
        lambda tx: attempts.claim_next(tx, office.line_id, OWNER, office.clock(), fair=True)
    )
    return claimed.message_id if claimed else None


# --- priority ----------------------------------------------------------------------------------------


def _press(office: Office, message_id: int, priority: Priority) -> None:
    conversation = office.read(lambda tx: conversations.get(tx, office.message(message_id).conversation_id))
    assert conversation is not None
    office.write(lambda tx: conversation_state.set_priority(tx, conversation, priority, SAM, office.clock()))


def _order(office: Office) -> list[int]:
    """In which order what waits goes; the same is told to people who ask."""
    told = office.read(lambda tx: places.queue(tx, office.line_id, office.clock(), 99))
    page = office.read(lambda tx: agenda.page(tx, office.clock(), {}, 99, agenda.Place()))
    assert [row.id for _, row in page] == told
    gone = [office.send_one(Accepted(number)).message_id for number in range(len(told))]
    assert gone == told
    return gone


def test_priority_orders_what_waits_within_its_purpose(office: Office) -> None:
    shop = {"purpose": Purpose.TRANSACTIONAL, "author": SHOP}
    low = office.accept(ANNA, priority=Priority.LOW, **shop)
    normal = office.accept(BEN, **shop)
    office.clock.step(minutes=1)
    high = office.accept(CARA, priority=Priority.HIGH, **shop)
    urgent = office.accept(DORA, priority=Priority.URGENT, **shop)
    person = office.accept("+447700900127", priority=Priority.LOW)
    assert _order(office) == [person, urgent, high, normal, low]


def test_a_text_has_the_priority_of_its_conversation_and_follows_it(office: Office) -> None:
    first, second, third = (office.accept(who, author=SHOP) for who in (ANNA, BEN, CARA))
    _press(office, third, Priority.URGENT)
    _press(office, first, Priority.LOW)
    fourth = office.accept(CARA, author=SHOP)
    assert [office.message(one).priority for one in (first, second, third, fourth)] == [
        "low", "normal", "urgent", "urgent",
    ]  # fmt: skip
    assert _order(office) == [third, fourth, second, first]


def test_a_text_follows_its_contact_but_not_where_it_was_set_apart(office: Office) -> None:
    apart = office.accept(ANNA, author=SHOP, priority=Priority.HIGH)
    waits = office.accept(ANNA, author=SHOP)
    contact = office.read(lambda tx: contacts.by_number(tx, ANNA))
    assert contact is not None
    office.write(lambda tx: desk_contacts.change(tx, contact.id, {"priority": "low"}, SAM, office.clock()))
    assert [office.message(one).priority for one in (apart, waits)] == ["high", "low"]


def test_what_stands_before_an_urgent_text_in_its_conversation_is_as_urgent(office: Office) -> None:
    """In order, and yet the urgent one does not wait behind everybody else's."""
    office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    before = office.accept(BEN, purpose=Purpose.TRANSACTIONAL, author=SHOP, priority=Priority.LOW)
    urgent = office.accept(BEN, purpose=Purpose.TRANSACTIONAL, author=SHOP, priority=Priority.URGENT)
    assert [office.send_one(Accepted(number)).message_id for number in range(2)] == [before, urgent]


@given(st.lists(st.tuples(st.sampled_from(Priority), st.sampled_from(Purpose)), min_size=1, max_size=10))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_waits_for_ever_behind_what_is_more_urgent(
    office: Office, texts: list[tuple[Priority, Purpose]]
) -> None:
    """However much comes that is more urgent: of every four texts one is what waits longest."""
    waiting = [
        office.accept(f"+4477009{next(_NUMBERS):05}", purpose=purpose, author=SHOP, priority=priority)
        for priority, purpose in texts
    ]
    office.clock.step(hours=1, seconds=1)
    for number in range(4 * len(waiting)):
        office.accept(f"+4477009{next(_NUMBERS):05}", priority=Priority.URGENT)
        claimed = office.write(
            lambda tx, number=number: attempts.claim_next(  # type: ignore[misc]
                tx, office.line_id, OWNER, office.clock(), fair=number % 4 == 3
            )
        )
        assert claimed is not None and office.submit(claimed.part_id)
        office.record(claimed.part_id, Accepted(number % 256))
    assert {office.state(one) for one in waiting} == {"sent"}
    while office.claim() is not None:
        office.send_one(Accepted(1))


def test_lines_have_queues_of_their_own(office: Office) -> None:
    office.accept()
    back = office.add_line("back")
    assert office.write(lambda tx: attempts.claim_next(tx, back, OWNER, office.clock())) is None


def test_what_is_due_next_is_never_before_what_is_held_back(office: Office) -> None:
    """A text held back by order is past due all the time; the lane must still wake for the one in 5 s."""
    office.accept(ANNA, "first")
    office.accept(ANNA, "held back")
    office.accept(BEN, "in five seconds")
    office.send_one(CannotTell("timeout"))
    office.send_one(NotNow("CMS 41"))
    now = office.clock()
    assert office.claim() is None
    assert office.read(lambda tx: turns.next_due(tx, office.line_id, now)) == now + timedelta(seconds=5)


# --- back-offs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "scope", "seconds"),
    [("BUSY", Scope.BUSY, 60), ("NO ANSWER", Scope.BUSY, 120), ("NO DIALTONE", Scope.LINE, 30)],
)
def test_a_telephone_call_is_tried_again_when_it_may_get_through(
    office: Office, code: str, scope: Scope, seconds: int
) -> None:
    assert retry.pause(1, scope, code) == timedelta(seconds=seconds)
    message = office.accept()
    office.send_one(NotNow(code, scope))
    row = office.message(message)
    assert (row.waiting_for, row.reason) == ("line", code)
    assert row.due_at == office.clock() + timedelta(seconds=seconds)
    assert office.parts(message)[0].attempts == 0


@pytest.mark.parametrize("scope", Scope)
def test_pauses_never_shrink(scope: Scope) -> None:
    pauses = [retry.pause(attempt, scope) for attempt in range(20)]
    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(0)
