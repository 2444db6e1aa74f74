"""Texts of several parts: in order, resumed, completed or given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.line import Accepted, CannotTell, LateResult, NotNow, RefusedForGood
from gateway.queue import attempts
from tests.office import ANNA, Office

pytestmark = pytest.mark.usefixtures("any_hour")

LONG = "A long story. " * 40  # 4 parts of GSM 7-bit


def _next_message(office: Office) -> int | None:
    claimed = office.claim()
    return claimed.message_id if claimed else None


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
    office.send_one(NotNow("CMS 41"))
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


# --- what was begun ----------------------------------------------------------------------------------


def test_stop_lets_a_text_on_the_air_be_completed_but_not_one_that_was_interrupted(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    office.text_from(ANNA, "STOP")
    office.send_one(Accepted(2))
    office.clock.step(minutes=3)
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
