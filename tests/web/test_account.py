"""One's own account, and signing in with the second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from gateway.desk import second_factor, team, tries
from gateway.domain import setup_words
from gateway.store import team as store_team
from tests.office import Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

BrowserOf = Callable[[str], Browser]
OTHER = "quite another sentence"


def _user(office: Office, username: str = "admin") -> Any:
    return office.read(lambda tx: store_team.user_by_name(tx, username))


def _code(office: Office, username: str = "admin") -> str:
    seed = office.read(lambda tx: second_factor.seed(tx, _user(office, username)))
    assert seed is not None
    return pyotp.TOTP(seed).at(office.clock())


def _turn_on(browser: Browser, office: Office, username: str = "admin") -> str:
    """Set it up on the page; the recovery code."""
    browser.get("/account")
    browser.submit("/account/factor/begin")
    browser.submit("/account/factor", code=_code(office, username), current=PASSWORD)
    shown = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", browser.text)
    assert shown is not None
    office.clock.step(minutes=1)
    return shown[0]


def _password(browser: Browser, username: str = "admin", password: str = PASSWORD) -> int:
    browser.get("/sign-in")
    return browser.submit("/sign-in", username=username, password=password).status_code


@pytest.fixture
def ruth(browser_of: BrowserOf) -> Browser:
    return browser_of("admin")


def test_with_it_the_password_alone_lets_nobody_in(ruth: Browser, stranger: Browser, office: Office) -> None:
    _turn_on(ruth, office)
    _password(stranger)
    assert "Code from the app" in stranger.text
    assert stranger.get("/").status_code == 303
    _password(stranger)
    stranger.submit("/sign-in/code", code=_code(office))
    assert "Conversations" in stranger.text


def test_a_wrong_code_is_said_and_tried_with_pauses(ruth: Browser, stranger: Browser, office: Office) -> None:
    _turn_on(ruth, office)
    _password(stranger)
    for _ in range(tries.FREE_TRIES):
        assert stranger.submit("/sign-in/code", code="000000").status_code == 401
        assert setup_words.FACTOR_WRONG in stranger.text
    answer = stranger.submit("/sign-in/code", code="000000")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
    office.clock.step(seconds=30)
    stranger.submit("/sign-in/code", code=_code(office))
    assert "Conversations" in stranger.text


def test_no_code_counts_twice(ruth: Browser, stranger: Browser, office: Office, panel: Any) -> None:
    _turn_on(ruth, office)
    code = _code(office)
    _password(stranger)
    assert stranger.submit("/sign-in/code", code=code).status_code == 200
    another = Browser(panel.test_client())
    _password(another)
    assert another.submit("/sign-in/code", code=code).status_code == 401


def test_the_recovery_code_lets_in_once(ruth: Browser, stranger: Browser, office: Office, panel: Any) -> None:
    recovery = _turn_on(ruth, office)
    _password(stranger)
    stranger.submit("/sign-in/code", code=recovery.lower())
    assert setup_words.RECOVERED in stranger.text
    another = Browser(panel.test_client())
    _password(another)
    assert another.submit("/sign-in/code", code=recovery).status_code == 401


def test_the_page_for_the_code_counts_five_minutes_and_in_one_browser(
    ruth: Browser, stranger: Browser, office: Office, panel: Any
) -> None:
    _turn_on(ruth, office)
    _password(stranger)
    carried = stranger.page.forms["/sign-in/code"]["pending"]
    thief = Browser(panel.test_client())
    thief.get("/sign-in")
    fields = {**thief.page.forms["/sign-in"], "pending": carried, "code": _code(office)}
    assert thief.client.post("/sign-in/code", data=fields).status_code == 401
    office.clock.step(minutes=6)
    assert stranger.submit("/sign-in/code", code=_code(office)).status_code == 401
    assert "too long" in stranger.text
    fields = {**stranger.page.forms["/sign-in"], "pending": "forged", "code": _code(office)}
    assert stranger.client.post("/sign-in/code", data=fields).status_code == 401


def test_after_the_code_one_is_where_one_wanted(ruth: Browser, stranger: Browser, office: Office) -> None:
    _turn_on(ruth, office)
    stranger.get("/sign-in?then=/lines")
    stranger.submit("/sign-in", username="admin", password=PASSWORD)
    fields = {**stranger.page.forms["/sign-in/code"], "code": _code(office)}
    assert stranger.client.post("/sign-in/code", data=fields).headers["Location"] == "/lines"


def test_without_it_agents_sign_in_as_before(stranger: Browser) -> None:
    assert _password(stranger, "agent") == 200
    assert "Conversations" in stranger.text


@pytest.mark.parametrize(("role", "asked"), [("admin", True), ("manager", True), ("agent", False)])
def test_admins_and_managers_are_asked_to_set_it_up(browser_of: BrowserOf, role: str, asked: bool) -> None:
    browser = browser_of(role)
    for path in ("/account", "/more", "/"):
        browser.get(path)
        assert (setup_words.ASKED_FOR in browser.text) is asked


def test_an_agent_may_set_it_up_too_and_turn_it_off(anna: Browser, office: Office) -> None:
    _turn_on(anna, office, "agent")
    assert _user(office, "agent").totp_since is not None
    anna.get("/account")
    assert anna.submit("/account/factor/off", current="not it").status_code == 422
    assert _user(office, "agent").totp_since is not None
    anna.submit("/account/factor/off", current=PASSWORD)
    assert _user(office, "agent").totp_since is None


def test_a_new_recovery_code_takes_the_password(ruth: Browser, office: Office) -> None:
    former = _turn_on(ruth, office)
    ruth.get("/account")
    assert ruth.submit("/account/recovery", current="not it").status_code == 422
    ruth.submit("/account/recovery", current=PASSWORD)
    shown = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", ruth.text)
    assert shown is not None and shown[0] != former


def test_the_password_is_changed_and_others_are_out(
    ruth: Browser, browser_of: BrowserOf, office: Office
) -> None:
    elsewhere = browser_of("admin")
    ruth.get("/account")
    ruth.submit("/account/password", current=PASSWORD, password=OTHER, again=OTHER)
    assert "Your password is changed" in ruth.text
    assert elsewhere.get("/").status_code == 303
    assert team.password_fits(_user(office), OTHER)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "not it"}, "not your password"),
        ({"again": "something else"}, setup_words.PASSWORDS_DIFFER),
        ({"password": "short", "again": "short"}, "12 to 128"),
    ],
)
def test_a_wrong_change_is_said(ruth: Browser, office: Office, typed: dict[str, str], said: str) -> None:
    ruth.get("/account")
    fields = {"current": PASSWORD, "password": OTHER, "again": OTHER, **typed}
    assert ruth.submit("/account/password", **fields).status_code == 422
    assert said in ruth.text and 'aria-invalid="true"' in ruth.html
    assert team.password_fits(_user(office), PASSWORD)
