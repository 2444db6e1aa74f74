"""One's own account, and signing in with the second factor."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pyotp
import pytest

from gateway.desk import second_factor, team, tries
from gateway.domain import setup_words
from gateway.store import team as store_team
from gateway.store.tables import audit
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
    shown = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", browser.text)
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
    shown = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", ruth.text)
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
    assert "minlength" not in ruth.html, "a browser's own words would cover the hint"
    assert team.password_fits(_user(office), PASSWORD)


# --- guessing ----------------------------------------------------------------------------------------


def _all_at_once(browser: Browser, path: str, panel: Any, **typed: str) -> Counter[int]:
    """How eight copies of the form on the page are answered that are sent together, as to eight workers."""
    cookie = browser.client.get_cookie("sid")
    assert cookie is not None
    fields, start = {**browser.page.forms[path], **typed}, Barrier(8)

    def post(_: int) -> int:
        client = panel.test_client()
        client.set_cookie("sid", cookie.value, domain="localhost")
        start.wait(10)
        return int(client.post(path, data=fields).status_code)

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(post, range(8)))


def test_codes_sent_together_are_not_let_through_together(
    ruth: Browser, stranger: Browser, office: Office, panel: Any
) -> None:
    _turn_on(ruth, office)
    _password(stranger)
    told = _all_at_once(stranger, "/sign-in/code", panel, code="000000")
    assert told == {401: tries.FREE_TRIES, 429: 8 - tries.FREE_TRIES}


def test_passwords_sent_together_are_not_let_through_together(stranger: Browser, panel: Any) -> None:
    stranger.get("/sign-in")
    told = _all_at_once(stranger, "/sign-in", panel, username="admin", password="a guess of somebody")
    assert told == {401: tries.FREE_TRIES, 429: 8 - tries.FREE_TRIES}


def test_whoever_has_to_wait_long_is_told_who_knows_the_password(
    ruth: Browser, stranger: Browser, office: Office
) -> None:
    _turn_on(ruth, office)
    _password(stranger)
    for _ in range(12):
        stranger.submit("/sign-in/code", code="000000")
        office.clock.step(seconds=1)
        office.write(lambda tx: tries.code_failed(tx, "admin", "192.0.2.7", office.clock()))
    assert stranger.submit("/sign-in/code", code=_code(office)).status_code == 429
    assert re.search(r"Wait \d+ minutes", stranger.text)
    assert "sms-gateway user passwd admin" in stranger.text


@pytest.mark.parametrize(
    "path", ["/account/password", "/account/factor", "/account/factor/off", "/account/recovery"]
)
def test_an_open_session_guesses_no_password(ruth: Browser, office: Office, path: str) -> None:
    if path in ("/account/factor/off", "/account/recovery"):
        _turn_on(ruth, office)
    else:
        ruth.get("/account")
        ruth.submit("/account/factor/begin")
    for _ in range(tries.FREE_TRIES):
        ruth.get("/account")
        assert ruth.submit(path, current="a guess of somebody").status_code == 422
        assert "not your password" in ruth.text
    before = _user(office)
    ruth.get("/account")
    ruth.submit(path, current=PASSWORD, password=OTHER, again=OTHER, code=_code(office))
    assert "Wait a minute" in ruth.text
    assert _user(office) == before


# --- the second factor is turned on ------------------------------------------------------------------


def test_it_is_turned_on_by_whoever_knows_the_password(
    ruth: Browser, browser_of: BrowserOf, office: Office
) -> None:
    elsewhere = browser_of("admin")
    ruth.get("/account")
    ruth.submit("/account/factor/begin")
    assert ruth.submit("/account/factor", code=_code(office), current="not it").status_code == 422
    assert "not your password" in ruth.text and not second_factor.is_on(_user(office))
    ruth.submit("/account/factor", code=_code(office), current=PASSWORD)
    assert second_factor.is_on(_user(office))
    assert ruth.get("/").status_code == 200 and elsewhere.get("/").status_code == 303


def test_the_first_run_asks_for_the_password_of_an_account_that_is_not_new(
    ruth: Browser, office: Office
) -> None:
    """Or whoever finds a browser that was just signed in could make its account their own."""
    ruth.get("/setup/account")
    ruth.submit("/setup/factor/begin")
    assert "Your password" not in ruth.text
    office.clock.step(minutes=15)
    ruth.get("/")
    ruth.submit("/sign-out")
    ruth.get("/sign-in")
    ruth.submit("/sign-in", username="admin", password=PASSWORD)
    ruth.get("/setup/account")
    assert ruth.submit("/setup/factor", code=_code(office)).status_code == 422
    assert "Your password" in ruth.text and not second_factor.is_on(_user(office))
    ruth.submit("/setup/factor", code=_code(office), current=PASSWORD)
    assert second_factor.is_on(_user(office))


@pytest.mark.parametrize("page", ["account", "setup"])
def test_sent_twice_it_is_on_and_offers_a_new_recovery_code(ruth: Browser, office: Office, page: str) -> None:
    ruth.get("/account" if page == "account" else "/setup/account")
    ruth.submit(f"/{page}/factor/begin")
    fields = {**ruth.page.forms[f"/{page}/factor"], "code": _code(office), "current": PASSWORD}
    for _ in range(2):
        ruth.answer = ruth.client.post(f"/{page}/factor", data=fields)
        assert ruth.answer.status_code == 200 and setup_words.FACTOR_WRONG not in ruth.text
    assert "Make new recovery codes" in ruth.text


def test_a_code_sent_twice_leaves_one_signed_in(ruth: Browser, stranger: Browser, office: Office) -> None:
    _turn_on(ruth, office)
    _password(stranger)
    before = stranger.client.get_cookie("sid")
    fields = {**stranger.page.forms["/sign-in/code"], "code": _code(office)}
    stranger.client.post("/sign-in/code", data=fields)
    after = stranger.client.get_cookie("sid")
    assert before is not None and after is not None
    stranger.client.set_cookie("sid", before.value, domain="localhost")
    stranger.answer = stranger.client.post("/sign-in/code", data=fields)
    assert "used already" in stranger.text and "Set-Cookie" not in stranger.answer.headers
    stranger.client.set_cookie("sid", after.value, domain="localhost")
    assert stranger.get("/").status_code == 200


def test_who_forgot_the_password_is_told_the_command(stranger: Browser) -> None:
    stranger.get("/sign-in")
    assert "sms-gateway user passwd NAME" in stranger.text


# --- the language ------------------------------------------------------------------------------------


def test_each_person_chooses_the_language_the_panel_speaks_to_them(
    browser_of: BrowserOf, stranger: Browser, office: Office
) -> None:
    anna, ruth = browser_of("agent"), browser_of("admin")
    anna.get("/account")
    anna.submit("/account/language", language="fr")
    assert '<html lang="fr">' in anna.html and "Votre compte" in anna.text
    assert _user(office, "agent").language == "fr"
    for other in (ruth, stranger):
        other.get("/account", follow_redirects=True)
        assert '<html lang="en">' in other.html
    rows = office.read(lambda tx: list(tx.execute(audit.select().where(audit.c.action == "user.language"))))
    assert [(row.object, row.before, row.after) for row in rows] == [("agent", None, "fr")]
    anna.submit("/account/language", language="")
    assert '<html lang="en">' in anna.html and _user(office, "agent").language is None


def test_no_other_language_is_taken(anna: Browser, office: Office) -> None:
    anna.get("/account")
    assert anna.submit("/account/language", language="tlh").status_code == 400
    assert _user(office, "agent").language is None
