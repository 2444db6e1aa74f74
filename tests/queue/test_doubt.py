"""What nobody can know: after a crash, and the text that is sent again because of it."""

from __future__ import annotations

import pytest

from gateway.desk import lines as desk_lines
from gateway.desk import unclear
from gateway.domain.line import Accepted, CannotTell, LateResult, NotNow, Scope
from gateway.queue import attempts, outcomes
from gateway.store import messages
from tests.office import ANNA, BEN, CARA, SAM, SHOP, Office

pytestmark = pytest.mark.usefixtures("any_hour")

LONG = "A long story. " * 40  # 4 parts of GSM 7-bit


def _next_message(office: Office) -> int | None:
    claimed = office.claim()
    return claimed.message_id if claimed else None


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


@pytest.mark.parametrize("decided", ["late result", "person", "sent again"])
def test_a_line_is_kept_quiet_after_a_crash_until_the_doubt_is_settled(office: Office, decided: str) -> None:
    message = office.accept(ANNA)
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    other = office.accept(BEN)
    assert office.claim() is None
    if decided == "late result":
        office.hear(LateResult(claimed.part_id, 9))
    elif decided == "person":
        office.write(lambda tx: unclear.mark_sent(tx, message, SAM, office.clock()))
    else:
        office.write(lambda tx: unclear.send_again(tx, message, SAM, office.clock()))
    assert _next_message(office) == other


def test_a_report_settles_the_doubt_and_names_the_answer_that_may_still_come(office: Office) -> None:
    """The line goes on, told which reference is not that of its next text."""
    message, claimed = office.accept(ANNA), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    other = office.accept(BEN)
    assert office.claim() is None
    office.report(9, ANNA)
    assert office.state(message) == "delivered"
    following = office.claim()
    assert following is not None
    assert (following.message_id, following.older) == (other, 9)


def test_no_answer_is_awaited_for_ever(office: Office) -> None:
    office.accept(ANNA)
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    office.report(9, ANNA)
    office.clock.step(seconds=151)
    office.accept(BEN)
    following = office.claim()
    assert following is not None
    assert following.older is None


def test_an_answer_known_by_its_report_does_not_settle_the_next_doubt(office: Office) -> None:
    """Two crashes within minutes; the device answers for the first text while the second is in doubt."""
    texts, parts = [], []
    for to in (ANNA, BEN):
        texts.append(office.accept(to))
        claimed = office.claim()
        assert claimed is not None
        assert office.submit(claimed.part_id)
        office.write(lambda tx: attempts.recover(tx, office.clock()))
        parts.append(claimed.part_id)
        if to == ANNA:
            office.report(9, ANNA)
    office.hear(LateResult(parts[1], 9))
    assert [office.state(message) for message in texts] == ["delivered", "unconfirmed"]
    office.hear(LateResult(parts[1], 10))
    assert office.state(texts[1]) == "sent"


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
    office.clock.step(seconds=outcomes.GRACE.total_seconds())
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
