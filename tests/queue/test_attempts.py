"""The transactions of a send: the last look before it leaves, and what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import acceptance
from gateway.desk import lines as desk_lines
from gateway.domain.line import Accepted, CannotTell, LateResult, NotNow, RefusedForGood, Scope, SendOutcome
from gateway.domain.message import WaitingFor
from gateway.queue import outcomes
from gateway.store import messages
from tests.office import ANNA, SAM, Office

pytestmark = pytest.mark.usefixtures("any_hour")

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
    office.write(lambda tx: acceptance.cancel(tx, message, SAM, office.clock()))
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
    assert office.send_one(Accepted(1)).message_id != message, "the confirmation"
    assert office.claim() is None
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
    assert (row.reason, row.unconfirmed_until) == (reason, office.clock() + outcomes.GRACE)
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
    office.clock.step(days=2)  # the line was down
    office.send_one(NotNow("CMS 41"))
    assert office.state(message) == "queued"
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
