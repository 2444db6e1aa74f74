""" "Why did this text not go?": the page names the rule, what it looked at, when it is looked at again, and
all that happened to a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.desk import lines as desk_lines
from gateway.desk import schedules, unclear
from gateway.domain.history_words import length
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted, CannotTell, LineState, LineStatus, NotNow, RefusedForGood
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.reason_words import REASONS
from gateway.store import messages
from tests.office import ANNA as NADIA
from tests.office import BEN, SAM, SHOP, Clock, Office
from tests.web.browser import Browser
from tests.web.test_composer import note

BrowserOf = Callable[[str], Browser]
OVER = "What became of this text"


@pytest.fixture(autouse=True)
def works(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))


@pytest.fixture
def night(office: Office, clock: Clock) -> None:
    """Nadia is in Dubai, where it is 22:10."""
    office.text_from(NADIA, "Is Friday free?")
    note(office, "Nadia Farrell", "Asia/Dubai")
    clock.step(hours=8, minutes=40)


def explain(browser: Browser, office: Office, message_id: int) -> str:
    answer = browser.get(f"/messages/{office.message(message_id).public_id}/explain")
    assert answer.status_code == 200
    return browser.text


@pytest.mark.usefixtures("night")
def test_a_text_that_is_held_names_the_rule_its_inputs_and_when(anna: Browser, office: Office) -> None:
    text = explain(anna, office, office.accept(NADIA, "Friday at ten"))
    assert "Why did this text not go?" in text
    assert "It is 22:10 for Nadia. This will go Tuesday at 08:00 their time (04:00 here)." in text
    assert "It is looked at again Tuesday at 08:00 their time (04:00 here)" in text
    assert "Hours: It is outside the hours for this kind of text." in text
    assert "Where they are Dubai" in text and "Known from what we noted about them" in text
    assert "Hours daily 08:00-20:00" in text
    assert "Held: outside their hours, until Tuesday at 08:00 their time (04:00 here)." in text


def test_a_text_whose_turn_comes_says_its_place(anna: Browser, office: Office) -> None:
    office.accept(NADIA, "one")
    text = explain(anna, office, office.accept(NADIA, "two"))
    assert "This goes now, as soon as its turn comes." in text and "Queued (2nd)." in text


def test_a_line_that_is_down_is_named(anna: Browser, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "sim_pin"))
    text = explain(anna, office, office.accept(NADIA))
    assert "PIN" in text and "This waits here and goes when the line works again." in text
    assert "It is looked at again as soon as something changes." in text


def test_a_text_behind_a_doubt_waits_for_the_one_before(anna: Browser, office: Office) -> None:
    office.accept(NADIA, "one")
    office.send_one(CannotTell("timeout"))
    text = explain(anna, office, office.accept(NADIA, "two"))
    assert "This waits for the text before it in this conversation" in text


def test_caps_are_named_with_their_numbers(anna: Browser, office: Office) -> None:
    for word in ("one", "two", "three"):
        office.accept(NADIA, word, Purpose.TRANSACTIONAL, SHOP)
    text = explain(anna, office, office.accept(NADIA, "four", Purpose.TRANSACTIONAL, SHOP))
    assert "They have had all the automatic texts they may get for now." in text
    assert "This will go Tuesday at 09:30." in text and "They had 3" in text


@pytest.mark.usefixtures("night")
def test_a_text_that_was_held_is_judged_by_the_place_it_has(
    browser_of: BrowserOf, office: Office, clock: Clock
) -> None:
    """Held until the morning, it keeps its distance from what the line sent just now; an answer would not."""
    office.write(
        lambda tx: desk_lines.set_limits(tx, "front", (Limit(6, "minute"),), "command:test", clock())
    )
    held = office.accept(NADIA, "Friday at ten")
    clock.step(hours=10)
    office.text_from(BEN, "Are you there?")
    office.accept(BEN, "Yes")
    assert office.send_one(Accepted(1)).message_id != held
    text = explain(browser_of("agent"), office, held)
    assert "Limits of the line: The line is at its sending limit for the moment." in text


def test_a_delivered_text_tells_its_way_with_the_time_it_took(
    anna: Browser, office: Office, clock: Clock
) -> None:
    sent = office.accept(NADIA)
    office.send_one(Accepted(7))
    clock.step(seconds=40)
    office.report(7, NADIA)
    text = explain(anna, office, sent)
    assert OVER in text and "Delivered 09:30." in text
    assert "Attempt 1: The network took it." in text
    assert "The network reports: it arrived." in text and "It was on its way for 40 seconds." in text
    assert "What each rule says now" not in text


@pytest.mark.parametrize(
    ("settle", "words"),
    [
        ("person", "The doubt was settled by Sam: it went."),
        ("report", "The doubt was settled by a delivery report: it went."),
    ],
)
def test_what_settled_a_doubt_is_told(anna: Browser, office: Office, settle: str, words: str) -> None:
    sent = office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    assert "Attempt 1: Nobody can tell whether it went." in explain(anna, office, sent)
    if settle == "person":
        office.write(lambda tx: unclear.mark_sent(tx, sent, SAM, office.clock()))
    else:
        office.report(None, NADIA)
    text = explain(anna, office, sent)
    assert REASONS["timeout"] in text and words in text


def test_a_text_tried_again_says_when(anna: Browser, office: Office) -> None:
    sent = office.accept(NADIA)
    office.send_one(NotNow("CMS 41"))
    text = explain(anna, office, sent)
    assert "Attempt 1: It could not go just then; nothing was sent." in text
    assert "It is looked at again today at" in text


def test_a_refused_text_says_what_the_network_said(anna: Browser, office: Office) -> None:
    sent = office.accept(NADIA)
    office.send_one(RefusedForGood("CMS 1"))
    text = explain(anna, office, sent)
    assert "Attempt 1: It was refused for good. The network refused it: no such number." in text


@pytest.mark.usefixtures("night")
def test_what_people_did_with_it_stands_in_its_history(
    browser_of: BrowserOf, office: Office, clock: Clock
) -> None:
    held = office.accept(NADIA, "Friday at ten")
    office.write(lambda tx: schedules.edit(tx, held, "Friday at eleven", SAM, clock()))
    office.write(lambda tx: schedules.make_urgent(tx, held, "The dentist is ill", SAM, clock()))
    office.send_one(Accepted(1))
    text = explain(browser_of("viewer"), office, held)
    assert "Sam changed its words." in text and "Sam called it urgent." in text
    assert "It is 22:10 for Nadia. Allowed all the same: it was called urgent." in text
    assert "Sent now as urgent: The dentist is ill." in text


def test_a_stop_is_named(anna: Browser, office: Office) -> None:
    sent = office.accept(NADIA)
    office.text_from(NADIA, "STOP")
    assert "They asked us to stop." in explain(anna, office, sent)


def test_what_came_in_has_no_such_page(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    (row,) = office.messages(direction="inbound")
    assert anna.get(f"/messages/{row.public_id}/explain").status_code == 404
    assert anna.get("/messages/msg_x/explain").status_code == 404


def test_every_bubble_that_goes_out_leads_there(anna: Browser, office: Office) -> None:
    for body in ("one", "two"):
        office.accept(NADIA, body)
    office.send_one(Accepted(1))
    anna.get(f"/conversations/{office.conversation(NADIA).public_id}")
    for row in office.messages(direction="outbound"):
        assert f'href="/messages/{row.public_id}/explain"' in anna.html


@pytest.mark.parametrize("waiting_for", list(WaitingFor))
def test_every_stored_reason_has_its_page(anna: Browser, office: Office, waiting_for: WaitingFor) -> None:
    sent = office.accept(NADIA)

    def hold(tx: Any) -> None:
        due = office.clock() + timedelta(hours=1)
        messages.change(tx, sent, waiting_for=waiting_for.value, due_at=due)

    office.write(hold)
    text = explain(anna, office, sent)
    assert "It is looked at again" in text and "None" not in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 seconds"), (1, "1 second"), (200, "3 min 20 s"), (7500, "2 h 05"), (-3, "0 seconds")],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert length(timedelta(seconds=seconds)) == words
