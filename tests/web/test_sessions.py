"""Sessions: whose browser it is stands with one secret, which is new at each sign-in and dead at once when
it should be (fault row 76)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask

from gateway.desk import second_factor, team
from gateway.domain.people import Role
from gateway.store import team as store_team
from tests.office import Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

BrowserOf = Callable[[str], Browser]
PLANTED = "x" * 43
OTHER = "quite another sentence"


def sign_in(browser: Browser, username: str = "agent", password: str = PASSWORD) -> int:
    browser.get("/sign-in")
    return browser.submit("/sign-in", username=username, password=password).status_code


def secret(browser: Browser) -> str:
    cookie = browser.client.get_cookie("sid")
    assert cookie is not None
    return cookie.value


def is_in(panel: Flask, kept: str) -> bool:
    """Whether a copy of the cookie, in another browser, still opens the panel."""
    browser = Browser(panel.test_client())
    browser.client.set_cookie("sid", kept, domain="localhost")
    return browser.get("/account").status_code == 200


def test_row_76_a_planted_cookie_is_no_session_before_or_after(panel: Flask, stranger: Browser) -> None:
    stranger.client.set_cookie("sid", PLANTED, domain="localhost")
    assert sign_in(stranger) == 200
    assert secret(stranger) != PLANTED and is_in(panel, secret(stranger))
    assert not is_in(panel, PLANTED)


def test_row_76_nor_is_it_after_the_second_factor(panel: Flask, stranger: Browser, office: Office) -> None:
    """The secret changes after the password and the code, and neither step alone makes it a session."""
    seed = office.write(lambda tx: _with_factor(tx, office))
    office.clock.step(minutes=1)
    stranger.client.set_cookie("sid", PLANTED, domain="localhost")
    sign_in(stranger)
    assert "code" in stranger.text and not is_in(panel, PLANTED)
    stranger.submit("/sign-in/code", code=pyotp.TOTP(seed).at(office.clock()))
    assert secret(stranger) != PLANTED and is_in(panel, secret(stranger)) and not is_in(panel, PLANTED)


def _with_factor(tx: Any, office: Office) -> str:
    user = store_team.user_by_name(tx, "agent")
    assert user is not None
    second_factor.begin(tx, user.id)
    seed = second_factor.seed(tx, store_team.user(tx, user.id))
    assert seed is not None
    code = pyotp.TOTP(seed).at(office.clock())
    second_factor.turn_on(tx, user.id, code, "person:agent", "none", office.clock())
    return seed


def test_row_76_signing_in_anew_ends_the_session_before(panel: Flask, anna: Browser) -> None:
    before = secret(anna)
    assert sign_in(anna, "viewer") == 200
    assert not is_in(panel, before) and is_in(panel, secret(anna))


def test_row_76_signed_out_is_out_for_good(panel: Flask, anna: Browser) -> None:
    before = secret(anna)
    anna.get("/")
    answer = anna.client.post("/sign-out", data=anna.page.forms["/sign-out"])
    assert answer.headers["Clear-Site-Data"] and "sid=;" in answer.headers["Set-Cookie"]
    assert not is_in(panel, before)


def change_password(tx: Any, now: Any) -> None:
    team.change_password(tx, "agent", team.hash_password(OTHER), "command:test", now)


ENDS: dict[str, Callable[[Any, Any], object]] = {
    "password": change_password,
    "role": lambda tx, now: team.change_role(tx, "agent", Role.VIEWER, "command:test", now),
    "more rights": lambda tx, now: team.change_role(tx, "agent", Role.ADMIN, "command:test", now),
    "disabled": lambda tx, now: team.disable_user(tx, "agent", "command:test", now),
    "signed out everywhere": lambda tx, now: team.sign_out_everywhere(tx, "agent", "command:test", now),
}


@pytest.mark.parametrize("what", ENDS)
def test_row_76_every_session_ends_with(
    panel: Flask, browser_of: BrowserOf, office: Office, what: str
) -> None:
    kept = [secret(browser_of("agent")) for _ in range(2)]
    others = secret(browser_of("manager"))
    assert all(is_in(panel, one) for one in kept)
    office.write(lambda tx: ENDS[what](tx, office.clock()))
    assert not any(is_in(panel, one) for one in kept)
    assert is_in(panel, others)
    if what == "disabled":
        office.write(lambda tx: team.enable_user(tx, "agent", "command:test", office.clock()))
        assert not any(is_in(panel, one) for one in kept), "let in again, one signs in again"


def test_row_76_a_form_of_a_session_that_ended_counts_no_more(
    panel: Flask, anna: Browser, office: Office
) -> None:
    anna.get("/account")
    form, before = anna.page.forms["/account/hints"], secret(anna)
    office.write(lambda tx: team.sign_out(tx, before))
    assert anna.client.post("/account/hints", data=form).status_code == 401
    sign_in(anna)
    assert anna.client.post("/account/hints", data=form).status_code == 403


def test_row_76_who_changes_their_password_goes_on_with_a_new_session(
    panel: Flask, anna: Browser, browser_of: BrowserOf
) -> None:
    before, elsewhere = secret(anna), secret(browser_of("agent"))
    anna.get("/account")
    anna.submit("/account/password", current=PASSWORD, password=OTHER, again=OTHER)
    assert secret(anna) != before and is_in(panel, secret(anna))
    assert not is_in(panel, before) and not is_in(panel, elsewhere)


def test_the_whole_password_counts(stranger: Browser, office: Office) -> None:
    """None that is longer than a password may be fits by its beginning."""
    longest = ("a long sentence, said twice. " * 9)[:128]
    hashed = team.hash_password(longest)
    office.write(lambda tx: team.change_password(tx, "agent", hashed, "command:test", office.clock()))
    assert sign_in(stranger, password=longest + "x") == 401
    assert sign_in(stranger, password=longest) == 200
