"""The first run on pages: its code, its steps one by one, what was typed wrong, what was left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from gateway.config import Settings
from gateway.desk import lines as desk_lines
from gateway.desk import ports, second_factor, setup, team, tries
from gateway.domain import setup_words
from gateway.domain.line import Abilities, Accepted, LineState, LineStatus
from gateway.domain.people import Scope
from gateway.domain.ports import Port
from gateway.domain.setup import Standing, Step
from gateway.store import lines, settings
from gateway.store import team as store_team
from gateway.web.access import PUBLIC
from gateway.web.app import create_app
from tests.office import ANNA as PHONE
from tests.office import Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.web.test_access import _address, _rules

ACCOUNT = {"name": "Ruth Lindqvist", "username": "ruth", "password": PASSWORD, "again": PASSWORD}
STICK = Port(
    "/dev/ttyUSB2",
    "ready",
    {"maker": "Acme", "model": "M1", "operator": "Test Net", "signal_dbm": "-71"},
    "/dev/serial/by-id/acme",
    "Acme stick",
    is_best=True,
)
LOCKED = replace(STICK, code="sim_pin", facts={"maker": "Acme", "pin_tries_left": "3"})
MUTE = Port("/dev/ttyUSB0", "not_a_modem", {}, "/dev/ttyUSB0", "Acme stick")


@pytest.fixture
def fresh(office: Office, boot: Settings) -> Iterator[Flask]:
    """The panel of a box on which nobody can sign in, without a line."""
    office.write(lambda tx: desk_lines.remove(tx, "front", "command:test", office.clock()))
    office.write(lambda tx: settings.put(tx, "office.second_factor", "offered"))
    app = create_app(office.database, boot, office.clock)
    app.testing = True
    yield app


@pytest.fixture
def visitor(fresh: Flask) -> Browser:
    return Browser(fresh.test_client())


@pytest.fixture
def helper(visitor: Browser, office: Office) -> Browser:
    """Whoever has given the code."""
    visitor.get("/")
    visitor.submit("/setup/code", code=office.write(setup.new_code))
    return visitor


@pytest.fixture
def admin(helper: Browser) -> Browser:
    """Whoever has made the first account."""
    helper.get("/setup/account")
    helper.submit("/setup/account", **ACCOUNT)
    return helper


def _standing(office: Office, step: Step) -> Standing:
    return office.read(setup.standings)[step]


def _setting(office: Office, name: str) -> str:
    return str(office.read(lambda tx: settings.get(tx, name)))


def _found(office: Office, *found: Port) -> None:
    """As the running program answers."""

    def answer(tx: Any) -> None:
        survey = ports.last(tx, office.clock())
        assert survey is not None
        ports.answer(tx, survey, found, office.clock())

    office.write(answer)


# --- nobody can sign in yet --------------------------------------------------------------------------


def test_row_92_a_panel_without_an_account_answers_nothing_but_the_question_for_the_code(
    fresh: Flask, office: Office
) -> None:
    """Fault row 92: whoever finds the panel first cannot set it up without the box's own code."""
    for rule, method, access in _rules(fresh):
        if access is PUBLIC or isinstance(access, Scope):
            continue
        browser = Browser(fresh.test_client())
        answer = browser.client.open(_address(rule), method=method)
        if rule == "/setup/code":
            assert answer.status_code == 403  # a form without its token
            continue
        assert answer.status_code == (200 if method == "GET" else 401), (rule, method)
        assert "Set-up code" in answer.get_data(as_text=True), (rule, method)
    assert office.read(setup.is_open)
    for path in ("/api/v1/messages", "/metrics", "/healthz/lines"):
        assert fresh.test_client().get(path).status_code == 401


def test_row_92_no_step_is_open_without_the_code(visitor: Browser, office: Office) -> None:
    visitor.get("/setup/account")
    fields = {**visitor.page.forms["/setup/code"], **ACCOUNT}
    assert visitor.client.post("/setup/account", data=fields).status_code == 401
    assert office.read(setup.is_open)


def test_a_wrong_code_is_said_and_tried_with_pauses(visitor: Browser, office: Office) -> None:
    code = office.write(setup.new_code)
    visitor.get("/")
    for _ in range(tries.FREE_TRIES):
        assert visitor.submit("/setup/code", code="0000000000").status_code == 401
        assert setup_words.CODE_WRONG in visitor.text
    answer = visitor.submit("/setup/code", code=code)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "1"
    office.clock.step(seconds=1)
    assert visitor.submit("/setup/code", code=code).status_code == 200
    assert "Your office" in visitor.text


