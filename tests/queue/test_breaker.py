"""A line whose every text is refused rests, loses nobody's text and says so; one bad number does neither."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain import line_words
from gateway.domain.line import (
    Accepted,
    CannotTell,
    LineState,
    LineStatus,
    NotNow,
    RefusedForGood,
    Scope,
    SendOutcome,
)
from gateway.modem.answers import Result, ResultKind
from gateway.modem.codes import outcome
from gateway.queue import attempts, outcomes
from gateway.store import line_history
from tests.office import ANNA, BEN, CARA, SHOP, Office

pytestmark = pytest.mark.usefixtures("any_hour")

DORA, EVE = "+12025550124", "+12025550125"
MINUTE = timedelta(minutes=1)


def refusal(number: int) -> SendOutcome:
    """What the line makes of `+CMS ERROR: number` after Ctrl-Z."""
    found = outcome(Result(ResultKind.CMS, str(number)), handed_over=True)
    assert found is not None
    return found


def up(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {}))


def refuse(office: Office, number: int, times: int = 1) -> list[int]:
    """The network refuses the next texts, two seconds apart; returns which messages they were of."""
    found = []
    for _ in range(times):
        found.append(office.send_one(refusal(number)).message_id)
        office.clock.step(seconds=2)
    return found


def next_message(office: Office) -> int | None:
    claimed = office.claim()
    return claimed.message_id if claimed else None


def wake_at(office: Office) -> timedelta | None:
    at = office.read(lambda tx: attempts.look(tx, office.line_id, office.clock())).wake_at
    return at - office.clock() if at else None


@pytest.mark.parametrize("number", [1, 8, 10, 21, 28, 30, 38, 41, 50, 69, 111, 193, 196])
def test_a_sim_that_may_not_send_costs_nobodys_text(office: Office, number: int) -> None:
    up(office)
    texts = [office.accept(to) for to in (ANNA, BEN, CARA, DORA, EVE)]
    assert refuse(office, number, 3) == texts[:3]
    assert next_message(office) is None
    assert wake_at(office) == timedelta(seconds=58)
    assert office.line().code == "refused_by_network"
    for minutes in (1, 2, 4, 8, 15, 15):
        office.clock.step(minutes=minutes, seconds=30)
        assert office.claim() is not None, "one text is tried"
        refuse(office, number)
        assert next_message(office) is None, "and no other"
    assert {office.state(text) for text in texts} == {"queued"}
    office.clock.step(minutes=16)
    office.send_one(Accepted(1))
    assert office.line().code == "ready"
    for reference in range(2, 6):
        office.clock.step(minutes=16)
        office.send_one(Accepted(reference))
    assert {office.state(text) for text in texts} == {"sent"}


def test_others_go_first_when_one_text_is_tried(office: Office) -> None:
    """Else one wrong number of a better rank would keep the line suspect for ever."""
    up(office)
    wrong = [office.accept(to) for to in (ANNA, BEN, CARA)]
    assert refuse(office, 1, 3) == wrong
    fine = office.accept(DORA, author=SHOP)
    office.clock.step(minutes=1)
    assert office.send_one(Accepted(1)).message_id == fine
    assert office.line().code == "ready"
    office.clock.step(minutes=1)
    assert [office.send_one(refusal(1)).message_id for _ in wrong] == wrong
    assert {office.state(text) for text in wrong} == {"failed"}, "refused on both sides of a text that went"
    assert office.line().code == "ready"


def test_it_outlives_a_restart(office: Office) -> None:
    up(office)
    for to in (ANNA, BEN, CARA, DORA):
        office.accept(to)
    refuse(office, 38, 3)
    office.restart()
    office.hear(LineState(LineStatus.STARTING, "opening", {}))
    assert next_message(office) is None
    up(office)
    assert office.line().code == "refused_by_network"
    office.clock.step(minutes=1)
    office.send_one(Accepted(1))
    up(office)
    assert office.line().code == "ready"
    told = [row.code for row in office.read(lambda tx: line_history.log(tx, office.line_id, "state"))]
    assert told.count("refused_by_network") == 2, "each change is told once"


def test_trouble_of_the_line_itself_is_told_first(office: Office) -> None:
    up(office)
    for to in (ANNA, BEN, CARA):
        office.accept(to)
    refuse(office, 38, 2)
    office.hear(LineState(LineStatus.DOWN, "not_registered", {}))
    refuse(office, 38)
    assert office.line().code == "not_registered"


def test_an_unclear_text_that_turns_out_to_have_gone_clears_the_line(office: Office) -> None:
    up(office)
    for to in (ANNA, BEN, CARA, DORA, EVE):
        office.accept(to)
    refuse(office, 41, 2)
    office.send_one(CannotTell("timeout"))
    refuse(office, 41)
    assert next_message(office) is None
    office.report(9, CARA)
    assert next_message(office) is not None


def test_what_no_device_could_send_says_nothing_of_the_line(office: Office) -> None:
    up(office)
    texts = [office.accept(to) for to in (ANNA, BEN, CARA)]
    for _ in texts:
        office.send_one(NotNow("CMS 331", Scope.LINE))
    assert office.line().code == "ready"


def test_a_text_is_not_kept_for_it_beyond_its_use(office: Office) -> None:
    up(office)
    for to in (ANNA, BEN):
        office.accept(to)
    late = office.accept(CARA, send_by=office.clock() + MINUTE)
    refuse(office, 1, 3)
    assert office.state(late) == "failed"


def test_its_words() -> None:
    said = line_words.line("refused_by_network")
    assert "refuses every text" in said.is_
    assert "active and paid" in said.you_can


# --- how often a text is tried -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "pauses"),
    [
        (1, [60]),  # no such number
        (10, [60]),
        (28, [60]),
        (30, [60]),
        (196, [60]),
        (21, [600]),
        (29, [5]),
        (38, [5, 30]),
        (81, [5]),
        (127, [5, 30]),
        (69, [5]),  # what we wrote may have been garbled
        (95, [5]),
        (99, [5]),
        (111, [5]),
        (303, [5]),
        (304, [5]),
        (305, [5]),
    ],
)
def test_tries_of_one_text(office: Office, number: int, pauses: list[int]) -> None:
    """The pauses between them, and then it has failed with its own words; another person's text goes on."""
    message, other = office.accept(ANNA), office.accept(BEN)
    for seconds in pauses:
        assert office.send_one(refusal(number)).message_id == message
        assert office.message(message).due_at == office.clock() + timedelta(seconds=seconds)
        assert office.message(message).waiting_for == "retry"
        if office.state(other) != "sent":
            assert office.send_one(Accepted(1)).message_id == other
        office.clock.now = office.message(message).due_at
    office.send_one(refusal(number))
    assert (office.state(message), office.message(message).reason) == ("failed", f"CMS {number}")


