"""The transactions of a send: who may go next, the last look, and what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import conversations as desk_conversations
from gateway.desk import lines as desk_lines
from gateway.domain.line import Accepted, CannotTell, LateResult, NotNow, RefusedForGood, Scope, SendOutcome
from gateway.domain.message import Purpose, WaitingFor
from gateway.queue import attempts, retry
from gateway.store import messages, outbox
from tests.office import ANNA, BEN, CARA, OWNER, SAM, SHOP, Office

LONG = "A long story. " * 40  # 4 parts of GSM 7-bit


def _next_message(office: Office) -> int | None:
    claimed = office.claim()
    return claimed.message_id if claimed else None


# --- W3: the last look -------------------------------------------------------------------------------


def test_the_intent_is_written_before_the_text_leaves(office: Office) -> None:
    message = office.accept()
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    (part,) = office.parts(message)
    assert (part.state, part.attempts, part.submitted_at) == ("submitting", 1, office.clock())
    (attempt,) = office.read(lambda tx: messages.attempts_of(tx, message))
    assert (attempt.number, attempt.started_at, attempt.outcome) == (1, office.clock(), None)
    assert office.state(message) == "sending"
    assert office.event_kinds()[-1] == "message.sending"


def _refused(office: Office, message: int, part_id: int) -> None:
    assert not office.submit(part_id)
    assert office.part_states(message)[0] not in ("submitting", "accepted")
    assert office.read(lambda tx: messages.attempts_of(tx, message)) == []


def test_what_was_canceled_does_not_leave(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    office.write(lambda tx: desk_conversations.cancel(tx, message, SAM, office.clock()))
    _refused(office, message, claimed.part_id)
    assert (office.state(message), office.part_states(message)) == ("canceled", ["canceled"])


def test_what_was_opted_out_does_not_leave(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    office.text_from(ANNA, "STOP")
    _refused(office, message, claimed.part_id)
    assert (office.state(message), office.message(message).reason) == ("canceled", "opted_out")


def test_the_last_look_finds_an_opt_out_that_canceled_nothing(office: Office) -> None:
    """A text that was on the air when STOP came, and came back, is found by the suppression."""
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.text_from(ANNA, "STOP")
    assert office.state(message) == "sending"
    office.record(claimed.part_id, NotNow("CMS 41"))
    office.clock.step(hours=1)
    again = office.claim()
    assert again is not None
    assert again.message_id == message
    assert not office.submit(again.part_id)
    assert (office.state(message), office.message(message).reason) == ("canceled", "opted_out")


def test_what_is_too_late_does_not_leave(office: Office) -> None:
    message = office.accept(send_by=office.clock() + timedelta(minutes=5))
    claimed = office.claim()
    assert claimed is not None
    office.clock.step(minutes=5, seconds=1)
    _refused(office, message, claimed.part_id)
    assert (office.state(message), office.part_states(message)) == ("expired", ["expired"])
    assert office.message(message).reason == "expired"


def test_nothing_leaves_by_a_line_that_is_paused(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    office.write(lambda tx: desk_lines.pause(tx, "front", "person:Sam", office.clock()))
    _refused(office, message, claimed.part_id)
    assert office.state(message) == "queued"
    assert office.claim() is None


def test_what_waits_on_a_line_that_is_removed_is_canceled_and_says_so(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))
    _refused(office, message, claimed.part_id)
    assert (office.state(message), office.message(message).reason) == ("canceled", "line_removed")


def test_a_resumed_line_goes_on(office: Office) -> None:
    message = office.accept()
    office.write(lambda tx: desk_lines.pause(tx, "front", "person:Sam", office.clock()))
    assert office.claim() is None
    office.write(lambda tx: desk_lines.resume(tx, "front", "person:Sam", office.clock()))
    assert _next_message(office) == message


def test_a_part_claimed_by_another_does_not_leave(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    assert not office.submit(claimed.part_id, owner="box:2")
    assert office.submit(claimed.part_id)
    assert not office.submit(claimed.part_id), "a second time"
    assert office.parts(message)[0].attempts == 1


def test_the_confirmation_of_a_stop_does_leave(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    (confirmation,) = office.messages(ANNA, "outbound")
    office.send_one(Accepted(1))
    assert office.state(confirmation.id) == "sent"


# --- W4: what came of it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "part", "message", "kept"),
    [
        (Accepted(7), "accepted", "sent", "accepted"),
        (Accepted(None), "accepted", "sent", "accepted"),
        (RefusedForGood("CMS 1"), "failed", "failed", "refused"),
        (CannotTell("timeout"), "unconfirmed", "unconfirmed", "unconfirmed"),
        (NotNow("CMS 41"), "ready", "queued", "not_now"),
        (NotNow("CMS 331", Scope.LINE), "ready", "queued", "not_now"),
        (NotNow("BUSY", Scope.BUSY), "ready", "queued", "not_now"),
    ],
)
def test_every_outcome_is_recorded(
    office: Office, outcome: Accepted | SendOutcome, part: str, message: str, kept: str
) -> None:
    message_id = office.accept()
    office.send_one(outcome)
    assert (office.part_states(message_id), office.state(message_id)) == ([part], message)
    (attempt,) = office.read(lambda tx: messages.attempts_of(tx, message_id))
    code = outcome.code if isinstance(outcome, SendOutcome) else None
    assert (attempt.outcome, attempt.code, attempt.ended_at) == (kept, code, office.clock())
    assert office.message(message_id).reason == code
    became = [row.became for row in office.read(lambda tx: messages.history(tx, message_id)) if row.seq]
    assert became == ["submitting", part]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("timeout", "timeout"),
        ("port_lost", "port_lost"),
        ("CMS 500", "unproven"),
        ("device_reset", "device_reset"),
    ],
)
def test_why_nobody_can_tell_is_kept(office: Office, code: str, reason: str) -> None:
    message = office.accept()
    office.send_one(CannotTell(code))
    row = office.message(message)
    assert (row.reason, row.unconfirmed_until) == (reason, office.clock() + attempts.GRACE)
    assert office.parts(message)[0].code == code


def test_back_offs_grow_with_the_attempts_of_a_message(office: Office) -> None:
    message = office.accept()
    pauses = []
    for _ in range(8):
        office.send_one(NotNow("CMS 41"))
        row = office.message(message)
        assert row.waiting_for == WaitingFor.RETRY.value
        assert office.claim() is None, "not before its time"
        pauses.append((row.due_at - office.clock()).total_seconds())
        office.clock.now = row.due_at
    assert pauses == [5, 30, 120, 600, 1800, 3600, 3600, 3600]
    office.send_one(Accepted(1))
    row = office.message(message)
    assert (row.state, row.waiting_for, row.reason) == ("sent", None, None)


def test_trouble_of_the_line_is_not_the_messages_fault(office: Office) -> None:
    message = office.accept()
    for _ in range(5):
        office.send_one(NotNow("CMS 331", Scope.LINE))
        row = office.message(message)
        assert row.waiting_for == WaitingFor.LINE.value
        office.clock.now = row.due_at
    assert office.parts(message)[0].attempts == 0


def test_a_text_is_given_up_after_a_day_of_trying(office: Office) -> None:
    message = office.accept()
    office.clock.step(hours=23, minutes=59, seconds=58)
    office.send_one(NotNow("CMS 41"))
    assert (office.state(message), office.message(message).reason) == ("failed", "CMS 41")


def test_a_text_is_given_up_when_it_has_become_useless(office: Office) -> None:
    message = office.accept(send_by=office.clock() + timedelta(seconds=4))
    office.send_one(NotNow("CMS 41"))
    assert office.state(message) == "failed"


def test_refused_before_the_prompt_is_refused_all_the_same(office: Office) -> None:
    """The device may refuse `AT+CMGS` itself; the part was never submitted."""
    first, second = office.accept(), office.accept()
    claimed = office.claim()
    assert claimed is not None
    office.record(claimed.part_id, RefusedForGood("CMS 302"))
    assert (office.state(first), office.part_states(first)) == ("failed", ["failed"])
    assert office.read(lambda tx: messages.attempts_of(tx, first)) == []
    assert _next_message(office) == second, "the conversation goes on"


def test_not_now_before_the_prompt_waits(office: Office) -> None:
    message = office.accept()
    claimed = office.claim()
    assert claimed is not None
    office.record(claimed.part_id, NotNow("no_prompt", Scope.LINE))
    row = office.message(message)
    assert (row.state, row.waiting_for, row.reason) == ("queued", "line", "no_prompt")


def test_what_keeps_failing_before_the_prompt_is_tried_ever_more_seldom(office: Office) -> None:
    message = office.accept()
    pauses = []
    for _ in range(3):
        claimed = office.claim()
        assert claimed is not None
        office.record(claimed.part_id, NotNow("CMS 500"))
        pauses.append((office.message(message).due_at - office.clock()).total_seconds())
        office.clock.now = office.message(message).due_at
    assert pauses == [5, 30, 120]


def test_a_report_quicker_than_the_answer_stands(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.hear(LateResult(claimed.part_id, 9))
    office.record(claimed.part_id, CannotTell("timeout"))
    assert (office.state(message), office.parts(message)[0].reference) == ("sent", 9)


# --- texts of several parts --------------------------------------------------------------------------


def test_parts_go_in_order_and_the_rest_is_resumed(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    office.send_one(Accepted(2))
    assert (office.state(message), office.part_states(message)) == (
        "sending",
        ["accepted", "accepted", "ready", "ready"],
    )
    office.restart()
    assert office.write(lambda tx: attempts.recover(tx, office.clock())) == 0
    third = office.send_one(NotNow("CMS 41"))
    assert office.state(message) == "sending"
    office.clock.step(seconds=5)
    assert office.send_one(Accepted(3)).part_id == third.part_id
    office.send_one(Accepted(4))
    assert (office.state(message), [p.reference for p in office.parts(message)]) == ("sent", [1, 2, 3, 4])


@pytest.mark.parametrize("tell_at_prompt", [False, True])
def test_a_part_that_fails_cancels_the_rest(office: Office, tell_at_prompt: bool) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    claimed = office.claim()
    assert claimed is not None
    assert tell_at_prompt or office.submit(claimed.part_id)
    office.record(claimed.part_id, RefusedForGood("CMS 1"))
    assert office.part_states(message) == ["accepted", "failed", "canceled", "canceled"]
    assert (office.state(message), office.message(message).reason) == ("failed", "CMS 1")
    assert office.claim() is None


def test_giving_up_one_part_ends_the_message(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    office.clock.step(hours=24)
    office.send_one(NotNow("CMS 41"))
    assert office.part_states(message) == ["accepted", "failed", "canceled", "canceled"]
    assert office.state(message) == "failed"
    later = office.accept()
    assert _next_message(office) == later


def test_a_begun_text_is_completed_though_they_said_stop(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    office.text_from(ANNA, "STOP")
    for reference in (2, 3, 4):
        assert office.send_one(Accepted(reference)).message_id == message
    assert office.state(message) == "sent"


def test_an_unconfirmed_part_keeps_the_rest_until_somebody_knows(office: Office) -> None:
    message = office.accept(body=LONG)
    unclear = office.send_one(CannotTell("timeout"))
    assert office.claim() is None
    office.hear(LateResult(unclear.part_id, 1))
    assert office.state(message) == "sending"
    assert office.send_one(Accepted(2)).message_id == message


# --- after a crash -----------------------------------------------------------------------------------


def test_what_was_on_the_air_is_unconfirmed_after_a_crash(office: Office) -> None:
    told, unclear, untried = (office.accept(to) for to in (ANNA, BEN, CARA))
    office.send_one(Accepted(1))
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    waiting = office.claim()
    assert waiting is not None
    office.restart()
    assert office.write(lambda tx: attempts.recover(tx, office.clock.step(minutes=1))) == 1
    assert [office.state(m) for m in (told, unclear, untried)] == ["sent", "unconfirmed", "queued"]
    assert office.message(unclear).reason == "crash"
    (attempt,) = office.read(lambda tx: messages.attempts_of(tx, unclear))
    assert (attempt.outcome, attempt.code) == ("unconfirmed", "crash")
    assert office.write(lambda tx: attempts.recover(tx, office.clock())) == 0
    assert _next_message(office) is None, "the device may still answer: the line is kept quiet"
    office.clock.step(seconds=150)
    assert _next_message(office) == untried, "and the unclear one is not tried again by itself"


@pytest.mark.parametrize("decided", ["report", "late result", "person", "sent again"])
def test_a_line_is_kept_quiet_after_a_crash_until_the_doubt_is_settled(office: Office, decided: str) -> None:
    message = office.accept(ANNA)
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    other = office.accept(BEN)
    assert office.claim() is None
    if decided == "report":
        office.report(9, ANNA)
    elif decided == "late result":
        office.hear(LateResult(claimed.part_id, 9))
    elif decided == "person":
        office.write(lambda tx: desk_conversations.mark_sent(tx, message, SAM, office.clock()))
    else:
        office.write(lambda tx: desk_conversations.send_again(tx, message, SAM, office.clock()))
    assert _next_message(office) == other


def test_an_error_that_proves_nothing_keeps_nobody_waiting(office: Office) -> None:
    """The device has answered: nothing more will come."""
    office.accept(ANNA)
    office.send_one(CannotTell("CMS 500"))
    other = office.accept(BEN)
    assert _next_message(office) == other


def test_the_part_in_flight_is_the_last_one_whatever_the_clock_says(office: Office) -> None:
    office.accept(ANNA)
    office.send_one(CannotTell("timeout"))
    office.clock.step(hours=-2)
    office.accept(BEN)
    last = office.claim()
    assert last is not None
    assert office.submit(last.part_id)
    assert office.read(lambda tx: attempts.in_flight(tx, office.line_id)) == last.part_id


def test_what_a_clock_that_was_ahead_wrote_goes_when_it_is_right_again(office: Office) -> None:
    office.clock.step(days=365)
    message = office.accept()
    office.clock.step(days=-365)
    assert office.claim() is None
    office.write(lambda tx: attempts.mend_after_clock(tx, office.clock()))
    assert _next_message(office) == message


def test_one_barred_number_does_not_stop_the_line(office: Office) -> None:
    """CMS 8 may mean the SIM or this one destination: the next try is another text."""
    barred, fine = office.accept(ANNA), office.accept(BEN)
    office.send_one(NotNow("CMS 8", Scope.LINE))
    office.clock.step(seconds=15)
    assert _next_message(office) == fine
    office.send_one(Accepted(1))
    office.clock.step(seconds=15)
    assert _next_message(office) == barred


def test_the_answer_to_a_stop_waits_behind_nothing(office: Office) -> None:
    office.accept(ANNA)
    office.send_one(CannotTell("timeout"))
    office.text_from(ANNA, "STOP")
    head = office.claim()
    assert head is not None
    assert office.message(head.message_id).rule == "stop"


def test_a_crash_of_a_line_since_removed_is_settled_too(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))
    assert office.write(lambda tx: attempts.recover(tx, office.clock())) == 1
    assert office.state(message) == "unconfirmed"


def test_the_part_in_flight_is_the_last_one_if_its_outcome_is_unknown(office: Office) -> None:
    def in_flight() -> int | None:
        return office.read(lambda tx: attempts.in_flight(tx, office.line_id))

    office.accept(ANNA)
    office.accept(BEN)
    assert in_flight() is None
    first = office.send_one(CannotTell("timeout"))
    assert in_flight() == first.part_id
    office.clock.step(seconds=1)
    second = office.claim()
    assert second is not None
    assert office.submit(second.part_id)
    assert in_flight() == second.part_id
    office.record(second.part_id, Accepted(2))
    assert in_flight() is None


def test_taking_back_an_intent_proves_it_was_not_sent(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.write(lambda tx: attempts.take_back(tx, claimed.part_id, office.clock()))
    assert (office.state(message), office.part_states(message)) == ("queued", ["ready"])
    (attempt,) = office.read(lambda tx: messages.attempts_of(tx, message))
    assert attempt.outcome == "withdrawn"
    office.write(lambda tx: attempts.take_back(tx, claimed.part_id, office.clock()))
    assert _next_message(office) == message


# --- resending ---------------------------------------------------------------------------------------


def _resend(office: Office) -> int:
    return office.write(lambda tx: attempts.resend_unconfirmed(tx, office.line_id, office.clock()))


def test_an_unconfirmed_text_is_not_repeated_by_itself(office: Office) -> None:
    office.accept()
    office.send_one(CannotTell("timeout"))
    office.clock.step(days=1)
    assert _resend(office) == 0
    assert len(office.messages(ANNA)) == 1


def test_it_is_repeated_once_when_its_creator_asked(office: Office) -> None:
    message = office.accept(on_unconfirmed="resend_once", author=SHOP)
    office.send_one(CannotTell("timeout"))
    assert _resend(office) == 0, "not while a report may still come"
    office.clock.step(seconds=attempts.GRACE.total_seconds())
    assert _resend(office) == 1
    first, again = office.messages(ANNA)
    assert (again.resend_of_id, again.author_kind, again.on_unconfirmed) == (message, "rule", "ask")
    assert (first.state, first.reason) == ("unconfirmed", "sent_again")
    office.send_one(CannotTell("timeout"))
    office.clock.step(days=1)
    assert _resend(office) == 0
    assert len(office.messages(ANNA)) == 2


def test_it_is_not_repeated_to_somebody_who_said_stop(office: Office) -> None:
    message = office.accept(on_unconfirmed="resend_once")
    office.send_one(CannotTell("timeout"))
    office.text_from(ANNA, "STOP")
    office.clock.step(hours=1)
    assert _resend(office) == 1
    assert [m.id for m in office.messages(ANNA, "outbound") if m.rule is None] == [message]
    assert _resend(office) == 0, "and it is not asked about at every turn"
    assert office.message(message).reason == "timeout", "nobody is told that it was sent again"


def test_a_repeated_text_is_not_also_completed(office: Office) -> None:
    """When its first part turns out to have gone, the rest must not follow the whole repetition."""
    message = office.accept(body=LONG, on_unconfirmed="resend_once")
    unclear = office.send_one(CannotTell("timeout"))
    office.clock.step(hours=1)
    assert _resend(office) == 1
    office.hear(LateResult(unclear.part_id, 1))
    assert office.part_states(message) == ["accepted", "canceled", "canceled", "canceled"]
    assert _next_message(office) != message


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
    office.clock.step(seconds=attempts.GRACE.total_seconds() - 1)
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
    office.clock.step(minutes=9)
    person = office.accept(ANNA)
    assert _next_message(office) == person
    office.send_one(Accepted(1))
    office.clock.step(minutes=2)
    office.accept(CARA)
    assert _next_message(office) == program, "it has waited its ten minutes"


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
    assert office.read(lambda tx: outbox.next_due(tx, office.line_id, now)) == now + timedelta(seconds=5)


# --- back-offs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", Scope)
def test_pauses_never_shrink(scope: Scope) -> None:
    pauses = [retry.pause(attempt, scope) for attempt in range(20)]
    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(0)


# --- what was begun ----------------------------------------------------------------------------------


def test_stop_lets_a_text_on_the_air_be_completed_but_not_one_that_was_interrupted(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    office.text_from(ANNA, "STOP")
    office.send_one(Accepted(2))
    office.clock.step(minutes=2)
    claimed = office.claim()
    assert claimed is not None
    assert not office.submit(claimed.part_id)
    assert office.state(message) == "failed"
    assert office.message(message).reason == "opted_out"
    assert set(office.part_states(message)) == {"accepted", "canceled"}


def test_what_became_useless_while_it_waited_is_ended_and_says_so(office: Office) -> None:
    message = office.accept(send_by=office.clock() + timedelta(minutes=5))
    office.write(lambda tx: attempts.expire(tx, office.clock()))
    assert office.state(message) == "queued"
    office.clock.step(minutes=6)
    office.write(lambda tx: attempts.expire(tx, office.clock()))
    assert (office.state(message), office.message(message).reason) == ("expired", "expired")