def test_the_code_leads_to_the_first_step_and_a_new_cookie(visitor: Browser, office: Office) -> None:
    visitor.get("/lines")
    before = visitor.client.get_cookie("sid")
    visitor.submit("/setup/code", code=office.write(setup.new_code))
    after = visitor.client.get_cookie("sid")
    assert "Your office" in visitor.text and "Step 1 of 9" in visitor.text
    assert before is not None and after is not None and before.value != after.value


def test_another_browser_is_asked_for_a_code_of_its_own(helper: Browser, fresh: Flask) -> None:
    other = Browser(fresh.test_client())
    other.get("/setup/office")
    assert "Set-up code" in other.text
    helper.get("/")
    assert helper.answer is not None and helper.answer.headers["Location"] == "/setup"


def test_once_there_is_an_account_the_code_page_is_gone(admin: Browser, fresh: Flask) -> None:
    other = Browser(fresh.test_client())
    assert other.get("/").headers["Location"] == "/sign-in"
    assert other.client.post("/setup/code", data={"code": "x"}).status_code == 401
    assert other.get("/setup/office").status_code == 303


# --- the office --------------------------------------------------------------------------------------


def test_the_office_is_named(helper: Browser, office: Office) -> None:
    helper.get("/setup/office")
    office_is = {"office.name": "Alderwick Dental", "office.country": "GB"}
    helper.submit("/setup/office", **office_is)
    assert "Your account" in helper.text
    assert _setting(office, "office.name") == "Alderwick Dental"
    assert _setting(office, "office.zone") == "Europe/London"
    assert _standing(office, Step.OFFICE) is Standing.DONE


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"office.name": " "}, "1 to 60 characters"),
        ({"office.country": "XX"}, "It must be a country"),
        ({"office.zone": "Mars/Base"}, "It must be a time zone"),
        ({"office.country": "US"}, "several time zones"),
        ({"office.country": ""}, "Choose a country"),
        ({"office.language": "tlh"}, "It must be en, fr or empty"),
    ],
)
def test_a_wrong_office_is_said_beside_its_field(
    helper: Browser, office: Office, typed: dict[str, str], said: str
) -> None:
    helper.get("/setup/office")
    fields = {"office.name": "Alderwick Dental", "office.country": "GB", **typed}
    assert helper.submit("/setup/office", **fields).status_code == 422
    assert said in helper.text and 'aria-invalid="true"' in helper.html
    assert _setting(office, "office.name") == "Our office"
    if "office.name" not in typed:
        assert 'value="Alderwick Dental"' in helper.html


def test_the_office_can_be_left_out_and_taken_up(helper: Browser, office: Office) -> None:
    helper.get("/setup/office")
    fields = helper.page.forms["/setup/office"]
    helper.answer = helper.client.post("/setup/office/skip", data=fields, follow_redirects=True)
    assert "Step 2 of 9" in helper.text
    assert _standing(office, Step.OFFICE) is Standing.SKIPPED
    helper.get("/setup/office")
    helper.submit("/setup/office", **{"office.name": "Alderwick", "office.country": "GB"})
    assert _standing(office, Step.OFFICE) is Standing.DONE


def test_the_office_is_asked_for_its_language_and_the_first_run_goes_on_in_it(
    visitor: Browser, office: Office
) -> None:
    """Before it chose one, each page follows the browser."""
    asked = {"Accept-Language": "fr-CA,en;q=0.5"}
    visitor.get("/", headers=asked)
    assert '<html lang="fr">' in visitor.html and "Code d’installation" in visitor.text
    visitor.get("/")
    assert '<html lang="en">' in visitor.html
    visitor.submit("/setup/code", code=office.write(setup.new_code))
    visitor.get("/setup/office")
    assert visitor.page.forms["/setup/office"]["office.language"] == "en"
    visitor.get("/setup/office", headers=asked)
    assert visitor.page.forms["/setup/office"]["office.language"] == "fr"
    visitor.submit("/setup/office", **{"office.name": "Cabinet Martin", "office.country": "FR"})
    assert _setting(office, "office.language") == "fr"
    assert '<html lang="fr">' in visitor.html and "Votre nom" in visitor.text
    visitor.get("/setup/office")
    assert visitor.page.forms["/setup/office"]["office.language"] == "fr"
    assert "États-Unis" in visitor.text and "Estonie" in visitor.text


