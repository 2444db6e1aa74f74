"""Whose turn it is, and how long what failed waits for its next one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.line import Accepted, CannotTell, NotNow, Scope
from gateway.domain.message import Purpose, WaitingFor
from gateway.queue import attempts, outcomes, retry
from gateway.store import messages, turns
from tests.office import ANNA, BEN, CARA, OWNER, SHOP, Office

pytestmark = pytest.mark.usefixtures("any_hour")

DORA = "+447700900126"
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
