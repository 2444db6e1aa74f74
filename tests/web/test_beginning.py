"""A new conversation: when the text would go is said before it is sent, and may be chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.domain.composer_words import NOT_ENTITLED, WITHOUT_A_TIME
from gateway.domain.line import LineState, LineStatus
from gateway.domain.refusal_words import REFUSALS
from tests.office import ANNA as NADIA
from tests.office import Clock, Office
from tests.web.browser import Browser
from tests.web.test_composer import note

PAGE = "/conversations/new"
CARA = "+51987654321"  # a number of Peru, where it is 04:30
NIGHT = "This will go today at 08:00 their time (13:00 here)."
BrowserOf = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def works(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))


def ask(browser: Browser, **typed: str) -> str:
    browser.get(PAGE)
    answer = browser.submit(PAGE, do="when", **typed)
    assert answer.status_code == 200
    return browser.text


def test_it_is_said_when_it_will_go_and_what_was_typed_stays(anna: Browser, office: Office) -> None:
    anna.get(PAGE)
    assert "When will it go?" in anna.buttons() and "This will go" not in anna.text
    text = ask(anna, to=CARA, body="Good morning!", when="", cancel_if_answered="yes")
    assert NIGHT in text and "04:30 in" in text and NOT_ENTITLED in text
    assert WITHOUT_A_TIME in text
    text = ask(anna, to=CARA, body="Good morning!", when="open", cancel_if_answered="yes")
    assert "This will go Tuesday at 08:00 their time (13:00 here)." in text
    assert "The chosen time is outside their hours." in text and WITHOUT_A_TIME not in text
    form = anna.page.forms[PAGE]
    assert (form["to"], form["body"], form["when"]) == (CARA, "Good morning!", "open")
    assert form["cancel_if_answered"] == "yes" and 'id="later" open' in anna.html
    assert office.messages() == []


def test_whom_a_known_number_belongs_to_is_said(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    note(office, "Nadia Farrell", "Asia/Dubai")
    assert "Nadia Farrell, 13:30 in Dubai" in ask(anna, to=NADIA)


@pytest.mark.parametrize(
    ("to", "sentence"), [("+44 77", "digits are missing"), ("112", "Call it on a telephone")]
)
def test_a_number_that_is_none_is_said_before_anything_is_sent(anna: Browser, to: str, sentence: str) -> None:
    text = ask(anna, to=to, body="Good morning!")
    assert sentence in text and "window-warn" in anna.html
    assert "When they wake" not in text and anna.page.forms[PAGE]["body"] == "Good morning!"


def test_who_said_stop_is_said_before_anything_is_written(anna: Browser, office: Office) -> None:
    office.text_from(CARA, "STOP")
    assert "They asked us to stop" in ask(anna, to=CARA)


def test_a_number_that_cannot_be_real_is_pointed_out_before(anna: Browser) -> None:
    assert "in no range that is known to be in use" in ask(anna, to=NADIA)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({}, (None, "quiet_hours")),
        ({"when": "wake"}, ("wake", "schedule")),
        ({"when": "at", "at": "2025-03-06T11:30", "clock": "theirs"}, ("at", "schedule")),
    ],
)
def test_the_chosen_time_is_kept(
    anna: Browser, office: Office, typed: dict[str, str], kept: tuple[Any, ...]
) -> None:
    ask(anna, to=CARA, body="Good morning!")
    anna.submit(PAGE, cancel_if_answered="yes", **typed)
    (sent,) = office.messages()
    assert ((sent.schedule, sent.waiting_for), sent.cancel_if_answered) == (kept, True)


def test_a_time_that_has_passed_is_said_at_its_field(anna: Browser, office: Office) -> None:
    anna.get(PAGE)
    typed = {"when": "at", "at": "2025-03-03T04:00", "clock": "theirs"}
    assert anna.submit(PAGE, to=CARA, body="Good morning!", **typed).status_code == 422
    assert 'id="at-error"' in anna.html and REFUSALS["time_past"].text in anna.text
    assert anna.page.forms[PAGE]["at"] == typed["at"]
    assert office.messages() == []


def test_a_manager_sends_at_night_with_a_reason(browser_of: BrowserOf, office: Office) -> None:
    tom = browser_of("manager")
    ask(tom, to=CARA, body="Do not come in.")
    assert "Send as urgent" in tom.buttons()
    assert tom.submit(PAGE, do="urgent", reason=" ").status_code == 422
    assert 'id="reason-error"' in tom.html and office.messages() == []
    tom.submit(PAGE, do="urgent", reason="The dentist is ill")
    (sent,) = office.messages()
    assert (sent.waiting_for, sent.urgent_reason) == (None, "The dentist is ill")


def test_an_agent_may_not_hurry(anna: Browser, office: Office) -> None:
    anna.get(PAGE)
    answer = anna.submit(PAGE, to=CARA, body="now", do="urgent", reason="because")
    assert answer.status_code == 403 and office.messages() == []


# --- once --------------------------------------------------------------------------------------------

WAKE = {"when": "wake"}
TYPED: list[dict[str, str]] = [
    {},
    {"do": "urgent", "reason": "The dentist is ill"},
    {"cancel_if_answered": "yes"},
    WAKE,
    {**WAKE, "cancel_if_answered": "yes"},
    {"line": "back"},
]


def test_a_form_sends_once_whatever_is_asked_of_it_and_anew_for_anything_else(
    browser_of: BrowserOf, office: Office, clock: Clock
) -> None:
    office.hear(LineState(LineStatus.UP, "ready"), office.add_line("back"))
    tom = browser_of("manager")
    tom.get(PAGE)
    form = {**tom.page.forms[PAGE], "to": CARA, "body": "Good morning!", "line": "front"}
    for count, typed in enumerate(TYPED, start=1):
        for _ in range(2):
            assert tom.client.post(PAGE, data={**form, **typed}).status_code == 303
        assert len(office.messages()) == count, typed


def test_a_field_that_does_not_count_makes_no_other_text(anna: Browser, office: Office) -> None:
    anna.get(PAGE)
    form = {**anna.page.forms[PAGE], "to": CARA, "body": "Good morning!"}
    for at in ("", "2025-03-06T11:30"):
        anna.client.post(PAGE, data={**form, **WAKE, "at": at})
    assert len(office.messages()) == 1


def test_send_and_then_the_same_as_urgent_in_a_conversation(
    browser_of: BrowserOf, office: Office, clock: Clock
) -> None:
    office.accept(CARA, "Good morning!")
    tom = browser_of("manager")
    place = f"/conversations/{office.conversation(CARA).public_id}"
    tom.get(place)
    form = {**tom.page.forms[f"{place}/messages"], "body": "Do not come in."}
    for more in ({}, {"do": "urgent", "reason": "ill"}):
        tom.client.post(f"{place}/messages", data={**form, **more})
    assert [row.urgent_reason for row in office.messages()][1:] == [None, "ill"]