# --- the account -------------------------------------------------------------------------------------


def test_the_account_signs_in_and_offers_the_second_factor(admin: Browser, office: Office) -> None:
    assert "authenticator app" in admin.text and '<svg class="qr"' in admin.html
    user = office.read(lambda tx: store_team.user_by_name(tx, "ruth"))
    assert user is not None and user.role == "admin" and user.name == "Ruth Lindqvist"
    assert admin.get("/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, setup_words.NO_NAME),
        ({"username": "Ruth L"}, "cannot be a username"),
        ({"password": "short", "again": "short"}, "12 to 128 characters"),
        ({"password": "ruthruthruth", "again": "ruthruthruth"}, "made of a name that people know"),
        ({"name": "R" * 61}, "up to 60 characters"),
        ({"again": "another sentence"}, setup_words.PASSWORDS_DIFFER),
    ],
)
def test_a_wrong_account_is_said_beside_its_field(
    helper: Browser, office: Office, typed: dict[str, str], said: str
) -> None:
    helper.get("/setup/account")
    assert helper.submit("/setup/account", **{**ACCOUNT, **typed}).status_code == 422
    assert said in helper.text and 'aria-invalid="true"' in helper.html
    assert "minlength" not in helper.html, "a browser's own words would cover the hint"
    assert PASSWORD not in helper.html
    assert office.read(setup.is_open)


def test_the_account_cannot_be_left_out(helper: Browser, office: Office) -> None:
    helper.get("/setup/account")
    fields = helper.page.forms["/setup/account"]
    answer = helper.client.post("/setup/account/skip", data=fields)
    assert answer.headers["Location"] == "/setup/account"
    assert office.read(setup.is_open)


def test_the_second_factor_is_turned_on_with_a_code_and_shows_the_recovery_code_once(
    admin: Browser, office: Office
) -> None:
    import pyotp

    admin.get("/setup/account")
    assert admin.submit("/setup/factor", code="000000").status_code == 422
    assert setup_words.FACTOR_WRONG in admin.text
    user = office.read(lambda tx: store_team.user_by_name(tx, "ruth"))
    seed = office.read(lambda tx: second_factor.seed(tx, user)) if user else None
    assert seed is not None
    admin.submit("/setup/factor", code=pyotp.TOTP(seed).at(office.clock()))
    shown = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", admin.text)
    assert shown is not None
    admin.get("/setup/account")
    assert shown[0] not in admin.html and seed not in admin.html
    assert "The second factor is on" in admin.text


# --- sent twice --------------------------------------------------------------------------------------


def _twice(browser: Browser, path: str, **typed: str) -> None:
    """Send a form by a double click: both copies bring the cookie of the page, and the second answer is the
    one that is shown."""
    fields, before = {**browser.page.forms[path], **typed}, browser.client.get_cookie("sid")
    browser.client.post(path, data=fields)
    after = browser.client.get_cookie("sid")
    assert before is not None and after is not None and before.value != after.value
    browser.client.set_cookie("sid", before.value, domain="localhost")
    browser.answer = browser.client.post(path, data=fields)
    if "Set-Cookie" not in browser.answer.headers:
        browser.client.set_cookie("sid", after.value, domain="localhost")


def test_the_code_sent_twice_leaves_its_browser_in(visitor: Browser, office: Office) -> None:
    visitor.get("/")
    _twice(visitor, "/setup/code", code=office.write(setup.new_code))
    assert "open the panel again" in visitor.text
    assert visitor.get("/").headers["Location"] == "/setup"


def test_the_account_sent_twice_leads_on(helper: Browser) -> None:
    helper.get("/setup/account")
    _twice(helper, "/setup/account", **ACCOUNT)
    assert helper.answer is not None and helper.answer.headers["Location"] == "/setup"
    helper.get("/setup/account")
    assert "You are signed in as ruth" in helper.text