@pytest.mark.parametrize("number", [22, 27, 41, 42, 47, 192, 194])
def test_what_passes_is_tried_until_it_is_useless(office: Office, number: int) -> None:
    message = office.accept(ANNA)
    pauses = []
    for _ in range(7):
        office.send_one(refusal(number))
        pauses.append((office.message(message).due_at - office.clock()).total_seconds())
        office.clock.now = office.message(message).due_at
    assert pauses == [5, 30, 120, 600, 1800, 3600, 3600]


def test_another_number_does_not_use_up_the_tries_of_one(office: Office) -> None:
    message = office.accept(ANNA)
    for number in (41, 42, 38, 38):
        office.send_one(refusal(number))
        office.clock.now = office.message(message).due_at
    assert office.state(message) == "queued"
    office.send_one(refusal(38))
    assert office.state(message) == "failed"


def test_refused_twice_before_the_prompt(office: Office) -> None:
    message = office.accept(ANNA)
    for state in ("queued", "failed"):
        claimed = office.claim()
        assert claimed is not None
        office.record(claimed.part_id, RefusedForGood("CMS 304", tries=2, after_s=5.0))
        assert office.state(message) == state
        office.clock.step(seconds=5)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 54.0), (0.5, 60.0), (1.0, 66.0)])
def test_pauses_are_spread(office: Office, chance: float, seconds: float) -> None:
    message, claimed = office.accept(ANNA), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    now = office.clock()
    office.write(lambda tx: outcomes.record(tx, claimed.part_id, refusal(1), now, chance=lambda: chance))
    assert office.message(message).due_at == now + timedelta(seconds=seconds)


def test_a_text_whose_repetition_met_a_crash_too_is_not_tried_a_third_time(office: Office) -> None:
    office.accept(ANNA, on_unconfirmed="resend_once", author=SHOP)
    for _ in range(2):
        claimed = office.claim()
        assert claimed is not None
        assert office.submit(claimed.part_id)
        office.restart()
        assert office.write(lambda tx: attempts.recover(tx, office.clock())) == 1
        office.clock.step(hours=1)
        office.write(lambda tx: attempts.resend_unconfirmed(tx, office.line_id, office.clock()))
    assert [row.state for row in office.messages(ANNA)] == ["unconfirmed", "unconfirmed"]
    assert next_message(office) is None
    other = office.accept(BEN)
    assert next_message(office) == other
