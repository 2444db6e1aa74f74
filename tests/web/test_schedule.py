"""The page of what goes by itself, and what is done there with one text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest

from gateway.desk import chosen_times
from gateway.desk import lines as desk_lines
from gateway.desk.drafts import Author
from gateway.domain.agenda_words import EMPTY
from gateway.domain.composer_words import NOT_YOURS
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted, LineState, LineStatus
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import REFUSALS
from gateway.domain.schedule import Kind
from gateway.store import team as store_team
from gateway.web import agenda
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, SHOP, Clock, Office
from tests.web.browser import Browser
from tests.web.test_composer import note

BrowserOf = Callable[[str], Browser]
DORA = "+447700900125"


@pytest.fixture(autouse=True)
def night(office: Office, clock: Clock) -> None:
    """Nadia is in Dubai, where it is 22:10; the line works."""
    office.hear(LineState(LineStatus.UP, "ready"))
    office.text_from(NADIA, "Is Friday free?")
    note(office, "Nadia Farrell", "Asia/Dubai")
    clock.step(hours=8, minutes=40)


def of(office: Office, role: str) -> Author:
    user = office.read(lambda tx: store_team.user_by_name(tx, role))
    assert user is not None
    return Author("person", user.id, user.name)


def timed(
    office: Office,
    role: str = "agent",
    number: str = NADIA,
    wall: datetime = datetime(2025, 3, 6, 11, 0),
    **more: Any,
) -> Any:
    """A text for that time of ours, Thursday 11:00, by somebody of that role."""
    when = office.write(
        lambda tx: chosen_times.choose(tx, Kind.AT, office.line(), number, office.clock(), wall)
    )
    return office.message(office.accept(number, "Good morning!", author=of(office, role), when=when, **more))


def held(office: Office, role: str = "agent", **more: Any) -> Any:
    return office.message(office.accept(NADIA, "Friday at ten", author=of(office, role), **more))


def test_nothing_waits(anna: Browser) -> None:
    anna.get("/schedule")
    assert EMPTY in anna.text


def test_each_text_stands_on_its_day_with_when_whom_and_why(anna: Browser, office: Office) -> None:
    held(office)
    timed(office, cancel_if_answered=True)
    office.accept(BEN, "on my way", author=of(office, "agent"))
    anna.get("/schedule")
    text = anna.text
    assert "Next, each in its turn 1st in the queue" in text
    assert "Tuesday 4 March 04:00 08:00 for them Nadia Farrell Waiting, quiet hours Friday at ten" in text
    assert "Written by Anna Reid, 18:10, when it was 22:10 for them." in text
    assert "Thursday 6 March 11:00 15:00 for them Nadia Farrell Reply, timed Good morning!" in text
    assert "Anna Reid chose the time. It will be canceled if they write first." in text
    assert "Mon 3 1 text Tue 4 1 text Wed 5 0 nothing Thu 6 1 text" in text


def test_what_goes_next_stands_in_the_order_in_which_it_goes(anna: Browser, office: Office) -> None:
    for number, purpose in ((BEN, Purpose.TRANSACTIONAL), (CARA, Purpose.TRANSACTIONAL)):
        office.accept(number, "a reminder", purpose, SHOP)
    office.accept(DORA, "on my way", author=of(office, "agent"))
    anna.get("/schedule")
    places = [anna.text.index(f"{place} in the queue") for place in ("1st", "2nd", "3rd")]
    assert places == sorted(places)
    assert anna.text.index("on my way") < places[1]


def test_their_time_stands_first_when_asked_for(anna: Browser, office: Office) -> None:
    held(office)
    anna.get("/schedule?clock=theirs")
    assert "08:00 04:00 here Nadia Farrell" in anna.text


def test_many_texts_are_shown_in_pages(
    anna: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "PAGE", 2)
    for word in ("one", "two", "three"):
        office.accept(NADIA, word, Purpose.TRANSACTIONAL, SHOP)
    anna.get("/schedule")
    assert "one" in anna.text and "three" not in anna.text.split("Goes by itself")[-1]
    anna.get(next_page(anna))
    assert "three" in anna.text and "Later texts" not in anna.text


def next_page(browser: Browser) -> str:
    """The address behind Later texts; empty where there is none."""
    found = re.search(r'href="(/schedule\?[^"]*)">Later texts', browser.html)
    return unescape(found[1]) if found else ""


def all_pages(browser: Browser, clock: Clock) -> list[str]:
    """The ids of every text, page after page, a minute between them."""
    found: list[str] = []
    path = "/schedule"
    while path:
        browser.get(path)
        found += re.findall(r'<li id="(msg_[^"]+)"', browser.html)
        path = next_page(browser)
        clock.step(minutes=1)
    return found


def test_pages_follow_the_order_in_which_texts_go_and_hold_each_once(
    anna: Browser, office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "PAGE", 2)
    at = {number: office.accept(number, "a reminder", Purpose.TRANSACTIONAL, SHOP) for number in (BEN, CARA)}
    later = [timed(office, number=BEN, wall=datetime(2025, 3, 3, 18, minute)).id for minute in (12, 11)]
    clock.step(seconds=1)
    reply = office.accept(DORA, "on my way", author=of(office, "agent"))
    poll = office.accept("+447700900126", "How was it?", Purpose.FEEDBACK, SHOP)
    wanted = [reply, at[BEN], at[CARA], poll, later[1], later[0]]
    assert all_pages(anna, clock) == [office.message(text).public_id for text in wanted]


def test_pages_hold_once_what_its_line_puts_off(
    anna: Browser, office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "PAGE", 1)
    only = (Limit(1, "day"),)
    office.write(lambda tx: desk_lines.set_limits(tx, "front", only, "command:test", office.clock()))
    office.accept(BEN, "the first", author=of(office, "agent"))
    office.send_one(Accepted(1))
    put_off = [office.accept(number, "on my way", author=of(office, "agent")) for number in (DORA, CARA)]
    texts = [held(office).id, *put_off, timed(office).id]
    assert all_pages(anna, clock) == [office.message(text).public_id for text in texts]
    anna.get("/schedule")
    assert "Mon 3 0 nothing Tue 4 3 texts Wed 5 0 nothing Thu 6 1 text" in anna.text
    anna.get("/schedule?day=2025-03-04")
    assert "Later texts" in anna.text


@pytest.mark.parametrize("after", ["msg_01", "1.2.3", "9" * 17 + ".0" * 4, "0.0.0.0." + "9" * 17, "1" * 99])
def test_any_other_place_is_no_mistake(anna: Browser, office: Office, after: str) -> None:
    held(office)
    assert anna.get(f"/schedule?after={after}").status_code == 200


def test_a_day_is_shown_from_its_beginning(anna: Browser, office: Office) -> None:
    held(office)
    timed(office)
    anna.get("/schedule?day=2025-03-06")
    assert "Good morning!" in anna.text and "Friday at ten" not in anna.text
    anna.get("/schedule?day=2025-03-08")
    assert "Nothing goes by itself from that day on." in anna.text


def test_cancel_comes_back_and_says_what_was_done(anna: Browser, office: Office) -> None:
    text = held(office)
    anna.get("/schedule")
    button = next(b for b in anna.page.buttons if b.get("formaction") == f"/messages/{text.public_id}/cancel")
    fields = {**anna.page.forms[button["form"]], button["name"]: button["value"]}
    answer = anna.client.post(button["formaction"], data=fields)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/schedule?did=canceled")
    anna.get(answer.headers["Location"])
    assert "Canceled: the text to Nadia Farrell will not go." in anna.text
    assert office.state(text.id) == "canceled"


def test_move_comes_back_and_says_what_was_done(anna: Browser, office: Office) -> None:
    text = held(office)
    address = f"/messages/{text.public_id}/change"
    anna.get("/schedule")
    assert f'href="{address}?back=schedule"' in anna.html
    anna.get(f"{address}?back=schedule")
    anna.submit(address, when="at", at="2025-03-07T09:00", clock="theirs")
    assert "Goes by itself" in anna.text
    assert "Saved: the text to Nadia Farrell will go Friday at 09:00 their time" in anna.text


def test_a_chosen_time_outside_their_hours_is_said_wherever_the_text_stands(
    browser_of: BrowserOf, office: Office, clock: Clock
) -> None:
    anna = browser_of("agent")
    text = timed(office, wall=datetime(2025, 3, 5, 22, 0))
    said = "Chosen: Thursday at 02:00 their time (Wednesday 22:00 here), which is outside their hours."
    pages = (
        f"/messages/{text.public_id}/change",
        "/schedule",
        f"/conversations/{text.conversation_public_id}",
    )
    for page in pages:
        anna.get(page)
        assert said in anna.text, page
    anna.get(f"/messages/{text.public_id}/explain")
    assert "The chosen time is outside their hours. This will go Thursday at 08:00" in anna.text
    clock.step(days=2, hours=4, minutes=30)
    anna = browser_of("agent")
    anna.get(pages[-1])
    assert "outside their hours" not in anna.text and "Chosen: Thursday at 02:00 their time" in anna.text


def test_what_its_line_puts_off_to_another_day_stands_on_that_day(anna: Browser, office: Office) -> None:
    only = (Limit(1, "day"),)
    office.write(lambda tx: desk_lines.set_limits(tx, "front", only, "command:test", office.clock()))
    office.accept(BEN, "the first", author=of(office, "agent"))
    office.send_one(Accepted(1))
    held(office)
    office.accept(DORA, "on my way", author=of(office, "agent"))
    anna.get("/schedule")
    assert "Next, each in its turn" not in anna.text
    assert "Tuesday 4 March 04:00 08:00 for them Nadia Farrell" in anna.text
    assert anna.text.index("Friday at ten") < anna.text.index("18:10 +44") < anna.text.index("on my way")


def test_send_now_still_keeps_their_hours(anna: Browser, office: Office) -> None:
    text = timed(office)
    anna.get(f"/conversations/{text.conversation_public_id}")
    anna.press("Send now")
    row = office.message(text.id)
    assert (row.not_before, row.waiting_for) == (None, "quiet_hours")
    assert "Will go Tuesday at 08:00 their time" in anna.text


def test_words_and_time_can_be_changed_until_it_goes(anna: Browser, office: Office) -> None:
    text = held(office)
    address = f"/messages/{text.public_id}/change"
    anna.get(address)
    assert anna.page.forms[address]["body"] == "Friday at ten"
    anna.submit(address, body="Friday at eleven", when="at", at="2025-03-07T09:00", clock="theirs")
    row = office.message(text.id)
    assert (row.body, row.schedule_wall) == ("Friday at eleven", "2025-03-07T09:00:00")
    assert "Will go Friday at 09:00 their time" in anna.text


@pytest.mark.parametrize(("whose", "at"), [("theirs", "2025-03-06T15:00"), ("ours", "2025-03-06T11:00")])
def test_the_time_that_is_chosen_is_shown_where_it_is_changed(
    anna: Browser, office: Office, whose: str, at: str
) -> None:
    text = timed(office)
    address = f"/messages/{text.public_id}/change"
    anna.get(address)
    anna.submit(address, when="at", at=at, clock=whose)
    anna.get(address)
    assert "Leave the time as it is, Thursday at 15:00 their time (11:00 here)" in anna.text
    form = anna.page.forms[address]
    assert (form["when"], form["at"], form["clock"]) == ("keep", at, whose)


def test_leaving_the_time_as_it_is_keeps_it(anna: Browser, office: Office) -> None:
    text = timed(office)
    address = f"/messages/{text.public_id}/change"
    anna.get(address)
    anna.submit(address, body="Good morning to you!")
    row = office.message(text.id)
    assert (row.body, row.not_before) == ("Good morning to you!", text.not_before)


def test_a_change_that_comes_too_late_keeps_what_was_typed(
    anna: Browser, office: Office, clock: Clock
) -> None:
    text = held(office)
    address = f"/messages/{text.public_id}/change"
    anna.get(address)
    clock.step(hours=12)
    office.send_one(Accepted(3))
    answer = anna.submit(address, body="Friday at eleven")
    assert answer.status_code == 409
    assert REFUSALS["not_changeable"].text.format(state="sent") in anna.text
    assert anna.page.forms[address]["body"] == "Friday at eleven"
    assert office.message(text.id).body == "Friday at ten"


def test_half_of_a_change_is_none(anna: Browser, office: Office) -> None:
    text = held(office)
    address = f"/messages/{text.public_id}/change"
    anna.get(address)
    answer = anna.submit(address, body=" ", when="at", at="2025-03-07T09:00", clock="ours")
    assert answer.status_code == 409 and REFUSALS["empty"].text in anna.text
    row = office.message(text.id)
    assert (row.body, row.schedule) == ("Friday at ten", None)


# --- rights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["change", "send-now", "cancel"])
def test_an_agent_may_not_touch_what_another_timed(anna: Browser, office: Office, path: str) -> None:
    text = timed(office, "manager")
    anna.get("/schedule")
    assert "Good morning!" in anna.text and f"/messages/{text.public_id}/{path}" not in anna.html
    answer = anna.client.post(
        f"/messages/{text.public_id}/{path}", data={**anna.page.forms["act"], "body": "x", "when": ""}
    )
    assert answer.status_code == 403 and NOT_YOURS.encode() in answer.data
    assert office.message(text.id).not_before == text.not_before


def test_a_manager_may_move_what_an_agent_timed(browser_of: BrowserOf, office: Office) -> None:
    text = timed(office)
    tom = browser_of("manager")
    address = f"/messages/{text.public_id}/change"
    tom.get(f"{address}?back=schedule")
    tom.submit(address, when="", back="schedule")
    assert "Saved: the text to Nadia Farrell will go Tuesday at 08:00 their time (04:00 here)." in tom.text


@pytest.mark.parametrize("cancel", [True, False])
def test_whether_an_answer_cancels_it_is_changed_there(anna: Browser, office: Office, cancel: bool) -> None:
    text = timed(office, cancel_if_answered=not cancel)
    address = f"/messages/{text.public_id}/change"
    anna.get(address)
    form = anna.page.forms[address]
    assert ("cancel_if_answered" in form) is not cancel
    form.pop("cancel_if_answered", None)
    ticked = {"cancel_if_answered": "yes"} if cancel else {}
    anna.answer = anna.client.post(address, data={**form, **ticked}, follow_redirects=True)
    row = office.message(text.id)
    assert (row.cancel_if_answered, row.not_before) == (cancel, text.not_before)
    assert ("It will be canceled if they write first." in anna.text) is cancel
    anna.get(f"/messages/{text.public_id}/explain")
    assert "Anna Reid changed whether it is canceled if they write first." in anna.text


def test_a_refused_hurry_keeps_that_an_answer_cancels_it(browser_of: BrowserOf, office: Office) -> None:
    text = held(office, cancel_if_answered=True)
    tom = browser_of("manager")
    tom.get(f"/messages/{text.public_id}/change")
    assert tom.submit(f"/messages/{text.public_id}/urgent", reason="").status_code == 409
    assert tom.page.forms[f"/messages/{text.public_id}/change"]["cancel_if_answered"] == "yes"


def test_a_manager_hurries_a_held_text_with_a_reason(browser_of: BrowserOf, office: Office) -> None:
    text = held(office)
    tom = browser_of("manager")
    address = f"/messages/{text.public_id}/urgent"
    tom.get(f"/messages/{text.public_id}/change?back=schedule")
    assert tom.submit(address, reason="").status_code == 409
    assert REFUSALS["no_reason"].text.format(most=200) in tom.text
    tom.submit(address, reason="The dentist is ill", back="schedule")
    row = office.message(text.id)
    assert (row.urgent_reason, row.waiting_for) == ("The dentist is ill", None)
    assert "The text to Nadia Farrell goes now, as urgent." in tom.text


@pytest.mark.parametrize(("when", "said"), [("keep", "Wednesday"), ("now", None)])
def test_urgent_keeps_the_time_that_is_chosen_unless_they_also_say_now(
    browser_of: BrowserOf, office: Office, when: str, said: str | None
) -> None:
    text = timed(office, wall=datetime(2025, 3, 4, 22, 0))  # 02:00 for Nadia
    tom = browser_of("manager")
    address = f"/messages/{text.public_id}/urgent"
    tom.get(f"/messages/{text.public_id}/change")
    assert "At the time that is chosen, Wednesday at 02:00 their time (Tuesday 22:00 here)" in tom.text
    assert tom.page.forms[address]["when"] == "keep"
    tom.submit(address, reason="", when=when)
    assert tom.page.forms[address]["when"] == when
    tom.submit(address, reason="The clinic is closed", when=when, back="schedule")
    row = office.message(text.id)
    assert row.urgent_reason == "The clinic is closed"
    if said is None:
        assert (row.not_before, row.waiting_for) == (None, None)
        assert "The text to Nadia Farrell goes now, as urgent." in tom.text
    else:
        assert row.not_before == row.due_at == text.not_before
        assert "Saved: the text to Nadia Farrell will go Wednesday at 02:00" in tom.text


def test_an_agent_may_not_hurry(anna: Browser, office: Office) -> None:
    text = held(office)
    anna.get(f"/messages/{text.public_id}/change")
    assert "Send as urgent" not in anna.buttons()
    fields = {**anna.page.forms["act"], "reason": "because"}
    assert anna.client.post(f"/messages/{text.public_id}/urgent", data=fields).status_code == 403


def test_a_viewer_sees_and_does_nothing(browser_of: BrowserOf, office: Office) -> None:
    text = timed(office)
    viewer = browser_of("viewer")
    viewer.get("/schedule")
    assert "Good morning!" in viewer.text
    assert f"/messages/{text.public_id}/cancel" not in viewer.html
    assert viewer.get(f"/messages/{text.public_id}/change").status_code == 403