def test_a_link_sent_twice_tells_who_joined_to_sign_in(admin: Browser, fresh: Flask) -> None:
    admin.get("/setup/colleagues")
    admin.submit("/setup/colleagues", role="viewer")
    link = re.search(r"http://localhost(/join/[\w-]+)", admin.text)
    assert link is not None
    colleague = Browser(fresh.test_client())
    colleague.get(link[1])
    long = {**ACCOUNT, "name": "A" * 61, "username": "anna"}
    assert colleague.submit(link[1], **long).status_code == 422 and "up to 60" in colleague.text
    _twice(colleague, link[1], **{**ACCOUNT, "username": "anna"})
    assert "If you just joined by it, sign in" in colleague.text
    assert colleague.get("/").status_code == 200


# --- which modem -------------------------------------------------------------------------------------


def test_the_ports_are_asked_and_what_answered_is_shown(admin: Browser, office: Office) -> None:
    admin.get("/setup/modem")
    assert setup_words.NOT_ASKED in admin.text and "Use this modem" not in admin.text
    _look(admin)
    assert setup_words.ASKING in admin.text
    _found(office, STICK, MUTE)
    admin.get("/setup/modem")
    for words in ("One can.", "Acme M1", "SIM ready", "On the network Test Net", "Signal good"):
        assert words in admin.text
    assert "Tried: /dev/ttyUSB0" in admin.text and "Nothing answered" in admin.text


def _look(browser: Browser, **typed: str) -> Any:
    browser.get("/setup/modem")
    return browser.submit("/setup/modem/look", **typed)


def test_the_modem_becomes_a_line(admin: Browser, office: Office) -> None:
    _look(admin)
    _found(office, STICK)
    admin.get("/setup/modem")
    admin.submit("/setup/modem", port=STICK.use, name="desk")
    assert "Its number" in admin.text
    (line,) = office.read(lines.every)
    assert (line.name, line.port, line.limits) == ("desk", STICK.use, ["6/minute", "300/day"])
    assert _standing(office, Step.MODEM) is Standing.DONE


def test_enter_in_a_field_of_the_modem_takes_it(admin: Browser, office: Office) -> None:
    """Enter presses a form's first button."""
    _look(admin)
    _found(office, LOCKED)
    admin.get("/setup/modem")
    form = admin.html.split('<form class="step-form"')[1].split("</form>")[0]
    of_it = [button for button in re.findall("<button[^>]*>[^<]*", form) if 'form="look"' not in button]
    assert "Use this modem" in of_it[0]


def test_a_modem_taken_twice_is_one_line(admin: Browser, office: Office) -> None:
    _look(admin)
    _found(office, STICK)
    admin.get("/setup/modem")
    fields = {**admin.page.forms["/setup/modem"], "port": STICK.use, "name": "desk"}
    for _ in range(2):
        answer = admin.client.post("/setup/modem", data=fields)
        assert answer.headers["Location"] == "/setup/number"
    assert len(office.read(lines.every)) == 1


def test_a_pin_is_asked_for_where_the_sim_asks_with_the_tries_left(admin: Browser, office: Office) -> None:
    _look(admin)
    _found(office, LOCKED)
    admin.get("/setup/modem")
    assert "3 tries left" in admin.text
    assert admin.submit("/setup/modem", port=LOCKED.use, name="desk").status_code == 422
    assert setup_words.PIN_MISSING in admin.text
    admin.submit("/setup/modem", port=LOCKED.use, name="desk", **{f"pin-{LOCKED.use}": "1234"})
    (line,) = office.read(lines.every)
    assert office.database.keys.unseal(line.pin_sealed) == "1234"


def test_the_last_try_of_a_pin_is_never_taken(admin: Browser, office: Office) -> None:
    _look(admin)
    _found(office, replace(LOCKED, facts={"pin_tries_left": "1"}))
    admin.get("/setup/modem")
    assert setup_words.PIN_LAST in admin.text
    typed = {f"pin-{LOCKED.use}": "1234"}
    assert admin.submit("/setup/modem", port=LOCKED.use, name="desk", **typed).status_code == 422
    assert office.read(lines.every) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"port": ""}, setup_words.NO_MODEM_CHOSEN),
        ({"port": "/dev/sda"}, setup_words.MODEM_GONE),
        ({"name": "a/b"}, "cannot be a line's name"),
    ],
)
def test_a_wrong_choice_is_said(admin: Browser, office: Office, typed: dict[str, str], said: str) -> None:
    _look(admin)
    _found(office, STICK)
    admin.get("/setup/modem")
    assert admin.submit("/setup/modem", **{"port": STICK.use, "name": "desk", **typed}).status_code == 422
    assert said in admin.text
    assert office.read(lines.every) == []


