"""What the composer says before Send is pressed, and the times one may choose for a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from gateway.desk import contacts as desk_contacts
from gateway.desk import lines as desk_lines
from gateway.desk import settings as desk_settings
from gateway.domain.composer_words import NOT_ENTITLED, WAITS_THEN, WITHOUT_A_TIME
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted, LineState, LineStatus
from gateway.domain.refusal_words import REFUSALS
from gateway.store import contacts
from gateway.store.tables import audit
from tests.office import ANNA as NADIA
from tests.office import CARA, SAM, Clock, Office
from tests.web.browser import Browser

NIGHT = "It is 22:10 for Nadia. This will go Tuesday at 08:00 their time (04:00 here)."
THURSDAY = {"when": "at", "at": "2025-03-06T11:30"}
BrowserOf = Callable[[str], Browser]


@pytest.fixture
def place(office: Office, clock: Clock) -> str:
    """The conversation with Nadia, who is in Dubai, where it is 22:10; she wrote in the morning."""
    office.hear(LineState(LineStatus.UP, "ready"))
    office.text_from(NADIA, "Is Friday free?")
    note(office, "Nadia Farrell", "Asia/Dubai")
    clock.step(hours=8, minutes=40)
    return f"/conversations/{office.conversation(NADIA).public_id}"


def note(office: Office, name: str, zone: str, number: str = NADIA) -> None:
    def change(tx: Any) -> None:
        contact = contacts.by_number(tx, number)
        assert contact is not None
        desk_contacts.set_name(tx, contact.id, name, SAM, office.clock())
        desk_contacts.set_zone(tx, contact.id, zone, SAM, office.clock())

    office.write(change)


def test_at_night_the_page_says_when_it_will_go(anna: Browser, place: str) -> None:
    anna.get(place)
    assert NIGHT in anna.text
    assert "22:10 in Dubai, +44 7700 900123" in anna.text


def test_by_day_nothing_is_said(browser_of: BrowserOf, place: str, clock: Clock) -> None:
    clock.step(hours=12)
    anna = browser_of("agent")
    anna.get(place)
    assert "This will go" not in anna.text and "10:10 in Dubai" in anna.text


def test_a_live_conversation_lets_it_go_and_says_so_before_and_after(
    anna: Browser, place: str, office: Office, clock: Clock
) -> None:
    office.text_from(NADIA, "Are you there?")
    clock.step(minutes=5)
    anna.get(place)
    assert "This goes now: they wrote 5 minutes ago." in anna.text
    anna.submit(f"{place}/messages", body="Yes, we are.")
    assert "Goes at once: they wrote 5 min ago" in anna.text
    office.send_one(Accepted(1))
    clock.step(hours=1)
    anna.get(place)
    assert "Sent now: they wrote 5 min ago" in anna.text


def test_what_is_held_says_so_in_the_thread(anna: Browser, place: str, office: Office) -> None:
    anna.get(place)
    anna.submit(f"{place}/messages", body="Friday at ten is yours.")
    assert "Will go Tuesday at 08:00 their time (04:00 here)" in anna.text
    assert "msg-waiting" in anna.html and "Cancel this text" in anna.buttons()
    (sent,) = office.messages(direction="outbound")
    assert (sent.state, sent.waiting_for) == ("queued", "quiet_hours")


@pytest.mark.parametrize(
    ("code", "words"),
    [("not_registered", "This waits here and goes when the line works again."), ("sim_pin", "PIN")],
)
def test_a_line_that_is_down_is_said(
    browser_of: BrowserOf, place: str, office: Office, clock: Clock, code: str, words: str
) -> None:
    clock.step(hours=12)
    anna = browser_of("agent")
    office.hear(LineState(LineStatus.DOWN, code))
    anna.get(place)
    assert words in anna.text


def test_a_paused_line_is_said(browser_of: BrowserOf, place: str, office: Office, clock: Clock) -> None:
    clock.step(hours=12)
    anna = browser_of("agent")
    office.write(lambda tx: desk_lines.pause(tx, "front", "command:test", clock()))
    anna.get(place)
    assert "works again" in anna.text


def test_a_used_up_budget_is_said_with_the_time_it_goes_on(
    browser_of: BrowserOf, place: str, office: Office, clock: Clock
) -> None:
    clock.step(hours=12)
    anna = browser_of("agent")
    office.write(lambda tx: desk_lines.set_limits(tx, "front", (Limit(1, "day"),), "command:test", clock()))
    office.accept(CARA, "one")
    office.accept(NADIA, "one")
    office.send_one(Accepted(1))
    anna.get(place)
    assert (
        "This line has sent as many texts as it may in a day. This will go Wednesday at 10:10 their time"
        in anna.text
    )


def test_a_paused_line_is_said_at_night_too(anna: Browser, place: str, office: Office, clock: Clock) -> None:
    office.write(lambda tx: desk_lines.pause(tx, "front", "command:test", clock()))
    anna.get(place)
    assert NIGHT in anna.text and f"paused. {WAITS_THEN}" in anna.text


def test_the_notice_follows_the_time_that_is_chosen(anna: Browser, place: str, office: Office) -> None:
    anna.get(place)
    assert NIGHT in anna.text and WITHOUT_A_TIME in anna.text
    form = anna.page.forms[f"{place}/messages"]

    def asked(**typed: str) -> str:
        anna.answer = anna.client.post(place, data={**form, **typed})
        return anna.text

    assert "This will go Thursday at 11:30 their time (07:30 here), as chosen." in asked(**THURSDAY)
    assert NIGHT not in anna.text and WITHOUT_A_TIME not in anna.text
    said = asked(when="at", at="2025-03-06T02:00")
    assert "The chosen time is outside their hours. This will go Thursday at 08:00 their time" in said
    assert REFUSALS["no_time"].text in asked(when="at", at="")
    assert NIGHT in asked(when="")
    assert office.messages(direction="outbound") == []


# --- urgent ------------------------------------------------------------------------------------------


def test_an_agent_is_told_who_may_hurry(anna: Browser, place: str, office: Office) -> None:
    anna.get(place)
    assert NOT_ENTITLED in anna.text and "Send as urgent" not in anna.buttons()
    answer = anna.submit(f"{place}/messages", body="now", do="urgent", reason="because")
    assert answer.status_code == 403
    assert office.messages(direction="outbound") == []


def test_a_manager_sends_at_night_with_a_reason_that_is_kept(
    browser_of: BrowserOf, place: str, office: Office
) -> None:
    tom = browser_of("manager")
    tom.get(place)
    assert "Send as urgent" in tom.buttons()
    tom.submit(
        f"{place}/messages", body="Do not come in tomorrow.", do="urgent", reason="  The  dentist is ill "
    )
    (sent,) = office.messages(direction="outbound")
    assert (sent.waiting_for, sent.urgent_reason) == (None, "The dentist is ill")
    assert "Goes at once as urgent: The dentist is ill" in tom.text
    wanted = select(audit).where(audit.c.action == "message.urgent")
    (noted,) = office.read(lambda tx: list(tx.execute(wanted)))
    assert (noted.actor, noted.object) == ("person:Manager", sent.public_id)
    assert noted.after == {"reason": "The dentist is ill"}


def test_a_time_that_was_chosen_holds_for_an_urgent_text(
    browser_of: BrowserOf, place: str, office: Office
) -> None:
    tom = browser_of("manager")
    tom.get(place)
    night = {"when": "at", "at": "2025-03-06T02:00", "clock": "theirs"}
    more = {"do": "urgent", "reason": "a leak", "cancel_if_answered": "yes"}
    tom.submit(f"{place}/messages", body="The water is off.", **night, **more)
    assert "Will go Thursday at 02:00 their time (Wednesday 22:00 here)" in tom.text
    (sent,) = office.messages(direction="outbound")
    assert (sent.waiting_for, sent.urgent_reason, sent.cancel_if_answered) == ("schedule", "a leak", True)


def test_a_missing_reason_is_said_where_the_time_is_by_day(
    browser_of: BrowserOf, place: str, office: Office
) -> None:
    tom = browser_of("manager")
    tom.get(place)
    answer = tom.submit(f"{place}/messages", body="x", do="urgent", reason="", **THURSDAY)
    assert answer.status_code == 422 and 'id="reason-error"' in tom.html
    assert office.messages(direction="outbound") == []


def test_no_hurry_without_a_reason_and_what_was_typed_is_kept(
    browser_of: BrowserOf, place: str, office: Office
) -> None:
    tom = browser_of("manager")
    tom.get(place)
    answer = tom.submit(f"{place}/messages", body="Do not come in.", do="urgent", reason=" ")
    assert answer.status_code == 422
    assert REFUSALS["no_reason"].text.format(most=200) in tom.text
    assert tom.page.forms[f"{place}/messages"]["body"] == "Do not come in."
    assert 'id="hurry" open' in tom.html
    assert office.messages(direction="outbound") == []


# --- a chosen time -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ({"when": "wake"}, "Tuesday at 08:00 their time (04:00 here)"),
        ({"when": "open"}, "Tuesday at 13:00 their time (09:00 here)"),
        (
            {"when": "at", "at": "2025-03-06T11:30", "clock": "theirs"},
            "Thursday at 11:30 their time (07:30 here)",
        ),
        (
            {"when": "at", "at": "2025-03-06T11:30", "clock": "ours"},
            "Thursday at 15:30 their time (11:30 here)",
        ),
    ],
)
def test_a_chosen_time_is_kept_and_said(
    anna: Browser, place: str, office: Office, typed: dict[str, str], when: str
) -> None:
    anna.get(place)
    if typed["when"] != "at":
        assert when in anna.text  # offered with its time
    anna.submit(f"{place}/messages", body="Good morning!", cancel_if_answered="yes", **typed)
    assert f"Will go {when}" in anna.text
    (sent,) = office.messages(direction="outbound")
    assert (sent.schedule, sent.cancel_if_answered) == (typed["when"], True)
    assert "It will be canceled if they write first." in anna.text


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("", REFUSALS["no_time"].text),
        ("next week", REFUSALS["no_time"].text),
        ("2025-03-03T09:00", REFUSALS["time_past"].text),
    ],
)
def test_a_time_that_is_none_keeps_what_was_typed(
    anna: Browser, place: str, office: Office, at: str, sentence: str
) -> None:
    anna.get(place)
    answer = anna.submit(f"{place}/messages", body="Good morning!", when="at", at=at, clock="ours")
    assert answer.status_code == 422 and sentence in anna.text
    form = anna.page.forms[f"{place}/messages"]
    assert (form["body"], form["when"], form["at"], form["clock"]) == ("Good morning!", "at", at, "ours")
    assert 'id="later" open' in anna.html
    assert office.messages(direction="outbound") == []


def test_the_same_words_for_another_time_are_another_text(anna: Browser, place: str, office: Office) -> None:
    anna.get(place)
    form = {**anna.page.forms[f"{place}/messages"], "body": "Good morning!"}
    for when in ("wake", "wake", "open"):
        anna.client.post(f"{place}/messages", data={**form, "when": when})
    assert [row.schedule for row in office.messages(direction="outbound")] == ["wake", "open"]


def test_words_that_did_not_go_because_they_wrote_first_are_offered_again(
    anna: Browser, place: str, office: Office
) -> None:
    anna.get(place)
    anna.submit(f"{place}/messages", body="Does it hurt?", when="wake", cancel_if_answered="yes")
    office.text_from(NADIA, "It still hurts")
    anna.get(place)
    assert "They wrote before it went, so it was not sent." in anna.text and "Use these words" in anna.text
    (sent,) = office.messages(direction="outbound")
    anna.get(f"{place}?use={sent.public_id}")
    assert anna.page.forms[f"{place}/messages"]["body"] == "Does it hurt?"


def test_words_of_another_conversation_are_not_put_into_the_box(
    anna: Browser, place: str, office: Office
) -> None:
    other = office.message(office.accept(CARA, "for Cara alone"))
    anna.get(f"{place}?use={other.public_id}")
    assert anna.page.forms[f"{place}/messages"]["body"] == ""


# --- name and zone -----------------------------------------------------------------------------------


def _edit(browser: Browser, place: str) -> str:
    """Open the form for whom a conversation is with, and return where it is sent."""
    answer = browser.get(f"{place}/contact")
    address = answer.headers["Location"]
    browser.get(f"{address}/edit")
    return str(address)


def test_name_and_zone_are_noted_and_the_notice_follows(anna: Browser, place: str, office: Office) -> None:
    person = _edit(anna, place)
    assert anna.page.forms[person]["zone"] == "Asia/Dubai"
    assert "By their number (London)" in anna.text
    anna.submit(person, name="Nadia F.", zone="America/New_York")
    anna.get(place)
    assert "13:10 in New York" in anna.text
    assert "Nadia F." in anna.text and "This will go" not in anna.text


@pytest.mark.parametrize(
    ("typed", "field"), [({"zone": "Mars/Olympus"}, "zone"), ({"name": "x" * 81}, "name")]
)
def test_a_name_or_zone_that_is_none_is_said_at_its_field(
    anna: Browser, place: str, typed: dict[str, str], field: str
) -> None:
    person = _edit(anna, place)
    answer = anna.submit(person, **typed)
    assert answer.status_code == 422 and f'id="{field}-error"' in anna.html
    assert anna.page.forms[person][field] == typed[field]


def test_several_zones_are_said_in_words(browser_of: BrowserOf, office: Office, clock: Clock) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    office.text_from("+18125550123", "hello")  # southern Indiana keeps the time of two zones
    clock.step(hours=15, minutes=40)
    anna = browser_of("agent")
    anna.get(f"/conversations/{office.conversation('+18125550123').public_id}")
    assert "19:10 to 20:10 in Chicago or New York" in anna.text
    assert "It is between 19:10 and 20:10 for them. This will go" in anna.text


def test_hours_that_never_close_offer_no_time_to_wake(
    anna: Browser, place: str, office: Office, clock: Clock
) -> None:
    every = "daily 00:00-24:00"
    office.write(lambda tx: desk_settings.change(tx, "hours.conversational", every, "command:test", clock()))
    anna.get(place)
    assert "When they wake" not in anna.text and "When we open" in anna.text
