"""The second factor required of admins: without it every page leads to where it is set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask

from gateway.desk import invitations, second_factor, team
from gateway.domain import setup_words
from gateway.domain.people import Role
from gateway.store import settings
from gateway.store import team as store_team
from gateway.web.access import FIRST_RUN
from tests.office import ANNA, Office
from tests.web import practice
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, ApiClient

TO_IT = "/account?required=1"


def _require(office: Office, value: str = "required") -> None:
    office.write(lambda tx: settings.put(tx, "office.second_factor", value))


@pytest.fixture
def ruth(browser_of: Callable[[str], Browser], office: Office) -> Browser:
    """An admin without it, a week after her account was made."""
    office.clock.step(seconds=timedelta(days=7).total_seconds())
    browser = browser_of("admin")
    _require(office)
    return browser


def _user(office: Office, username: str = "admin") -> Any:
    return office.read(lambda tx: store_team.user_by_name(tx, username))


def _set_up(browser: Browser, office: Office, username: str = "admin", password: str = PASSWORD) -> None:
    browser.get("/account")
    browser.submit("/account/factor/begin")
    seed = office.read(lambda tx: second_factor.seed(tx, _user(office, username)))
    assert seed is not None
    browser.submit("/account/factor", code=pyotp.TOTP(seed).at(office.clock()), current=password)
    assert "recovery codes" in browser.text


def test_it_is_required_unless_the_office_says_otherwise(office: Office) -> None:
    assert office.read(second_factor.is_required)


def test_every_page_of_an_admin_without_it_leads_to_it(panel: Flask, office: Office, ruth: Browser) -> None:
    office.text_from(ANNA, "Hello")
    pages = set(practice.pages(panel, office).values()) - {"/account", "/sign-in"}
    led = {path: ruth.get(path).headers.get("Location") for path in pages}
    assert len(led) > 40 and {path: to for path, to in led.items() if to != TO_IT} == {}
    ruth.get(TO_IT)
    assert setup_words.FACTOR_REQUIRED in ruth.text


def test_nothing_is_changed_by_a_form_before_that(panel: Flask, office: Office, ruth: Browser) -> None:
    office.text_from(ANNA, "Hello")
    before = office.read(settings.every)
    ruth.get("/account")
    answer = ruth.client.post(
        "/settings/office",
        data={**ruth.page.forms["/account/language"], "office.name": "Another"},
        follow_redirects=True,
    )
    assert answer.status_code == 403
    assert setup_words.FACTOR_REQUIRED in answer.get_data(as_text=True)
    assert office.read(settings.every) == before


def test_once_it_is_set_up_everything_is_open(office: Office, ruth: Browser) -> None:
    _set_up(ruth, office)
    assert ruth.get("/").status_code == ruth.get("/settings/people").status_code == 200
    ruth.get("/account")
    assert setup_words.FACTOR_REQUIRED not in ruth.text


def test_language_and_the_way_out_stay_open(office: Office, ruth: Browser) -> None:
    ruth.get("/account")
    ruth.submit("/account/language", language="fr")
    assert _user(office).language == "fr"
    assert ruth.submit("/sign-out").status_code == 200
    assert ruth.get("/account").status_code == 303


def test_who_lost_the_phone_sets_up_another(office: Office, ruth: Browser) -> None:
    """As `sms-gateway user second-factor admin --remove` does it, which is there for the last admin too."""
    _set_up(ruth, office)
    office.write(lambda tx: second_factor.remove(tx, "admin", "command:root", office.clock()))
    assert ruth.get("/").headers["Location"] == TO_IT
    _set_up(ruth, office)
    assert ruth.get("/").status_code == 200


def test_who_signs_in_is_led_to_it(office: Office, ruth: Browser, stranger: Browser) -> None:
    stranger.get("/sign-in")
    stranger.submit("/sign-in", username="admin", password=PASSWORD)
    assert setup_words.FACTOR_REQUIRED in stranger.text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.VIEWER])
def test_other_roles_go_on_without(ruth: Browser, browser_of: Callable[[str], Browser], role: Role) -> None:
    assert browser_of(role.value).get("/").status_code == 200


def test_whoever_is_made_an_admin_is_asked_at_the_next_sign_in(
    ruth: Browser, browser_of: Callable[[str], Browser], office: Office
) -> None:
    anna = browser_of("agent")
    assert anna.get("/").status_code == 200
    office.write(lambda tx: team.change_role(tx, "agent", Role.ADMIN, "command:test", office.clock()))
    assert anna.get("/").headers["Location"] == "/sign-in"
    assert browser_of("agent").get("/").headers["Location"] == TO_IT


def test_an_invited_admin_sets_it_up_first(panel: Flask, ruth: Browser, office: Office) -> None:
    host = _user(office).id
    secret = office.write(lambda tx: invitations.invite(tx, Role.ADMIN, "command:test", host, office.clock()))
    mia = Browser(panel.test_client())
    mia.get(f"/join/{secret}")
    words = "the kettle is on again"
    mia.submit(f"/join/{secret}", name="Mia", username="mia", password=words, again=words)
    assert setup_words.FACTOR_REQUIRED in mia.text
    assert mia.get("/").headers["Location"] == TO_IT
    _set_up(mia, office, "mia", words)
    assert mia.get("/").status_code == 200


def test_the_first_run_is_not_held_up_by_it_on_its_day(
    browser_of: Callable[[str], Browser], office: Office
) -> None:
    _require(office)
    ruth = browser_of("admin")
    assert ruth.get("/setup/modem").status_code == 200
    assert ruth.get("/").headers["Location"] == TO_IT
    office.clock.step(seconds=FIRST_RUN.total_seconds())
    assert browser_of("admin").get("/setup/modem").headers["Location"] == TO_IT


def test_programs_are_not_asked(ruth: Browser, shop: ApiClient) -> None:
    assert shop.get("/api/v1/messages").status_code == 200


def test_an_office_may_leave_it_to_its_admins(office: Office, ruth: Browser) -> None:
    _require(office, "offered")
    assert ruth.get("/").status_code == 200