def test_a_network_adapter_is_asked_by_its_address(admin: Browser, office: Office) -> None:
    assert _look(admin, address="not an address").status_code == 422
    assert setup_words.NOT_AN_ADDRESS in admin.text
    _look(admin, address="192.0.2.7:4001")
    survey = office.read(lambda tx: ports.last(tx, office.clock()))
    assert survey is not None and survey.address == "socket://192.0.2.7:4001"


def test_what_nobody_answers_can_be_asked_again(admin: Browser, office: Office) -> None:
    _look(admin)
    office.clock.step(minutes=3)
    admin.get("/setup/modem")
    assert setup_words.NOT_ASKED in admin.text


def test_no_port_at_all_and_a_failure_say_what_to_do(admin: Browser, office: Office) -> None:
    _look(admin)
    _found(office)
    admin.get("/setup/modem")
    assert setup_words.NOTHING in admin.text
    _look(admin)
    survey = office.read(lambda tx: ports.last(tx, office.clock()))
    assert survey is not None
    office.write(lambda tx: ports.answer(tx, survey, None, office.clock()))
    admin.get("/setup/modem")
    assert setup_words.FAILED in admin.text


def test_an_answer_to_an_earlier_question_does_not_count(admin: Browser, office: Office) -> None:
    _look(admin)
    former = office.read(lambda tx: ports.last(tx, office.clock()))
    office.clock.step(seconds=1)
    _look(admin, address="192.0.2.7:4001")
    assert former is not None
    office.write(lambda tx: ports.answer(tx, former, [STICK], office.clock()))
    admin.get("/setup/modem")
    assert setup_words.ASKING in admin.text


def test_the_same_question_asked_again_is_answered_once(admin: Browser, office: Office) -> None:
    _look(admin)
    first = office.read(lambda tx: ports.last(tx, office.clock()))
    office.clock.step(seconds=1)
    _look(admin)
    assert office.read(lambda tx: ports.last(tx, office.clock())) == first


def test_a_stick_without_a_port_and_a_port_in_use_are_named(admin: Browser, office: Office) -> None:
    _look(admin)
    _found(office, Port("12d1:1f01", "stick_without_port", mode="cd_rom"), replace(STICK, line="desk"))
    admin.get("/setup/modem")
    assert "CD-ROM mode" in admin.text and "usb-modeswitch" in admin.text
    assert "The line desk uses it" in admin.text and "None can." in admin.text


# --- with a line -------------------------------------------------------------------------------------


@pytest.fixture
def with_line(admin: Browser, office: Office) -> Browser:
    """The admin, with a line that works."""

    def add(tx: Any) -> int:
        return desk_lines.add(tx, "desk", "/dev/desk", "command:test", office.clock())

    office.line_id = office.write(add)
    office.hear(LineState(LineStatus.UP, "ready", {}, Abilities()), office.line_id)
    return admin


def test_a_pin_the_sim_refused_is_given_anew(with_line: Browser, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "sim_pin_refused", {}, Abilities()), office.line_id)
    with_line.get("/setup/modem")
    assert "refused the PIN" in with_line.text
    assert with_line.submit("/setup/modem/pin", pin="12").status_code == 422
    with_line.submit("/setup/modem/pin", pin="4321")
    assert office.database.keys.unseal(office.line().pin_sealed) == "4321"


def test_the_right_pin_is_taken_with_the_same_modem_again(admin: Browser, office: Office) -> None:
    """The look is older than the line, so the page still offers the modem with its field."""
    _look(admin)
    _found(office, LOCKED)
    for pin in ("1234", "4321"):
        admin.get("/setup/modem")
        admin.submit("/setup/modem", port=LOCKED.use, name="desk", **{f"pin-{LOCKED.use}": pin})
        (line,) = office.read(lines.every)
        assert office.database.keys.unseal(line.pin_sealed) == pin
        office.hear(LineState(LineStatus.DOWN, "sim_pin_refused", {}, Abilities()), line.id)


def test_the_number_is_kept(with_line: Browser, office: Office) -> None:
    with_line.get("/setup/number")
    with_line.submit("/setup/number", number="+44 7700 900555")
    assert office.line().number == "+447700900555"
    assert "A test text" in with_line.text


