"""The page of a line: what it tells, what each role may do there, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.desk import line_requests as desk_requests
from gateway.desk import lines as desk
from gateway.domain import line_options
from gateway.domain.line import (
    Abilities,
    Accepted,
    CannotTell,
    LineState,
    LineStatus,
    MissedCall,
    Recovery,
    Rung,
)
from gateway.domain.line_requests import Kind, State
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import line_requests
from tests.office import ANNA as NADIA
from tests.office import BEN, Office
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]
OWN = "+447700900555"


def _is(office: Office, code: str, line_id: int | None = None, **facts: str) -> None:
    status = LineStatus.UP if code == "ready" else LineStatus.DOWN
    office.hear(LineState(status, code, facts, Abilities()), line_id)


def _can(office: Office, **abilities: Any) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {}, Abilities(**abilities)))


def _set(office: Office, option: str, value: str) -> None:
    office.write(lambda tx: desk.set_option(tx, "front", option, value, "command:test", office.clock()))


def _place(office: Office) -> str:
    return f"/lines/{office.line_id}"


def _answer(office: Office, state: State, text: str) -> None:
    def answer(tx: Any) -> None:
        (asked,) = line_requests.open_requests(tx)
        desk_requests.answer(tx, asked.id, state, text, office.clock())

    office.write(answer)


# --- which page --------------------------------------------------------------------------------------


def test_one_line_is_shown_whole_and_several_are_listed(anna: Browser, office: Office) -> None:
    _is(office, "ready")
    anna.get("/lines")
    assert "The line in figures" in anna.text
    back = office.add_line("Back office")
    anna.get("/lines")
    assert "The line in figures" not in anna.text
    assert f'href="{_place(office)}"' in anna.html and f'href="/lines/{back}"' in anna.html
    anna.get(f"/lines/{back}")
    assert "Back office, Alderwick Dental" in anna.text and "All lines" in anna.text


def test_a_line_that_was_removed_has_no_page(anna: Browser, office: Office) -> None:
    office.write(lambda tx: desk.remove(tx, "front", "command:test", office.clock()))
    assert anna.get(_place(office)).status_code == 404
    assert "There is no line yet" in anna.get("/lines").get_data(as_text=True)


# --- what it tells -----------------------------------------------------------------------------------


def test_a_line_in_trouble_says_why_what_is_done_and_what_you_can_do(anna: Browser, office: Office) -> None:
    office.add_line("Back office")
    _is(office, "roaming")
    anna.get(_place(office))
    assert "The SIM is in a foreign network." in anna.text
    assert "Each text may cost extra there" in anna.text and "What comes in is read." in anna.text
    assert "To send all the same: sms-gateway line set front roaming yes" in anna.text


def test_a_name_of_two_words_is_quoted_in_commands(anna: Browser, office: Office) -> None:
    back = office.add_line("Back office")
    _is(office, "sim_pin", back)
    anna.get(f"/lines/{back}")
    assert "sms-gateway line pin 'Back office'" in anna.text


def test_it_tells_when_texts_last_went_and_came(anna: Browser, office: Office) -> None:
    anna.get(_place(office))
    assert "No text that went out is here, no text that came in is here." in anna.text
    office.text_from(NADIA, "hello")
    office.accept(BEN)
    office.clock.step(minutes=5)
    office.send_one(Accepted(1))
    office.clock.step(minutes=2)
    anna.get(_place(office))
    assert "Last text went out 2 minutes ago, last text came in 7 minutes ago." in anna.text


def test_figures_of_the_device_and_of_the_day(browser_of: BrowserOf, office: Office) -> None:
    facts = {"operator": "Home network", "registration": "roaming", "smsc": "+447700900999"}
    _is(office, "ready", **facts, storage_used="3", storage_total="30", clock_offset_s="-400")
    office.hear(Recovery(Rung.RESET, "no_answer"))
    office.hear(Recovery(Rung.REOPEN, "no_answer"))
    office.clock.step(days=1)
    office.hear(Recovery(Rung.POWER, "no_answer"))
    anna = browser_of("agent")
    anna.get(_place(office))
    figures = anna.html.split('id="h-figures"')[1].split("</section>")[0]
    for words in ("Home network", "in a foreign network", "+44 7700 900999", "3 of 30 in use", "no limit"):
        assert words in figures
    assert "7 min behind this box" in figures
    assert "<dt>Restarts today</dt><dd>1</dd>" in figures


@pytest.mark.parametrize("offset", ["119", "-120", "", "soon"])
def test_a_clock_that_is_nearly_right_is_not_mentioned(anna: Browser, office: Office, offset: str) -> None:
    _is(office, "ready", clock_offset_s=offset)
    anna.get(_place(office))
    assert "<dt>Clock</dt>" not in anna.html


def test_the_queue_is_told_by_kind(anna: Browser, office: Office) -> None:
    _is(office, "ready")
    office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    office.accept(BEN, "one")
    anna.get(_place(office))
    assert "Unclear when somebody decides 1" in anna.text and "Replies written now now 1" in anna.text
    _is(office, "no_answer")
    anna.get(_place(office))
    assert "Replies written now when the line works 1" in anna.text


def test_what_happened_and_the_last_trouble_with_the_devices_own_words(anna: Browser, office: Office) -> None:
    _is(office, "no_answer", detail="AT+CMGS=31: CMS 38")
    office.hear(Recovery(Rung.RESET, "no_answer", "AT+CFUN=1,1"))
    office.clock.step(minutes=2)
    _is(office, "ready")
    anna.get(_place(office))
    assert "Last trouble, 09:30: The modem does not answer." in anna.text
    assert "<details" in anna.html and "AT+CMGS=31: CMS 38" in anna.html
    assert "Restarted the modem, because the modem does not answer (AT+CFUN=1,1)." in anna.text


def test_calls_with_a_withheld_number_stand_here_and_no_others(anna: Browser, office: Office) -> None:
    office.hear(MissedCall(NADIA, 9.0))
    anna.get(_place(office))
    assert "Calls without a number" not in anna.text
    office.hear(MissedCall(None, 12.4))
    anna.get(_place(office))
    assert "Missed call, rang 12 s" in anna.text and "rang 9 s" not in anna.text


def test_a_busy_day_hides_neither_restarts_nor_trouble_nor_calls(anna: Browser, office: Office) -> None:
    _is(office, "no_answer", detail="+CREG: 0,3")
    office.hear(MissedCall(None, 12.4))
    for _ in range(60):
        office.hear(Recovery(Rung.RESET, "no_answer"))
        office.clock.step(seconds=1)
        office.hear(MissedCall(NADIA, 9.0))
    anna.get(_place(office))
    assert "<dt>Restarts today</dt><dd>60</dd>" in anna.html
    assert "+CREG: 0,3" in anna.html
    assert "Missed call, rang 12 s" in anna.text


def test_what_the_line_cannot_do_and_what_follows(anna: Browser, office: Office) -> None:
    _can(office, delivery_reports=False, signal=False, lacks="[]")
    anna.get(_place(office))
    assert "Tell whether a text arrived. Texts stay at Sent." in anna.text
    assert "Write these characters: [ ]." in anna.text and "Fetch pictures." in anna.text
    assert "This line’s device does not tell its signal." in anna.text and "<title id=" not in anna.html


def test_without_a_measurement_there_is_no_graph(anna: Browser, office: Office) -> None:
    anna.get(_place(office))
    assert "No signal was measured yet." in anna.text and 'class="plot"' not in anna.html


# --- who may do what ---------------------------------------------------------------------------------

BUTTONS = {
    Right.LINE_TEST: "Send a test text",
    Right.LINE_PAUSE: "Pause sending",
    Right.LINE_RESTART: "Restart the modem",
    Right.LINE_SET: "Save options",
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_the_buttons_it_may_press(browser_of: BrowserOf, office: Office, role: Role) -> None:
    _is(office, "ready")
    browser = browser_of(role.value)
    browser.get(_place(office))
    shown = {right for right, words in BUTTONS.items() if words in browser.buttons()}
    assert shown == RIGHTS[role] & set(BUTTONS)


WAYS = {
    "test": Right.LINE_TEST,
    "balance": Right.LINE_TEST,
    "pause": Right.LINE_PAUSE,
    "resume": Right.LINE_PAUSE,
    "restart": Right.LINE_RESTART,
    "confirm": Right.LINE_SET,
    "options": Right.LINE_SET,
}
REFUSED = [(role, path) for role in Role for path, right in WAYS.items() if right not in RIGHTS[role]]


@pytest.mark.parametrize(("role", "path"), REFUSED)
def test_who_may_not_is_refused_and_nothing_is_done(
    browser_of: BrowserOf, office: Office, role: Role, path: str
) -> None:
    browser = browser_of(role.value)
    browser.get(_place(office))
    fields = {**browser.page.forms["act"], "to": OWN, "roaming": "yes"}
    assert browser.client.post(f"{_place(office)}/{path}", data=fields).status_code == 403
    assert office.messages() == [] and office.line().options == {} and office.line().paused_at is None
    assert office.read(line_requests.open_requests) == []


# --- the test text -----------------------------------------------------------------------------------


def test_a_test_text_goes_to_ones_own_number_and_its_state_is_shown(anna: Browser, office: Office) -> None:
    _is(office, "ready")
    anna.get(_place(office))
    anna.submit(f"{_place(office)}/test", to=OWN)
    (sent,) = office.messages()
    assert (sent.purpose, sent.peer, sent.author_name) == ("internal", OWN, "Anna Reid")
    assert "Test text to +44 7700 900555: Queued." in anna.text
    assert f"/conversations/{office.conversation(OWN).public_id}" in anna.html
    office.send_one(Accepted(3))
    office.report(3, OWN)
    anna.get(f"{_place(office)}?test={sent.public_id}")
    assert "Test text to +44 7700 900555: Delivered 09:30." in anna.text


def test_a_form_that_is_sent_twice_sends_one_text(anna: Browser, office: Office) -> None:
    anna.get(_place(office))
    fields = {**anna.page.forms[f"{_place(office)}/test"], "to": OWN}
    for _ in range(2):
        assert anna.client.post(f"{_place(office)}/test", data=fields).status_code == 303
    assert len(office.messages()) == 1


def test_a_number_that_is_none_is_told_at_its_field(anna: Browser, office: Office) -> None:
    anna.get(_place(office))
    assert anna.submit(f"{_place(office)}/test", to="12x").status_code == 422
    assert anna.page.forms[f"{_place(office)}/test"]["to"] == "12x"
    assert 'id="test-refused"' in anna.html and office.messages() == []
    assert f'data-path="{_place(office)}"' in anna.html
    assert anna.get(f"{_place(office)}/test").status_code == 303


def test_only_a_test_text_of_this_line_is_shown_as_one(anna: Browser, office: Office) -> None:
    reply = office.message(office.accept(NADIA)).public_id
    for wanted in (reply, "msg_none"):
        anna.get(f"{_place(office)}?test={wanted}")
        assert "Test text to" not in anna.text


# --- asking ------------------------------------------------------------------------------------------


def test_a_restart_is_asked_for_and_its_answer_shown(browser_of: BrowserOf, office: Office) -> None:
    _is(office, "ready")
    manager = browser_of("manager")
    manager.get(_place(office))
    assert "A text being sent right now is finished first" in manager.text
    manager.press("Restart the modem")
    assert "09:30: asked, waiting for the answer." in manager.text
    (asked,) = office.read(line_requests.open_requests)
    assert (asked.kind, asked.asked_by) == (Kind.RESTART.value, "person:Manager")
    _answer(office, State.FAILED, "down")
    manager.get(_place(office))
    assert "The line is down, so it cannot be asked now." in manager.text


def test_the_balance_is_asked_only_where_a_code_is_set(anna: Browser, office: Office) -> None:
    _is(office, "ready")
    anna.get(_place(office))
    assert "Ask the balance" not in anna.buttons()
    assert anna.client.post(f"{_place(office)}/balance", data=anna.page.forms["act"]).status_code == 409
    _set(office, "balance", "*100#")
    anna.get(_place(office))
    anna.press("Ask the balance")
    office.clock.step(seconds=70)
    _answer(office, State.DONE, "Balance 7.40")
    anna.get(_place(office))
    assert "09:31, the network said: Balance 7.40" in anna.text
    office.clock.step(days=1, minutes=1)
    anna.get(_place(office))
    assert "Balance 7.40" not in anna.text


def test_a_viewer_sees_no_balance(anna: Browser, browser_of: BrowserOf, office: Office) -> None:
    _set(office, "balance", "*100#")
    anna.get(_place(office))
    anna.press("Ask the balance")
    _answer(office, State.DONE, "Balance 7.40")
    viewer = browser_of("viewer")
    viewer.get(_place(office))
    assert "Balance 7.40" not in viewer.html


def test_a_device_that_cannot_ask_has_its_button_greyed_with_the_reason(
    anna: Browser, office: Office
) -> None:
    _set(office, "balance", "*100#")
    _can(office, ussd=False)
    anna.get(_place(office))
    (button,) = [b for b in anna.page.buttons if b["words"] == "Ask the balance"]
    assert "disabled" in button and "formaction" not in button
    assert "This line’s device cannot ask for it." in anna.text


# --- another SIM -------------------------------------------------------------------------------------


def test_another_sim_is_confirmed_by_an_admin(browser_of: BrowserOf, office: Office) -> None:
    _is(office, "ready", iccid="8944100000000000001")
    _is(office, "other_sim", iccid="8944100000000000002")
    manager = browser_of("manager")
    manager.get(_place(office))
    assert "Another SIM is in the modem." in manager.text and "Confirm this SIM" not in manager.buttons()
    admin = browser_of("admin")
    admin.get(_place(office))
    admin.press("Confirm this SIM")
    assert office.line().bound_iccid == "8944100000000000002"
    assert "Confirm this SIM" not in admin.buttons()
    answer = admin.client.post(f"{_place(office)}/confirm", data=admin.page.forms["act"])
    assert answer.status_code == 409 and "There is nothing to confirm." in answer.get_data(as_text=True)


# --- options -----------------------------------------------------------------------------------------


def _chosen(browser: Browser) -> dict[str, str]:
    """What a browser would send of the form of options, untouched."""
    place = next(action for action in browser.page.forms if action.endswith("/options"))
    return {**browser.page.forms[place], "roaming": "no", "calls": "ring", "long_texts": "refuse"}


def test_every_option_stands_in_the_form_with_its_meaning(browser_of: BrowserOf, office: Office) -> None:
    admin = browser_of("admin")
    admin.get(_place(office))
    for option in line_options.OPTIONS.values():
        assert f'id="option-{option.name}"' in admin.html and option.meaning in admin.text
    assert "Changed from default" not in admin.text
    _set(office, "fallback_after", "30")
    admin.get(_place(office))
    assert admin.text.count("Changed from default") == 1 and "Default: 15." in admin.text


def test_only_what_was_changed_is_set(browser_of: BrowserOf, office: Office) -> None:
    office.add_line("Back office")
    admin = browser_of("admin")
    admin.get(_place(office))
    fields = {**_chosen(admin), "roaming": "yes", "fallback": "Back office"}
    admin.submit(f"{_place(office)}/options", **fields)
    assert "Saved." in admin.text
    assert office.line().options == {"roaming": "yes", "fallback": "Back office"}


def test_what_cannot_be_is_told_at_its_field_and_nothing_is_changed(
    browser_of: BrowserOf, office: Office
) -> None:
    admin = browser_of("admin")
    admin.get(_place(office))
    fields = {**_chosen(admin), "roaming": "yes", "fallback_after": "soon", "fallback": "front"}
    assert admin.submit(f"{_place(office)}/options", **fields).status_code == 422
    assert "2 fields need another value" in admin.text
    assert "it must be a number of minutes from 0 to 1440" in admin.text
    assert "cannot stand in for itself" in admin.text
    assert office.line().options == {}
    assert 'value="yes" selected' in admin.html and 'value="soon"' in admin.html


# --- a line that is down -----------------------------------------------------------------------------


def test_without_a_modem_nothing_can_be_asked_of_it(browser_of: BrowserOf, office: Office) -> None:
    admin = browser_of("admin")
    _set(office, "balance", "*100#")
    _is(office, "port_missing")
    admin.get(_place(office))
    for words in ("Restart the modem", "Ask the balance", "Send a test text"):
        assert f" disabled>{words}</button>" in admin.html
    assert "The modem is not plugged in. Takes about a minute." in admin.text
    _is(office, "ready")
    admin.get(_place(office))
    assert " disabled>" not in admin.html


def test_the_inbox_names_the_number_of_a_line_that_works(anna: Browser, office: Office) -> None:
    back = office.add_line("back")
    office.write(lambda tx: desk.set_number(tx, "back", OWN, "command:test", office.clock()))
    anna.get("/")
    assert "No line works now." in anna.text
    _is(office, "ready", back)
    anna.get("/")
    assert "Text this number from your phone: +44 7700 900555" in anna.text


def test_a_new_conversation_begins_on_a_line_that_works(anna: Browser, office: Office) -> None:
    back = office.add_line("back")
    _is(office, "port_missing")
    _is(office, "ready", back)
    anna.get("/conversations/new")
    assert "front, not working now</option>" in anna.html
    assert '<option value="back" selected' in anna.html


def test_who_confirmed_another_sim_is_told_of_its_number(browser_of: BrowserOf, office: Office) -> None:
    admin = browser_of("admin")
    _is(office, "ready", iccid="8944", imei="350")
    _is(office, "other_sim", iccid="8945", imei="350")
    admin.get(_place(office))
    assert "press “Confirm this SIM”" in admin.text
    admin.press("Confirm this SIM")
    assert "If this SIM has another number, say it: sms-gateway line set front number +..." in admin.text