@pytest.mark.parametrize(("typed", "said"), [("hello", "not a phone number"), ("12345", "short code")])
def test_a_wrong_number_is_said(with_line: Browser, office: Office, typed: str, said: str) -> None:
    with_line.get("/setup/number")
    assert with_line.submit("/setup/number", number=typed).status_code == 422
    assert said in with_line.text and f'value="{typed}"' in with_line.html
    assert office.line().number is None


def test_without_a_line_number_and_test_say_so(admin: Browser) -> None:
    for path in ("/setup/number", "/setup/test"):
        admin.get(path)
        assert setup_words.NO_LINE_YET in admin.text


def test_the_test_text_is_followed_to_the_answer(with_line: Browser, office: Office, any_hour: None) -> None:
    with_line.get("/setup/test")
    with_line.submit("/setup/test", to=PHONE)
    assert "Accepted" in with_line.text and "Not sent yet" in with_line.text
    (text,) = office.messages(PHONE)
    assert text.purpose == "internal"
    office.send_one(Accepted(5))
    with_line.get("/setup/test")
    assert "Not sent yet" not in with_line.text and "Not delivered yet" in with_line.text
    office.report(5, PHONE)
    with_line.get("/setup/test")
    assert "Not delivered yet" not in with_line.text and "Now answer it" in with_line.text
    office.clock.step(seconds=9)
    office.text_from(PHONE, "It works!")
    with_line.get("/setup/test")
    assert "Not answered yet" not in with_line.text and "Answered" in with_line.text
    with_line.submit("/setup/test/next")
    assert "Opening hours" in with_line.text
    assert _standing(office, Step.TEST) is Standing.DONE


def test_a_form_of_the_test_text_counts_once(with_line: Browser, office: Office) -> None:
    with_line.get("/setup/test")
    fields = {**with_line.page.forms["/setup/test"], "to": PHONE}
    for _ in range(2):
        assert with_line.client.post("/setup/test", data=fields).status_code == 303
    assert len(office.messages(PHONE)) == 1


def test_a_test_text_that_cannot_go_says_why(with_line: Browser, office: Office) -> None:
    with_line.get("/setup/test")
    assert with_line.submit("/setup/test", to="112").status_code == 422
    assert "cannot be reached by text" in with_line.text
    with_line.submit("/setup/test/next")
    assert _standing(office, Step.TEST) is Standing.SKIPPED


def test_a_test_text_that_did_not_go_is_no_test_passed(
    with_line: Browser, office: Office, any_hour: None
) -> None:
    with_line.get("/setup/test")
    with_line.submit("/setup/test", to=PHONE)
    with_line.submit("/setup/test/next")
    assert _standing(office, Step.TEST) is Standing.SKIPPED
    office.send_one(Accepted(5))
    assert _standing(office, Step.TEST) is Standing.DONE, "it arrived after all"


# --- hours, rules, other computers, colleagues -------------------------------------------------------


def test_hours_are_read_back_before_they_are_kept(admin: Browser, office: Office) -> None:
    admin.get("/setup/hours")
    admin.submit("/setup/hours", **{"hours.office": "Mon-Fri 08:00-12:00", "do": "look"})
    assert "Today: 08:00 to 12:00." in admin.text
    assert _setting(office, "hours.office") != "Mon-Fri 08:00-12:00"
    admin.submit("/setup/hours", **{"hours.office": "Mon-Fri 08:00-12:00"})
    assert _setting(office, "hours.office") == "Mon-Fri 08:00-12:00"
    assert _standing(office, Step.HOURS) is Standing.DONE


def test_the_answer_while_closed_is_kept_and_said_to_be_for_later(admin: Browser, office: Office) -> None:
    admin.get("/setup/hours")
    assert setup_words.AFTER_HOURS_HINT in admin.text
    assert admin.submit("/setup/hours", **{"answers.after_hours": "Back {soon}."}).status_code == 422
    assert "only {office} and {opens}" in admin.text and ">\nBack {soon}.</textarea>" in admin.html
    admin.submit("/setup/hours", **{"answers.after_hours": " We answer {opens}.\r\n{office} "})
    assert _setting(office, "answers.after_hours") == "We answer {opens}. {office}"
    admin.get("/setup/hours")
    admin.submit("/setup/hours", **{"answers.after_hours": ""})
    assert _setting(office, "answers.after_hours") == ""


def test_wrong_hours_are_said(admin: Browser, office: Office) -> None:
    admin.get("/setup/hours")
    assert admin.submit("/setup/hours", **{"hours.office": "whenever"}).status_code == 422
    assert 'aria-invalid="true"' in admin.html and ">\nwhenever</textarea>" in admin.html
    assert _standing(office, Step.HOURS) is Standing.OPEN


@pytest.mark.parametrize(("country", "said"), [("US", "consumer plan"), ("FR", "06, 07"), ("GB", "STOP")])
def test_the_rules_of_the_region_are_told(admin: Browser, office: Office, country: str, said: str) -> None:
    office.write(lambda tx: settings.put(tx, "office.country", country))
    admin.get("/setup/rules")
    assert said in admin.text
    fields = {**admin.page.forms["/setup/rules"], "preset": "us-fl"}
    admin.client.post("/setup/rules", data=fields)
    assert _setting(office, "hours.presets") == "us-fl"
    assert _standing(office, Step.RULES) is Standing.DONE


def test_how_to_open_the_panel_for_others_is_told(admin: Browser, office: Office) -> None:
    admin.get("/setup/opening")
    assert "http://localhost" in admin.text and setup_words.ONLY_HERE in admin.text
    admin.submit("/setup/opening")
    assert _standing(office, Step.OPENING) is Standing.DONE


def test_colleagues_get_a_link_each(admin: Browser, fresh: Flask, office: Office) -> None:
    admin.get("/setup/colleagues")
    admin.submit("/setup/colleagues", role="agent")
    link = re.search(r"http://localhost/join/([\w-]+)", admin.text)
    assert link is not None and '<svg class="qr"' in admin.html
    assert setup_words.ONLY_BOX_LINK in admin.text
    admin.get("/setup/colleagues")
    assert link[1] not in admin.html and "Agent, until" in admin.text
    colleague = Browser(fresh.test_client())
    colleague.get(f"/join/{link[1]}")
    wrong = {**ACCOUNT, "username": "ruth"}
    assert colleague.submit(f"/join/{link[1]}", **wrong).status_code == 422
    assert "already" in colleague.text
    colleague.submit(f"/join/{link[1]}", **{**ACCOUNT, "name": "Anna Reid", "username": "anna"})
    assert "Conversations" in colleague.text
    assert colleague.get("/setup/colleagues").status_code == 403
    late = Browser(fresh.test_client())
    assert late.get(f"/join/{link[1]}").status_code == 404
    assert setup_words.LINK_OVER in late.text


def test_a_link_is_taken_back(admin: Browser, fresh: Flask) -> None:
    admin.get("/setup/colleagues")
    admin.submit("/setup/colleagues", role="viewer")
    link = re.search(r"http://localhost(/join/[\w-]+)", admin.text)
    assert link is not None
    action = next(action for action in admin.page.forms if action.endswith("/take-back"))
    admin.submit(action)
    assert Browser(fresh.test_client()).get(link[1]).status_code == 404


def test_at_the_end_what_was_left_out_is_listed(admin: Browser, office: Office) -> None:
    assert admin.get("/setup").headers["Location"] == "/setup/office", "that is open"
    admin.get("/setup/office")
    for step in Step:
        admin.client.post(f"/setup/{step}/skip", data=admin.page.forms["/setup/office"])
    assert admin.get("/setup").headers["Location"] == "/setup/finish"
    admin.get("/setup/finish")
    assert "Which modem?" in admin.text and "Open the inbox" in admin.text
    admin.get("/more")
    assert "Go on with setting up . 8 steps are not done." in admin.text


def test_only_an_admin_is_led_through(
    panel: Flask, browser_of: Callable[[str], Browser], office: Office
) -> None:
    for role, status in (("admin", 200), ("manager", 403), ("agent", 403), ("viewer", 403)):
        browser = browser_of(role)
        for path in ("/setup/office", "/setup/modem", "/setup/colleagues", "/setup/finish"):
            assert browser.get(path).status_code == status, (role, path)


def test_every_step_has_its_way_back(admin: Browser) -> None:
    places = [f"/setup/{step.value}" for step in Step]
    for before, place in pairwise(places[1:]):
        admin.get(place)
        assert f'href="{before}">Back</a>' in admin.html, place
    assert team.MIN_PASSWORD == 12  # as the pages say
